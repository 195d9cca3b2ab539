//! The words of the panel's own controls. What the tenant says (greeting, disclosure, consent) comes with the
//! configuration instead.

use omniops_types::FeedbackReason;

/// Every text of the chrome in one language. `{}` stands for what the caller fills in.
#[derive(Debug, PartialEq, Eq)]
pub struct Strings {
    /// BCP 47, for dates and the `lang` attribute.
    pub tag: &'static str,
    pub close: &'static str,
    pub menu: &'static str,
    pub loading: &'static str,
    pub messages: &'static str,
    pub message: &'static str,
    pub send: &'static str,
    pub you: &'static str,
    pub ai_name: &'static str,
    pub ai_badge: &'static str,
    pub ai_badge_long: &'static str,
    pub team: &'static str,
    pub sources: &'static str,
    pub source: &'static str,
    pub new_tab: &'static str,
    pub thinking: &'static str,
    pub searching: &'static str,
    pub is_typing: &'static str,
    pub talk_to_person: &'static str,
    pub asking_for_person: &'static str,
    pub handoff_failed: &'static str,
    pub waiting_for_person: &'static str,
    pub talking_to: &'static str,
    pub resolved: &'static str,
    pub sending: &'static str,
    pub not_sent: &'static str,
    pub refused: &'static str,
    pub retry: &'static str,
    pub wait: &'static str,
    pub answer_failed: &'static str,
    pub helpful: &'static str,
    pub unhelpful: &'static str,
    pub thanks: &'static str,
    pub opinion_failed: &'static str,
    pub what_was_wrong: &'static str,
    /// In the order of `FeedbackReason::ALL`.
    pub reasons: [&'static str; FeedbackReason::ALL.len()],
    pub comment: &'static str,
    pub send_comment: &'static str,
    pub offline: &'static str,
    pub reconnecting: &'static str,
    pub load_failed: &'static str,
    pub consent_title: &'static str,
    pub consent_agree: &'static str,
    pub consent_decline: &'static str,
    pub consent_failed: &'static str,
    pub policy: &'static str,
    pub withdraw: &'static str,
    pub erase: &'static str,
    pub erase_text: &'static str,
    pub erase_agree: &'static str,
    pub erase_decline: &'static str,
    pub erase_failed: &'static str,
    pub older: &'static str,
    pub newest: &'static str,
    pub chars_left: &'static str,
    pub too_long: &'static str,
}

static ENGLISH: Strings = Strings {
    tag: "en",
    close: "Close chat",
    menu: "More options",
    loading: "Loading the chat",
    messages: "Messages",
    message: "Your message",
    send: "Send message",
    you: "You",
    ai_name: "Assistant",
    ai_badge: "AI",
    ai_badge_long: "Written by an AI",
    team: "Team",
    sources: "Sources",
    source: "Source {}",
    new_tab: "opens in a new tab",
    thinking: "Writing an answer",
    searching: "Searching the help pages",
    is_typing: "{} is typing",
    talk_to_person: "Talk to a person",
    asking_for_person: "Asking for a person…",
    handoff_failed: "That did not reach us. Please try again.",
    waiting_for_person: "You are in the queue. A person will answer here.",
    talking_to: "You are talking to {}.",
    resolved: "This conversation is closed. Write to open it again.",
    sending: "Sending…",
    not_sent: "Not sent.",
    refused: "This message cannot be sent.",
    retry: "Try again",
    wait: "Busy right now. Trying again in {} s…",
    answer_failed: "The answer did not arrive.",
    helpful: "Helpful",
    unhelpful: "Not helpful",
    thanks: "Thanks for your feedback.",
    opinion_failed: "That was not saved. Please try again.",
    what_was_wrong: "What was wrong?",
    reasons: ["Incorrect", "Incomplete", "Off topic", "Out of date", "Tone", "Too slow", "Something else"],
    comment: "Anything to add? (optional)",
    send_comment: "Send feedback",
    offline: "You are offline. Your messages are kept and sent when you are back.",
    reconnecting: "Connection lost. Reconnecting…",
    load_failed: "The chat could not be loaded.",
    consent_title: "Before we start",
    consent_agree: "Agree and chat",
    consent_decline: "No, thanks",
    consent_failed: "Your answer could not be saved. Please try again.",
    policy: "Privacy policy",
    withdraw: "Withdraw consent",
    erase: "Delete my data",
    erase_text: "This deletes your conversations for good, here and at the shop.",
    erase_agree: "Delete for good",
    erase_decline: "Keep",
    erase_failed: "Nothing was deleted yet. Please try again.",
    older: "Show older messages",
    newest: "Newest messages",
    chars_left: "{} characters left",
    too_long: "{} characters too many",
};

static GERMAN: Strings = Strings {
    tag: "de",
    close: "Chat schließen",
    menu: "Weitere Optionen",
    loading: "Der Chat wird geladen",
    messages: "Nachrichten",
    message: "Ihre Nachricht",
    send: "Nachricht senden",
    you: "Sie",
    ai_name: "Assistent",
    ai_badge: "KI",
    ai_badge_long: "Von einer KI geschrieben",
    team: "Team",
    sources: "Quellen",
    source: "Quelle {}",
    new_tab: "öffnet in neuem Tab",
    thinking: "Antwort wird geschrieben",
    searching: "Die Hilfeseiten werden durchsucht",
    is_typing: "{} schreibt",
    talk_to_person: "Mit einem Menschen sprechen",
    asking_for_person: "Wir holen jemanden dazu…",
    handoff_failed: "Das hat uns nicht erreicht. Bitte versuchen Sie es noch einmal.",
    waiting_for_person: "Sie sind in der Warteschlange. Ein Mensch antwortet Ihnen hier.",
    talking_to: "Sie sprechen mit {}.",
    resolved: "Diese Unterhaltung ist beendet. Schreiben Sie, um sie wieder zu öffnen.",
    sending: "Wird gesendet…",
    not_sent: "Nicht gesendet.",
    refused: "Diese Nachricht kann nicht gesendet werden.",
    retry: "Erneut versuchen",
    wait: "Gerade ist viel los. Neuer Versuch in {} s…",
    answer_failed: "Die Antwort ist nicht angekommen.",
    helpful: "Hilfreich",
    unhelpful: "Nicht hilfreich",
    thanks: "Danke für Ihre Rückmeldung.",
    opinion_failed: "Das wurde nicht gespeichert. Bitte versuchen Sie es noch einmal.",
    what_was_wrong: "Was war nicht gut?",
    reasons: ["Falsch", "Unvollständig", "Am Thema vorbei", "Veraltet", "Tonfall", "Zu langsam", "Etwas anderes"],
    comment: "Noch etwas? (freiwillig)",
    send_comment: "Rückmeldung senden",
    offline: "Sie sind offline. Ihre Nachrichten bleiben erhalten und werden später gesendet.",
    reconnecting: "Verbindung verloren. Wird wiederhergestellt…",
    load_failed: "Der Chat konnte nicht geladen werden.",
    consent_title: "Bevor es losgeht",
    consent_agree: "Zustimmen und chatten",
    consent_decline: "Nein, danke",
    consent_failed: "Ihre Antwort konnte nicht gespeichert werden. Bitte versuchen Sie es noch einmal.",
    policy: "Datenschutzerklärung",
    withdraw: "Einwilligung widerrufen",
    erase: "Meine Daten löschen",
    erase_text: "Ihre Unterhaltungen werden hier und beim Shop endgültig gelöscht.",
    erase_agree: "Endgültig löschen",
    erase_decline: "Behalten",
    erase_failed: "Es wurde noch nichts gelöscht. Bitte versuchen Sie es noch einmal.",
    older: "Ältere Nachrichten anzeigen",
    newest: "Neueste Nachrichten",
    chars_left: "Noch {} Zeichen",
    too_long: "{} Zeichen zu viel",
};

/// The words for a language tag such as `de-AT`; English when we do not speak it.
pub fn strings(tag: &str) -> &'static Strings {
    match language(tag).as_str() {
        "de" => &GERMAN,
        _ => &ENGLISH,
    }
}

