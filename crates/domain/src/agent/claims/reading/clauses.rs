//! The parts of a sentence, and what they deny.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::Clause;
use crate::agent::claims::text::{Kind, Token};
use crate::agent::claims::values::Found;
use crate::agent::claims::word_list::set;
use crate::knowledge::extractive::negation::is_negation;

/// Words that deny beside those of the extractive answerer.
static DENYING: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "nor neither none without unable impossible except excluding excluded exclude excludes non nobody nothing ohne weder \
         ausgeschlossen ausgenommen außer unmöglich nichts void voids voided erlischt kostenpflichtig refuse refuses \
         prohibited ineligible closed geschlossen unavailable",
    )
});
static SUBJECTS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "we you i it they there this that these he she wir sie du ihr ich es das dies your our the unser unsere ihre deine die \
         der",
    )
});
static VERBS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set("lässt lassen am is are was were do does did has have had can cannot could may might must shall should will \
         would need needs costs takes take ships delivers accept accepts offer offers covers get gets lasts arrives \
         leaves refund refunds applies apply provide provides includes weighs works comes means starts ends expires \
         runs ship deliver cover pay send ist sind war waren hat haben kann können kannst darf dürfen darfst muss \
         müssen musst soll sollen wird werden würde möchte möchten kostet dauert liefern liefert versenden versendet \
         akzeptieren bieten bietet gilt gelten beträgt gibt erstatten erstattet übernehmen übernimmt erhalten \
         erhältst bekommen bekommst zahlen wiegt liegt deckt")
});
/// Where a new clause begins, whatever comes.
static CONTRASTS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| set("but however although though whereas because aber jedoch sondern obwohl weil allerdings"));
static CONDITIONS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| set("if when once unless whether wenn falls sofern sobald solange provided assuming ob while"));
/// Words with which a part begins that is no more than a courtesy, or tells of the assistant.
static COURTEOUS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "thank thanks sorry hello hi hey great good sure yes no ok okay danke vielen hallo regarding unfortunately leider \
         apologies entschuldigung i i'm i've ich ja nein gut let natürlich gerne certainly absolutely of perfect super",
    )
});
pub(in crate::agent::claims) const CONJUNCTIONS: &[&str] = &["and", "or", "und", "oder", "sowie", "then", "dann"];
/// Words of a part without a verb that denies: "not to Norway".
const MAX_DENIED: usize = 5;

/// The tokens that deny; `spent` are those of phrases that mean something as a whole.
pub(super) fn negations(tokens: &[Token], spent: &[Range<usize>]) -> Vec<usize> {
    /// Behind a negation, these make it no negation.
    const HARMLESS: &[&str] = &["only", "nur", "problem", "worries", "worry", "sorge", "matter", "doubt", "zweifel"];
    const COMPARED: &[&str] = &["more", "less", "later", "longer", "fewer", "mehr", "weniger", "später", "länger"];
    let word =
        |at: usize| tokens.get(at).filter(|token| token.kind == Kind::Word).map_or("", |token| token.lower.as_str());
    let is_spent = |at: usize| spent.iter().any(|range| range.contains(&at));
    (0..tokens.len())
        .filter(|&at| {
            let here = word(at);
            let charges = matches!(here, "charge" | "charges") && word(at + 1) == "for";
            let denies = is_negation(here) || here.ends_with("n't") || DENYING.contains(here) || charges;
            if !denies || is_spent(at) || HARMLESS.contains(&word(at + 1)) {
                return false;
            }
            let compares = COMPARED.contains(&word(at + 1)) && matches!(word(at + 2), "than" | "als");
            // "No, we do not" denies once.
            let before_subject = |next: &Token| next.kind == Kind::Sign || SUBJECTS.contains(next.lower.as_str());
            let answers = at == 0 && matches!(here, "no" | "nein") && tokens.get(1).is_none_or(before_subject);
            !compares && !answers
        })
        .collect()
}

/// Words that only a verb can be, or that are verbs in nearly all sentences of shops.
pub(in crate::agent::claims) fn is_finite(word: &str) -> bool {
    const CONTRACTED: &[&str] = &["'re", "'ll", "'ve", "'d", "n't", "'m"];
    const PRONOUNS: &[&str] = &["it's", "that's", "there's", "here's", "what's", "he's", "she's"];
    VERBS.contains(word) || CONTRACTED.iter().any(|ending| word.ends_with(ending)) || PRONOUNS.contains(&word)
}

/// The clauses of a sentence.
pub(super) fn clauses(tokens: &[Token], found: &[Found], negations: &[usize]) -> Vec<Clause> {
    let splitter = Splitter { tokens, found, negations };
    let mut clauses = Vec::new();
    let mut start = 0;
    let mut conditional = splitter.begins_condition(0);
    for at in 1..tokens.len() {
        let next_condition = splitter.begins_condition(at);
        if splitter.is_in_value(at) || !splitter.ends_clause(start, at, conditional, next_condition) {
            continue;
        }
        // "Not when you order" is one.
        if next_condition && splitter.only_denies(start..at) {
            conditional = true;
            continue;
        }
        clauses.extend(splitter.clause(start..at, conditional));
        start = at;
        conditional = next_condition;
    }
    clauses.extend(splitter.clause(start..tokens.len(), conditional));
    clauses
}

