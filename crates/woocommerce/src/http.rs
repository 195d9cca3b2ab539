//! One signed GET, one bounded answer.

use std::error::Error as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use rand::TryRngCore;
use rand::rngs::OsRng;
use reqwest::StatusCode;
use reqwest::header::{self, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::client::{Client, Options};
use crate::error::{Error, Result};
use crate::oauth::Signer;
use crate::text;

/// Bytes of an error's body that are looked at.
const MAX_ERROR_BODY: usize = 64 * 1024;
/// Characters of a store's message that are kept.
const MAX_MESSAGE: usize = 300;
/// No store means a longer one.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// A client as this crate wants it: no redirects, because the keys are for one address alone, and no proxy, which would
/// resolve names past a guard. The caller adds its resolver and builds it.
pub fn builder(options: &Options) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("OmniOps/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(options.timeout.min(Duration::from_secs(5)))
}

/// The error object of WordPress.
#[derive(Default, Deserialize)]
struct ErrorBody {
    #[serde(default)]
    code: Value,
    #[serde(default)]
    message: Value,
}

impl Client {
    /// `GET /wp-json/{path}?{query}` as `T`; `None` when the store says that it has no such thing.
    pub(crate) async fn find<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<Option<T>> {
        let url = self.address.endpoint(path, query);
        let authorization = self.authorization(&url)?;
        self.fetch_in_time(url, Some(authorization)).await?.map(|body| read(&body)).transpose()
    }

    /// The same where the thing must be there.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        self.find(path, query).await?.ok_or(Error::NoApi)
    }

    /// The same without keys, for what WordPress tells anybody. It would take keys of WooCommerce for a password of its
    /// own and refuse them.
    pub(crate) async fn get_public<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        let body = self.fetch_in_time(self.address.endpoint(path, query), None).await?;
        body.map(|body| read(&body)).transpose()?.ok_or(Error::NoApi)
    }

    async fn fetch_in_time(&self, url: Url, authorization: Option<HeaderValue>) -> Result<Option<Bytes>> {
        let timeout = self.options.timeout;
        match tokio::time::timeout(timeout, self.fetch(url, authorization)).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::TimedOut(timeout)),
        }
    }

    async fn fetch(&self, url: Url, authorization: Option<HeaderValue>) -> Result<Option<Bytes>> {
        let mut request = self.http.get(url.clone()).header(header::ACCEPT, "application/json");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let response = request.send().await.map_err(unsent)?;
        // A client that follows redirects is the caller's mistake; what it brought home is not from this store.
        if *response.url() != url || response.status().is_redirection() {
            return Err(Error::Redirected);
        }
        let status = response.status();
        if status.is_success() {
            return Ok(Some(body(response, self.options.max_bytes, self.options.max_bytes).await?));
        }
        let headers = response.headers().clone();
        // What went wrong is told by the status; a body that cannot be read adds nothing to it.
        let body = body(response, MAX_ERROR_BODY, usize::MAX).await.unwrap_or_default();
        refusal(status, &headers, &body).map_or(Ok(None), Err)
    }

    fn authorization(&self, url: &Url) -> Result<HeaderValue> {
        let key = self.keys.consumer_key.expose_secret();
        let secret = self.keys.consumer_secret.expose_secret();
        let value = if self.address.is_encrypted() {
            format!("Basic {}", STANDARD.encode(format!("{key}:{secret}")))
        } else {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let timestamp = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
            let signer = Signer { consumer_key: key, consumer_secret: secret, timestamp, nonce: &nonce()? };
            signer.header("GET", url)
        };
        let mut value = HeaderValue::try_from(value).map_err(|_| Error::Address("the keys cannot be sent"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// 128 random bits: a store refuses one that it has seen.
fn nonce() -> Result<String> {
    let mut bytes = [0; 16];
    OsRng.try_fill_bytes(&mut bytes).map_err(|error| Error::Unreachable(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The body up to `keep` bytes; more than `limit` is an error.
async fn body(response: reqwest::Response, keep: usize, limit: usize) -> Result<Bytes> {
    let mut body = BytesMut::new();
    let mut stream = response.bytes_stream();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|error| Error::Broken(innermost(&error)))?;
        if body.len() + piece.len() > limit {
            return Err(Error::TooLarge { limit });
        }
        let room = keep.saturating_sub(body.len());
        if piece.len() > room {
            body.extend_from_slice(piece.get(..room).unwrap_or_default());
            break;
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    // Some plugins let PHP write a byte-order mark first.
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(body)).map_err(|error| {
        if error.inner().is_data() { Error::Unexpected { what: error.path().to_string() } } else { Error::NotJson }
    })
}

/// What a refusal means; `None` for "there is no such thing".
fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Error> {
    let told: Option<ErrorBody> = serde_json::from_slice(body).ok();
    let is_json = told.is_some();
    let ErrorBody { code, message } = told.unwrap_or_default();
    let code = clipped(code.as_str().unwrap_or_default());
    let message = clipped(&text::line(message.as_str().unwrap_or_default()));
    let error = match status.as_u16() {
        401 => Error::Unauthorized { code, message },
        403 => Error::Forbidden { code, message },
        // `…_invalid_id`; without a code, or with no route at all, it is not WooCommerce that speaks.
        404 | 410 if is_json && !code.is_empty() && code != "rest_no_route" => return None,
        404 | 410 => Error::NoApi,
        429 => Error::RateLimited { retry_after: retry_after(headers) },
        400 if code == "rate_limit_exceeded" => Error::RateLimited { retry_after: retry_after(headers) },
        500.. => Error::Failed { status: status.as_u16(), message },
        _ => Error::Rejected { status: status.as_u16(), code, message },
    };
    Some(error)
}

/// Seconds, as a host's `Retry-After` or as WooCommerce's own limit says it. A date is not worth reading.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    ["retry-after", "ratelimit-retry-after"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok()?.trim().parse().ok())
        .map(|seconds| Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}

fn clipped(text: &str) -> String {
    text.chars().take(MAX_MESSAGE).collect()
}

fn unsent(error: reqwest::Error) -> Error {
    if error.is_timeout() {
        Error::Unreachable("no connection in time".to_owned())
    } else if error.is_connect() {
        Error::Unreachable(innermost(&error))
    } else {
        Error::Broken(innermost(&error))
    }
}

/// The last cause: the outer ones repeat the address and add nothing.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut text = None;
    while let Some(current) = cause {
        text = Some(current.to_string());
        cause = current.source();
    }
    text.unwrap_or_else(|| "the request failed".to_owned())
}
