//! What the model says on its way to the customer: held back sentence by sentence, checked, and only then passed on.

use std::time::Instant;

use chrono::NaiveDate;
use omniops_types::ReceiptClaim;
use serde_json::Value;

use super::claims::{self, Evidence, EvidenceRef, Verdict};
use super::gate::{Repetition, SentenceGate, renumbered, source_marks};
use super::model::call::{CallInput, Sink};
use super::sources::Sources;

/// More than this many sentences with claims are not kept in the trace.
const MAX_CLAIMS: usize = 60;

/// Where released sentences go.
pub(crate) trait Ear: Send + Sync {
    fn hear(&self, text: &str);
}

/// The text of one turn, over all of its calls.
pub(crate) struct Speech<'a> {
    ear: &'a dyn Ear,
    /// Passages and results of the turn, each read when it came.
    evidence: Evidence,
    gate: SentenceGate,
    repetition: Repetition,
    /// What passed the check, over all calls.
    text: String,
    /// How much of it the customer has already.
    heard: usize,
    /// How much of it, and how many of the citations, come from calls that ended well.
    settled: usize,
    settled_cited: usize,
    /// Another text than the one that was heard is being made: the customer gets it whole, at the end.
    muted: bool,
    /// Numbers of sources in the order in which the customer sees them.
    cited: Vec<usize>,
    claims: Vec<ReceiptClaim>,
    supported: u32,
    removed: u32,
    check_us: u64,
}

/// What the check made of all that was said.
#[derive(Clone, Debug)]
pub(crate) struct Spoken {
    pub(crate) text: String,
    /// Numbers of sources; `[1]` in the text is the first of them.
    pub(crate) cited: Vec<usize>,
    pub(crate) claims: Vec<ReceiptClaim>,
    pub(crate) supported: u32,
    pub(crate) removed: u32,
    pub(crate) check_us: u64,
}

impl Sink for Speech<'_> {
    fn say(&mut self, piece: &str, input: CallInput<'_>) -> bool {
        for sentence in self.gate.push(piece) {
            self.pass(&sentence, input.sources, input.results);
        }
        !self.repetition.push(piece)
    }

    /// What is left of the text is a sentence too, unless it was cut off by its length.
    fn end_of_call(&mut self, cut: bool, input: CallInput<'_>) {
        let rest = self.gate.finish();
        if !cut || self.text.len() == self.settled {
            self.pass(&rest, input.sources, input.results);
        }
        self.settled = self.text.len();
        self.settled_cited = self.cited.len();
        self.repetition = Repetition::default();
    }

    fn take_back(&mut self) {
        drop(self.gate.finish());
        self.repetition = Repetition::default();
        self.text.truncate(self.settled);
        self.cited.truncate(self.settled_cited);
        if self.heard > self.settled {
            self.muted = true;
        }
    }
}

impl<'a> Speech<'a> {
    pub(crate) fn new(ear: &'a dyn Ear, question: &str, today: NaiveDate) -> Self {
        Self {
            ear,
            evidence: Evidence::of(question, Some(today)),
            gate: SentenceGate::default(),
            repetition: Repetition::default(),
            text: String::new(),
            heard: 0,
            settled: 0,
            settled_cited: 0,
            muted: false,
            cited: Vec::new(),
            claims: Vec::new(),
            supported: 0,
            removed: 0,
            check_us: 0,
        }
    }

    pub(crate) fn finish(self) -> Spoken {
        let Self { text, cited, claims, supported, removed, check_us, .. } = self;
        Spoken { text: text.trim().to_owned(), cited, claims, supported, removed, check_us }
    }

