//! When a person is offered, or called, without the model's doing. Pure.

use omniops_llm::{Speaker, Turn as HistoryTurn};
use omniops_types::{EscalationAction, EscalationSettings};

/// Why a person is offered or called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trigger {
    Frustration,
    Loop,
    LowConfidence,
    Rule,
}

impl Trigger {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Frustration => "frustration",
            Self::Loop => "loop",
            Self::LowConfidence => "low_confidence",
            Self::Rule => "rule",
        }
    }
}

/// Words that tell of anger whatever stands around them, in small letters.
const ANGRY: &[&str] = &[
    "useless",
    "ridiculous",
    "unacceptable",
    "terrible",
    "awful",
    "stupid bot",
    "stupid",
    "are you kidding",
    "waste of time",
    "this is a joke",
    "fed up",
    "angry",
    "furious",
    "not helpful",
    "doesn't help",
    "does not help",
    "wtf",
    "scam",
    "unverschämt",
    "nutzlos",
    "lächerlich",
    "frechheit",
    "hilft mir nicht",
    "hilft nicht",
    "sauer",
    "wütend",
    "verarscht",
    "blöder bot",
    "zeitverschwendung",
    "katastrophe",
];
/// Shouting: this many letters at least, nearly all of them capitals.
const SHOUTED_LETTERS: usize = 12;
/// How much of its words a question shares with another to be the same again.
const SAME: f32 = 0.6;

/// Rules of the tenant for the customer's message, the strongest that fits.
pub(crate) fn ruled(settings: &EscalationSettings, question: &str) -> Option<EscalationAction> {
    let text = padded(question);
    let fits = |words: &[String]| words.iter().any(|word| text.contains(&padded(word)));
    let actions = settings.rules.iter().filter(|rule| fits(&rule.words)).map(|rule| rule.action);
    actions.max_by_key(|action| *action == EscalationAction::Handoff)
}

/// Whether to offer a person before anything was answered.
pub(crate) fn offered_for(settings: &EscalationSettings, question: &str, history: &[HistoryTurn]) -> Option<Trigger> {
    if settings.on_frustration && is_frustrated(question) {
        return Some(Trigger::Frustration);
    }
    (settings.on_loop && asked_thrice(question, history)).then_some(Trigger::Loop)
}

pub(crate) fn is_frustrated(text: &str) -> bool {
    let lower = padded(text);
    if ANGRY.iter().any(|word| lower.contains(&padded(word))) || text.contains("!!!") || text.contains("???") {
        return true;
    }
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    let capitals = letters.iter().filter(|c| c.is_uppercase()).count();
    letters.len() >= SHOUTED_LETTERS && capitals * 10 >= letters.len() * 9 && text.contains(char::is_whitespace)
}

/// The customer's last two lines, with answers between, ask what this one asks.
fn asked_thrice(question: &str, history: &[HistoryTurn]) -> bool {
    let mut lines: Vec<&str> = Vec::new();
    let mut speaker = None;
    for turn in history {
        if turn.speaker == Speaker::Customer && speaker != Some(Speaker::Customer) {
            lines.push(&turn.text);
        }
        speaker = Some(turn.speaker);
    }
    let asked = words(question);
    let mut before = lines.iter().rev().take(2);
    asked.len() >= 2 && lines.len() >= 2 && before.all(|line| likeness(&asked, &words(line)) >= SAME)
}

/// Shared words ÷ all words (Jaccard).
fn likeness(one: &[String], other: &[String]) -> f32 {
    let shared = one.iter().filter(|word| other.contains(word)).count();
    let all = one.len() + other.iter().filter(|word| !one.contains(word)).count();
    if all == 0 { 0.0 } else { shared as f32 / all as f32 }
}

fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 2)
        .map(str::to_lowercase)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// In small letters with one space between words and around all, so that a phrase is found as whole words.
fn padded(text: &str) -> String {
    let lower = text.to_lowercase().replace('’', "'");
    let words: Vec<&str> =
        lower.split(|c: char| !(c.is_alphanumeric() || c == '\'')).filter(|word| !word.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

#[cfg(test)]
mod tests {
    use omniops_types::EscalationRule;

    use super::*;

    fn said(speaker: Speaker, text: &str) -> HistoryTurn {
        HistoryTurn { speaker, text: text.to_owned() }
    }

    #[test]
    fn anger_is_told_from_interest() {
        for text in [
            "This is useless",
            "WHERE IS MY PARCEL NOW",
            "I have asked this twice!!!",
            "Das hilft mir nicht weiter",
            "so a waste of time",
        ] {
            assert!(is_frustrated(text), "{text}");
        }
        for text in [
            "Where is my parcel?",
            "Do you have the TARN 4 in XL?",
            "SKOG60RUCKSACK",
            "Is the used less tent cheaper?",
            "Wie sauber muss das Zelt sein?",
            "",
        ] {
            assert!(!is_frustrated(text), "{text}");
        }
    }

    #[test]
    fn the_third_time_of_the_same_question_is_a_loop() {
        let history = [
            said(Speaker::Customer, "How long does shipping to Austria take?"),
            said(Speaker::Assistant, "I could not find that."),
            said(Speaker::Customer, "But how long does the shipping to Austria take?"),
            said(Speaker::Assistant, "I could not find that."),
        ];
        let settings = EscalationSettings::default();
        assert_eq!(offered_for(&settings, "how long does shipping to austria take", &history), Some(Trigger::Loop));
        assert_eq!(offered_for(&settings, "And what does the tent weigh?", &history), None);
        assert_eq!(offered_for(&settings, "how long does shipping to austria take", &history[..2]), None);
    }

    #[test]
    fn rules_look_for_whole_words_and_the_stronger_wins() {
        let rule = |words: &[&str], action| EscalationRule {
            words: words.iter().map(|&word| word.to_owned()).collect(),
            action,
        };
        let settings = EscalationSettings {
            rules: vec![
                rule(&["lawyer", "data breach"], EscalationAction::Offer),
                rule(&["injured"], EscalationAction::Handoff),
            ],
            ..EscalationSettings::default()
        };
        assert_eq!(ruled(&settings, "I will ask my LAWYER."), Some(EscalationAction::Offer));
        assert_eq!(ruled(&settings, "My lawyer says I was injured"), Some(EscalationAction::Handoff));
        assert_eq!(ruled(&settings, "was there a data-breach?"), Some(EscalationAction::Offer));
        assert_eq!(ruled(&settings, "lawyers welcome?"), None);
    }
}
