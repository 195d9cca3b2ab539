//! One crawl at work.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use url::Url;

use super::{CrawlError, CrawlRequest, Crawled, CrawledPage, SkipReason};
use crate::address::{self, Scope};
use crate::fetch::{FetchError, Validators};
use crate::frontier::{Entry, Frontier};
use crate::pace::Pace;
use crate::page::{Loaded, MAX_REDIRECTS, PageError, PageFetch};
use crate::robots::{self, Robots, robots_url};
use crate::{Crawler, ROBOTS_NAME};

/// Results that may wait for an earlier one, for each request that may run.
const WAITING_PER_SLOT: usize = 4;

/// Why a crawl ends before it is through.
pub(super) enum Stop {
    Error(CrawlError),
    NobodyListens,
}

impl From<CrawlError> for Stop {
    fn from(error: CrawlError) -> Self {
        Self::Error(error)
    }
}

type Outcome = Result<Loaded, PageError>;

/// The state of one crawl.
pub(super) struct Run {
    pub(super) crawler: Crawler,
    pub(super) request: CrawlRequest,
    pub(super) events: mpsc::Sender<Crawled>,
    pub(super) scope: Scope,
    pub(super) robots: Robots,
    pub(super) pace: Arc<Pace>,
    pub(super) frontier: Frontier,
    /// What was reported under which content, to tell copies.
    by_hash: HashMap<[u8; 32], Url>,
    /// Pages reported so far.
    pages: usize,
    requests: usize,
    /// Something failed that may work another time.
    pub(super) had_passing_failure: bool,
    reported_found: usize,
}

impl Run {
    pub(super) fn new(crawler: Crawler, request: CrawlRequest, events: mpsc::Sender<Crawled>) -> Self {
        let scope = Scope::new(&request.start, &request.include, &request.exclude);
        let pace = pace_of(&crawler, &request.start);
        let frontier = Frontier::new(request.max_depth, request.max_pages);
        Self {
            crawler,
            request,
            events,
            scope,
            robots: Robots::allow_all(),
            pace,
            frontier,
            by_hash: HashMap::new(),
            pages: 0,
            requests: 0,
            had_passing_failure: false,
            reported_found: 0,
        }
    }

    /// True when the crawl saw all there is.
    pub(super) async fn run(&mut self) -> Result<bool, Stop> {
        self.begin().await?;
        if self.request.max_depth > 0 {
            self.read_sitemaps().await;
            self.report_found().await?;
            self.follow_links().await?;
        }
        let through = self.frontier.is_empty() && !self.frontier.is_limited();
        Ok(through && !self.had_passing_failure)
    }

    /// Fetches the start page; where it leads to another host, that host is the site.
    async fn begin(&mut self) -> Result<(), Stop> {
        let mut url = address::canonicalise(&self.request.start);
        for _ in 0..=MAX_REDIRECTS {
            self.scope = Scope::new(&url, &self.request.include, &self.request.exclude);
            self.pace = pace_of(&self.crawler, &url);
            self.robots = self.read_robots(&url).await?;
            if !self.robots.allows(&url) {
                return Err(CrawlError::Disallowed.into());
            }
            self.frontier.mark(&url);
            let visit = self.visit(&Entry { url: url.clone(), depth: 0 });
            match visit.await {
                Ok(Loaded::Redirect(target)) => url = target,
                Err(error) if !matches!(error, PageError::ContentType(_)) => {
                    return Err(CrawlError::Start(error).into());
                }
                outcome => return self.handle(Entry { url, depth: 0 }, outcome).await,
            }
        }
        Err(CrawlError::Start(PageError::TooManyRedirects).into())
    }

    async fn follow_links(&mut self) -> Result<(), Stop> {
        let slots = self.crawler.options.concurrency.max(1);
        let mut running = JoinSet::new();
        let mut waiting: BTreeMap<usize, (Entry, Outcome)> = BTreeMap::new();
        let (mut next_number, mut next_handled) = (0, 0);
        loop {
            while running.len() < slots
                && running.len() + waiting.len() < slots * WAITING_PER_SLOT
                && self.has_budget(running.len() + waiting.len())
                && let Some(entry) = self.frontier.pop()
            {
                if !self.robots.allows(&entry.url) {
                    self.send(Crawled::Skipped { url: entry.url, reason: SkipReason::Robots }).await?;
                    continue;
                }
                let (number, visit) = (next_number, self.visit(&entry));
                next_number += 1;
                running.spawn(async move { (number, entry, visit.await) });
            }
            match running.join_next().await {
                Some(Ok((number, entry, outcome))) => waiting.insert(number, (entry, outcome)),
                // A task that panicked leaves a gap that no result will fill.
                Some(Err(error)) => {
                    tracing::error!(%error, "a page could not be read");
                    self.had_passing_failure = true;
                    return Ok(());
                }
                None => return Ok(()),
            };
            while let Some((entry, outcome)) = waiting.remove(&next_handled) {
                next_handled += 1;
                self.handle(entry, outcome).await?;
            }
            self.report_found().await?;
        }
    }

    /// Redirects and pages that are no pages cost requests but no page; they are bounded too.
    fn has_budget(&self, on_the_way: usize) -> bool {
        self.pages + on_the_way < self.request.max_pages
            && self.requests < self.request.max_pages.saturating_mul(3).saturating_add(100)
    }

    /// The request for one page, ready to run beside others.
    fn visit(&mut self, entry: &Entry) -> impl Future<Output = Outcome> + use<> {
        self.requests += 1;
        let (crawler, pace, url) = (self.crawler.clone(), Arc::clone(&self.pace), entry.url.clone());
        let delay = self.delay(&url);
        let validators = self.request.known.get(&url).map(|known| known.validators.clone()).unwrap_or_default();
        async move {
            let _turn = pace.turn(delay).await;
            crawler.load(&url, validators).await
        }
    }

