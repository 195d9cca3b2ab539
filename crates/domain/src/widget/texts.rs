//! What the widget says when the tenant did not say it otherwise.

use omniops_types::{WidgetSettings, WidgetTexts};

use crate::customers::Language;

/// The panel's words: the tenant's where set, else ours in the visitor's language.
pub(super) fn texts(settings: &WidgetSettings, tenant_name: &str, language: Language) -> WidgetTexts {
    let or = |own: &Option<String>, english: &str, german: &str| {
        own.clone().unwrap_or_else(|| in_language(language, english, german).to_owned())
    };
    WidgetTexts {
        title: settings.title.clone().unwrap_or_else(|| tenant_name.to_owned()),
        greeting: or(&settings.greeting, "Hello! How can we help?", "Hallo! Wie können wir helfen?"),
        ai_disclosure: or(
            &settings.ai_disclosure,
            "You are chatting with an AI assistant. It answers from our pages, and you can ask for a person at any time.",
            "Sie chatten mit einem KI-Assistenten. Er antwortet aus unseren Seiten, und Sie können jederzeit nach einem \
             Menschen fragen.",
        ),
        reply_time: or(
            &settings.reply_time,
            "We usually reply within a few hours.",
            "Wir antworten meist in wenigen Stunden.",
        ),
        input_placeholder: or(&settings.input_placeholder, "Write a message…", "Nachricht schreiben …"),
    }
}

pub(super) fn consent_text(language: Language) -> &'static str {
    in_language(
        language,
        "We store what you write here to answer you. You can ask us to delete it at any time.",
        "Wir speichern, was Sie hier schreiben, um Ihnen zu antworten. Sie können jederzeit die Löschung verlangen.",
    )
}

/// Said when a person was asked for: what happens now, and when.
pub(crate) fn handoff_text(language: Language, reply_time: &str) -> String {
    let happens = in_language(
        language,
        "I have passed your conversation to the team; a person will answer you here.",
        "Ich habe Ihr Gespräch an das Team weitergegeben; ein Mensch antwortet Ihnen hier.",
    );
    format!("{happens} {reply_time}")
}

/// Said when the answerer failed.
pub(crate) fn fallback_text(language: Language) -> &'static str {
    in_language(
        language,
        "Sorry, I could not look that up just now. Please try again in a moment, or ask for a person and the team will \
         answer you here.",
        "Entschuldigung, das konnte ich gerade nicht nachsehen. Bitte versuchen Sie es gleich noch einmal, oder fragen \
         Sie nach einem Menschen, dann antwortet Ihnen das Team hier.",
    )
}

fn in_language<'a>(language: Language, english: &'a str, german: &'a str) -> &'a str {
    match language {
        Language::English => english,
        Language::German => german,
    }
}
