//! A text read closely: its values, what its words mean, its clauses, and which of them deny.

mod clauses;
mod terms;

use std::ops::Range;

use super::extract::{Style, values};
use super::lexicon::{Class, class_of};
use super::number::Grouping;
use super::text::{Kind, Token, tokens};
use super::values::{Found, Value};

pub(super) use clauses::{CONJUNCTIONS, is_finite};

/// A word with a meaning of its own: a concept (`#ship`), a stem or a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub name: String,
    /// Its token.
    pub at: usize,
    /// No concept, and written as names are: with a capital, or in digits.
    pub is_name: bool,
}

/// A part of a sentence with a verb of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    pub tokens: Range<usize>,
    /// It says when or whether something is so: "if you return it".
    pub conditional: bool,
    /// It denies: an odd number of negations.
    pub negated: bool,
}

/// A text and what it says.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub tokens: Vec<Token>,
    pub found: Vec<Found>,
    pub terms: Vec<Term>,
    pub clauses: Vec<Clause>,
    /// Parts between commas and conjunctions: which words belong to which value.
    pub segments: Vec<Range<usize>>,
}

impl Text {
    /// `is_data` is a row or a field rather than a sentence; `german` the language, where it is known.
    pub fn read(text: &str, is_data: bool, german: Option<bool>) -> Self {
        let tokens = tokens(text);
        let style = Style { grouping: Grouping::of_language(german), is_data };
        let found = values(&tokens, style);
        let (terms, mut in_phrases) = terms::terms(&tokens, &found);
        in_phrases.extend(found.iter().filter(|found| matches!(found.value, Value::Stock(_))).map(|found| {
            // "not in stock" is a state, and its negation is spent.
            found.tokens.start.saturating_sub(3)..found.tokens.end
        }));
        let negations = clauses::negations(&tokens, &in_phrases);
        let clauses = clauses::clauses(&tokens, &found, &negations);
        let segments = clauses::segments(&tokens, &found);
        Self { tokens, found, terms, clauses, segments }
    }

    pub fn terms_in<'a>(&'a self, range: &'a Range<usize>) -> impl Iterator<Item = &'a str> {
        self.terms.iter().filter(|term| range.contains(&term.at)).map(|term| term.name.as_str())
    }

    /// Whether it says that something is always so.
    pub fn is_universal(&self) -> bool {
        self.tokens.iter().any(|token| token.is_word(&["always", "immer", "stets", "grundsätzlich"]))
    }

    /// Whether the token is part of what is said of an order's state.
    pub fn is_of_a_state(&self, at: usize) -> bool {
        self.found.iter().any(|found| matches!(found.value, Value::Status { .. }) && found.tokens.contains(&at))
    }

    /// The places, or the ways to pay, that a part names one after the other: "to Germany, Austria and Italy". Two at least,
    /// or none.
    pub fn listed(&self, range: &Range<usize>, class: Class) -> Vec<&str> {
        const JOINTS: &[&str] = &["and", "or", "und", "oder", "sowie", "well", "plus", "but", "auch"];
        let named: Vec<&Term> =
            self.terms.iter().filter(|term| range.contains(&term.at) && class_of(&term.name) == Some(class)).collect();
        let is_joint = |token: &Token| token.is(",") || token.is("/") || token.is("&") || token.is_word(JOINTS);
        let is_listed = named.windows(2).any(|pair| match pair {
            [one, next] => {
                one.name != next.name && self.tokens.get(one.at + 1..next.at).unwrap_or_default().iter().any(is_joint)
            }
            _ => false,
        });
        let mut names: Vec<&str> = named.iter().map(|term| term.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if is_listed { names } else { Vec::new() }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(|term| term.name.as_str())
    }

    pub fn segment_of(&self, at: usize) -> Range<usize> {
        self.segments.iter().find(|segment| segment.contains(&at)).cloned().unwrap_or(0..self.tokens.len())
    }

    /// What a part without a subject is said of: "standard shipping within Germany" in "standard shipping within Germany
    /// costs €4.90 and is free from €75". Empty where the part has its own.
    pub fn subject_of(&self, segment: &Range<usize>) -> Range<usize> {
        let none = segment.start..segment.start;
        let is_joint = |token: &Token| token.is_word(CONJUNCTIONS);
        let joined = segment.start.checked_sub(1).and_then(|at| self.tokens.get(at)).is_some_and(is_joint);
        let goes_on = self.tokens.get(segment.start).is_some_and(|token| is_finite(&token.lower));
        let Some(before) = self.segments.iter().rfind(|other| other.end <= segment.start) else { return none };
        let is_verb = |at: &usize| self.tokens.get(*at).is_some_and(|token| is_finite(&token.lower));
        match before.clone().find(is_verb) {
            Some(verb) if joined && goes_on => before.start..verb,
            _ => none,
        }
    }

    pub fn clause_of(&self, at: usize) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.tokens.contains(&at))
    }

    /// Whether the clause has the subject of the one before: "and cannot be cancelled".
    pub fn goes_on(&self, clause: &Clause) -> bool {
        let words = self.words_in(&clause.tokens);
        match words.as_slice() {
            [joint, next, ..] => {
                CONJUNCTIONS.contains(joint) && (is_finite(next) || *next == "also" && words.len() > 2)
            }
            _ => false,
        }
    }

    /// The words of a part, lower case.
    pub fn words_in(&self, range: &Range<usize>) -> Vec<&str> {
        let words = self.tokens.get(range.clone()).unwrap_or_default().iter();
        words.filter(|token| token.kind == Kind::Word).map(|token| token.lower.as_str()).collect()
    }
}

