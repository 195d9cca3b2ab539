//! Tells when a model goes round in circles.

use std::collections::HashMap;

/// So often a sentence or a phrase may come, and once more is too often.
const TIMES: usize = 4;
/// Shorter sentences may come again and again: "In stock", in a list.
const MIN_SENTENCE_WORDS: usize = 3;
/// Characters that have to repeat before anything is called a circle.
const MIN_CIRCLE: usize = 120;
/// Characters that are remembered: four times the longest phrase that is recognised without full stops.
const REMEMBERED: usize = 1_200;
/// New characters after which the memory is looked at again.
const STEP: usize = 32;
/// White space without a word between.
const MAX_BLANK: usize = 1_000;

/// Listens to a text in pieces.
#[derive(Debug, Default)]
pub(crate) struct Repetition {
    /// The end of the text: lower case, letters and digits with single spaces between them.
    tail: Vec<char>,
    unchecked: usize,
    sentence: String,
    /// A full stop came, and nothing since that tells a decimal from the end of the sentence.
    may_end: bool,
    said: HashMap<String, usize>,
    blank: usize,
    is_found: bool,
}

impl Repetition {
    /// Takes the next piece. `true` once the same sentence came for the fourth time, or the end of the text is one phrase
    /// four times over; it stays `true`.
    pub(crate) fn push(&mut self, piece: &str) -> bool {
        for c in piece.chars() {
            if self.is_found {
                return true;
            }
            self.take(c);
        }
        self.is_found
    }

    fn take(&mut self, c: char) {
        self.blank = if c.is_whitespace() { self.blank + 1 } else { 0 };
        self.is_found |= self.blank > MAX_BLANK;
        if c == '\n' || c.is_whitespace() && self.may_end {
            self.end_sentence();
        }
        self.may_end = matches!(c, '.' | '!' | '?' | '…') || self.may_end && !c.is_alphanumeric() && !c.is_whitespace();
        // Ornaments are left out: "**Yes**" is "yes". A row of nothing else still repeats.
        let is_word = c.is_alphanumeric();
        if is_word {
            self.sentence.extend(c.to_lowercase());
        } else if !self.sentence.is_empty() && !self.sentence.ends_with(' ') {
            self.sentence.push(' ');
        }
        if c.is_whitespace() && self.tail.last().is_none_or(|last| *last == ' ') {
            return;
        }
        self.tail.extend(if c.is_whitespace() { ' ' } else { c }.to_lowercase());
        self.unchecked += 1;
        if self.unchecked >= STEP {
            self.unchecked = 0;
            let surplus = self.tail.len().saturating_sub(REMEMBERED);
            self.tail.drain(..surplus);
            self.is_found |= ends_in_circle(&self.tail);
        }
    }

    fn end_sentence(&mut self) {
        let sentence = std::mem::take(&mut self.sentence);
        let sentence = sentence.trim();
        if sentence.split(' ').count() < MIN_SENTENCE_WORDS {
            return;
        }
        let times = self.said.entry(sentence.to_owned()).or_default();
        *times += 1;
        self.is_found |= *times >= TIMES;
    }
}

/// Whether the text ends in one phrase that came [`TIMES`] times without a break. Backwards from the end, every beginning
/// has a shortest period (Knuth, Morris and Pratt): one that fits often enough is a circle.
fn ends_in_circle(text: &[char]) -> bool {
    let backwards: Vec<char> = text.iter().rev().copied().collect();
    let mut borders: Vec<usize> = vec![0; backwards.len()];
    for end in 1..backwards.len() {
        let Some(&c) = backwards.get(end) else { return false };
        let mut border = borders.get(end - 1).copied().unwrap_or(0);
        while border > 0 && backwards.get(border) != Some(&c) {
            border = borders.get(border - 1).copied().unwrap_or(0);
        }
        if backwards.get(border) == Some(&c) {
            border += 1;
        }
        if let Some(place) = borders.get_mut(end) {
            *place = border;
        }
        let length = end + 1;
        if length >= MIN_CIRCLE && length >= TIMES * (length - border) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_circle(text: &str) -> bool {
        let mut repetition = Repetition::default();
        text.chars().any(|c| repetition.push(c.encode_utf8(&mut [0; 4])))
    }

    #[test]
    fn a_sentence_that_comes_for_the_fourth_time_is_a_circle() {
        assert!(is_circle(&"Returns are free. Anything else? ".repeat(4)));
        assert!(!is_circle(&"Returns are free. Anything else? ".repeat(3)));
        assert!(is_circle("**We are sorry!** a\nb. We are sorry. c\nd. we are SORRY! e. We are sorry. "));
    }

    #[test]
    fn a_phrase_without_end_is_one() {
        assert!(is_circle(&"and so on ".repeat(30)));
        assert!(is_circle(
            &"a very long phrase, which goes on for quite a while without any full stop at all, ".repeat(5)
        ));
        assert!(is_circle(&"ha".repeat(200)));
        assert!(is_circle(&" ".repeat(2_000)));
        assert!(is_circle(&"=".repeat(400)));
    }

    #[test]
    fn lists_and_tables_are_none() {
        let list: String = (1..40).map(|n| format!("- Tent {n}: €{}.00, in stock\n", n * 37 + 11)).collect();
        assert!(!is_circle(&list));
        assert!(!is_circle("- A: in stock\n- B: in stock\n- C: in stock\n- D: in stock\n- E: in stock\n"));
        assert!(!is_circle(
            "| Where | Cost |\n|---|---|\n| Austria | €6.90 |\n| Germany | €4.90 |\n| Italy | €11.90 |\nYes. Yes. Yes. Yes. Yes."
        ));
    }
}
