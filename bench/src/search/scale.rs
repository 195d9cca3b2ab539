//! How the search's time grows with the tenant, and what the vector index loses against comparing with all vectors.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use omniops_domain::knowledge::{self, SearchRequest};
use omniops_domain::{Actor, Domain, Principal, tenants};
use omniops_types::{DomainId, SourceKind, TenantId};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;
use uuid::Uuid;

use super::corpus::Corpus;
use super::questions::questions;

const SMALL: usize = 1_000;
const LARGE: usize = 100_000;
/// Neighbours that are compared.
const NEIGHBOURS: i64 = 10;
/// Rows of one insert.
const BATCH: usize = 500;
/// How far a copy's vector lies from its original's, as the length of the noise beside the vector's 1: its cosine to
/// the original is some 0.8, that of neighbouring passages of one page.
const NOISE: f32 = 0.75;

struct Copied {
    text: String,
    heading_path: Vec<String>,
    vector: Vec<f32>,
}

/// Times the hybrid search over 1,000 and 100,000 passages, made from the corpus's with varied vectors.
///
/// `owner` is a pool as the owner of the tables: the vector index is dropped and built again around the inserts.
pub async fn scale(domain: &Domain, owner: &PgPool, corpus: &Corpus) -> Result<Value> {
    let originals = originals(domain, corpus).await?;
    ensure!(!originals.is_empty(), "the corpus has no passages");
    let small = fill(domain, owner, "bench-1k", &originals, SMALL).await?;
    let large = fill(domain, owner, "bench-100k", &originals, LARGE).await?;
    let small_times = times(domain, small).await?;
    let large_times = times(domain, large).await?;
    Ok(json!({
        "passages": [SMALL, LARGE],
        "search_p50_ms": [percentile(&small_times, 50), percentile(&large_times, 50)],
        "search_p95_ms": [percentile(&small_times, 95), percentile(&large_times, 95)],
        "recall_at_10": [recall(domain, small).await?, recall(domain, large).await?],
        "targets": {"recall_at_10": 0.95},
    }))
}

async fn originals(domain: &Domain, corpus: &Corpus) -> Result<Vec<Copied>> {
    let mut tx = domain.database.tenant(corpus.tenant).await?;
    let rows: Vec<(String, Vec<String>, Vec<f32>)> = sqlx::query_as(
        "select c.text, c.heading_path, e.embedding::real[]
           from page_chunks c
           join page_embeddings e on e.chunk_id = c.id
          order by c.id",
    )
    .fetch_all(tx.conn())
    .await?;
    let copied = |(text, heading_path, vector)| Copied { text, heading_path, vector };
    Ok(rows.into_iter().map(copied).collect())
}

/// A tenant with so many passages, or the one that an earlier run has filled.
async fn fill(
    domain: &Domain,
    owner: &PgPool,
    slug: &str,
    originals: &[Copied],
    count: usize,
) -> Result<(TenantId, DomainId)> {
    if let Ok(tenant) = tenants::find(domain, slug).await {
        let principal = Principal { tenant_id: tenant.id, actor: Actor::System };
        let domains = tenants::domains(domain, &principal).await?;
        return Ok((tenant.id, domains.first().context("the tenant has no domain")?.id));
    }
    let new = tenants::NewTenant { slug: slug.to_owned(), name: slug.to_owned() };
    let tenant = tenants::create(domain, Actor::System, new).await?.id;
    let principal = Principal { tenant_id: tenant, actor: Actor::System };
    let host = format!("{slug}.example").parse()?;
    let shop = tenants::add_domain(domain, &principal, &host, &[]).await?.id;
    let start = format!("https://{slug}.example/");
    let options = knowledge::SourceOptions::default();
    let source = knowledge::add_source(domain, &principal, shop, SourceKind::Site, &start, options).await?;

    let index: String =
        sqlx::query_scalar("select pg_get_indexdef('page_embeddings_hnsw_384'::regclass)").fetch_one(owner).await?;
    sqlx::query("drop index page_embeddings_hnsw_384").execute(owner).await?;
    let mut random = Random(count as u64);
    let mut made = 0;
    while made < count {
        let size = BATCH.min(count - made);
        insert(domain, tenant, shop, source.uuid(), originals, made, size, &mut random).await?;
        made += size;
    }
    sqlx::query("set maintenance_work_mem = '1GB'").execute(owner).await?;
    sqlx::query(AssertSqlSafe(index)).execute(owner).await?;
    sqlx::query("analyze page_chunks, page_embeddings, scraped_pages").execute(owner).await?;
    Ok((tenant, shop))
}

