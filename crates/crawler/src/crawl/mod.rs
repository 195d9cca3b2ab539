//! A crawl: from a start address over sitemap and links to every page of a site.
//!
//! Pages are fetched side by side but handled in the order in which they were found, so that the same site gives
//! the same crawl each time.

mod run;
mod sitemaps;

use std::collections::HashMap;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use url::Url;

use crate::Crawler;
use crate::extract::Document;
use crate::fetch::Validators;
use crate::page::PageError;
use run::{Run, Stop};

/// What to crawl.
#[derive(Clone, Debug)]
pub struct CrawlRequest {
    pub start: Url,
    /// Pages taken at most.
    pub max_pages: usize,
    /// Clicks from the start at most; 0 takes the start page only. Pages of the sitemap count as the start page.
    pub max_depth: usize,
    /// Patterns as [`Scope`](crate::Scope) reads them; empty takes everything.
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    /// What the last crawl found, by canonical address.
    pub known: HashMap<Url, Known>,
}

/// A page of the last crawl.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub validators: Validators,
    /// [`Document::content_hash`].
    pub content_hash: Option<[u8; 32]>,
    /// A page that is not modified is not read again: its links go on from here.
    pub links: Vec<Url>,
}

/// What a crawl reports, in order; `Finished` is the last.
#[derive(Clone, Debug)]
pub enum Crawled {
    Page(Box<CrawledPage>),
    /// The server says that the page is as it was.
    NotModified {
        url: Url,
    },
    /// The server says that the page no longer exists.
    Gone {
        url: Url,
    },
    Failed {
        url: Url,
        reason: String,
    },
    /// Left out on purpose.
    Skipped {
        url: Url,
        reason: SkipReason,
    },
    /// How many addresses were found so far.
    Discovered(usize),
    Finished(CrawlSummary),
}

/// A page with content.
#[derive(Clone, Debug)]
pub struct CrawledPage {
    /// The canonical address.
    pub url: Url,
    pub depth: usize,
    pub document: Document,
    pub content_hash: [u8; 32],
    pub validators: Validators,
    pub truncated: bool,
}

/// Why a page was left out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    #[error("robots.txt asks to leave it alone")]
    Robots,
    #[error("the page asks not to be indexed")]
    NoIndex,
    #[error("it holds no text")]
    Empty,
    #[error("it leads to {0}")]
    Redirect(Url),
    #[error("it is the same as {0}")]
    Duplicate(Url),
    #[error("{0} is no web page")]
    ContentType(String),
}

/// How a crawl ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrawlSummary {
    /// Every page that can be found was seen: a known page that was not reported no longer belongs to the site.
    /// False when a limit was hit or something failed that may work another time.
    pub complete: bool,
    /// Why the crawl could not even begin.
    pub error: Option<CrawlError>,
}

/// Why a crawl could not begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrawlError {
    #[error("the start page cannot be fetched: {0}")]
    Start(#[from] PageError),
    #[error("robots.txt cannot be read, and without it nothing may be fetched: {0}")]
    Robots(String),
    #[error("robots.txt asks to leave the start page alone")]
    Disallowed,
}

/// A running crawl. Dropping it stops the crawl.
#[derive(Debug)]
pub struct Crawl {
    events: mpsc::Receiver<Crawled>,
    task: JoinHandle<()>,
}

impl Crawl {
    /// The next report; none after `Finished`.
    pub async fn next(&mut self) -> Option<Crawled> {
        self.events.recv().await
    }
}

impl Drop for Crawl {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn start(crawler: Crawler, request: CrawlRequest) -> Crawl {
    let (sender, events) = mpsc::channel(16);
    let task = tokio::spawn(async move {
        let mut run = Run::new(crawler, request, sender);
        let summary = match run.run().await {
            Ok(complete) => CrawlSummary { complete, error: None },
            Err(Stop::Error(error)) => CrawlSummary { complete: false, error: Some(error) },
            Err(Stop::NobodyListens) => return,
        };
        // A receiver that left does not want to know.
        let _ = run.events.send(Crawled::Finished(summary)).await;
    });
    Crawl { events, task }
}
