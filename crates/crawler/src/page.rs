//! One page: request, repetition where that helps, content type, charset, extraction.

use std::time::Duration;

use url::Url;

use crate::extract::{Document, extract};
use crate::fetch::{FetchError, FetchRequest, Fetched, Validators};
use crate::robots::Directives;
use crate::{Crawler, address, charset};

/// Hops until a redirect is taken for a loop.
pub(crate) const MAX_REDIRECTS: usize = 10;
const MAX_ATTEMPTS: u32 = 3;
/// A server may ask for a longer pause than a crawl can wait.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(30);

/// Why a page has no content for us.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("the server answered {0}")]
    Status(u16),
    #[error("more than {MAX_REDIRECTS} redirects")]
    TooManyRedirects,
    #[error("a redirect without a readable target")]
    BadRedirect,
    #[error("{0} is no web page")]
    ContentType(String),
}

impl PageError {
    /// Whether the page may well be there at another time.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Status(status) => *status >= 500 || matches!(*status, 401 | 403 | 408 | 425 | 429),
            Self::Fetch(FetchError::Refused(_)) | Self::TooManyRedirects | Self::BadRedirect | Self::ContentType(_) => {
                false
            }
            Self::Fetch(_) => true,
        }
    }

    /// The server says that there is no such page.
    pub const fn is_gone(&self) -> bool {
        matches!(self, Self::Status(404 | 410))
    }
}

/// A page as fetched and read.
#[derive(Clone, Debug)]
pub(crate) struct PageFetch {
    pub(crate) document: Document,
    pub(crate) validators: Validators,
    /// The page was longer than the limit and was cut.
    pub(crate) truncated: bool,
}

/// What one request for a page came to.
#[derive(Debug)]
pub(crate) enum Loaded {
    Page(Box<PageFetch>),
    NotModified,
    Redirect(Url),
}

impl Crawler {
    /// One page, one hop.
    pub(crate) async fn load(&self, url: &Url, validators: Validators) -> Result<Loaded, PageError> {
        let conditional = validators != Validators::default();
        let fetched = self.request(url, validators, self.options.max_page_bytes).await?;
        match fetched.status {
            304 if conditional => Ok(Loaded::NotModified),
            300..=399 => {
                let target = fetched.location.as_deref().and_then(|target| address::resolve(url, target));
                target.map(Loaded::Redirect).ok_or(PageError::BadRedirect)
            }
            200..=299 => read(url.clone(), fetched).await.map(|page| Loaded::Page(Box::new(page))),
            status => Err(PageError::Status(status)),
        }
    }

    /// One request, repeated while the server is overloaded or the line breaks.
    pub(crate) async fn request(
        &self,
        url: &Url,
        validators: Validators,
        max_bytes: usize,
    ) -> Result<Fetched, FetchError> {
        let mut delay = self.options.retry_delay;
        let mut attempt = 1;
        loop {
            let request = FetchRequest { url: url.clone(), validators: validators.clone(), max_bytes };
            let result = self.fetch.fetch(request).await;
            let wait = match &result {
                Ok(fetched) if matches!(fetched.status, 429 | 502 | 503 | 504) => {
                    fetched.retry_after.unwrap_or(delay).max(delay)
                }
                Err(FetchError::Broken(_) | FetchError::Unreachable(_)) => delay,
                Ok(_) | Err(_) => return result,
            };
            if attempt >= MAX_ATTEMPTS || wait > MAX_RETRY_DELAY {
                return result;
            }
            tokio::time::sleep(wait).await;
            attempt += 1;
            delay *= 2;
        }
    }
}

/// Extraction is work for the processor: it runs beside the async threads.
async fn read(url: Url, fetched: Fetched) -> Result<PageFetch, PageError> {
    let kind = fetched.content_type.clone().unwrap_or_default();
    if !is_page(&kind, &fetched.body) {
        return Err(PageError::ContentType(if kind.is_empty() { "an answer without a type".to_owned() } else { kind }));
    }
    let reading = tokio::task::spawn_blocking(move || {
        let html = charset::decode(&fetched.body, fetched.content_type.as_deref());
        let mut document = extract(&html, &url);
        document.directives =
            document.directives.or(fetched.robots_tag.as_deref().map(Directives::parse).unwrap_or_default());
        if document.language.is_none() {
            document.language = fetched.content_language.as_deref().and_then(crate::extract::primary_subtag);
        }
        PageFetch { document, validators: fetched.validators, truncated: fetched.truncated }
    });
    reading.await.map_err(|error| PageError::Fetch(FetchError::Broken(error.to_string())))
}

fn is_page(content_type: &str, body: &[u8]) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "text/html" | "application/xhtml+xml" => true,
        // Undeclared: a page begins with a tag.
        "" => body.trim_ascii_start().starts_with(b"<"),
        _ => false,
    }
}