/// Whether a language is written from right to left.
pub fn is_right_to_left(tag: &str) -> bool {
    matches!(language(tag).as_str(), "ar" | "fa" | "he" | "ur")
}

/// Puts a value into the place of `{}`.
pub fn fill(pattern: &str, value: &str) -> String {
    let (before, rest) = pattern.split_once('{').unwrap_or((pattern, ""));
    [before, value, rest.strip_prefix('}').unwrap_or(rest)].concat()
}

fn language(tag: &str) -> String {
    tag.split(['-', '_']).next().unwrap_or(tag).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_region_does_not_change_the_language() {
        assert_eq!(strings("de-AT").tag, "de");
        assert_eq!(strings("DE").tag, "de");
        assert_eq!(strings("en_GB").tag, "en");
    }

    #[test]
    fn a_language_that_we_do_not_speak_gets_english() {
        assert_eq!(strings("fr").tag, "en");
        assert_eq!(strings("").tag, "en");
    }

    #[test]
    fn arabic_reads_from_right_to_left() {
        assert!(is_right_to_left("ar-EG"));
        assert!(!is_right_to_left("de"));
    }

    #[test]
    fn a_value_takes_the_place_of_the_braces() {
        assert_eq!(fill(ENGLISH.is_typing, "Ana"), "Ana is typing");
        assert_eq!(fill(GERMAN.wait, "7"), "Gerade ist viel los. Neuer Versuch in 7 s…");
    }
}
