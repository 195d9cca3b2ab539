//! What an operator may set: defaults ← `omniops.toml` ← environment, read once at start.
//!
//! One struct a concern. A value that cannot be used stops the start with the variable's name and what was
//! expected. Secrets are [`SecretString`]s, so that neither `Debug` nor `omniops config` shows them.

mod limits;
mod prices;
mod raw;
mod secrets;
mod unknown;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use omniops_domain::ledger::PriceTable;
use secrecy::SecretString;

pub use limits::LimitsConfig;
use raw::Raw;
pub use raw::{ConfigError, Setting};
pub use secrets::{MailConfig, SecretsConfig};
pub use unknown::UnknownVariable;

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    pub http: HttpConfig,
    pub database: DatabaseConfig,
    pub knowledge: KnowledgeConfig,
    pub operations: OperationsConfig,
    pub demo: DemoConfig,
    pub secrets: SecretsConfig,
    pub mail: MailConfig,
    pub limits: LimitsConfig,
    /// What language models charge.
    pub prices: PriceTable,
    /// What looks like a setting of ours in the environment and is none.
    pub unknown: Vec<UnknownVariable>,
}

/// Where we listen and how we are reached.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// `OMNIOPS_ADDR`. Port 0 takes a free one.
    pub addr: SocketAddr,
    /// `OMNIOPS_PUBLIC_URL`, without a trailing slash; `http://` and the address when unset.
    pub public_url: Option<String>,
    /// `OMNIOPS_TRUSTED_PROXIES`: addresses of our own proxies, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// `OMNIOPS_SITE_DIR`: the built dashboard and widget.
    pub site_dir: Option<PathBuf>,
    /// `OMNIOPS_PRODUCTION`; true when the public address is https. Cookies are `Secure` with the `__Host-` prefix.
    pub production: bool,
    /// `OMNIOPS_MAX_IN_FLIGHT`: requests beyond this many at once are told to come back.
    pub max_in_flight: usize,
    /// `OMNIOPS_MAX_CONNECTIONS`: open connections beyond this many are told to come back; fewer where the process may
    /// not open as many files.
    pub max_connections: usize,
    /// `OMNIOPS_READ_TIMEOUT`, in seconds: how long a client may take to send a request's head, and then its body.
    pub read_timeout: Duration,
}

/// Where the data is.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `DATABASE_URL`: a database of the operator's; unset: a cluster of our own in the data directory.
    pub url: Option<SecretString>,
    /// `OMNIOPS_DATA_DIR`.
    pub data_dir: PathBuf,
    /// `OMNIOPS_DATABASE_CONNECTIONS`: the most that one process opens.
    pub max_connections: u32,
}

/// What reads and answers.
#[derive(Clone, Debug)]
pub struct KnowledgeConfig {
    /// `OMNIOPS_EMBEDDINGS`.
    pub embeddings: Embeddings,
    /// `OPENAI_API_KEY`.
    pub openai_api_key: Option<SecretString>,
    /// `OPENAI_BASE_URL`.
    pub openai_base_url: Option<String>,
    /// `OMNIOPS_LLM_MODEL`: answers for tenants without a provider of their own, if there is an `OPENAI_API_KEY`.
    pub llm_model: Option<String>,
    /// `OMNIOPS_LLM_FALLBACK_MODEL`.
    pub llm_fallback_model: Option<String>,
    /// `OMNIOPS_ALLOW_PRIVATE_HOSTS`: `host[:port]` entries that the crawler may fetch although they are private.
    pub allow_private_hosts: Vec<String>,
}

/// Who makes the vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Embeddings {
    /// The model beside the program.
    Local,
    /// An OpenAI-compatible service.
    OpenAi,
}

impl FromStr for Embeddings {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "local" => Ok(Self::Local),
            "openai" => Ok(Self::OpenAi),
            _ => Err(()),
        }
    }
}

/// Logs and metrics.
#[derive(Clone, Debug)]
pub struct OperationsConfig {
    /// `OMNIOPS_LOG`.
    pub log_format: LogFormat,
    /// `RUST_LOG`; unset, it depends on the command.
    pub log_filter: Option<String>,
    /// `OMNIOPS_ADMIN_ADDR`: a listener of its own for `/metrics`.
    pub admin_addr: Option<SocketAddr>,
    /// `OMNIOPS_METRICS_TOKEN`: opens `/metrics` on the public listener.
    pub metrics_token: Option<SecretString>,
    /// `MONITOR_ALERT_WEBHOOK_URL`: where alerts are posted, as Slack takes them.
    pub alert_webhook_url: Option<SecretString>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Pretty,
    Json,
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

/// Who may log in to the demo tenant.
#[derive(Clone, Debug)]
pub struct DemoConfig {
    /// `OMNIOPS_DEMO_EMAIL`.
    pub email: Option<String>,
    /// `OMNIOPS_DEMO_PASSWORD`; unset: a random one, printed.
    pub password: Option<SecretString>,
}

impl Config {
    /// Reads `omniops.toml` of the working directory and the environment.
    pub fn load() -> Result<Self, ConfigError> {
        Self::from_raw(&Raw::load()?)
    }

    /// Reads these variables and nothing else: for tests and tools.
    pub fn from_variables<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, ConfigError> {
        Self::from_raw(&Raw::from_variables(variables))
    }

