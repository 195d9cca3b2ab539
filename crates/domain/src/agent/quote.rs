//! Which words of a cited passage are shown beside an answer.

use std::collections::HashSet;

use crate::knowledge::sentences_of;

/// The longest quote, in characters.
const MAX_QUOTE: usize = 400;

/// The sentence of the passage that shares most with the answer, word for word; the passage's beginning where none does.
pub(crate) fn best_quote(passage: &str, answer: &str) -> String {
    let said = words(answer);
    let scored = sentences_of(passage).into_iter().filter_map(|range| passage.get(range)).map(|sentence| {
        let words = words(sentence);
        let shared = words.iter().filter(|word| said.contains(*word)).count();
        // A short sentence that is all said again is nearer than a long one that happens to share as much.
        (shared * shared * 1_000 / words.len().max(1), sentence)
    });
    let best = scored.max_by_key(|(score, _)| *score);
    let quote = best.filter(|(score, _)| *score > 0).map_or(passage, |(_, sentence)| sentence).trim();
    match quote.char_indices().nth(MAX_QUOTE) {
        None => quote.to_owned(),
        Some((end, _)) => {
            let cut = quote.get(..end).unwrap_or_default();
            cut.rsplit_once(char::is_whitespace).map_or(cut, |(whole, _)| whole).to_owned()
        }
    }
}

fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_that_the_answer_rests_on_is_quoted_word_for_word() {
        let passage =
            "We ship on weekdays. Standard delivery to Austria costs €6.90 and takes 3 days. Gifts can be wrapped.";
        let quote = best_quote(passage, "Shipping to Austria is €6.90. [1]");
        assert_eq!(quote, "Standard delivery to Austria costs €6.90 and takes 3 days.");
    }

    #[test]
    fn a_long_passage_is_cut_between_words() {
        let quote = best_quote(&"word ".repeat(200), "nothing of it");
        assert!(quote.chars().count() <= MAX_QUOTE && quote.ends_with("word"), "{quote}");
    }
}
