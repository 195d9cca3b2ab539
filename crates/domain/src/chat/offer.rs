//! The customer's answer to "Would you like to talk to a person?".
//!
//! That this was asked last is read from the receipt of the last line, which keeps the answerer's verdict; its words are
//! never compared, so that they may change and other answerers may have their own.

use crate::customers::Language;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfferAnswer {
    Accepted,
    /// In this language: "no" and "nein" tell it better than the browser.
    Refused(Language),
}

const YES: &[&str] =
    &["yes", "yeah", "yep", "yup", "sure", "ok", "okay", "ja", "jo", "jawohl", "gern", "gerne", "klar", "absolutely"];
/// In the other languages that an assistant can be set to speak. A "no" in them is the answerer's to take.
const YES_ELSEWHERE: &[&str] = &[
    "oui",
    "sí",
    "si",
    "sì",
    "certo",
    "claro",
    "sim",
    "graag",
    "kyllä",
    "joo",
    "ano",
    "áno",
    "да",
    "ναι",
    "evet",
    "так",
    "نعم",
    "はい",
    "お願いします",
    "是",
    "是的",
    "好",
    "好的",
];
const AROUND_ELSEWHERE: &[&str] = &[
    // "Thanks" in Danish and Norwegian, and by itself no "yes" for it means that only in Polish.
    "tak",
    "merci",
    "s'il",
    "vous",
    "plaît",
    "te",
    "gracias",
    "por",
    "favor",
    "grazie",
    "per",
    "favore",
    "volentieri",
    "obrigado",
    "obrigada",
    "dank",
    "bedankt",
    "tack",
    "takk",
    "kiitos",
    "proszę",
    "dziękuję",
    "prosím",
    "děkuji",
    "ďakujem",
    "kérem",
    "köszönöm",
    "mulțumesc",
    "моля",
    "hvala",
    "molim",
    "παρακαλώ",
    "ευχαριστώ",
    "lütfen",
    "teşekkürler",
    "будь",
    "ласка",
    "дякую",
    "شكرا",
    "谢谢",
];
const NO: &[&str] = &["no", "nope", "nah"];
const NEIN: &[&str] = &["nein", "nö", "nee"];
/// What politeness and emphasis put around either.
const AROUND: &[&str] = &[
    "please",
    "pls",
    "thanks",
    "thank",
    "you",
    "that",
    "would",
    "be",
    "great",
    "good",
    "nice",
    "i",
    "do",
    "of",
    "course",
    "not",
    "needed",
    "necessary",
    "it's",
    "its",
    "is",
    "fine",
    "all",
    "right",
    "it",
    "bitte",
    "danke",
    "vielen",
    "dank",
    "sehr",
    "das",
    "wäre",
    "gut",
    "nett",
    "nicht",
    "nötig",
    "schon",
];
const MAX_WORDS: usize = 7;

impl OfferAnswer {
    /// `None` for what is more than a yes or a no: a question of its own.
    pub(super) fn of(text: &str) -> Option<Self> {
        let words = words(text);
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let is_in = |lists: &[&[&str]], word: &String| lists.iter().any(|list| list.contains(&word.as_str()));
        let is_yes = |word: &String| is_in(&[YES, YES_ELSEWHERE], word);
        let is_polite_yes = |word: &String| is_yes(word) || is_in(&[AROUND_ELSEWHERE], word);
        if words.iter().any(is_yes) && words.len() <= MAX_WORDS && words.iter().all(is_polite_yes) {
            return Some(Self::Accepted);
        }
        let known = |word: &String| is_in(&[YES, NO, NEIN, AROUND], word);
        if words.len() > MAX_WORDS || !words.iter().all(known) {
            return None;
        }
        // "No, that's ok" refuses.
        if has(NEIN) {
            Some(Self::Refused(Language::German))
        } else if has(NO) {
            Some(Self::Refused(Language::English))
        } else {
            (has(YES) || is_please(&words)).then_some(Self::Accepted)
        }
    }
}

/// Said to a customer who wants no person.
pub(super) const fn refused_text(language: Language) -> &'static str {
    match language {
        Language::English => "All right. Ask me anything else whenever you like.",
        Language::German => "In Ordnung. Fragen Sie mich gern jederzeit etwas anderes.",
    }
}

/// "Please", "please do", "bitte".
fn is_please(words: &[String]) -> bool {
    words.first().is_some_and(|first| first == "please" || first == "bitte")
        && words.iter().skip(1).all(|word| word == "do")
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'))
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().replace('’', "'").replace("that's", "that"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_is_told_from_a_no() {
        for yes in
            ["yes", "Yes please!", "sure", "ok", "OK, thanks", "ja", "Ja, bitte.", "gerne", "yes, that would be great"]
        {
            assert_eq!(OfferAnswer::of(yes), Some(OfferAnswer::Accepted), "{yes}");
        }
        for no in ["no", "No thanks", "no, it's ok", "No, that’s fine", "nope", "not needed, no"] {
            assert_eq!(OfferAnswer::of(no), Some(OfferAnswer::Refused(Language::English)), "{no}");
        }
        for nein in ["nein", "Nein danke", "nein, nicht nötig"] {
            assert_eq!(OfferAnswer::of(nein), Some(OfferAnswer::Refused(Language::German)), "{nein}");
        }
        for oui in ["Oui, s'il vous plaît.", "sí, gracias", "Sì, grazie", "ja graag", "Ja tak", "evet, lütfen", "はい"]
        {
            assert_eq!(OfferAnswer::of(oui), Some(OfferAnswer::Accepted), "{oui}");
        }
    }

    #[test]
    fn more_than_that_is_a_question() {
        for text in [
            "",
            "?",
            "thanks",
            "not needed",
            "yes, how much is shipping?",
            "no shipping costs?",
            "do you ship to Norway",
            "non merci",
            "Tak!",
            "da",
            "oui, combien ?",
        ] {
            assert_eq!(OfferAnswer::of(text), None, "{text}");
        }
    }
}
