//! Settings as texts, before anybody knows what they mean.
//!
//! Figment guesses types in environment variables (a password `12345` becomes a number), so both sources are
//! read as texts and parsed by whoever knows the type.

use std::collections::BTreeMap;
use std::str::FromStr;

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::Value;
use secrecy::SecretString;

/// Every variable that may be set, and whether its value is secret. In `omniops.toml` the same names, in lower
/// case and without the `OMNIOPS_` in front.
const KNOWN: &[(&str, bool)] = &[
    ("OMNIOPS_ADDR", false),
    ("OMNIOPS_PUBLIC_URL", false),
    ("OMNIOPS_PRODUCTION", false),
    ("OMNIOPS_TRUSTED_PROXIES", false),
    ("OMNIOPS_SITE_DIR", false),
    ("OMNIOPS_MAX_IN_FLIGHT", false),
    ("OMNIOPS_DATA_DIR", false),
    ("OMNIOPS_TOOLS_DIR", false),
    ("DATABASE_URL", true),
    ("OMNIOPS_DATABASE_CONNECTIONS", false),
    ("OMNIOPS_MASTER_KEY", true),
    ("OMNIOPS_ALLOW_PRIVATE_HOSTS", false),
    ("OPENAI_API_KEY", true),
    ("OPENAI_BASE_URL", false),
    ("OMNIOPS_LLM_MODEL", false),
    ("OMNIOPS_LLM_FALLBACK_MODEL", false),
    ("OMNIOPS_EMBEDDINGS", false),
    ("OMNIOPS_DEMO_EMAIL", false),
    ("OMNIOPS_DEMO_PASSWORD", true),
    ("SMTP_URL", true),
    ("MONITOR_ALERT_WEBHOOK_URL", true),
    ("RUST_LOG", false),
    ("OMNIOPS_LOG", false),
    ("OMNIOPS_ADMIN_ADDR", false),
    ("OMNIOPS_METRICS_TOKEN", true),
    ("OMNIOPS_LIMIT_CHAT_PER_SESSION", false),
    ("OMNIOPS_LIMIT_CHAT_PER_IP", false),
    ("OMNIOPS_LIMIT_CHAT_PER_DOMAIN", false),
    ("OMNIOPS_LIMIT_WIDGET_PER_IP", false),
    ("OMNIOPS_LIMIT_WIDGET_PER_DOMAIN", false),
    ("OMNIOPS_LIMIT_API_PER_IP", false),
    ("OMNIOPS_LIMIT_API_PER_KEY", false),
    ("OMNIOPS_LIMIT_API_PER_TENANT", false),
    ("OMNIOPS_LIMIT_STREAMS_PER_IP", false),
    ("OMNIOPS_LIMIT_STREAMS_PER_TENANT", false),
];

const FILE: &str = "omniops.toml";

/// The start stops here, and this says what to change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{FILE} cannot be read: {0}")]
    File(#[from] Box<figment::Error>),
    #[error("{FILE} has a setting that does not exist: {0}; `omniops config` lists those that do")]
    UnknownSetting(String),
    #[error("{name} is not usable: it must be {expected}")]
    Invalid { name: &'static str, expected: &'static str },
}

/// One line of `omniops config`.
#[derive(Clone, Debug)]
pub struct Setting {
    pub name: &'static str,
    /// Absent when the default is in force.
    pub value: Option<String>,
    pub origin: &'static str,
}

#[derive(Debug)]
pub(super) struct Raw {
    values: BTreeMap<&'static str, (String, &'static str)>,
}

impl Raw {
    pub(super) fn load() -> Result<Self, ConfigError> {
        let file: BTreeMap<String, Value> = Figment::from(Toml::file(FILE)).extract().map_err(Box::new)?;
        let mut values = BTreeMap::new();
        for (key, value) in file {
            let (name, _) = KNOWN
                .iter()
                .find(|(name, _)| file_key(name) == key)
                .ok_or_else(|| ConfigError::UnknownSetting(key.clone()))?;
            values.insert(*name, (as_text(&value), FILE));
        }
        for (name, _) in KNOWN {
            if let Ok(value) = std::env::var(name) {
                values.insert(*name, (value, "environment"));
            }
        }
        Ok(Self { values })
    }

    pub(super) fn from_variables<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut values = BTreeMap::new();
        for (name, value) in variables {
            if let Some((known, _)) = KNOWN.iter().find(|(known, _)| *known == name) {
                values.insert(*known, (value.to_owned(), "environment"));
            }
        }
        Self { values }
    }

    /// The text, unless it is unset or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|(value, _)| value.trim()).filter(|value| !value.is_empty())
    }

    pub(super) fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    pub(super) fn parse<T: FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, ConfigError> {
        self.parsed(name, expected, |text| text.parse().ok())
    }

    pub(super) fn parsed<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        match self.text(name) {
            None => Ok(None),
            Some(text) => parse(text).map(Some).ok_or(ConfigError::Invalid { name, expected }),
        }
    }

    pub(super) fn list<T: FromStr>(&self, name: &'static str, expected: &'static str) -> Result<Vec<T>, ConfigError> {
        let text = self.text(name).unwrap_or_default();
        text.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(|entry| entry.parse().map_err(|_| ConfigError::Invalid { name, expected }))
            .collect()
    }

    pub(super) fn settings(&self) -> Vec<Setting> {
        KNOWN
            .iter()
            .map(|(name, secret)| match self.values.get(name) {
                Some((_, origin)) if *secret => Setting { name, value: Some("(hidden)".to_owned()), origin },
                Some((value, origin)) => Setting { name, value: Some(value.clone()), origin },
                None => Setting { name, value: None, origin: "default" },
            })
            .collect()
    }
}

fn file_key(name: &str) -> String {
    name.strip_prefix("OMNIOPS_").unwrap_or(name).to_lowercase()
}

/// Lists become comma lists, as in the environment.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(_, text) => text.clone(),
        Value::Char(_, c) => c.to_string(),
        Value::Bool(_, b) => b.to_string(),
        Value::Num(_, number) => number
            .to_i128()
            .map(|n| n.to_string())
            .or_else(|| number.to_f64().map(|n| n.to_string()))
            .unwrap_or_default(),
        Value::Array(_, items) => items.iter().map(as_text).collect::<Vec<_>>().join(","),
        Value::Empty(..) | Value::Dict(..) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_names_settings_in_lower_case_without_the_prefix() {
        assert_eq!(file_key("OMNIOPS_PUBLIC_URL"), "public_url");
        assert_eq!(file_key("DATABASE_URL"), "database_url");
    }

    #[test]
    fn secrets_are_listed_without_their_value() {
        let raw = Raw::from_variables([("OPENAI_API_KEY", "sk-123"), ("OMNIOPS_ADDR", "0.0.0.0:80")]);
        let shown: Vec<_> = raw.settings().into_iter().filter_map(|s| s.value).collect();
        assert_eq!(shown, ["0.0.0.0:80", "(hidden)"]);
    }

    #[test]
    fn lists_of_the_file_read_as_comma_lists() {
        let value = Value::from(vec!["127.0.0.1:1", "shop.local"]);
        assert_eq!(as_text(&value), "127.0.0.1:1,shop.local");
    }
}
