//! Holds streamed text back until a sentence is complete, so that it can be checked before anybody reads it.

mod marks;
mod repetition;

pub(crate) use marks::{bare, renumbered, source_marks};
pub(crate) use repetition::Repetition;

use crate::knowledge::extractive::sentences::{goes_on, is_closing};

/// A run-on of more characters than this is passed on as a sentence, cut between words.
const MAX_SENTENCE: usize = 600;
/// Characters after a full stop that may be needed to tell whether it ends the sentence.
const LOOKAHEAD: usize = 64;

/// Takes text in any pieces and gives complete sentences. What it gives, in order and with what [`finish`] gives, is
/// the text that it took, whatever the pieces were; and the sentences do not depend on the pieces.
///
/// [`finish`]: SentenceGate::finish
#[derive(Debug, Default)]
pub(crate) struct SentenceGate {
    /// What was not given yet.
    held: String,
    /// Bytes of it that were looked at and end no sentence.
    looked_at: usize,
}

/// What the look at one place says.
enum Ends {
    /// The sentence ends at this byte.
    At(usize),
    No,
    /// More text is needed to tell.
    Unclear,
}

impl SentenceGate {
    /// Takes the next piece; gives the sentences that it completes, each with the white space before it. Marks of sources
    /// directly behind a full stop (`… 60 days. [1]`) belong to the sentence before them.
    pub(crate) fn push(&mut self, piece: &str) -> Vec<String> {
        self.held.push_str(piece);
        let mut sentences = Vec::new();
        while let Some(end) = self.next_end() {
            let rest = self.held.split_off(end);
            sentences.push(std::mem::replace(&mut self.held, rest));
            self.looked_at = 0;
        }
        sentences
    }

    /// Gives what is left: the last sentence, or nothing. The gate is as new afterwards.
    pub(crate) fn finish(&mut self) -> String {
        self.looked_at = 0;
        std::mem::take(&mut self.held)
    }

    fn next_end(&mut self) -> Option<usize> {
        let unseen = self.held.get(self.looked_at..).unwrap_or_default();
        let seen = self.held.get(..self.looked_at).unwrap_or_default().chars().count();
        for (count, (offset, c)) in unseen.char_indices().enumerate() {
            let at = self.looked_at + offset;
            if seen + count >= MAX_SENTENCE {
                return Some(cut(self.held.get(..at).unwrap_or_default()));
            }
            let before = self.held.get(..at).unwrap_or_default();
            let after = self.held.get(at + c.len_utf8()..).unwrap_or_default();
            let end = match c {
                '\n' if !before.trim().is_empty() => Ends::At(at),
                '.' | '!' | '?' | '…' | '。' | '！' | '？' => ends(before, c, after),
                _ => Ends::No,
            };
            match end {
                Ends::At(end) => return Some(end),
                Ends::No => {}
                Ends::Unclear => {
                    self.looked_at = at;
                    return None;
                }
            }
        }
        self.looked_at = self.held.len();
        None
    }
}

/// Whether the mark `c` between `before` and `after` ends the sentence.
fn ends(before: &str, c: char, after: &str) -> Ends {
    let known_end = after.char_indices().nth(LOOKAHEAD).map(|(end, _)| end);
    let is_all = known_end.is_none();
    let known = known_end.and_then(|end| after.get(..end)).unwrap_or(after);
    let unclear = |end: usize| if is_all { Ends::Unclear } else { Ends::At(end) };

    let tail = known.trim_start_matches(is_closing);
    let mut end = before.len() + c.len_utf8() + (known.len() - tail.len());
    let wide = matches!(c, '。' | '！' | '？');
    let marked = marks::leading(tail);
    if marked.may_go_on && is_all {
        return Ends::Unclear;
    }
    end += marked.length;
    let tail = tail.get(marked.length..).unwrap_or_default();
    if tail.is_empty() {
        return unclear(end);
    }
    if marked.length > 0 || wide {
        return Ends::At(end);
    }
    if !tail.starts_with(char::is_whitespace) {
        return Ends::No;
    }
    let next = tail.trim_start();
    let gap = tail.get(..tail.len() - next.len()).unwrap_or_default();
    if gap.contains('\n') {
        return Ends::At(end);
    }
    let Some(first) = next.chars().next() else { return unclear(end) };
    if first.is_lowercase() || "–—-&/+".contains(first) {
        return Ends::No;
    }
    if c != '.' {
        return Ends::At(end);
    }
    // Whether "3. Mai" goes on is told by the whole of the next word.
    let word_is_whole = next.contains(|c: char| !c.is_alphanumeric());
    if !word_is_whole && is_all && before.ends_with(|c: char| c.is_ascii_digit()) {
        return Ends::Unclear;
    }
    if is_list_marker(before) || is_abbreviated(before, next) { Ends::No } else { Ends::At(end) }
}

/// "No." is an answer unless a number follows, and "z. B." is written with a space as often as without.
fn is_abbreviated(before: &str, next: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let mut letters = word.chars();
    let is_letter = letters.next().is_some_and(char::is_lowercase) && letters.next().is_none();
    // Only the next word decides, so that what stands behind it cannot.
    let end = next.find(|c: char| !c.is_alphanumeric()).unwrap_or(next.len());
    let first = next.chars().next().map_or(0, char::len_utf8);
    let next = next.get(..end.max(first)).unwrap_or_default();
    let is_no = word.eq_ignore_ascii_case("no") && !next.starts_with(|c: char| c.is_ascii_digit());
    !is_no && (is_letter || goes_on(before, next))
}

