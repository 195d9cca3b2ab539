#![doc = include_str!("../README.md")]

mod address;
mod charset;
mod crawl;
mod extract;
mod fetch;
mod frontier;
mod guard;
mod pace;
mod page;
mod robots;
mod sitemap;

use std::sync::Arc;
use std::time::Duration;

pub use address::{Scope, canonicalise};
pub use charset::decode;
pub use crawl::{Crawl, CrawlError, CrawlRequest, CrawlSummary, Crawled, CrawledPage, Known, SkipReason};
pub use extract::{Block, BlockKind, Document, extract};
pub use fetch::{Fetch, FetchError, FetchFn, FetchRequest, Fetched, HttpFetcher, HttpOptions, Validators};
pub use guard::{AllowList, GuardedResolver, Lookup, Refusal, SystemLookup, check_url, is_public};
pub use page::PageError;
pub use robots::{Directives, Robots};
pub use sitemap::{Sitemap, parse as parse_sitemap};

/// The name that robots.txt files address us by.
pub const ROBOTS_NAME: &str = "OmniOpsBot";

/// How the crawler behaves towards every site.
#[derive(Clone, Debug)]
pub struct CrawlerOptions {
    pub http: HttpOptions,
    /// Bytes of a decoded page that are read; the rest is cut off.
    pub max_page_bytes: usize,
    /// Requests to one host at the same time, over all crawls of this crawler.
    pub concurrency: usize,
    /// Pause between the starts of two requests to one host; a longer `Crawl-delay` wins. Hosts of the allow-list
    /// are the operator's own and get none.
    pub delay: Duration,
    /// How long the first repetition of a failed request waits; each further one waits twice as long.
    pub retry_delay: Duration,
}

impl Default for CrawlerOptions {
    fn default() -> Self {
        Self {
            http: HttpOptions::default(),
            max_page_bytes: 5 * 1024 * 1024,
            concurrency: 4,
            delay: Duration::from_millis(100),
            retry_delay: Duration::from_millis(500),
        }
    }
}

/// Fetches pages and crawls sites. Cheap to clone; clones share the politeness towards a host.
#[derive(Clone)]
pub struct Crawler {
    fetch: Arc<dyn Fetch>,
    options: Arc<CrawlerOptions>,
    paces: Arc<pace::Paces>,
}

impl std::fmt::Debug for Crawler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crawler").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Crawler {
    /// A crawler over HTTP with the system's resolver. Fails when the machine's TLS set-up cannot be read.
    pub fn new(options: CrawlerOptions) -> Result<Self, FetchError> {
        let fetch = HttpFetcher::new(options.http.clone(), Arc::new(SystemLookup))?;
        Ok(Self::with_fetch(Arc::new(fetch), options))
    }

    /// A crawler over anything that fetches.
    pub fn with_fetch(fetch: Arc<dyn Fetch>, options: CrawlerOptions) -> Self {
        Self { fetch, options: Arc::new(options), paces: Arc::default() }
    }

    /// Starts a crawl, which runs until it is through or its handle is dropped. Must be called within a runtime.
    pub fn crawl(&self, request: CrawlRequest) -> Crawl {
        crawl::start(self.clone(), request)
    }
}
