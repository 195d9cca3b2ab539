//! How to reach a provider.

use std::fmt;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

/// The address and key of a provider, and in what its dialect differs.
#[derive(Clone)]
pub struct OpenAiModelConfig {
    /// Up to the version: `https://api.openai.com/v1`. A query stays: `?api-version=…`.
    pub base_url: Url,
    /// Empty for a provider without keys.
    pub api_key: SecretString,
    pub output_limit: OutputLimitField,
    /// Asks for token figures with `stream_options`; off for a provider that refuses the field.
    pub ask_usage: bool,
    /// For opening a connection, TLS included. Not heeded with a `client` of the caller's.
    pub connect_timeout: Duration,
    /// The HTTP client to use, such as one that refuses private addresses: made with [`http_client_builder`], so that it follows no
    /// redirects and repeats nothing. A host that is an address never reaches a client's resolver, so its caller checks
    /// `base_url` too. Models may share one, and with it the connections; without it, each makes its own.
    pub client: Option<reqwest::Client>,
}

impl OpenAiModelConfig {
    /// With the settings that fit most providers.
    pub fn new(base_url: Url, api_key: SecretString) -> Self {
        Self {
            base_url,
            api_key,
            output_limit: OutputLimitField::Automatic,
            ask_usage: true,
            connect_timeout: Duration::from_secs(5),
            client: None,
        }
    }
}

impl fmt::Debug for OpenAiModelConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiModelConfig")
            .field("host", &self.base_url.host_str())
            .field("output_limit", &self.output_limit)
            .field("ask_usage", &self.ask_usage)
            .field("connect_timeout", &self.connect_timeout)
            .field("own_client", &self.client.is_some())
            .finish_non_exhaustive()
    }
}

/// The field that carries the limit of the output. OpenAI's reasoning models refuse `max_tokens`; Ollama, LM Studio and others
/// know nothing else, and ignore what they do not know, so that the answer would have no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputLimitField {
    /// `max_completion_tokens` for OpenAI, Azure and xAI by host, and for OpenAI's own models (`o3`, `gpt-5`) by name wherever
    /// they are served; `max_tokens` otherwise.
    #[default]
    Automatic,
    MaxCompletionTokens,
    MaxTokens,
}

/// Domains where `max_completion_tokens` is known.
const CURRENT_HOSTS: &[&str] =
    &["api.openai.com", "openai.azure.com", "cognitiveservices.azure.com", "services.ai.azure.com", "api.x.ai"];

impl OutputLimitField {
    /// Whether this model at this address is sent `max_completion_tokens`.
    pub(super) fn is_current(self, base_url: &Url, model: &str) -> bool {
        match self {
            Self::MaxCompletionTokens => true,
            Self::MaxTokens => false,
            Self::Automatic => {
                let host = base_url.host_str().unwrap_or_default();
                let is_in =
                    |domain: &str| host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
                CURRENT_HOSTS.iter().any(|domain| is_in(domain)) || is_reasoning_family(model)
            }
        }
    }
}

/// `o1`, `o3-mini`, `gpt-5.1` and later, with or without a vendor before a slash; not `gpt-4o`, nor `gpt-oss`.
fn is_reasoning_family(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let number_after = |prefix: &str| {
        let rest = name.strip_prefix(prefix)?;
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end)?.parse::<u32>().ok()
    };
    number_after("o").is_some() || number_after("gpt-").is_some_and(|generation| generation >= 5)
}

/// Why a provider cannot be set up like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    #[error("the address of a provider begins with http:// or https://")]
    Scheme,
    #[error("the address of a provider holds no user name or password")]
    Credentials,
    #[error("the key holds characters that no key holds")]
    Key,
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
}

