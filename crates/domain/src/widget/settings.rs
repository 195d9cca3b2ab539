//! What a tenant may set on a widget, checked.

use omniops_types::{AutoOpen, ConsentConfig, FieldErrors, LauncherPosition, WidgetConfig, WidgetSettings};
use sha2::{Digest, Sha256};
use url::Url;

use super::{MAX_CUSTOMER_MESSAGE_CHARS, texts, theme};
use crate::customers::Language;
use crate::{Error, Result};

const COLOR_SCHEMES: [&str; 3] = ["auto", "light", "dark"];
const LATEST_AUTO_OPEN_SECONDS: u32 = 3_600;

/// The settings with texts trimmed and empty ones taken out, or what is wrong with which field.
pub(super) fn checked(mut settings: WidgetSettings) -> Result<WidgetSettings> {
    let mut errors = FieldErrors::new();
    let mut refuse = |field: &str, problem: String| drop(errors.insert(field.to_owned(), problem));
    for (field, value, limit) in [
        ("title", &mut settings.title, 80),
        ("greeting", &mut settings.greeting, 500),
        ("ai_disclosure", &mut settings.ai_disclosure, 500),
        ("reply_time", &mut settings.reply_time, 160),
        ("input_placeholder", &mut settings.input_placeholder, 120),
        ("consent_text", &mut settings.consent_text, 2_000),
        ("policy_url", &mut settings.policy_url, 2_000),
        ("accent", &mut settings.accent, 7),
        ("color_scheme", &mut settings.color_scheme, 10),
    ] {
        *value = value.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if value.as_ref().is_some_and(|text| text.chars().count() > limit) {
            refuse(field, format!("at most {limit} characters"));
        } else if value.as_ref().is_some_and(|text| text.contains('\0')) {
            refuse(field, "must not contain NUL characters".to_owned());
        }
    }
    if settings.accent.as_deref().is_some_and(|accent| !theme::is_colour(accent)) {
        refuse("accent", "must be a colour such as #4338ca".to_owned());
    }
    if settings.color_scheme.as_deref().is_some_and(|scheme| !COLOR_SCHEMES.contains(&scheme)) {
        refuse("color_scheme", "must be auto, light or dark".to_owned());
    }
    let is_web_address = |text: &str| Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if settings.policy_url.as_deref().is_some_and(|url| !is_web_address(url)) {
        refuse("policy_url", "must be an http or https address".to_owned());
    }
    if settings.auto_open_after_seconds.is_some_and(|seconds| seconds > LATEST_AUTO_OPEN_SECONDS) {
        refuse("auto_open_after_seconds", format!("at most {LATEST_AUTO_OPEN_SECONDS}"));
    }
    if errors.is_empty() { Ok(settings) } else { Err(Error::InvalidFields(errors)) }
}

/// What the widget makes of the settings, for a visitor of this language.
pub(super) fn widget_config(
    host: &str,
    version: i64,
    settings: &WidgetSettings,
    tenant_name: &str,
    language: Language,
) -> WidgetConfig {
    WidgetConfig {
        domain: host.to_owned(),
        version,
        theme: theme::theme(
            settings.accent.as_deref().unwrap_or(theme::DEFAULT_ACCENT),
            settings.position.unwrap_or(LauncherPosition::BottomRight),
            settings.color_scheme.as_deref().unwrap_or("auto"),
        ),
        texts: texts::texts(settings, tenant_name, language),
        consent: ConsentConfig {
            required: settings.consent_required,
            text: settings.consent_text.clone().unwrap_or_else(|| texts::consent_text(language).to_owned()),
            version: consent_version(settings),
            policy_url: settings.policy_url.clone(),
        },
        auto_open: settings.auto_open_after_seconds.map(|after_seconds| AutoOpen { after_seconds }),
        max_message_chars: MAX_CUSTOMER_MESSAGE_CHARS as u32,
    }
}

/// Changes whenever the words that a visitor agrees to do, and not with the language in which our own are shown.
pub(super) fn consent_version(settings: &WidgetSettings) -> String {
    let Some(text) = &settings.consent_text else { return "default-1".to_owned() };
    let mut hash = Sha256::new();
    hash.update(text.as_bytes());
    hash.update([0]);
    hash.update(settings.policy_url.as_deref().unwrap_or_default().as_bytes());
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_named_field_by_field() {
        let settings = WidgetSettings {
            accent: Some("red".to_owned()),
            color_scheme: Some("sepia".to_owned()),
            policy_url: Some("javascript:alert(1)".to_owned()),
            title: Some("x".repeat(81)),
            auto_open_after_seconds: Some(4_000),
            ..Default::default()
        };
        let Err(Error::InvalidFields(fields)) = checked(settings) else { panic!("accepted") };
        let names: Vec<_> = fields.keys().map(String::as_str).collect();
        assert_eq!(names, ["accent", "auto_open_after_seconds", "color_scheme", "policy_url", "title"]);
    }

    #[test]
    fn an_empty_text_takes_the_default() {
        let settings = checked(WidgetSettings { greeting: Some("  ".to_owned()), ..Default::default() }).unwrap();
        assert_eq!(settings.greeting, None);
        let config = widget_config("shop.example", 1, &settings, "Shop", Language::German);
        assert_eq!(config.texts.greeting, "Hallo! Wie können wir helfen?");
    }

    #[test]
    fn the_consent_version_follows_the_words() {
        let with = |text: &str| WidgetSettings { consent_text: Some(text.to_owned()), ..Default::default() };
        assert_eq!(consent_version(&with("a")), consent_version(&with("a")));
        assert_ne!(consent_version(&with("a")), consent_version(&with("b")));
        assert_ne!(consent_version(&with("a")), consent_version(&WidgetSettings::default()));
    }
}
