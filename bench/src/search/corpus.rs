//! SQLite's documentation as Debian packages it, served on loopback and crawled as any site is.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use axum::Router;
use omniops_domain::{Actor, Domain, Principal, knowledge, tenants};
use omniops_types::{DomainId, JobStatus, SourceKind, TenantId};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

const SLUG: &str = "bench-sqlite";
/// Most of the documentation's pages; the rest are pictures and indexes that no page links to.
const FEWEST_PAGES: i64 = 400;

/// The crawled site.
#[derive(Clone, Debug)]
pub struct Corpus {
    pub tenant: TenantId,
    pub domain_id: DomainId,
    /// The root's address, with a slash at the end.
    pub site: String,
    pub pages: i64,
    pub passages: i64,
    /// Absent when an earlier run left the crawl in the database.
    pub crawl_seconds: Option<f64>,
}

impl Corpus {
    /// Crawls the directory's pages, or takes what an earlier run has crawled into this database.
    pub async fn prepare(domain: &Domain, directory: &Path) -> Result<Self> {
        let begun = Instant::now();
        let (tenant, crawled) = match tenants::find(domain, SLUG).await {
            Ok(tenant) => (tenant.id, false),
            Err(_) => (crawl(domain, directory).await?, true),
        };
        let principal = Principal { tenant_id: tenant, actor: Actor::System };
        let domains = tenants::domains(domain, &principal).await?;
        let first = domains.first().context("the corpus has no domain")?;
        let (pages, passages) = counts(domain, tenant).await?;
        Ok(Self {
            tenant,
            domain_id: first.id,
            site: format!("http://{}/", first.host),
            pages,
            passages,
            crawl_seconds: crawled.then(|| begun.elapsed().as_secs_f64()),
        })
    }
}

async fn crawl(domain: &Domain, directory: &Path) -> Result<TenantId> {
    if !directory.join("index.html").is_file() {
        bail!("{} is missing; `apt-get install sqlite3-doc` brings it", directory.display());
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let host = listener.local_addr()?.to_string();
    let site = Router::new().fallback_service(ServeDir::new(directory));
    let server = tokio::spawn(async move { axum::serve(listener, site).await });

    let new = tenants::NewTenant { slug: SLUG.to_owned(), name: "SQLite's documentation".to_owned() };
    let tenant = tenants::create(domain, Actor::System, new).await?.id;
    let principal = Principal { tenant_id: tenant, actor: Actor::System };
    let shop = tenants::add_domain(domain, &principal, &host.parse()?, &[]).await?;
    let start = format!("http://{host}/index.html");
    let options = knowledge::SourceOptions::default();
    let source = knowledge::add_source(domain, &principal, shop.id, SourceKind::Site, &start, options).await?;
    let job = knowledge::start_own_crawl(domain, &principal, source).await?;
    let done = knowledge::crawl_now(domain, &principal, job, |progress| {
        eprint!(
            "\r{} of {} pages, {} passages",
            progress.pages_fetched, progress.pages_found, progress.chunks_embedded
        );
    })
    .await?;
    eprintln!();
    server.abort();
    if done.status != JobStatus::Succeeded || done.pages_fetched < FEWEST_PAGES {
        bail!("the crawl ended {:?} after {} pages: {:?}", done.status, done.pages_fetched, done.error);
    }
    Ok(tenant)
}

async fn counts(domain: &Domain, tenant: TenantId) -> Result<(i64, i64)> {
    let mut tx = domain.database.tenant(tenant).await?;
    let counts = sqlx::query_as("select (select count(*) from scraped_pages), (select count(*) from page_chunks)")
        .fetch_one(tx.conn())
        .await?;
    Ok(counts)
}