    pub(super) fn delay(&self, url: &Url) -> Duration {
        let own = self.crawler.options.http.allow_private.allows(url);
        let delay = if own { Duration::ZERO } else { self.crawler.options.delay };
        delay.max(self.robots.delay.unwrap_or_default())
    }

    async fn handle(&mut self, entry: Entry, outcome: Outcome) -> Result<(), Stop> {
        let url = entry.url.clone();
        match outcome {
            Ok(Loaded::Page(page)) => self.handle_page(entry, *page).await,
            Ok(Loaded::NotModified) => {
                self.pages += 1;
                if let Some(known) = self.request.known.get(&url).cloned() {
                    if let Some(hash) = known.content_hash {
                        self.by_hash.entry(hash).or_insert_with(|| url.clone());
                    }
                    self.push_links(known.links, entry.depth);
                }
                self.send(Crawled::NotModified { url }).await
            }
            Ok(Loaded::Redirect(target)) => {
                // No click leads to it, so it is as far away as what leads to it.
                self.frontier.push(target.clone(), entry.depth, &self.scope);
                self.send(Crawled::Skipped { url, reason: SkipReason::Redirect(target) }).await
            }
            Err(error) if error.is_gone() => self.send(Crawled::Gone { url }).await,
            Err(PageError::ContentType(kind)) => {
                self.send(Crawled::Skipped { url, reason: SkipReason::ContentType(kind) }).await
            }
            Err(error) => {
                self.had_passing_failure |= error.is_passing();
                self.send(Crawled::Failed { url, reason: error.to_string() }).await
            }
        }
    }

    async fn handle_page(&mut self, entry: Entry, mut page: PageFetch) -> Result<(), Stop> {
        let links = std::mem::take(&mut page.document.links);
        if !page.document.directives.nofollow {
            self.push_links(links.clone(), entry.depth);
        }
        if page.document.directives.noindex {
            return self.send(Crawled::Skipped { url: entry.url, reason: SkipReason::NoIndex }).await;
        }
        if page.document.blocks.is_empty() {
            return self.send(Crawled::Skipped { url: entry.url, reason: SkipReason::Empty }).await;
        }
        let content_hash = page.document.content_hash();
        let url = self.identity(&entry.url, page.document.canonical.as_ref());
        if let Some(first) = self.by_hash.get(&content_hash)
            && *first != url
        {
            let reason = SkipReason::Duplicate(first.clone());
            return self.send(Crawled::Skipped { url: entry.url, reason }).await;
        }
        self.by_hash.insert(content_hash, url.clone());
        page.document.links = links.into_iter().filter(|link| self.scope.contains(link)).collect();
        self.pages += 1;
        let PageFetch { document, validators, truncated, .. } = page;
        let page = CrawledPage { url, depth: entry.depth, document, content_hash, validators, truncated };
        self.send(Crawled::Page(Box::new(page))).await
    }

    /// The address that a page is kept under: the canonical one that it names, if that is believable. Some sites name
    /// their home page on every page; believing that would lose all pages but one.
    fn identity(&mut self, url: &Url, canonical: Option<&Url>) -> Url {
        let Some(canonical) = canonical.filter(|canonical| *canonical != url && self.scope.contains(canonical)) else {
            return url.clone();
        };
        let is_home_of_everything = canonical.path() == "/" && url.path() != "/";
        // A page that was already fetched under that address has its own content.
        if is_home_of_everything || !self.robots.allows(canonical) || !self.frontier.mark(canonical) {
            return url.clone();
        }
        canonical.clone()
    }

    fn push_links(&mut self, links: Vec<Url>, depth: usize) {
        for link in links {
            self.frontier.push(link, depth + 1, &self.scope);
        }
    }

    async fn read_robots(&self, url: &Url) -> Result<Robots, Stop> {
        let mut robots_url = robots_url(url);
        for _ in 0..=MAX_REDIRECTS {
            let _turn = self.pace.turn(Duration::ZERO).await;
            let answer = self.crawler.request(&robots_url, Validators::default(), robots::MAX_BYTES).await;
            let fetched = answer.map_err(|error| match error {
                // The address itself is at fault, not the robots.txt.
                FetchError::Refused(_) | FetchError::Unreachable(_) => CrawlError::Start(error.into()),
                other => CrawlError::Robots(other.to_string()),
            })?;
            match fetched.status {
                200..=299 => return Ok(Robots::parse(ROBOTS_NAME, &fetched.body)),
                300..=399 => match fetched.location.as_deref().and_then(|target| address::resolve(&robots_url, target))
                {
                    Some(target) => robots_url = target,
                    None => return Ok(Robots::allow_all()),
                },
                429 | 500.. => return Err(CrawlError::Robots(format!("the server answered {}", fetched.status)).into()),
                _ => return Ok(Robots::allow_all()),
            }
        }
        Ok(Robots::allow_all())
    }

    async fn report_found(&mut self) -> Result<(), Stop> {
        let found = self.frontier.found();
        if found == self.reported_found {
            return Ok(());
        }
        self.reported_found = found;
        self.send(Crawled::Discovered(found)).await
    }

    async fn send(&self, event: Crawled) -> Result<(), Stop> {
        self.events.send(event).await.map_err(|_| Stop::NobodyListens)
    }
}

fn pace_of(crawler: &Crawler, url: &Url) -> Arc<Pace> {
    let host = url.host_str().unwrap_or_default();
    let key = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
    crawler.paces.of(&key, crawler.options.concurrency)
}
