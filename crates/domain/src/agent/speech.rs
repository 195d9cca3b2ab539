//! What the model says on its way to the customer: held back sentence by sentence, checked, and only then passed on.
//!
//! A sentence in a language that the check cannot read is kept, with all that follows it, until somebody has said in
//! English what it says ([`Speech::admit`]). So is one that may rest on a page in such a language.

use std::collections::BTreeSet;
use std::time::Instant;

use chrono::NaiveDate;
use omniops_types::{PassageHit, ReceiptClaim};
use serde_json::Value;

use super::claims::{self, Evidence, EvidenceRef, Verdict};
use super::facts::keeps_facts;
use super::foreign_pages::EnglishPassage;
use super::gate::{Repetition, SentenceGate, bare, renumbered, source_marks};
use super::language::Readable;
use super::model::call::{CallInput, Sink};
use super::sources::Sources;

/// More than this many sentences with claims are not kept in the trace.
const MAX_CLAIMS: usize = 60;
/// The longest sentence in the trace, in characters.
const MAX_TRACED: usize = 600;

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
    /// What the answer said so far, in words that the check can read.
    said: String,
    readable: Readable,
    /// From the first sentence on that the check cannot read, or cannot judge before it can read a page.
    withheld: Vec<Withheld>,
    /// Numbers of passages that the check cannot read.
    foreign: BTreeSet<usize>,
    /// Another text than the one that was heard is being made: the customer gets it whole, at the end.
    muted: bool,
    /// Numbers of sources in the order in which the customer sees them.
    cited: Vec<usize>,
    claims: Vec<ReceiptClaim>,
    counts: Counts,
    check_us: u64,
    settled: Settled,
}

/// How much of each comes from calls that ended well: the rest goes with a call that fails.
#[derive(Clone, Copy, Debug, Default)]
struct Settled {
    text: usize,
    said: usize,
    withheld: usize,
    cited: usize,
    claims: usize,
    counts: Counts,
}

/// What became of the sentences.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    supported: u32,
    removed: u32,
    unread: u32,
}

/// A sentence that waits for a translation of itself, of a page, or of a sentence before it.
struct Withheld {
    sentence: String,
    readable: bool,
    /// Nothing that was read supports it, and a page that was not might.
    unsupported: bool,
}

