//! Settings as texts, before anybody knows what they mean.
//!
//! Figment guesses types in environment variables (a password `12345` becomes a number), so both sources are
//! read as texts and parsed by whoever knows the type.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::Value;
use secrecy::SecretString;

use super::prices;
use super::unknown::{UnknownVariable, unknown};
use Kind::{Default, Optional, Secret};

/// A variable that may be set.
struct Known {
    name: &'static str,
    kind: Kind,
}

enum Kind {
    /// Unset, this is in force.
    Default(&'static str),
    /// May be left unset.
    Optional,
    /// May be left unset; its value is never shown.
    Secret,
}

/// All of them. In `omniops.toml` the same names, in lower case and without the `OMNIOPS_` in front.
const KNOWN: &[Known] = &[
    Known { name: "OMNIOPS_ADDR", kind: Default("127.0.0.1:3000") },
    Known { name: "OMNIOPS_PUBLIC_URL", kind: Optional },
    Known { name: "OMNIOPS_PRODUCTION", kind: Optional },
    Known { name: "OMNIOPS_TRUSTED_PROXIES", kind: Optional },
    Known { name: "OMNIOPS_SITE_DIR", kind: Optional },
    Known { name: "OMNIOPS_MAX_IN_FLIGHT", kind: Default("2048") },
    Known { name: "OMNIOPS_MAX_CONNECTIONS", kind: Default("25000") },
    Known { name: "OMNIOPS_READ_TIMEOUT", kind: Default("30") },
    Known { name: "OMNIOPS_DATA_DIR", kind: Default(".omniops") },
    Known { name: "OMNIOPS_TOOLS_DIR", kind: Optional },
    Known { name: "DATABASE_URL", kind: Secret },
    Known { name: "OMNIOPS_DATABASE_CONNECTIONS", kind: Default("20") },
    Known { name: "OMNIOPS_MASTER_KEY", kind: Secret },
    Known { name: "OMNIOPS_ALLOW_PRIVATE_HOSTS", kind: Optional },
    Known { name: "OPENAI_API_KEY", kind: Secret },
    Known { name: "OPENAI_BASE_URL", kind: Optional },
    Known { name: "OMNIOPS_LLM_MODEL", kind: Optional },
    Known { name: "OMNIOPS_LLM_FALLBACK_MODEL", kind: Optional },
    Known { name: "OMNIOPS_EMBEDDINGS", kind: Default("local") },
    Known { name: "OMNIOPS_DEMO_EMAIL", kind: Optional },
    Known { name: "OMNIOPS_DEMO_PASSWORD", kind: Secret },
    Known { name: "SMTP_URL", kind: Secret },
    Known { name: "OMNIOPS_MAIL_FROM", kind: Optional },
    Known { name: "MONITOR_ALERT_WEBHOOK_URL", kind: Secret },
    Known { name: "RUST_LOG", kind: Optional },
    Known { name: "OMNIOPS_LOG", kind: Default("pretty") },
    Known { name: "OMNIOPS_ADMIN_ADDR", kind: Optional },
    Known { name: "OMNIOPS_METRICS_TOKEN", kind: Secret },
    Known { name: "OMNIOPS_LIMIT_CHAT_PER_SESSION", kind: Default("20") },
    Known { name: "OMNIOPS_LIMIT_CHAT_PER_IP", kind: Default("60") },
    Known { name: "OMNIOPS_LIMIT_CHAT_PER_DOMAIN", kind: Default("1200") },
    Known { name: "OMNIOPS_LIMIT_WIDGET_PER_IP", kind: Default("300") },
    Known { name: "OMNIOPS_LIMIT_WIDGET_PER_DOMAIN", kind: Default("12000") },
    Known { name: "OMNIOPS_LIMIT_PAGES_PER_IP", kind: Default("1200") },
    Known { name: "OMNIOPS_LIMIT_API_PER_IP", kind: Default("1200") },
    Known { name: "OMNIOPS_LIMIT_API_PER_KEY", kind: Default("1200") },
    Known { name: "OMNIOPS_LIMIT_API_PER_TENANT", kind: Default("6000") },
    Known { name: "OMNIOPS_LIMIT_TRIALS_PER_TENANT", kind: Default("20") },
    Known { name: "OMNIOPS_LIMIT_STREAMS_PER_IP", kind: Default("200") },
    Known { name: "OMNIOPS_LIMIT_STREAMS_PER_TENANT", kind: Default("20000") },
    Known { name: "OMNIOPS_STREAM_RECHECK", kind: Default("25") },
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
    #[error("the price of {model:?} is not usable: {field} must be {expected}")]
    Price { model: String, field: String, expected: &'static str },
    #[error(
        "OMNIOPS_PUBLIC_URL is not set, and OMNIOPS_PRODUCTION=true needs it: set it to the address under which browsers \
         reach OmniOps, such as https://support.example"
    )]
    NoPublicUrl,
}

