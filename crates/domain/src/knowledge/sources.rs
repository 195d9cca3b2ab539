//! Where knowledge comes from: a site or a page of a tenant's domain.

use omniops_types::{CrawlProgress, DomainId, Permission, SourceId, SourceKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::{ingest_queries, job_queries, source_queries as queries};
use crate::{Domain, Error, Principal, Result, audit};

const MAX_URL: usize = 2_000;
const MAX_PAGES: u32 = 20_000;
const MAX_DEPTH: u32 = 50;
const MAX_PATTERNS: usize = 50;
const MAX_PATTERN_CHARS: usize = 200;
/// Pages that one transaction takes away: with passages and vectors a few seconds' work at most.
const PAGES_AT_ONCE: i64 = 100;

/// How much of a site is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourceOptions {
    /// 1 to 20,000.
    pub max_pages: u32,
    /// Clicks from the start, at most 50.
    pub max_depth: u32,
    /// Path patterns, `*` for anything; empty takes everything.
    pub include: Vec<String>,
    pub exclude: Vec<String>,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self { max_pages: 2_000, max_depth: 12, include: Vec::new(), exclude: Vec::new() }
    }
}

impl SourceOptions {
    fn check(&self) -> Result<()> {
        if !(1..=MAX_PAGES).contains(&self.max_pages) {
            return Err(Error::field("max_pages", "must be between 1 and 20000"));
        }
        if self.max_depth > MAX_DEPTH {
            return Err(Error::field("max_depth", "must be at most 50"));
        }
        for (name, patterns) in [("include", &self.include), ("exclude", &self.exclude)] {
            let acceptable = |pattern: &String| !pattern.is_empty() && pattern.chars().count() <= MAX_PATTERN_CHARS;
            if patterns.len() > MAX_PATTERNS || !patterns.iter().all(acceptable) {
                return Err(Error::field(name, "at most 50 patterns of 1 to 200 characters"));
            }
        }
        Ok(())
    }
}

/// A source and how its newest crawl went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSummary {
    pub id: SourceId,
    pub kind: SourceKind,
    pub url: String,
    /// The host of the domain that answers from it.
    pub host: String,
    /// Absent while it was never crawled.
    pub last_crawl: Option<CrawlProgress>,
}

/// The tenant's sources by host and address. A tenant has a handful; the list is not paged.
pub async fn sources(domain: &Domain, principal: &Principal) -> Result<Vec<SourceSummary>> {
    principal.require(Permission::KnowledgeRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let mut crawls = job_queries::latest_crawls(&mut tx).await?;
    let rows = queries::sources(&mut tx).await?;
    let summary = |row: queries::ListedSource| {
        let id = row.id.into();
        let kind = SourceKind::parse(&row.kind).ok_or_else(|| Error::internal("unknown kind of source"))?;
        Ok(SourceSummary { id, kind, url: row.url, host: row.host, last_crawl: crawls.remove(&id) })
    };
    rows.into_iter().map(summary).collect()
}

/// Adds a source to a domain, or changes the options of the one with this address. Fetches nothing yet.
pub async fn add_source(
    domain: &Domain,
    principal: &Principal,
    domain_id: DomainId,
    kind: SourceKind,
    url: &str,
    options: SourceOptions,
) -> Result<SourceId> {
    principal.require(Permission::KnowledgeWrite)?;
    options.check()?;
    let url = parse_address(url)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    if !ingest_queries::domain_exists(&mut tx, domain_id).await? {
        return Err(Error::NotFound("domain"));
    }
    let stored = json!(options);
    let source = queries::upsert_source(&mut tx, Uuid::now_v7(), domain_id, kind, url.as_str(), &stored).await?;
    let change = audit::Change {
        action: "knowledge_source.saved",
        target: url.as_str(),
        before: None,
        after: Some(json!({ "kind": kind.as_str(), "options": stored })),
    };
    audit::record(&mut tx, principal, change).await?;
    tx.commit().await?;
    Ok(source)
}

/// The source with this id or this address. `conflict` where several domains have one with the address.
pub async fn find_source(domain: &Domain, principal: &Principal, id_or_address: &str) -> Result<SourceSummary> {
    let id = id_or_address.parse().ok().map(SourceId);
    let address = parse_address(id_or_address).ok().map(String::from);
    let is_meant = |source: &SourceSummary| Some(source.id) == id || Some(&source.url) == address.as_ref();
    let mut found: Vec<SourceSummary> = sources(domain, principal).await?.into_iter().filter(is_meant).collect();
    if found.len() > 1 {
        return Err(Error::Conflict("several domains have a source with this address; name it by its id"));
    }
    found.pop().ok_or(Error::NotFound("source"))
}

/// Takes a source away with all that was read from it, and ends a crawl of it that is under way; gives how many pages
/// went. What was begun and cut off goes on when it is asked for again: the source itself goes last.
pub async fn remove_source(domain: &Domain, principal: &Principal, source: SourceId) -> Result<u64> {
    principal.require(Permission::KnowledgeWrite)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    job_queries::source(&mut tx, source).await?.ok_or(Error::NotFound("source"))?;
    job_queries::cancel_all_of(&mut tx, source).await?;
    tx.commit().await?;
    let mut removed = 0;
    loop {
        let mut tx = domain.database.tenant(principal.tenant_id).await?;
        let pages = queries::delete_some_pages(&mut tx, source, PAGES_AT_ONCE).await?;
        tx.commit().await?;
        removed += pages;
        if pages == 0 {
            break;
        }
    }
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let gone = queries::delete_source(&mut tx, source).await?.ok_or(Error::NotFound("source"))?;
    let change = audit::Change {
        action: "knowledge_source.removed",
        target: &gone.url,
        before: Some(json!({ "kind": gone.kind, "options": gone.options })),
        after: None,
    };
    audit::record(&mut tx, principal, change).await?;
    tx.commit().await?;
    Ok(removed)
}

fn parse_address(url: &str) -> Result<Url> {
    let parsed = Url::parse(url.trim()).map_err(|_| Error::field("url", "is no web address"))?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err(Error::field("url", "must begin with http:// or https://"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(Error::field("url", "must not hold a user name or password"));
    }
    let canonical = omniops_crawler::canonicalise(&parsed);
    if canonical.as_str().len() > MAX_URL {
        return Err(Error::field("url", "is too long"));
    }
    Ok(canonical)
}