#[allow(clippy::too_many_arguments, reason = "one statement's worth of values")]
async fn insert(
    domain: &Domain,
    tenant: TenantId,
    shop: DomainId,
    source: Uuid,
    originals: &[Copied],
    from: usize,
    size: usize,
    random: &mut Random,
) -> Result<()> {
    let page = Uuid::now_v7();
    let mut ids = Vec::with_capacity(size);
    let mut texts = Vec::with_capacity(size);
    let mut headings = Vec::with_capacity(size);
    let mut vectors = Vec::with_capacity(size);
    for (number, original) in originals.iter().cycle().skip(from % originals.len()).take(size).enumerate() {
        ids.push(Uuid::now_v7());
        texts.push(format!("{} (variant {})", original.text, from + number));
        headings.push(original.heading_path.join(" "));
        vectors.push(random.near(&original.vector));
    }
    let mut tx = domain.database.tenant(tenant).await?;
    sqlx::query(
        "insert into scraped_pages (tenant_id, id, domain_id, source_id, url, title, content, content_hash)
         values ($1, $2, $3, $4, $5, 'A page', '', '')",
    )
    .bind(tenant.uuid())
    .bind(page)
    .bind(shop.uuid())
    .bind(source)
    .bind(format!("https://bench.example/{page}"))
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "insert into page_chunks (tenant_id, id, page_id, domain_id, ordinal, heading_path, text, content_hash, language, search)
         select $1, t.id, $2, $3, t.ordinal, array[t.heading], t.text, sha256(convert_to(t.text, 'UTF8')), 'en',
                setweight(to_tsvector('english', t.heading), 'B') || setweight(to_tsvector('english', t.text), 'D')
           from unnest($4::uuid[], $5::text[], $6::text[]) with ordinality as t (id, heading, text, ordinal)",
    )
    .bind(tenant.uuid())
    .bind(page)
    .bind(shop.uuid())
    .bind(&ids)
    .bind(&headings)
    .bind(&texts)
    .execute(tx.conn())
    .await?;
    let space = domain.embedder.space();
    for (id, vector) in ids.iter().zip(&vectors) {
        sqlx::query(
            "insert into page_embeddings (tenant_id, chunk_id, space_id, domain_id, embedding)
             select $1, $2, s.id, $3, $4::real[]::vector
               from embedding_spaces s
              where s.provider = $5 and s.model = $6",
        )
        .bind(tenant.uuid())
        .bind(id)
        .bind(shop.uuid())
        .bind(vector)
        .bind(&space.provider)
        .bind(&space.model)
        .execute(tx.conn())
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Milliseconds of each question's search, its embedding not counted, in ascending order; after one round to warm up.
async fn times(domain: &Domain, (tenant, shop): (TenantId, DomainId)) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    for round in 0..3 {
        for question in questions()? {
            domain.embedder.embed_query(&question.question).await?;
            let request =
                SearchRequest { domain_id: Some(shop), query: question.question, limit: 8, conversation_id: None };
            let begun = Instant::now();
            knowledge::search(domain, tenant, request).await?;
            if round > 0 {
                times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            }
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

fn percentile(sorted: &[f64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map(|time| (time * 10.0).round() / 10.0)
}

/// The share of the exact nearest ten that the search's way finds, over all questions.
async fn recall(domain: &Domain, (tenant, shop): (TenantId, DomainId)) -> Result<f64> {
    let (mut found, mut wanted) = (0_usize, 0_usize);
    for question in questions()? {
        let vector = domain.embedder.embed_query(&question.question).await?;
        let exact = knowledge::nearest_passages(domain, tenant, shop, &vector, NEIGHBOURS, true).await?;
        let searched = knowledge::nearest_passages(domain, tenant, shop, &vector, NEIGHBOURS, false).await?;
        wanted += exact.len();
        found += exact.iter().filter(|id| searched.contains(id)).count();
    }
    Ok((found as f64 / wanted.max(1) as f64 * 1_000.0).round() / 1_000.0)
}

/// SplitMix64: the same corpus in every run.
struct Random(u64);

impl Random {
    /// Between −1 and 1.
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }

    /// A unit vector near this one.
    fn near(&mut self, vector: &[f32]) -> Vec<f32> {
        // A uniform number between −1 and 1 has variance 1/3.
        let scale = NOISE * (3.0 / vector.len() as f32).sqrt();
        let moved: Vec<f32> = vector.iter().map(|x| x + scale * self.next()).collect();
        let norm = moved.iter().map(|x| x * x).sum::<f32>().sqrt();
        moved.into_iter().map(|x| x / norm).collect()
    }
}
