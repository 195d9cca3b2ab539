//! The only texts of the extractive answerer that no page holds.

use super::words;

/// The fixed texts of one language. None of them states anything about the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Phrases {
    /// In place of an answer that no page has.
    pub not_found: &'static str,
    /// Said once after it.
    pub offer: &'static str,
    pub greeting: &'static str,
    pub thanks: &'static str,
    pub goodbye: &'static str,
    /// To who asks whether a person writes here.
    pub who_answers: &'static str,
    /// What stands around a question that is repeated.
    pub quotes: (char, char),
}

pub(super) const ENGLISH: Phrases = Phrases {
    not_found: "I could not find an answer to that on our pages.",
    offer: "Would you like to talk to a person? I can pass your question on.",
    greeting: "Hello! What would you like to know?",
    thanks: "You are welcome. Is there anything else you would like to know?",
    goodbye: "Goodbye! Write again whenever you like.",
    who_answers: "I am an AI assistant, not a person, and I answer from our pages. If you would like to talk to a person, say so at any time.",
    quotes: ('“', '”'),
};

pub(super) const GERMAN: Phrases = Phrases {
    not_found: "Dazu habe ich auf unseren Seiten keine Antwort gefunden.",
    offer: "Möchten Sie mit einem Menschen sprechen? Ich gebe Ihre Frage gern weiter.",
    greeting: "Hallo! Was möchten Sie wissen?",
    thanks: "Gern geschehen. Möchten Sie noch etwas wissen?",
    goodbye: "Auf Wiedersehen! Schreiben Sie jederzeit wieder.",
    who_answers: "Ich bin ein KI-Assistent, kein Mensch, und antworte aus unseren Seiten. Wenn Sie mit einem Menschen sprechen möchten, sagen Sie es jederzeit.",
    quotes: ('„', '“'),
};

impl Phrases {
    /// By the question's own language where its words tell, else by the browser's locale, else English.
    pub fn of(locale: Option<&str>, question: &str) -> Self {
        let german = words::looks_german(question)
            .unwrap_or_else(|| locale.is_some_and(|locale| locale.to_ascii_lowercase().starts_with("de")));
        if german { GERMAN } else { ENGLISH }
    }
}
