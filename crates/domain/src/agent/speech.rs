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
    question: &'a str,
    today: NaiveDate,
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
    pub(crate) fn new(ear: &'a dyn Ear, question: &'a str, today: NaiveDate) -> Self {
        Self {
            ear,
            question,
            today,
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
        let marks: Vec<usize> =
            source_marks(sentence).into_iter().filter(|number| sources.get(*number).is_some()).collect();
        let mut marks = marks;
        let mut verdict = self.checked(sentence, &marks, sources, results);
        if matches!(verdict, Verdict::Unsupported { .. }) && !marks.is_empty() {
            // Right, but of another source than the one it names: that one is named instead.
            let elsewhere = self.checked(sentence, &[], sources, results);
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

    fn checked(&self, sentence: &str, cited: &[usize], sources: &Sources, results: &[Value]) -> Verdict {
        let evidence = Evidence::new(sources.hits(), cited, results, self.question).after(&self.text).today(self.today);
        claims::check(sentence, &evidence)
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