    fn from_raw(raw: &Raw) -> Result<Self, ConfigError> {
        let public_url = raw.parsed("OMNIOPS_PUBLIC_URL", "an address such as https://support.example", public_url)?;
        let https = public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        let production = raw.parse("OMNIOPS_PRODUCTION", "true or false")?.unwrap_or(https);
        if production && public_url.is_none() {
            return Err(ConfigError::NoPublicUrl);
        }
        Ok(Self {
            http: HttpConfig {
                addr: raw.value("OMNIOPS_ADDR", "an address with a port, such as 127.0.0.1:3000")?,
                public_url,
                trusted_proxies: raw.list("OMNIOPS_TRUSTED_PROXIES", "a comma-separated list of IP addresses")?,
                site_dir: raw.text("OMNIOPS_SITE_DIR").map(PathBuf::from),
                production,
                max_in_flight: raw.value::<NonZeroUsize>("OMNIOPS_MAX_IN_FLIGHT", "a whole number, at least 1")?.get(),
                max_connections: raw
                    .value::<NonZeroUsize>("OMNIOPS_MAX_CONNECTIONS", "a whole number, at least 1")?
                    .get(),
                read_timeout: raw.seconds("OMNIOPS_READ_TIMEOUT")?,
            },
            database: DatabaseConfig {
                url: raw.secret("DATABASE_URL"),
                data_dir: raw.value("OMNIOPS_DATA_DIR", "a directory")?,
                max_connections: raw.value("OMNIOPS_DATABASE_CONNECTIONS", "a whole number")?,
            },
            knowledge: KnowledgeConfig {
                embeddings: raw.value("OMNIOPS_EMBEDDINGS", "`local` or `openai`")?,
                openai_api_key: raw.secret("OPENAI_API_KEY"),
                openai_base_url: raw.text("OPENAI_BASE_URL").map(str::to_owned),
                llm_model: raw.text("OMNIOPS_LLM_MODEL").map(str::to_owned),
                llm_fallback_model: raw.text("OMNIOPS_LLM_FALLBACK_MODEL").map(str::to_owned),
                allow_private_hosts: raw
                    .list("OMNIOPS_ALLOW_PRIVATE_HOSTS", "a comma-separated list of host[:port]")?,
            },
            operations: OperationsConfig {
                log_format: raw.value("OMNIOPS_LOG", "`pretty` or `json`")?,
                log_filter: raw.text("RUST_LOG").map(str::to_owned),
                admin_addr: raw.parse("OMNIOPS_ADMIN_ADDR", "an address with a port, such as 127.0.0.1:9100")?,
                metrics_token: raw.secret("OMNIOPS_METRICS_TOKEN"),
                alert_webhook_url: raw.secret("MONITOR_ALERT_WEBHOOK_URL"),
            },
            demo: DemoConfig {
                email: raw.text("OMNIOPS_DEMO_EMAIL").map(str::to_owned),
                password: raw.secret("OMNIOPS_DEMO_PASSWORD"),
            },
            secrets: SecretsConfig::from_raw(raw)?,
            mail: MailConfig::from_raw(raw)?,
            limits: LimitsConfig::from_raw(raw)?,
            prices: prices::price_table(raw.prices())?,
            unknown: raw.unknown().to_vec(),
        })
    }

    /// Every setting with the value in force and where it came from, secrets hidden; and what looks like one and is none.
    pub fn effective() -> Result<(Vec<Setting>, Vec<UnknownVariable>), ConfigError> {
        let raw = Raw::load()?;
        Self::from_raw(&raw)?;
        Ok((raw.settings(), raw.unknown().to_vec()))
    }
}

fn public_url(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let usable = matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.path() == "/";
    usable.then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_environment_listens_on_loopback() {
        let config = Config::from_variables([]).unwrap();
        assert_eq!(config.http.addr.to_string(), "127.0.0.1:3000");
        assert!(!config.http.production);
        assert_eq!(config.knowledge.embeddings, Embeddings::Local);
    }

    #[test]
    fn an_https_address_means_production() {
        let config = Config::from_variables([("OMNIOPS_PUBLIC_URL", "https://support.example/")]).unwrap();
        assert_eq!(config.http.public_url.as_deref(), Some("https://support.example"));
        assert!(config.http.production);
    }

    #[test]
    fn a_wrong_value_is_told_with_its_name_and_what_was_expected() {
        let error = Config::from_variables([("OMNIOPS_ADDR", "localhost")]).unwrap_err().to_string();
        assert!(error.contains("OMNIOPS_ADDR") && error.contains("127.0.0.1:3000"), "{error}");
    }

    #[test]
    fn production_without_its_address_does_not_start() {
        let error = Config::from_variables([("OMNIOPS_PRODUCTION", "true")]).unwrap_err().to_string();
        assert!(error.contains("OMNIOPS_PUBLIC_URL") && error.contains("https://support.example"), "{error}");
        let behind = [("OMNIOPS_PRODUCTION", "true"), ("OMNIOPS_PUBLIC_URL", "https://support.example")];
        assert!(Config::from_variables(behind).unwrap().http.production);
    }

    #[test]
    fn a_variable_that_is_no_setting_is_noticed() {
        let config = Config::from_variables([("OMNIOPS_ADRR", "0.0.0.0:80")]).unwrap();
        assert_eq!(config.unknown.iter().map(|unknown| unknown.meant).collect::<Vec<_>>(), [Some("OMNIOPS_ADDR")]);
    }

    #[test]
    fn a_server_that_could_take_no_request_does_not_start() {
        let error = Config::from_variables([("OMNIOPS_MAX_IN_FLIGHT", "0")]).unwrap_err().to_string();
        assert!(error.contains("OMNIOPS_MAX_IN_FLIGHT") && error.contains("at least 1"), "{error}");
    }

    #[test]
    fn a_wrong_secret_is_not_repeated() {
        let config = Config::from_variables([("DATABASE_URL", "postgres://u:hunter2@h/db")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