/// The HTTP client's settings that the model relies on; the caller adds a resolver that guards addresses.
///
/// It follows no redirects, since the key would travel along; it uses no proxy, which would resolve names past a guard; and it
/// repeats nothing by itself.
pub fn http_client_builder(connect_timeout: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("OmniOps/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect_timeout)
        // Below the minute after which load balancers drop an idle connection, mostly just as it is used again.
        .pool_idle_timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
}

/// The address of chat completions under this base.
pub(super) fn completions_url(base_url: &Url) -> Result<Url, SetupError> {
    if !matches!(base_url.scheme(), "http" | "https") {
        return Err(SetupError::Scheme);
    }
    if !base_url.username().is_empty() || base_url.password().is_some() {
        return Err(SetupError::Credentials);
    }
    let mut url = base_url.clone();
    // Some copy the whole address of the route from their provider's manual.
    if !url.path().trim_end_matches('/').ends_with("/chat/completions") {
        url.path_segments_mut().map_err(|()| SetupError::Scheme)?.pop_if_empty().extend(["chat", "completions"]);
    }
    url.set_fragment(None);
    Ok(url)
}

/// The header with the key, marked so that nobody prints it; `None` without a key.
pub(super) fn authorization(key: &SecretString) -> Result<Option<(HeaderName, HeaderValue)>, SetupError> {
    let key = key.expose_secret().trim();
    if key.is_empty() {
        return Ok(None);
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| SetupError::Key)?;
    value.set_sensitive(true);
    Ok(Some((AUTHORIZATION, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_route_is_put_under_the_base() {
        let route = |base| completions_url(&url(base)).unwrap().to_string();
        assert_eq!(route("https://api.openai.com/v1"), "https://api.openai.com/v1/chat/completions");
        assert_eq!(route("https://api.openai.com/v1/"), "https://api.openai.com/v1/chat/completions");
        assert_eq!(route("http://127.0.0.1:11434"), "http://127.0.0.1:11434/chat/completions");
        assert_eq!(route("https://x.test/v1/chat/completions"), "https://x.test/v1/chat/completions");
        assert_eq!(
            route("https://shop.openai.azure.com/openai/deployments/a?api-version=2026-01-01#x"),
            "https://shop.openai.azure.com/openai/deployments/a/chat/completions?api-version=2026-01-01"
        );
    }

    #[test]
    fn other_schemes_and_credentials_are_refused() {
        assert_eq!(completions_url(&url("ftp://x.test/v1")), Err(SetupError::Scheme));
        assert_eq!(completions_url(&url("mailto:a@x.test")), Err(SetupError::Scheme));
        assert_eq!(completions_url(&url("https://me:pw@x.test/v1")), Err(SetupError::Credentials));
    }

    #[test]
    fn the_limit_goes_into_the_field_that_the_provider_knows() {
        let current = |base: &str, model: &str| OutputLimitField::Automatic.is_current(&url(base), model);
        assert!(current("https://api.openai.com/v1", "gpt-4o-mini"));
        assert!(current("https://eu.api.openai.com/v1", "gpt-4o-mini"));
        assert!(current("https://shop.openai.azure.com/openai/v1", "our-deployment"));
        assert!(current("https://openrouter.ai/api/v1", "openai/o3-mini"));
        assert!(current("http://10.0.0.2:4000", "gpt-5.1"));
        assert!(!current("http://127.0.0.1:11434/v1", "llama3.3"));
        assert!(!current("http://127.0.0.1:11434/v1", "gpt-oss:20b"));
        assert!(!current("http://127.0.0.1:11434/v1", "olmo2"));
        assert!(!current("https://evilapi.openai.com.test/v1", "gpt-4o"));
        assert!(!OutputLimitField::MaxTokens.is_current(&url("https://api.openai.com/v1"), "o3"));
        assert!(OutputLimitField::MaxCompletionTokens.is_current(&url("http://127.0.0.1/v1"), "llama3.3"));
    }

    #[test]
    fn the_key_becomes_a_header_that_is_not_printed() {
        let header = |key: &str| authorization(&SecretString::from(key.to_owned()));
        let (_, value) = header("sk-secret\n").unwrap().unwrap();
        assert_eq!(value.to_str().unwrap(), "Bearer sk-secret", "a line's end comes along when a key is pasted");
        assert!(!format!("{value:?}").contains("secret"));
        assert_eq!(header(""), Ok(None));
        assert_eq!(header("sk-a\nb"), Err(SetupError::Key));
    }
}
