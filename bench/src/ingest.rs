//! How quickly a site is read: SQLite's documentation, served on loopback, into the database.
//!
//! First without the model, which shows what fetching, extraction, cutting and the database take; then a few pages with
//! it, beside the same passages given to the bare model.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, ensure};
use async_trait::async_trait;
use omniops_domain::{Actor, Domain, Principal, knowledge, tenants};
use omniops_embedding::{EmbedError, Embedder, Space};
use omniops_types::{CrawlProgress, JobStatus, SourceKind, TenantId};
use uuid::Uuid;

use crate::figure::{Figure, number};
use crate::search::Site;
use crate::support::stats::median;
use crate::support::world::World;

/// Pages read with the model in each round.
const EMBEDDED_PAGES: u32 = 15;
const ROUNDS: usize = 3;
const ALL_PAGES: u32 = 2_000;
/// Texts that the model gets at once, as ingestion gives them.
const PORTION: usize = 64;

pub async fn ingest(world: &World, directory: &Path) -> Result<Vec<Figure>> {
    let site = Site::serve(directory).await?;
    let plain = world.domain_with(Arc::new(NoModel::default()));
    let begun = Instant::now();
    let read = crawl(world, &plain, &site, ALL_PAGES).await?;
    let pages_per_second = read.pages_fetched as f64 / begun.elapsed().as_secs_f64();

    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let recorder = Arc::new(Recorder::new(Arc::clone(&world.domain.embedder)));
        let domain = world.domain_with(Arc::clone(&recorder) as Arc<dyn Embedder>);
        let begun = Instant::now();
        crawl(world, &domain, &site, EMBEDDED_PAGES).await?;
        let through_ingest = begun.elapsed().as_secs_f64();

        let texts = recorder.take();
        ensure!(!texts.is_empty(), "nothing was embedded");
        let begun = Instant::now();
        for portion in texts.chunks(PORTION) {
            world.domain.embedder.embed(portion).await?;
        }
        let count = texts.len() as f64;
        rounds.push((count / through_ingest, count / begun.elapsed().as_secs_f64()));
    }
    let ratio = median(rounds.iter().map(|(ingest, bare)| ingest / bare));
    let (ingest, bare) = (median(rounds.iter().map(|pair| pair.0)), median(rounds.iter().map(|pair| pair.1)));
    let against = format!("{} of {} passages/s", number(ingest), number(bare));
    let pages = format!("{} pages, {} passages", read.pages_fetched, read.chunks_embedded);
    Ok(vec![
        Figure::new("crawl without the model", pages_per_second, "pages/s").against(pages),
        Figure::new("crawl with the model", ingest, "passages/s"),
        Figure::ratio("passages/s, ingestion ÷ bare model", ratio).against(against),
    ])
}

/// Crawls the site as a new tenant, and takes the tenant away again.
async fn crawl(world: &World, domain: &Domain, site: &Site, max_pages: u32) -> Result<CrawlProgress> {
    let slug = format!("bench-ingest-{}", Uuid::now_v7().simple());
    let new = tenants::NewTenant { slug, name: "A site that is read".to_owned() };
    let tenant = tenants::create(domain, Actor::System, new).await?.id;
    let outcome = crawl_as(domain, site, tenant, max_pages).await;
    sqlx::query("delete from tenants where id = $1").bind(tenant.uuid()).execute(&world.superuser).await?;
    outcome
}

async fn crawl_as(domain: &Domain, site: &Site, tenant: TenantId, max_pages: u32) -> Result<CrawlProgress> {
    let principal = Principal { tenant_id: tenant, actor: Actor::System };
    let host = format!("{}.example", Uuid::now_v7().simple());
    let shop = tenants::add_domain(domain, &principal, &host.parse()?, &[]).await?;
    let options = knowledge::SourceOptions { max_pages, ..Default::default() };
    let source = knowledge::add_source(domain, &principal, shop.id, SourceKind::Site, &site.start(), options).await?;
    let job = knowledge::start_own_crawl(domain, &principal, source).await?;
    let done = knowledge::crawl_now(domain, &principal, job, |_| ()).await?;
    ensure!(done.status == JobStatus::Succeeded, "the crawl ended {:?}: {:?}", done.status, done.error);
    Ok(done)
}

/// Gives every text a unit vector of its own at no cost worth mentioning, and with so few numbers that no index of the
/// database takes it.
struct NoModel {
    space: Space,
}

impl Default for NoModel {
    fn default() -> Self {
        Self { space: Space { provider: "none".to_owned(), model: "none".to_owned(), dimensions: 8 } }
    }
}

impl NoModel {
    fn vector(&self, text: &str) -> Vec<f32> {
        let mut state = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
        };
        let vector: Vec<f32> = std::iter::repeat_with(next).take(self.space.dimensions).collect();
        let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::EPSILON);
        vector.into_iter().map(|x| x / norm).collect()
    }
}

#[async_trait]
impl Embedder for NoModel {
    fn space(&self) -> &Space {
        &self.space
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(texts.iter().map(|text| self.vector(text)).collect())
    }
}

/// The real model, and what it was asked for.
struct Recorder {
    inner: Arc<dyn Embedder>,
    texts: Mutex<Vec<String>>,
}

impl Recorder {
    fn new(inner: Arc<dyn Embedder>) -> Self {
        Self { inner, texts: Mutex::default() }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.texts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Embedder for Recorder {
    fn space(&self) -> &Space {
        self.inner.space()
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(texts);
        self.inner.embed(texts).await
    }
}
