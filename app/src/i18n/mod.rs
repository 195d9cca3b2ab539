//! The words of the dashboard, one typed table a language.
//!
//! A text is a field of [`Messages`], so a language that lacks one does not compile. Texts with values in them are
//! functions. Why no library does this: `docs/decisions/0001-typed-message-tables.md`.

mod agent;
pub mod connections;
mod de;
mod en;
mod messages;
pub mod telemetry;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

pub use messages::{Messages, Time};

/// The cookie with the language that a user picked by hand.
pub const LOCALE_COOKIE: &str = "omniops_locale";

/// A language of the dashboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    #[default]
    En,
    De,
}

impl Locale {
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The language tag, for `<html lang>` and the cookie.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language's own name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    pub const fn messages(self) -> &'static Messages {
        match self {
            Self::En => &en::MESSAGES,
            Self::De => &de::MESSAGES,
        }
    }

    /// The language of a tag such as `de-AT`, if we speak it.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(primary))
    }

    /// The best language for an `Accept-Language` header (RFC 9110, 12.5.4): the highest weight that we speak,
    /// the earlier one among equals.
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in accept_language.split(',') {
            let mut parts = range.split(';');
            let Some(locale) = parts.next().and_then(Self::from_tag) else { continue };
            let weight = parts
                .find_map(|parameter| parameter.trim().strip_prefix("q=").map(|q| q.parse().unwrap_or(0.0)))
                .unwrap_or(1.0);
            if weight > best.map_or(0.0, |(best, _)| best) {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }
}

/// The words in the language of this page.
pub fn use_messages() -> &'static Messages {
    use_context::<Locale>().unwrap_or_default().messages()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_weight_that_we_speak_wins() {
        assert_eq!(Locale::negotiate("fr-CH, fr;q=0.9, de;q=0.8, en;q=0.7"), Some(Locale::De));
        assert_eq!(Locale::negotiate("en;q=0.5, de-AT;q=0.9"), Some(Locale::De));
        assert_eq!(Locale::negotiate("en-GB,en;q=0.9,de;q=0.8"), Some(Locale::En));
    }

    #[test]
    fn a_language_that_is_refused_or_unknown_is_not_taken() {
        assert_eq!(Locale::negotiate("de;q=0"), None);
        assert_eq!(Locale::negotiate("fr, ja"), None);
        assert_eq!(Locale::negotiate(""), None);
        assert_eq!(Locale::negotiate("de;q=nonsense"), None);
    }

    #[test]
    fn german_differs_from_english_where_it_should() {
        let (en, de) = (Locale::En.messages(), Locale::De.messages());
        assert_ne!(en.login.submit, de.login.submit);
        assert_ne!(
            (en.error)(omniops_types::ErrorCode::NotFound, None),
            (de.error)(omniops_types::ErrorCode::NotFound, None)
        );
    }
}
