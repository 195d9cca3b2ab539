//! What denies the very thing that an open question asks for.
//!
//! Vectors hardly tell "What is covered" from "What is not covered", and a negation is a stop word. Yet only an open
//! question ("what", "which", "where", "how long") is answered wrongly by a denial: "do you ship to Norway?" is answered
//! by "we do not ship to Norway".

use std::collections::HashSet;

use super::expected::Expected;
use super::words::{looks_german, stems, words};

/// Content words behind a negation that it denies: "not covered", "kein Versand".
const DENIED_WORDS: usize = 2;

/// What a question makes of a text that denies its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denial {
    /// The opposite of what was asked for.
    Unwanted,
    /// The question has a negation of its own.
    Wanted,
    /// It may well be the answer.
    Allowed,
}

impl Denial {
    pub fn of(question: &str) -> Self {
        let words = spelt_out(question);
        if words.iter().any(|word| is_negation(word)) {
            Self::Wanted
        } else if Expected::of(question).is_some() || is_open(&words, looks_german(question) == Some(true)) {
            Self::Unwanted
        } else {
            Self::Allowed
        }
    }

    /// 1 where the text, or a heading above it, says what the question wants of it; −1 where the opposite; else 0.
    pub fn sign(self, text: &str, headings: &[String], asked: &HashSet<&str>) -> f32 {
        let sign = match self {
            Self::Unwanted => -1.0,
            Self::Wanted => 1.0,
            Self::Allowed => return 0.0,
        };
        let denies_it = denies(text, asked) || headings.iter().any(|heading| denies(heading, asked));
        if denies_it { sign } else { 0.0 }
    }
}

/// Whether a negation stands right before one of the stems.
fn denies(text: &str, asked: &HashSet<&str>) -> bool {
    let words = spelt_out(text);
    words.iter().enumerate().filter(|(_, word)| is_negation(word)).any(|(at, _)| {
        let behind = words.get(at + 1..).unwrap_or_default().iter();
        behind.flat_map(|word| stems(word)).take(DENIED_WORDS).any(|stem| asked.contains(stem.as_str()))
    })
}

/// Lower-cased words, with "isn't" as "is not".
fn spelt_out(text: &str) -> Vec<String> {
    words(&text.to_lowercase().replace("n't", " not").replace("n’t", " not"))
}

pub(crate) fn is_negation(word: &str) -> bool {
    matches!(word, "not" | "cannot" | "no" | "never" | "nothing" | "nicht" | "nie" | "niemals" | "nichts")
        || is_form_of_kein(word)
}

fn is_form_of_kein(word: &str) -> bool {
    word.strip_prefix("kein").is_some_and(|ending| matches!(ending, "" | "e" | "en" | "em" | "er" | "es"))
}

/// Asks for a thing, not for yes or no. "What happens if …" may be answered by "that is not possible".
fn is_open(words: &[String], german: bool) -> bool {
    const ASKING: &[&str] =
        &["what", "which", "who", "where", "welche", "welcher", "welches", "welchen", "wer", "wo", "wohin"];
    const FOR_A_CASE: &[&str] = &["happens", "happen", "if", "passiert", "wenn"];
    let is_asking = |word: &str| ASKING.contains(&word) || german && word == "was";
    words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1).map_or("", String::as_str);
        is_asking(word) && !FOR_A_CASE.contains(&next)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(question: &str, heading: &str) -> f32 {
        let asked = stems(question);
        Denial::of(question).sign("", &[heading.to_owned()], &asked.iter().map(String::as_str).collect())
    }

    #[test]
    fn an_open_question_wants_no_denial_of_its_words() {
        for (question, heading) in [
            ("What is covered by warranty?", "What is not covered"),
            ("what does the warranty cover", "What isn’t covered"),
            ("Which goods can be returned?", "Goods that cannot be returned"),
            ("Was deckt die Garantie?", "Was die Garantie nicht deckt"),
            ("Wohin geht der Versand?", "Kein Versand nach Übersee"),
            ("When will my parcel arrive?", "If nothing has arrived"),
            ("Wie lange dauert der Versand?", "Kein Versand nach Übersee"),
        ] {
            assert!(sign(question, heading) < 0.0, "{question} {heading}");
        }
    }

    #[test]
    fn a_question_with_a_negation_wants_one() {
        assert!(sign("What is not covered?", "What is not covered") > 0.0);
        assert!(sign("Was ist nicht gedeckt?", "Nicht gedeckt") > 0.0);
        assert!(sign("What isn't covered?", "What is covered").abs() < f32::EPSILON);
    }

    #[test]
    fn where_a_denial_may_answer_it_counts_neither_way() {
        for (question, heading) in [
            ("Do you ship to Norway?", "We do not ship to Norway"),
            ("What happens if I return used goods?", "Used goods cannot be returned"),
            ("What can I do when my parcel is late?", "If a parcel has not arrived"),
            ("Was it covered?", "What is not covered"),
        ] {
            assert!(sign(question, heading).abs() < f32::EPSILON, "{question} {heading}");
        }
    }
}
