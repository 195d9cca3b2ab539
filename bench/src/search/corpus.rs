//! SQLite's documentation as Debian packages it, served on loopback and crawled as any site is.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use axum::Router;
use omniops_domain::{Actor, Domain, Principal, knowledge, tenants};
use omniops_types::{DomainId, JobStatus, SourceKind, TenantId};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;

const SLUG: &str = "bench-sqlite";
const PORT: u16 = 38_471;
/// Most of the documentation's pages; the rest are pictures and indexes that no page links to.
const FEWEST_PAGES: i64 = 400;

/// The documentation as a site on loopback, for as long as this lives.
#[derive(Debug)]
pub struct Site {
    host: String,
    server: JoinHandle<std::io::Result<()>>,
}

impl Site {
    pub async fn serve(directory: &Path) -> Result<Self> {
        if !directory.join("index.html").is_file() {
            bail!("{} is missing; `apt-get install sqlite3-doc` brings it", directory.display());
        }
        // The same address each time, where it is free: a crawl that was ended goes on where it was.
        let listener = match TcpListener::bind(("127.0.0.1", PORT)).await {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind("127.0.0.1:0").await?,
        };
        let host = listener.local_addr()?.to_string();
        let site = Router::new().fallback_service(ServeDir::new(directory));
        let server = tokio::spawn(async move { axum::serve(listener, site).await });
        Ok(Self { host, server })
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The first page's address.
    pub fn start(&self) -> String {
        format!("http://{}/index.html", self.host)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

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
            Ok(tenant) if is_complete(domain, tenant.id).await? => (tenant.id, false),
            // What a run left that was ended within its crawl is taken up again.
            Ok(tenant) => (crawl(domain, directory, tenant.id).await?, true),
            Err(_) => {
                let new = tenants::NewTenant { slug: SLUG.to_owned(), name: "SQLite's documentation".to_owned() };
                let tenant = tenants::create(domain, Actor::System, new).await?.id;
                (crawl(domain, directory, tenant).await?, true)
            }
        };
        let principal = Principal { tenant_id: tenant, actor: Actor::System };
        let domains = tenants::domains(domain, &principal).await?;
        let last = domains.iter().max_by_key(|shop| shop.id.uuid()).context("the corpus has no domain")?;
        let (pages, passages) = counts(domain, tenant).await?;
        Ok(Self {
            tenant,
            domain_id: last.id,
            site: format!("http://{}/", last.host),
            pages,
            passages,
            crawl_seconds: crawled.then(|| begun.elapsed().as_secs_f64()),
        })
    }
}

async fn crawl(domain: &Domain, directory: &Path, tenant: TenantId) -> Result<TenantId> {
    let site = Site::serve(directory).await?;
    let principal = Principal { tenant_id: tenant, actor: Actor::System };
    let known = tenants::domains(domain, &principal).await?.into_iter().find(|shop| shop.host == site.host());
    let shop_id = match known {
        Some(shop) => shop.id,
        None => tenants::add_domain(domain, &principal, &site.host().parse()?, &[]).await?.id,
    };
    let options = knowledge::SourceOptions::default();
    let source = knowledge::add_source(domain, &principal, shop_id, SourceKind::Site, &site.start(), options).await?;
    let job = knowledge::start_own_crawl(domain, &principal, source).await?;
    let done = knowledge::crawl_now(domain, &principal, job, |progress| {
        eprint!(
            "\r  {} of {} pages, {} passages",
            progress.pages_fetched, progress.pages_found, progress.chunks_embedded
        );
    })
    .await?;
    eprintln!();
    if done.status != JobStatus::Succeeded || done.pages_fetched < FEWEST_PAGES {
        bail!("the crawl ended {:?} after {} pages: {:?}", done.status, done.pages_fetched, done.error);
    }
    Ok(tenant)
}

/// The tenant with at least so many passages, from a crawl that need not have ended; with fewer, after the whole crawl.
pub async fn tenant_with(domain: &Domain, directory: &Path, passages: i64) -> Result<TenantId> {
    if let Ok(tenant) = tenants::find(domain, SLUG).await
        && counts(domain, tenant.id).await?.1 >= passages
    {
        return Ok(tenant.id);
    }
    Ok(Corpus::prepare(domain, directory).await?.tenant)
}

/// Whether a crawl of the tenant has ended well.
async fn is_complete(domain: &Domain, tenant: TenantId) -> Result<bool> {
    let mut tx = domain.database.tenant(tenant).await?;
    let complete = sqlx::query_scalar("select exists (select from content_refresh_jobs where status = 'succeeded')")
        .fetch_one(tx.conn())
        .await?;
    Ok(complete)
}

async fn counts(domain: &Domain, tenant: TenantId) -> Result<(i64, i64)> {
    let mut tx = domain.database.tenant(tenant).await?;
    let counts = sqlx::query_as("select (select count(*) from scraped_pages), (select count(*) from page_chunks)")
        .fetch_one(tx.conn())
        .await?;
    Ok(counts)
}