/// What the check made of all that was said.
#[derive(Clone, Debug)]
pub(crate) struct Spoken {
    pub(crate) text: String,
    /// Numbers of sources; `[1]` in the text is the first of them.
    pub(crate) cited: Vec<usize>,
    pub(crate) claims: Vec<ReceiptClaim>,
    /// Sentences with claims, those that were supported and those that were not.
    pub(crate) supported: u32,
    pub(crate) removed: u32,
    /// Sentences that were left out because nobody could tell what they say.
    pub(crate) unread: u32,
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
        let said_nothing = self.text.len() == self.settled.text && self.withheld.len() == self.settled.withheld;
        if !cut || said_nothing {
            self.pass(&rest, input.sources, input.results);
        }
        self.settled = Settled {
            text: self.text.len(),
            said: self.said.len(),
            withheld: self.withheld.len(),
            cited: self.cited.len(),
            claims: self.claims.len(),
            counts: self.counts,
        };
        self.repetition = Repetition::default();
    }

    fn take_back(&mut self) {
        drop(self.gate.finish());
        self.repetition = Repetition::default();
        let Settled { text, said, withheld, cited, claims, counts } = self.settled;
        self.text.truncate(text);
        self.said.truncate(said);
        self.withheld.truncate(withheld);
        self.cited.truncate(cited);
        self.claims.truncate(claims);
        self.counts = counts;
        if self.heard > text {
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
            said: String::new(),
            readable: Readable::of(question),
            withheld: Vec::new(),
            foreign: BTreeSet::new(),
            muted: false,
            cited: Vec::new(),
            claims: Vec::new(),
            counts: Counts::default(),
            check_us: 0,
            settled: Settled::default(),
        }
    }

    pub(crate) fn finish(self) -> Spoken {
        let Self { text, cited, claims, counts, check_us, .. } = self;
        let Counts { supported, removed, unread } = counts;
        Spoken { text: text.trim().to_owned(), cited, claims, supported, removed, unread, check_us }
    }

    /// Whether the check can read the question.
    pub(crate) const fn reads_question(&self) -> bool {
        self.readable.reads_question()
    }

    /// Whether something passed the check, or need not be checked.
    pub(crate) fn says_something(&self) -> bool {
        !self.text.trim().is_empty()
    }

    /// Takes in the passages; gives the numbers of those that the check cannot read yet.
    pub(crate) fn learn(&mut self, sources: &Sources) -> Vec<usize> {
        self.foreign.extend(self.readable.learn(sources.hits()));
        self.foreign.iter().copied().collect()
    }

    /// Takes what a passage says in English.
    pub(crate) fn read_in_english(&mut self, number: usize, english: &EnglishPassage, sources: &Sources) {
        let Some(hit) = sources.get(number) else { return };
        if !self.foreign.remove(&number) {
            return;
        }
        let EnglishPassage { title, heading_path, text, .. } = english.clone();
        self.readable.learn_text(&title, &text);
        self.evidence.add(sources.hits(), &[]);
        self.evidence.add_translation(number, &PassageHit { title, heading_path, text, ..hit.clone() });
    }

    /// Whether something waits for [`Self::admit`].
    pub(crate) fn withholds(&self) -> bool {
        !self.withheld.is_empty()
    }

    /// Numbers of the passages on which the sentences that wait may rest, and which the check cannot read: those that they
    /// cite before all others, and the others only where one cites none, or none that supports it.
    pub(crate) fn unread_passages(&self) -> Vec<usize> {
        let cited = |held: &Withheld| source_marks(&held.sentence);
        let mut numbers: Vec<usize> = Vec::new();
        let marked = self.withheld.iter().flat_map(cited);
        let open = |held: &Withheld| held.unsupported || cited(held).is_empty();
        let all = self.withheld.iter().any(open).then_some(&self.foreign);
        for number in marked.chain(all.into_iter().flatten().copied()) {
            if self.foreign.contains(&number) && !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        numbers
    }

    /// Takes what the customer asked, in English.
    pub(crate) fn ask(&mut self, english: &str) {
        self.evidence.ask(english);
    }

    /// The sentences that have to be translated before they can be checked, in their order.
    pub(crate) fn unread(&self) -> Vec<String> {
        self.withheld.iter().filter(|held| !held.readable).map(|held| bare(&held.sentence)).collect()
    }

    /// Checks what was withheld by what it says in English: `translations` are those of [`Self::unread`], in their order.
    pub(crate) fn admit(&mut self, translations: Vec<Option<String>>, sources: &Sources, results: &[Value]) {
        let mut translations = translations.into_iter();
        for held in std::mem::take(&mut self.withheld) {
            if held.readable {
                self.judge(&held.sentence, None, false, sources, results);
                continue;
            }
            let said = bare(&held.sentence);
            match translations.next().flatten() {
                Some(english) if keeps_facts(&said, &english) && self.readable.is_english_of(&english, &said) => {
                    self.judge(&held.sentence, Some(&english), false, sources, results);
                }
                english => {
                    self.counts.unread += 1;
                    let why = vec![format!("language: {said}")];
                    self.trace(&held.sentence, english, false, Vec::new(), why);
                }
            }
        }
        self.settled.withheld = 0;
    }

    fn pass(&mut self, sentence: &str, sources: &Sources, results: &[Value]) {
        self.learn(sources);
        let readable = self.readable.reads_answer(&bare(sentence));
        if readable && self.withheld.is_empty() {
            self.judge(sentence, None, true, sources, results);
        } else {
            self.withheld.push(Withheld { sentence: sentence.to_owned(), readable, unsupported: false });
        }
    }

    /// Passes the sentence on if it may be said. `english` is what it says, where that is another language; where it
    /// `may_wait`, and a page that nobody has read yet may support it, it is withheld.
    fn judge(&mut self, sentence: &str, english: Option<&str>, may_wait: bool, sources: &Sources, results: &[Value]) {
        if sentence.trim().is_empty() {
            self.emit(sentence);
            return;
        }
        let read = english.unwrap_or(sentence);
        let begun = Instant::now();
        self.evidence.add(sources.hits(), results);
        self.evidence.say(&self.said);
        let mut marks: Vec<usize> =
            source_marks(sentence).into_iter().filter(|number| sources.get(*number).is_some()).collect();
        let mut verdict = self.checked(read, &marks);
        if matches!(verdict, Verdict::Unsupported { .. }) && !marks.is_empty() {
            // Right, but of another source than the one it names: that one is named instead.
            let elsewhere = self.checked(read, &[]);
            if matches!(elsewhere, Verdict::Supported { .. }) {
                (verdict, marks) = (elsewhere, Vec::new());
            }
        }
        self.check_us = self.check_us.saturating_add(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        match verdict {
            Verdict::NoClaim => {
                self.remember(read);
                self.release(sentence, &marks, None);
            }
            Verdict::Supported { by } => {
                self.counts.supported += 1;
                self.remember(read);
                // A sentence that names no source gets the one that supports it.
                let found = by.iter().find_map(|reference| match reference {
                    EvidenceRef::Passage { number } => Some(*number),
                    EvidenceRef::Tool { .. } | EvidenceRef::Customer => None,
                });
                let added = if marks.is_empty() { found } else { None };
                let support = by.iter().map(EvidenceRef::to_string).collect();
                self.trace(sentence, english.map(str::to_owned), true, support, Vec::new());
                self.release(sentence, &marks, added);
            }
            Verdict::Unsupported { claims }
                if may_wait && !self.foreign.is_empty() && claims.iter().all(|claim| claim.kind.can_be_supported()) =>
            {
                self.withheld.push(Withheld { sentence: sentence.to_owned(), readable: true, unsupported: true });
            }
            Verdict::Unsupported { claims } => {
                self.counts.removed += 1;
                let unsupported =
                    claims.iter().map(|claim| format!("{}: {}", claim.kind.as_str(), claim.text)).collect();
                self.trace(sentence, english.map(str::to_owned), false, Vec::new(), unsupported);
            }
        }
    }

    fn remember(&mut self, said: &str) {
        if !self.said.is_empty() && !said.starts_with(char::is_whitespace) {
            self.said.push(' ');
        }
        self.said.push_str(said);
    }

    fn checked(&mut self, sentence: &str, cited: &[usize]) -> Verdict {
        self.evidence.cite(cited);
        claims::check(sentence, &self.evidence)
    }

    fn trace(
        &mut self,
        sentence: &str,
        english: Option<String>,
        passed: bool,
        support: Vec<String>,
        unsupported: Vec<String>,
    ) {
        if self.claims.len() < MAX_CLAIMS {
            let short = |text: &str| text.trim().chars().take(MAX_TRACED).collect();
            let (sentence, english) = (short(sentence), english.as_deref().map(short));
            self.claims.push(ReceiptClaim { sentence, english, passed, support, unsupported });
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
mod tests;