/// One line of `omniops config`.
#[derive(Clone, Debug)]
pub struct Setting {
    pub name: &'static str,
    /// Absent when it is unset and has no default.
    pub value: Option<String>,
    pub origin: &'static str,
}

#[derive(Debug)]
pub(super) struct Raw {
    values: BTreeMap<&'static str, (String, &'static str)>,
    unknown: Vec<UnknownVariable>,
    /// What the file says about prices, which are sections and no settings with a name.
    prices: Option<Value>,
}

impl Raw {
    pub(super) fn load() -> Result<Self, ConfigError> {
        let mut file: BTreeMap<String, Value> = Figment::from(Toml::file(FILE)).extract().map_err(Box::new)?;
        let prices = file.remove(prices::SECTION);
        let mut values = BTreeMap::new();
        for (key, value) in file {
            let known = KNOWN
                .iter()
                .find(|known| file_key(known.name) == key)
                .ok_or_else(|| ConfigError::UnknownSetting(key.clone()))?;
            values.insert(known.name, (as_text(&value), FILE));
        }
        for Known { name, .. } in KNOWN {
            if let Ok(value) = std::env::var(name) {
                values.insert(*name, (value, "environment"));
            }
        }
        // A name that is not UTF-8 is nobody's setting.
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        Ok(Self { values, unknown: unknown(names, names_of_settings()), prices })
    }

    pub(super) fn from_variables<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut values, mut names) = (BTreeMap::new(), Vec::new());
        for (name, value) in variables {
            names.push(name);
            if let Some(known) = KNOWN.iter().find(|known| known.name == name) {
                values.insert(known.name, (value.to_owned(), "environment"));
            }
        }
        Self { values, unknown: unknown(names, names_of_settings()), prices: None }
    }

    /// The `[prices]` of the file.
    pub(super) fn prices(&self) -> Option<&Value> {
        self.prices.as_ref()
    }

    /// What the environment has beside the settings and looks like one.
    pub(super) fn unknown(&self) -> &[UnknownVariable] {
        &self.unknown
    }

    /// The text that was set, else the default; empty counts as unset.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let set = self.values.get(name).map(|(value, _)| value.trim()).filter(|value| !value.is_empty());
        set.or_else(|| {
            KNOWN.iter().find(|known| known.name == name).and_then(|known| match known.kind {
                Default(value) => Some(value),
                Optional | Secret => None,
            })
        })
    }

    /// A setting that has a default.
    pub(super) fn value<T: FromStr>(&self, name: &'static str, expected: &'static str) -> Result<T, ConfigError> {
        self.parse(name, expected)?.ok_or(ConfigError::Invalid { name, expected })
    }

    /// A length of time that has a default.
    pub(super) fn seconds(&self, name: &'static str) -> Result<Duration, ConfigError> {
        let expected = "a whole number of seconds, at least 1";
        let seconds: NonZeroU32 = self.value(name, expected)?;
        Ok(Duration::from_secs(seconds.get().into()))
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
            .map(|Known { name, kind }| match (self.values.get(name), kind) {
                (Some((_, origin)), Secret) => Setting { name, value: Some("(hidden)".to_owned()), origin },
                (Some((value, origin)), _) => Setting { name, value: Some(value.clone()), origin },
                (None, Default(value)) => Setting { name, value: Some((*value).to_owned()), origin: "default" },
                (None, Optional | Secret) => Setting { name, value: None, origin: "unset" },
            })
            .chain([self.models_with_a_price()])
            .collect()
    }

    fn models_with_a_price(&self) -> Setting {
        let value = prices::names(self.prices());
        let origin = if value.is_some() { FILE } else { "unset" };
        Setting { name: "[prices]", value, origin }
    }
}

fn names_of_settings() -> impl Iterator<Item = &'static str> + Clone {
    KNOWN.iter().map(|known| known.name)
}

fn file_key(name: &str) -> String {
    name.strip_prefix("OMNIOPS_").unwrap_or(name).to_lowercase()
}

/// Lists become comma lists, as in the environment.
pub(super) fn as_text(value: &Value) -> String {
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
        let shown = |name: &str| raw.settings().into_iter().find(|setting| setting.name == name).unwrap().value;
        assert_eq!(shown("OMNIOPS_ADDR").as_deref(), Some("0.0.0.0:80"));
        assert_eq!(shown("OPENAI_API_KEY").as_deref(), Some("(hidden)"));
        assert_eq!(shown("OMNIOPS_DATA_DIR").as_deref(), Some(".omniops"));
        assert_eq!(shown("DATABASE_URL"), None);
    }

    #[test]
    fn lists_of_the_file_read_as_comma_lists() {
        let value = Value::from(vec!["127.0.0.1:1", "shop.local"]);
        assert_eq!(as_text(&value), "127.0.0.1:1,shop.local");
    }
}