/// Whether the line up to its first full stop is nothing but a number.
fn is_list_marker(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default().trim();
    (1..=3).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where to cut a run-on: behind its last word, but not between an amount and its unit.
fn cut(text: &str) -> usize {
    let is_gap = |at: usize| {
        let before = text.get(..at).unwrap_or_default().chars().next_back();
        let after = text.get(at..).unwrap_or_default().trim_start().chars().next();
        let is_sign = before.is_some_and(|c| "€$£".contains(c));
        !before.is_some_and(char::is_numeric) && after.is_some_and(|c| !is_sign || !c.is_numeric())
    };
    let gaps = text.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    let lead = text.len() - text.trim_start().len();
    gaps.rev().find(|at| *at > lead && is_gap(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The sentences of a text that comes in one piece.
    fn sentences(text: &str) -> Vec<String> {
        in_pieces(&[text])
    }

    fn in_pieces(pieces: &[&str]) -> Vec<String> {
        let mut gate = SentenceGate::default();
        let mut all: Vec<String> = pieces.iter().flat_map(|piece| gate.push(piece)).collect();
        all.push(gate.finish());
        all.retain(|sentence| !sentence.is_empty());
        all
    }

    #[test]
    fn a_sentence_comes_when_the_next_one_begins() {
        let mut gate = SentenceGate::default();
        assert!(gate.push("Returns are free").is_empty());
        assert!(gate.push(". ").is_empty());
        assert_eq!(gate.push("You"), ["Returns are free."]);
        assert!(gate.push(" have 60 days.").is_empty());
        assert_eq!(gate.finish(), " You have 60 days.");
        assert_eq!(gate.finish(), "");
    }

    #[test]
    fn marks_of_sources_stay_with_their_sentence() {
        for text in
            ["It is free. [1]", "It is free.[1][2]", "It is free [1].", "It is free. [1, 2] [3]", "It is free.【1】"]
        {
            assert_eq!(sentences(&format!("{text} Then more.")), [text, " Then more."], "{text}");
        }
        assert_eq!(sentences("See this. [Here](a.html) it is."), ["See this.", " [Here](a.html) it is."]);
    }

    #[test]
    fn abbreviations_numbers_and_dates_do_not_end_one() {
        for whole in [
            "It costs 6.90 €, e.g. Austria, or ca. 7 CHF.",
            "Das gilt z. B. für Zelte bis zum 3. Mai 2026.",
            "See example.com/help or No. 5 in Dr. Miller's list.",
            "Open Mo. – Fr. from 9:00.",
            "1. Pack it",
            "**Free.** of charge",
        ] {
            assert_eq!(sentences(whole), [whole]);
        }
        assert_eq!(sentences("No. We do not."), ["No.", " We do not."]);
        assert_eq!(sentences("You have 30. Then 60."), ["You have 30.", " Then 60."]);
    }

    #[test]
    fn line_breaks_and_list_items_end_one() {
        assert_eq!(
            sentences("We ship to:\n- Austria\n- Germany. Fast!\n\n1. Pack it.\n2. Send it."),
            ["We ship to:", "\n- Austria", "\n- Germany.", " Fast!", "\n\n1. Pack it.", "\n2. Send it."]
        );
    }

    #[test]
    fn quotes_brackets_and_bold_stay_with_their_sentence() {
        assert_eq!(
            sentences("**Yes.** He said \"go.\" (Really.) Fine…"),
            ["**Yes.**", " He said \"go.\"", " (Really.)", " Fine…"]
        );
    }

    #[test]
    fn a_run_on_is_cut_between_words_and_never_in_an_amount() {
        let text = "and 12 € ".repeat(200);
        let parts = sentences(&text);
        assert!(parts.len() > 2);
        assert_eq!(parts.concat(), text);
        assert!(parts.iter().all(|part| part.chars().count() <= MAX_SENTENCE));
        assert!(parts.iter().all(|part| !part.ends_with("12") && !part.trim_start().starts_with('€')), "{parts:?}");
        assert_eq!(sentences(&"x".repeat(1_500)).iter().map(String::len).collect::<Vec<_>>(), [600, 600, 300]);
    }

    fn written() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "Returns are free",
            ". ",
            ".",
            "! ",
            "? ",
            "… ",
            "\n",
            "\n- ",
            " ",
            "  ",
            "[1]",
            " [2]",
            "[",
            "1",
            "]",
            "30",
            "3",
            "3. ",
            "Mai",
            "M",
            "z. B.",
            "e.g.",
            "No",
            "Dr",
            "€6.90",
            "6,90 €",
            "**",
            "\"",
            ")",
            "(",
            "You",
            "you",
            "é",
            "🙂",
            "–",
            "。",
        ]);
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_cuts_change_nothing(
            text in prop_oneof![written(), "\\PC{0,80}"],
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let whole = sentences(&text);
            prop_assert_eq!(whole.concat(), text.clone());
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            places.retain(|place| text.is_char_boundary(*place));
            places.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for place in places.into_iter().chain([text.len()]) {
                pieces.push(&text[from..place]);
                from = place;
            }
            prop_assert_eq!(in_pieces(&pieces), whole.clone());
            let letters: Vec<String> = text.chars().map(String::from).collect();
            prop_assert_eq!(in_pieces(&letters.iter().map(String::as_str).collect::<Vec<_>>()), whole);
        }

        #[test]
        fn run_ons_are_cut_alike_in_any_pieces(words in prop::collection::vec("[a-z0-9€]{1,9}", 150..260), size in 1usize..700) {
            let text = words.join(" ");
            let chars: Vec<char> = text.chars().collect();
            let pieces: Vec<String> = chars.chunks(size).map(|chunk| chunk.iter().collect()).collect();
            let parts = in_pieces(&pieces.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(parts.concat(), text.clone());
            prop_assert_eq!(parts, sentences(&text));
        }
    }
}