    fn pass(&mut self, sentence: &str, sources: &Sources, results: &[Value]) {
        if sentence.trim().is_empty() {
            self.emit(sentence);
            return;
        }
        let begun = Instant::now();
        self.evidence.add(sources.hits(), results);
        self.evidence.say(&self.text);
        let mut marks: Vec<usize> =
            source_marks(sentence).into_iter().filter(|number| sources.get(*number).is_some()).collect();
        let mut verdict = self.checked(sentence, &marks);
        if matches!(verdict, Verdict::Unsupported { .. }) && !marks.is_empty() {
            // Right, but of another source than the one it names: that one is named instead.
            let elsewhere = self.checked(sentence, &[]);
            if matches!(elsewhere, Verdict::Supported { .. }) {
                (verdict, marks) = (elsewhere, Vec::new());
            }
        }
        self.check_us = self.check_us.saturating_add(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        match verdict {
            Verdict::NoClaim => self.release(sentence, &marks, None),
            Verdict::Supported { by } => {
                self.supported += 1;
                // A sentence that names no source gets the one that supports it.
                let found = by.iter().find_map(|reference| match reference {
                    EvidenceRef::Passage { number } => Some(*number),
                    EvidenceRef::Tool { .. } | EvidenceRef::Customer => None,
                });
                let added = if marks.is_empty() { found } else { None };
                self.trace(sentence, true, by.iter().map(EvidenceRef::to_string).collect(), Vec::new());
                self.release(sentence, &marks, added);
            }
            Verdict::Unsupported { claims } => {
                self.removed += 1;
                let unsupported =
                    claims.iter().map(|claim| format!("{}: {}", claim.kind.as_str(), claim.text)).collect();
                self.trace(sentence, false, Vec::new(), unsupported);
            }
        }
    }

    fn checked(&mut self, sentence: &str, cited: &[usize]) -> Verdict {
        self.evidence.cite(cited);
        claims::check(sentence, &self.evidence)
    }

    fn trace(&mut self, sentence: &str, passed: bool, support: Vec<String>, unsupported: Vec<String>) {
        if self.claims.len() < MAX_CLAIMS {
            let sentence = sentence.trim().chars().take(600).collect();
            self.claims.push(ReceiptClaim { sentence, passed, support, unsupported });
        }
    }

    fn release(&mut self, sentence: &str, marks: &[usize], added: Option<usize>) {
        for number in marks.iter().chain(&added) {
            if !self.cited.contains(number) {
                self.cited.push(*number);
            }
        }
        let place = |number: usize| self.cited.iter().position(|cited| *cited == number).map(|place| place + 1);
        let mut sentence = renumbered(sentence, |number| place(number).filter(|_| marks.contains(&number)));
        if let Some(place) = added.and_then(place) {
            let end = sentence.trim_end().len();
            sentence.insert_str(end, &format!(" [{place}]"));
        }
        self.emit(&sentence);
    }

    fn emit(&mut self, text: &str) {
        // Nothing begins with white space: the first sentence, or the first that was not removed.
        let text = if self.text.is_empty() { text.trim_start() } else { text };
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        if !self.muted {
            self.ear.hear(text);
            self.heard = self.text.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::super::claims::PARTS_READ;
    use super::*;

    #[derive(Default)]
    struct Heard(Mutex<String>);

    impl Ear for Heard {
        fn hear(&self, text: &str) {
            self.0.lock().unwrap().push_str(text);
        }
    }

    fn sources(texts: &[&str]) -> Sources {
        let mut sources = Sources::default();
        for text in texts {
            let id = uuid::Uuid::now_v7();
            let hit = json!({
                "chunk_id": id, "page_id": id, "url": "https://shop.example/a", "title": "Lamps", "heading_path": [],
                "text": text, "content_hash": "", "cosine": null, "text_rank": null, "score": 1.0
            });
            sources.add(vec![serde_json::from_value(hit).unwrap()]);
        }
        sources
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 5, 7).unwrap()
    }

    fn input<'a>(step: u32, sources: &'a Sources, results: &'a [Value]) -> CallInput<'a> {
        CallInput { step, messages: &[], tools: &[], sources, results }
    }

    #[test]
    fn passages_and_results_are_read_once_however_much_is_said() {
        let heard = Heard::default();
        let before = PARTS_READ.get();
        let mut speech = Speech::new(&heard, "What does the Arc lamp cost?", today());
        let passages = sources(&["The Arc lamp costs €249.00.", "The Orbit lamp costs €89.00."]);
        let first = input(1, &passages, &[]);
        for _ in 0..20 {
            speech.say("The Arc lamp costs €249.00 [1]. The Orbit lamp costs €12.00 [2]. ", first);
        }
        speech.end_of_call(false, first);
        assert_eq!(PARTS_READ.get() - before, 2);

        let results = [json!({ "name": "Arc lamp", "availability": "in_stock", "stock": 3 })];
        let second = input(2, &passages, &results);
        for _ in 0..20 {
            speech.say("The Arc lamp is in stock. It costs €249.00. ", second);
        }
        speech.end_of_call(false, second);
        assert_eq!(PARTS_READ.get() - before, 3, "the result alone is new");

        let spoken = speech.finish();
        assert_eq!((spoken.supported, spoken.removed), (60, 20));
        assert_eq!(heard.0.lock().unwrap().matches("€249.00").count(), 40);
        assert!(!heard.0.lock().unwrap().contains("€12.00"));
    }
}
