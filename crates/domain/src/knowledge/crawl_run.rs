//! A crawl into the database.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use omniops_crawler::{
    AllowList, CrawlError, CrawlRequest, CrawlSummary, Crawled, Crawler, CrawlerOptions, HttpOptions, Known, Validators,
};
use omniops_types::{DomainId, RunFailure, SourceKind};
use url::Url;

use super::ingest::{Place, ingest_page};
use super::ingest_queries::{self, KnownPage};
use super::job_queries::{self, SourceRow};
use super::jobs::{Claim, Ending, Reporter, Tally};
use super::sources::SourceOptions;
use super::spaces;
use crate::{Domain, Error, Result};

/// Often enough for a progress bar, seldom enough to cost nothing.
const REPORT_EVERY: Duration = Duration::from_millis(200);

/// Crawls the source of a run and takes what it finds, page by page.
pub(super) async fn run(domain: &Domain, claim: &Claim, reporter: &mut Reporter<'_>) -> Result<Ending> {
    let space_id = spaces::current_space(domain).await?;
    let mut tx = domain.database.tenant(claim.tenant).await?;
    let source = job_queries::source(&mut tx, claim.source).await?.ok_or(Error::NotFound("source"))?;
    let known = ingest_queries::known_pages(&mut tx, claim.source, space_id).await?;
    drop(tx);

    let domain_id = DomainId::from(source.domain_id);
    let place = Place { tenant: claim.tenant, domain_id, source_id: claim.source, space_id };
    let crawler = crawler_for(domain, claim, &source)?;
    let mut crawl = crawler.crawl(request_for(&source, known)?);
    let mut run = Run { domain, place, tally: Tally::default(), seen: Vec::new(), gone: Vec::new() };
    let mut reported = Instant::now();
    while let Some(event) = crawl.next().await {
        if let Crawled::Finished(summary) = event {
            return run.finish(summary, reporter).await;
        }
        run.take(event).await?;
        if reported.elapsed() >= REPORT_EVERY {
            reported = Instant::now();
            if !reporter.report(&run.tally).await? {
                return Ok(Ending::NoLongerOurs);
            }
        }
    }
    Ok(Ending::Failed(RunFailure::Internal, "the crawl ended before its time".to_owned()))
}

fn crawler_for(domain: &Domain, claim: &Claim, source: &SourceRow) -> Result<Crawler> {
    let mut allowed = domain.settings.allow_private_hosts.clone();
    if claim.allow_own_host
        && !domain.settings.production
        && let Ok(url) = Url::parse(&source.url)
        && let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default())
    {
        allowed.push(format!("{host}:{port}"));
    }
    let http = HttpOptions { allow_private: AllowList::new(allowed), ..HttpOptions::default() };
    Crawler::new(CrawlerOptions { http, ..CrawlerOptions::default() }).map_err(Error::internal)
}

fn request_for(source: &SourceRow, known: Vec<KnownPage>) -> Result<CrawlRequest> {
    let options: SourceOptions = serde_json::from_value(source.options.clone()).map_err(Error::internal)?;
    let single = SourceKind::parse(&source.kind) == Some(SourceKind::Page);
    Ok(CrawlRequest {
        start: Url::parse(&source.url).map_err(Error::internal)?,
        max_pages: if single { 1 } else { usize::try_from(options.max_pages).unwrap_or(usize::MAX) },
        max_depth: if single { 0 } else { usize::try_from(options.max_depth).unwrap_or(usize::MAX) },
        include: options.include,
        exclude: options.exclude,
        known: known.into_iter().filter_map(remember).collect::<HashMap<_, _>>(),
    })
}

fn remember(page: KnownPage) -> Option<(Url, Known)> {
    let known = Known {
        validators: Validators { etag: page.etag, last_modified: page.last_modified },
        content_hash: page.content_hash.try_into().ok(),
        links: page.links.iter().filter_map(|link| Url::parse(link).ok()).collect(),
    };
    Some((Url::parse(&page.url).ok()?, known))
}

const fn code_of(error: &CrawlError) -> RunFailure {
    match error {
        CrawlError::Start(_) => RunFailure::StartUnreachable,
        CrawlError::Robots(_) => RunFailure::RobotsUnreadable,
        CrawlError::Disallowed => RunFailure::Disallowed,
    }
}

struct Run<'a> {
    domain: &'a Domain,
    place: Place,
    tally: Tally,
    /// Addresses of the pages that belong to the site.
    seen: Vec<String>,
    gone: Vec<String>,
}

impl Run<'_> {
    async fn take(&mut self, event: Crawled) -> Result<()> {
        match event {
            Crawled::Page(page) => {
                let done = ingest_page(self.domain, self.place, &page).await?;
                self.seen.push(page.url.into());
                self.tally.fetched += 1;
                self.tally.changed += i64::from(done.changed);
                self.tally.embedded += i64::try_from(done.embedded).unwrap_or(i64::MAX);
            }
            Crawled::NotModified { url } => {
                let mut tx = self.domain.database.tenant(self.place.tenant).await?;
                ingest_queries::touch_unmodified(&mut tx, self.place.source_id, url.as_str()).await?;
                tx.commit().await?;
                self.seen.push(url.into());
                self.tally.fetched += 1;
            }
            Crawled::Gone { url } => {
                self.tally.add_failure(url.as_str(), "the server says that there is no such page");
                self.gone.push(url.into());
            }
            Crawled::Failed { url, reason } => self.tally.add_failure(url.as_str(), &reason),
            Crawled::Discovered(found) => self.tally.found = i64::try_from(found).unwrap_or(i64::MAX),
            // Left out on purpose is no failure; and the end is the caller's.
            Crawled::Skipped { .. } | Crawled::Finished(_) => {}
        }
        Ok(())
    }

    /// Takes away what no longer is, and lets the vectors answer.
    async fn finish(mut self, summary: CrawlSummary, reporter: &mut Reporter<'_>) -> Result<Ending> {
        if let Some(error) = summary.error {
            return Ok(Ending::Failed(code_of(&error), error.to_string()));
        }
        // A site without a single page is a broken site far more often than an empty one: keep what was known.
        if self.seen.is_empty() {
            return Ok(Ending::Failed(RunFailure::NoText, "no page with text was found".to_owned()));
        }
        let mut tx = self.domain.database.tenant(self.place.tenant).await?;
        let mut removed = ingest_queries::delete_pages(&mut tx, self.place.source_id, &self.gone).await?;
        if summary.complete {
            removed += ingest_queries::delete_unseen_pages(&mut tx, self.place.source_id, &self.seen).await?;
        }
        spaces::activate_if_complete(&mut tx, self.place.domain_id, self.place.space_id).await?;
        tx.commit().await?;
        self.tally.changed += i64::try_from(removed).unwrap_or(i64::MAX);
        if !reporter.report(&self.tally).await? {
            return Ok(Ending::NoLongerOurs);
        }
        Ok(Ending::Succeeded)
    }
}