struct Splitter<'a> {
    tokens: &'a [Token],
    found: &'a [Found],
    negations: &'a [usize],
}

impl Splitter<'_> {
    fn is(&self, at: usize, test: impl Fn(&Token) -> bool) -> bool {
        self.tokens.get(at).is_some_and(test)
    }

    fn is_in(&self, at: usize, words: &HashSet<&str>) -> bool {
        self.is(at, |token| token.kind == Kind::Word && words.contains(token.lower.as_str()))
    }

    fn is_in_value(&self, at: usize) -> bool {
        self.found.iter().any(|found| found.tokens.contains(&at) && found.tokens.start < at)
    }

    fn has_verb(&self, range: Range<usize>) -> bool {
        range.into_iter().any(|at| self.is(at, |token| token.kind == Kind::Word && is_finite(&token.lower)))
    }

    fn is_joint(&self, at: usize) -> bool {
        self.is(at, |token| token.is(",") || token.is(":") || token.is_word(CONJUNCTIONS))
    }

    /// A new clause begins, whatever stands on both sides.
    fn is_break(&self, at: usize) -> bool {
        let is_stop = |token: &Token| {
            token.is(".") && at + 1 < self.tokens.len() && !self.is(at + 1, |next| next.glued)
                || token.is("–") && !token.glued
                || [";", "!", "?", "…", "(", ")"].iter().any(|sign| token.is(sign))
        };
        self.is(at, is_stop) || self.is_in(at, &CONTRASTS)
    }

    fn begins_condition(&self, at: usize) -> bool {
        let word = |offset: usize| self.tokens.get(at + offset).map_or("", |token| token.lower.as_str());
        let phrase = matches!(
            (word(0), word(1), word(2)),
            ("as", "long" | "soon", "as") | ("in", "case", _) | ("im", "falle", _)
        );
        self.is_in(at, &CONDITIONS) || phrase || at == 0 && word(0) == "should"
    }

    /// Whether the clause that began at `start` ends before `at`.
    fn ends_clause(&self, start: usize, at: usize, conditional: bool, next_condition: bool) -> bool {
        if self.is_break(at) || next_condition {
            return true;
        }
        if !self.is_joint(at) {
            return false;
        }
        // A condition ends at its comma. Else both sides need a verb, so that a list stays whole, or the right one denies:
        // "to Sweden, not to Norway", "possible to lockers, to post boxes not".
        let is_end = |next: &usize| self.is_joint(*next) || self.is_break(*next) || self.begins_condition(*next);
        let right = (at + 1..self.tokens.len()).find(is_end).unwrap_or(self.tokens.len());
        let comma = self.is(at, |token| token.is(","));
        let colon = self.is(at, |token| token.is(":"));
        let denies_first = self.negations.contains(&(at + 1))
            && self.is(at + 1, |token| token.is_word(&["not", "nicht", "no", "never"]));
        let is_short = comma && right - at <= MAX_DENIED + 1;
        let denied = denies_first || is_short && (at + 1..right).any(|place| self.negations.contains(&place));
        // "Thanks, returns are free" thanks and states.
        let first = (start..at).find(|place| self.is(*place, |token| token.kind == Kind::Word));
        let of_itself =
            first.is_some_and(|place| self.is(place, |token| token.is_word(&["i", "i'm", "i've", "ich", "let"])));
        let courteous = of_itself || comma && first.is_some_and(|place| self.is_in(place, &COURTEOUS));
        let left_ends = colon || courteous || self.has_verb(start..at);
        conditional && comma || left_ends && (self.has_verb(at + 1..right) || denied && !courteous && !colon)
    }

    fn only_denies(&self, mut range: Range<usize>) -> bool {
        range.all(|at| self.negations.contains(&at) || !self.is(at, |token| token.kind != Kind::Sign))
    }

    fn clause(&self, range: Range<usize>, conditional: bool) -> Option<Clause> {
        let has_words = range.clone().any(|at| self.is(at, |token| token.kind != Kind::Sign));
        let denials = self.negations.iter().filter(|at| range.contains(at)).count();
        has_words.then_some(Clause { tokens: range, conditional, negated: denials % 2 == 1 })
    }
}

/// The parts between commas and conjunctions.
pub(super) fn segments(tokens: &[Token], found: &[Found]) -> Vec<Range<usize>> {
    const JOINTS: &[&str] = &["and", "or", "und", "oder", "but", "aber", "while", "sowie", "whereas", "während"];
    let in_value = |at: usize| found.iter().any(|found| found.tokens.contains(&at) && found.tokens.start < at);
    let mut segments = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let is_stop = token.is(".") && !tokens.get(at + 1).is_some_and(|next| next.glued);
        let ends = [",", ";", "!", "?", "…"].iter().any(|sign| token.is(sign))
            || is_stop
            || token.is("–") && !token.glued
            || token.is_word(JOINTS)
            || token.text == "plus";
        if ends && !in_value(at) {
            if start < at {
                segments.push(start..at);
            }
            start = at + 1;
        }
    }
    if start < tokens.len() {
        segments.push(start..tokens.len());
    }
    segments
}
