//! Words of English and German as evidence: stems, stop words, and what a pronoun gives away.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Lower-cased runs of letters, digits and underscores.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The stems of the words that carry meaning, in order, repeated ones too.
pub(crate) fn stems(text: &str) -> Vec<String> {
    words(text).into_iter().filter(|word| !is_stop_word(word)).map(|word| stem(&word)).collect()
}

/// Cuts the endings that most often tell forms of one word apart. Both sides of a comparison go through it, so it need
/// not find the linguist's stem.
pub(crate) fn stem(word: &str) -> String {
    const ENDINGS: &[&str] = &[
        "ations", "ation", "ingly", "edly", "ments", "ment", "ities", "ity", "ness", "ings", "ing", "ies", "ers", "ed",
        "er", "es", "en", "em", "est", "ly", "s", "e", "n", "y",
    ];
    const SHORTEST: usize = 3;
    let mut stem = word.to_owned();
    while let Some(rest) =
        ENDINGS.iter().filter_map(|ending| stem.strip_suffix(ending)).find(|rest| rest.chars().count() >= SHORTEST)
    {
        stem = undouble(rest);
    }
    stem
}

/// `shipp` (from `shipping`) is `ship`.
fn undouble(stem: &str) -> String {
    let mut backwards = stem.chars().rev();
    let (last, before) = (backwards.next(), backwards.next());
    let mut stem = stem.to_owned();
    if last == before && last.is_some_and(|c| !"aeiouls".contains(c)) && stem.chars().count() > 3 {
        stem.pop();
    }
    stem
}

/// Whether the question needs an earlier line to be understood: it is very short, or starts by going on ("and …"), or
/// speaks of "it" and names nothing.
pub(super) fn leans_on_context(question: &str, short: usize) -> bool {
    const GOING_ON: &[&str] = &[
        "and",
        "but",
        "or",
        "also",
        "what about",
        "how about",
        "und",
        "aber",
        "oder",
        "auch",
        "was ist mit",
        "wie ist es mit",
    ];
    const POINTING: &[&str] =
        &["it", "its", "they", "them", "those", "these", "es", "ihn", "ihm", "dort", "davon", "dafür", "damit"];
    /// Also a conjunction or an article, so they point only where next to nothing else is said.
    const PERHAPS_POINTING: &[&str] =
        &["this", "that", "one", "ones", "there", "das", "diese", "dieser", "dieses", "sie"];
    let words = words(question);
    let lower = words.join(" ");
    let goes_on = GOING_ON.iter().any(|start| lower.starts_with(&format!("{start} ")));
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let content = stems(question).len();
    goes_on
        || (has(POINTING) && content <= 2)
        || (has(PERHAPS_POINTING) && content <= 1)
        || (words.len() < short && content <= 1)
}

/// Whether the words are German (`true`), English (`false`), or do not tell.
pub(crate) fn looks_german(text: &str) -> Option<bool> {
    let words = words(text);
    let count = |list: &HashSet<&str>| words.iter().filter(|word| list.contains(word.as_str())).count();
    let umlauts = text.chars().filter(|c| "äöüßÄÖÜ".contains(*c)).count().min(2);
    let (german, english) = (count(&GERMAN) + umlauts, count(&ENGLISH));
    match german.cmp(&english) {
        std::cmp::Ordering::Greater => Some(true),
        std::cmp::Ordering::Less => Some(false),
        std::cmp::Ordering::Equal => None,
    }
}

pub(crate) fn is_stop_word(word: &str) -> bool {
    ENGLISH.contains(word) || GERMAN.contains(word) || word.chars().count() == 1 && !word.chars().all(char::is_numeric)
}

static ENGLISH: LazyLock<HashSet<&str>> = LazyLock::new(|| ENGLISH_STOP_WORDS.iter().copied().collect());
static GERMAN: LazyLock<HashSet<&str>> = LazyLock::new(|| GERMAN_STOP_WORDS.iter().copied().collect());

const ENGLISH_STOP_WORDS: &[&str] = &[
    "a", "about", "after", "again", "all", "am", "an", "and", "any", "anything", "are", "as", "at", "be", "because",
    "been", "before", "being", "but", "by", "can", "cannot", "could", "did", "do", "does", "doing", "don", "each",
    "for", "from", "get", "give", "go", "had", "has", "have", "having", "he", "her", "here", "him", "his", "how", "i",
    "if", "in", "into", "is", "it", "its", "just", "know", "let", "like", "make", "may", "me", "more", "my", "need",
    "no", "not", "of", "off", "on", "once", "only", "or", "other", "our", "out", "over", "own", "please", "rather",
    "same", "shall", "she", "should", "so", "some", "such", "take", "tell", "than", "that", "the", "their", "them",
    "then", "there", "these", "they", "this", "those", "through", "to", "too", "under", "up", "us", "use", "used",
    "using", "very", "want", "was", "way", "we", "were", "what", "when", "where", "whether", "which", "while", "who",
    "why", "will", "with", "without", "would", "you", "your",
];

const GERMAN_STOP_WORDS: &[&str] = &[
    "aber", "alle", "als", "also", "am", "an", "auch", "auf", "aus", "bei", "bin", "bis", "bitte", "da", "damit",
    "dann", "das", "dass", "dein", "deine", "dem", "den", "denn", "der", "des", "dich", "die", "dies", "diese",
    "dieser", "dir", "doch", "du", "durch", "ein", "eine", "einem", "einen", "einer", "eines", "er", "es", "euch",
    "euer", "für", "gibt", "habe", "haben", "hat", "hier", "ich", "ihr", "ihre", "ihnen", "im", "in", "ist", "ja",
    "kann", "kein", "keine", "können", "man", "mein", "meine", "mich", "mir", "mit", "muss", "nach", "nicht", "noch",
    "nur", "ob", "oder", "ohne", "sein", "sich", "sie", "sind", "so", "über", "um", "und", "uns", "unser", "vom",
    "von", "vor", "wann", "war", "warum", "was", "wegen", "wenn", "wer", "werden", "wie", "wir", "wird", "wo", "zu",
    "zum", "zur",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for (one, other) in [
            ("shipping", "shipped"),
            ("returns", "return"),
            ("deliveries", "delivery"),
            ("database", "databases"),
            ("Pakete", "Paketen"),
        ] {
            assert_eq!(stems(one), stems(other));
        }
    }

    #[test]
    fn different_words_do_not_share_one() {
        assert_ne!(stems("shipping"), stems("shopping"));
        assert_ne!(stems("return"), stems("refund"));
    }

    #[test]
    fn a_question_that_points_back_leans_on_context() {
        for question in ["and to Austria?", "how much is it?", "What about boots?", "why?", "Und nach Österreich?"] {
            assert!(leans_on_context(question, 4), "{question}");
        }
        for question in ["How long does shipping to Austria take?", "Can I return a tent that I have used?"] {
            assert!(!leans_on_context(question, 4), "{question}");
        }
    }

    #[test]
    fn german_is_told_from_english() {
        assert_eq!(looks_german("Wie lange dauert der Versand?"), Some(true));
        assert_eq!(looks_german("How long does it take?"), Some(false));
        assert_eq!(looks_german("Versand"), None);
    }
}
