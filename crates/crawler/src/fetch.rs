//! One HTTP request, one answer: no redirects, a bounded body, a bounded time.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use reqwest::header::{self, HeaderMap, HeaderName};
use url::Url;

use crate::guard::{AllowList, GuardedResolver, Lookup, Refusal, check_url};

/// What the server said of a page's version when it was last fetched; sent back to be told "not modified".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// What to ask for.
#[derive(Clone, Debug)]
pub struct FetchRequest {
    pub url: Url,
    pub validators: Validators,
    /// Bytes of the decoded body to read at most; the rest is cut off.
    pub max_bytes: usize,
}

/// What came back, whatever the status.
#[derive(Clone, Debug, Default)]
pub struct Fetched {
    pub status: u16,
    pub content_type: Option<String>,
    pub content_language: Option<String>,
    pub location: Option<String>,
    pub robots_tag: Option<String>,
    pub retry_after: Option<Duration>,
    pub validators: Validators,
    pub body: Bytes,
    /// The body was longer than asked for and was cut.
    pub truncated: bool,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("no answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    #[error("the answer broke off: {0}")]
    Broken(String),
}

/// Fetches over HTTP. One call is one request: redirects are the caller's, so that each hop is checked.
#[async_trait]
pub trait Fetch: Send + Sync {
    async fn fetch(&self, request: FetchRequest) -> Result<Fetched, FetchError>;
}

/// Settings of [`HttpFetcher`].
#[derive(Clone, Debug)]
pub struct HttpOptions {
    pub user_agent: String,
    /// Hosts that may be fetched although they are private.
    pub allow_private: AllowList,
    pub connect_timeout: Duration,
    /// From the request to the last byte.
    pub timeout: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!("OmniOpsBot/", env!("CARGO_PKG_VERSION"), " (customer-service knowledge crawler)")
                .to_owned(),
            allow_private: AllowList::default(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(20),
        }
    }
}

/// The real thing. Every connection goes to an address that the guard has seen.
#[derive(Clone, Debug)]
pub struct HttpFetcher {
    public: reqwest::Client,
    /// For hosts of the allow-list: two clients, so that a private host never shares a resolver or a
    /// connection pool with strangers.
    private: reqwest::Client,
    options: HttpOptions,
}

impl HttpFetcher {
    /// Fails when the machine's TLS set-up cannot be read.
    pub fn new(options: HttpOptions, lookup: Arc<dyn Lookup>) -> Result<Self, FetchError> {
        Ok(Self {
            public: client(&options, GuardedResolver::public_only(Arc::clone(&lookup)))?,
            private: client(&options, GuardedResolver::unrestricted(lookup))?,
            options,
        })
    }

    async fn fetch_unbounded(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        check_url(&request.url, &self.options.allow_private)?;
        let client = if self.options.allow_private.allows(&request.url) { &self.private } else { &self.public };
        let mut get = client
            .get(request.url)
            .header(header::ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.8,text/plain;q=0.7,*/*;q=0.1");
        if let Some(etag) = request.validators.etag {
            get = get.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = request.validators.last_modified {
            get = get.header(header::IF_MODIFIED_SINCE, date);
        }
        let response = get.send().await.map_err(unsent)?;
        let mut fetched = from_headers(response.status().as_u16(), response.headers());
        let mut body = BytesMut::new();
        let mut stream = response.bytes_stream();
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|error| FetchError::Broken(innermost(&error)))?;
            let room = request.max_bytes.saturating_sub(body.len());
            body.extend_from_slice(piece.get(..room).unwrap_or(&piece));
            if piece.len() > room {
                fetched.truncated = true;
                break;
            }
        }
        fetched.body = body.freeze();
        Ok(fetched)
    }
}

#[async_trait]
impl Fetch for HttpFetcher {
    async fn fetch(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        let timeout = self.options.timeout;
        match tokio::time::timeout(timeout, self.fetch_unbounded(request)).await {
            Ok(result) => result,
            Err(_) => Err(FetchError::TimedOut(timeout)),
        }
    }
}

fn client(options: &HttpOptions, resolver: GuardedResolver) -> Result<reqwest::Client, FetchError> {
    reqwest::Client::builder()
        .user_agent(&options.user_agent)
        .connect_timeout(options.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        // A proxy would resolve the names itself, past the guard.
        .no_proxy()
        .referer(false)
        .dns_resolver(Arc::new(resolver))
        .build()
        .map_err(|error| FetchError::Unreachable(innermost(&error)))
}

fn from_headers(status: u16, headers: &HeaderMap) -> Fetched {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Fetched {
        status,
        content_type: text(header::CONTENT_TYPE),
        content_language: text(header::CONTENT_LANGUAGE),
        location: text(header::LOCATION),
        robots_tag: text(HeaderName::from_static("x-robots-tag")),
        retry_after: text(header::RETRY_AFTER).and_then(|value| value.trim().parse().ok()).map(Duration::from_secs),
        validators: Validators { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) },
        body: Bytes::new(),
        truncated: false,
    }
}

/// Tells the guard's refusal, wrapped by the HTTP client, from an ordinary failure.
fn unsent(error: reqwest::Error) -> FetchError {
    let mut cause = error.source();
    while let Some(current) = cause {
        if let Some(refusal) = current.downcast_ref::<Refusal>() {
            return FetchError::Refused(refusal.clone());
        }
        cause = current.source();
    }
    if error.is_connect() { FetchError::Unreachable(innermost(&error)) } else { FetchError::Broken(innermost(&error)) }
}

fn innermost(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        text = current.to_string();
        cause = current.source();
    }
    text
}

/// A function as a [`Fetch`]: the test double, and a way to wrap another one.
pub struct FetchFn<F>(pub F);

#[async_trait]
impl<F> Fetch for FetchFn<F>
where
    F: Fn(FetchRequest) -> Result<Fetched, FetchError> + Send + Sync,
{
    async fn fetch(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        (self.0)(request)
    }
}

impl<F> std::fmt::Debug for FetchFn<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FetchFn")
    }
}