/// Whether two terms mean the same: the same name, or two stems of which one is the beginning of the other.
pub(super) fn same_term(one: &str, other: &str) -> bool {
    const SHORTEST: usize = 5;
    const LONGEST_ENDING: usize = 3;
    if one == other {
        return true;
    }
    let is_plain = |term: &str| !term.starts_with('#') && !term.starts_with(|c: char| c.is_ascii_digit());
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    is_plain(one)
        && is_plain(other)
        && short.chars().count() >= SHORTEST
        && long.starts_with(short)
        && long.len() - short.len() <= LONGEST_ENDING
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Text {
        Text::read(text, false, Some(false))
    }

    fn part(text: &Text, range: &Range<usize>) -> String {
        text.tokens[range.clone()].iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn terms_are_what_is_meant() {
        let names = |text: &str| read(text).names().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(names("Shipping to Austria costs €6.90."), ["#ship", "#austria", "#price"]);
        assert_eq!(names("You can send your tent back free of charge"), ["#send", "#tent", "#return", "#free"]);
        assert_eq!(names("Der Versand nach Österreich ist kostenlos"), ["#ship", "#austria", "#free"]);
        assert_eq!(names("our two-person tent, the Skog 35"), ["2", "#person", "#tent", "skog", "35"]);
        assert_eq!(names("worry-free, feel free"), ["wor", "#at-ease"]);
    }

    #[test]
    fn clauses_have_their_own_negation() {
        for (text, expected) in [
            ("Returns are free.", vec![("Returns are free .", false, false)]),
            ("Returns are not free.", vec![("Returns are not free .", false, true)]),
            (
                "Returns are free, but we do not refund shipping.",
                vec![("Returns are free ,", false, false), ("but we do not refund shipping .", false, true)],
            ),
            (
                "If you return it, we refund you.",
                vec![("If you return it", true, false), (", we refund you .", false, false)],
            ),
            (
                "We ship to Sweden, not to Norway.",
                vec![("We ship to Sweden", false, false), (", not to Norway .", false, true)],
            ),
            ("We accept PayPal, Visa and Klarna", vec![("We accept PayPal , Visa and Klarna", false, false)]),
            ("No, we don't ship there", vec![("No", false, false), (", we don't ship there", false, true)]),
            ("within no more than 5 days", vec![("within no more than 5 days", false, false)]),
            ("It costs no extra charge", vec![("It costs no extra charge", false, false)]),
        ] {
            let read = read(text);
            let clauses: Vec<(String, bool, bool)> = read
                .clauses
                .iter()
                .map(|clause| (part(&read, &clause.tokens), clause.conditional, clause.negated))
                .collect();
            let expected: Vec<(String, bool, bool)> =
                expected.into_iter().map(|(text, a, b)| (text.to_owned(), a, b)).collect();
            assert_eq!(clauses, expected, "{text}");
        }
    }

    #[test]
    fn segments_belong_to_one_value() {
        let read = read("The Tarn 2 (€389) and the Tarn 4 costs €549, 2 to 3 days.");
        let parts: Vec<String> = read.segments.iter().map(|segment| part(&read, segment)).collect();
        assert_eq!(parts, ["The Tarn 2 ( € 389 )", "the Tarn 4 costs € 549", "2 to 3 days"]);
    }
}
