//! Who uses this page and how they like it. Comes with the page from the server; a change of user, tenant or language
//! loads the page anew.

use leptos::prelude::*;
use omniops_types::{Me, Permission};
use serde::{Deserialize, Serialize};

use crate::error::AppError;
use crate::i18n::Locale;
use crate::state::browser;

/// The cookie with the chosen theme.
pub const THEME_COOKIE: &str = "omniops_theme";
/// The cookie that remembers whether the rail shows labels.
pub const RAIL_COOKIE: &str = "omniops_rail";

/// Light, dark, or what the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }

    /// `<html data-theme>`; absent leaves it to the system.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light | Self::Dark => Some(self.as_str()),
        }
    }
}

/// What the server knows about the reader before anything is rendered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    pub me: Option<Me>,
    pub locale: Locale,
    pub theme: Theme,
    pub rail_collapsed: bool,
    /// Not a production installation: the kit's gallery is there.
    pub development: bool,
}

impl Bootstrap {
    /// What the server provided for this request; the default where no request is, as when routes are listed.
    #[cfg(feature = "ssr")]
    pub fn from_request() -> Self {
        use_context::<crate::ssr::RequestContext>().map(|context| context.bootstrap()).unwrap_or_default()
    }

    #[cfg(not(feature = "ssr"))]
    pub fn from_request() -> Self {
        Self::default()
    }
}

/// The page's bootstrap.
pub fn use_bootstrap() -> Bootstrap {
    use_context().unwrap_or_default()
}

/// The signed-in user. Pages below `/dashboard` always have one.
pub fn use_me() -> Option<Me> {
    use_bootstrap().me
}

/// Whether the user may do this; the server decides again.
pub fn may(permission: Permission) -> bool {
    use_me().is_some_and(|me| me.current.role.allows(permission))
}

/// Goes to the log-in page when an error says that the session has ended. Browser only.
pub fn leave_if_signed_out(error: &AppError) {
    if error.code() == omniops_types::ErrorCode::Unauthenticated {
        browser::open(&login_path(&browser::current_path()));
    }
}

/// The log-in page that leads back to `path`.
pub fn login_path(path: &str) -> String {
    format!("/login?next={}", encode(path))
}

/// The log-in page that says why the form was refused, for browsers without script.
#[cfg(feature = "ssr")]
pub fn login_path_after(error: &AppError, next: Option<&str>) -> String {
    let mut path = format!("/login?failed={}", error.code());
    if let Some(seconds) = error.0.retry_after {
        path = format!("{path}&wait={seconds}");
    }
    match next {
        Some(next) if !next.is_empty() => format!("{path}&next={}", encode(next)),
        _ => path,
    }
}

/// Where to go after log-in: a path of our own, or the dashboard. An address of another site must not get through,
/// in whatever way browsers read it (`//host`, `/\host`, control characters).
pub fn safe_next(next: Option<&str>) -> String {
    match next {
        Some(next)
            if next.starts_with("/dashboard")
                && !next.contains(['\\', '#'])
                && next.chars().all(|c| c.is_ascii_graphic()) =>
        {
            next.to_owned()
        }
        _ => "/dashboard/conversations".to_owned(),
    }
}

/// Percent-encodes a query value (RFC 3986: all but unreserved characters and the slash).
pub fn encode(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_log_in_nobody_is_sent_to_another_site() {
        for hostile in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/dashboard\\..",
            "/\t/evil",
            "",
        ] {
            assert_eq!(safe_next(Some(hostile)), "/dashboard/conversations", "{hostile}");
        }
        assert_eq!(safe_next(None), "/dashboard/conversations");
    }

    #[test]
    fn the_page_asked_for_is_reached_after_log_in() {
        let path = "/dashboard/conversations/0190?view=mine&status=open";
        assert_eq!(safe_next(Some(path)), path);
        assert_eq!(login_path(path), "/login?next=/dashboard/conversations/0190%3Fview%3Dmine%26status%3Dopen");
    }

    #[test]
    fn only_a_chosen_theme_is_written_into_the_page() {
        assert_eq!(Theme::parse("dark").and_then(Theme::attribute), Some("dark"));
        assert_eq!(Theme::System.attribute(), None);
        assert_eq!(Theme::parse("\"><script>"), None);
    }
}
