//! How the search's time grows with the tenant, and what the vector index loses against comparing with all vectors.

use std::time::Instant;

use anyhow::{Result, ensure};
use omniops_domain::Domain;
use omniops_domain::knowledge::{self, SearchRequest};
use omniops_types::{DomainId, SourceKind, TenantId};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::questions::questions;
use crate::figure::Figure;
use crate::support::stats::Sorted;
use crate::support::world::World;

const SMALL: usize = 1_000;
const LARGE: usize = 100_000;
/// Passages that the others are made from, at least.
pub const FEWEST_ORIGINALS: i64 = 500;
/// Neighbours that are compared.
const NEIGHBOURS: i64 = 10;
/// Rows of one insert.
const BATCH: usize = 500;
/// How much of a second passage's vector is mixed into a copy's, at least and at most. Copies with noise in all
/// directions would be islands of a kind that texts do not form: with them a graph index finds less than half.
const MIXED: (f32, f32) = (0.3, 0.9);

type Place = (TenantId, DomainId);

struct Copied {
    text: String,
    heading_path: Vec<String>,
    vector: Vec<f32>,
}

/// Times the hybrid search over 1,000 and 100,000 passages, made from the corpus's with varied vectors.
pub async fn scale(world: &World, corpus: TenantId) -> Result<Vec<Figure>> {
    let domain = &world.domain;
    let originals = originals(domain, corpus).await?;
    ensure!(!originals.is_empty(), "the corpus has no passages");
    let small = fill(world, "bench-mixed-1k", &originals, SMALL).await?;
    let large = fill(world, "bench-mixed-100k", &originals, LARGE).await?;
    let (small_times, large_times) = times(domain, small, large).await?;
    let mut figures = Vec::new();
    for (passages, place, times) in [("1 k", small, small_times), ("100 k", large, large_times)] {
        let name = |what: &str| format!("hybrid search over {passages} passages, {what}");
        figures.push(Figure::new(name("p50"), times.median(), "ms"));
        figures.push(Figure::new(name("p95"), times.percentile(95), "ms"));
        figures.push(Figure::ratio(name("recall@10"), recall(domain, place).await?).at_least(0.95));
    }
    Ok(figures)
}

async fn originals(domain: &Domain, corpus: TenantId) -> Result<Vec<Copied>> {
    let mut tx = domain.database.tenant(corpus).await?;
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

/// A tenant with so many passages, or the one that an earlier run has filled. The vector index is dropped and built
/// again around the inserts, which takes a tenth of the time that adding to it takes.
async fn fill(world: &World, slug: &str, originals: &[Copied], count: usize) -> Result<Place> {
    let domain = &world.domain;
    let tenant = world.tenant(slug).await?;
    let place = (tenant.id, tenant.domain_id);
    if passages(domain, tenant.id).await? == count as i64 {
        return Ok(place);
    }
    eprintln!("  filling {slug} with {count} passages, once");
    // What a run left that was ended in between.
    sqlx::query("delete from knowledge_sources where tenant_id = $1")
        .bind(tenant.id.uuid())
        .execute(&world.superuser)
        .await?;
    let start = format!("https://{}/", tenant.host);
    let options = knowledge::SourceOptions::default();
    let source =
        knowledge::add_source(domain, &tenant.principal(), tenant.domain_id, SourceKind::Site, &start, options).await?;
    let rebuild = drop_index(world).await?;
    let mut random = Random(count as u64);
    let mut made = 0;
    while made < count {
        let size = BATCH.min(count - made);
        insert(domain, place, source.uuid(), originals, made, size, &mut random).await?;
        made += size;
    }
    sqlx::query("set maintenance_work_mem = '1GB'").execute(&world.owner).await?;
    sqlx::query(AssertSqlSafe(rebuild)).execute(&world.owner).await?;
    sqlx::query("vacuum (analyze) page_chunks, page_embeddings, scraped_pages").execute(&world.superuser).await?;
    Ok(place)
}

/// Takes the vector index away and gives the statement that makes it again. The statement is also kept in a file: a run
/// that is ended in between leaves no index to ask.
async fn drop_index(world: &World) -> Result<String> {
    let kept = world.data_dir.join("vector-index.sql");
    let definition: Option<String> =
        sqlx::query_scalar("select pg_get_indexdef(to_regclass('page_embeddings_hnsw_384'))")
            .fetch_one(&world.owner)
            .await?;
    let Some(definition) = definition else { return Ok(std::fs::read_to_string(kept)?) };
    std::fs::write(kept, &definition)?;
    sqlx::query("drop index page_embeddings_hnsw_384").execute(&world.owner).await?;
    Ok(definition)
}

async fn passages(domain: &Domain, tenant: TenantId) -> Result<i64> {
    let mut tx = domain.database.tenant(tenant).await?;
    let indexed = "select case when to_regclass('page_embeddings_hnsw_384') is null then 0
                               else (select count(*) from page_embeddings) end";
    Ok(sqlx::query_scalar(indexed).fetch_one(tx.conn()).await?)
}

async fn insert(
    domain: &Domain,
    (tenant, shop): Place,
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
        let other = originals.get(random.below(originals.len())).unwrap_or(original);
        vectors.push(format!("{:?}", random.between(&original.vector, &other.vector)));
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
    sqlx::query(
        "insert into page_embeddings (tenant_id, chunk_id, space_id, domain_id, embedding)
         select $1, t.id, s.id, $2, t.vector::vector
           from unnest($3::uuid[], $4::text[]) as t (id, vector)
           join embedding_spaces s on s.provider = $5 and s.model = $6",
    )
    .bind(tenant.uuid())
    .bind(shop.uuid())
    .bind(&ids)
    .bind(&vectors)
    .bind(&space.provider)
    .bind(&space.model)
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Milliseconds of each question's search in both tenants by turns, its embedding not counted; after one round to warm
/// up.
async fn times(domain: &Domain, small: Place, large: Place) -> Result<(Sorted, Sorted)> {
    let (mut small_times, mut large_times) = (Vec::new(), Vec::new());
    for round in 0..3 {
        for question in questions()? {
            domain.embedder.embed_query(&question.question).await?;
            for (place, times) in [(small, &mut small_times), (large, &mut large_times)] {
                let time = time(domain, place, &question.question).await?;
                if round > 0 {
                    times.push(time);
                }
            }
        }
    }
    Ok((Sorted::new(small_times), Sorted::new(large_times)))
}

async fn time(domain: &Domain, (tenant, shop): Place, question: &str) -> Result<f64> {
    let request = SearchRequest { domain_id: Some(shop), query: question.to_owned(), limit: 8, conversation_id: None };
    let begun = Instant::now();
    knowledge::search(domain, tenant, request).await?;
    Ok(begun.elapsed().as_secs_f64() * 1_000.0)
}

/// The share of the exact nearest ten that the search's way finds, over all questions.
async fn recall(domain: &Domain, (tenant, shop): Place) -> Result<f64> {
    let (mut found, mut wanted) = (0_usize, 0_usize);
    for question in questions()? {
        let vector = domain.embedder.embed_query(&question.question).await?;
        let exact = knowledge::nearest_passages(domain, tenant, shop, &vector, NEIGHBOURS, true).await?;
        let searched = knowledge::nearest_passages(domain, tenant, shop, &vector, NEIGHBOURS, false).await?;
        wanted += exact.len();
        found += exact.iter().filter(|id| searched.contains(id)).count();
    }
    Ok(found as f64 / wanted.max(1) as f64)
}

/// SplitMix64: the same corpus in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    /// A unit vector nearer to the first than to the second.
    fn between(&mut self, first: &[f32], second: &[f32]) -> Vec<f32> {
        let (least, most) = MIXED;
        let share = least + (most - least) * ((self.next() >> 40) as f32 / (1_u64 << 24) as f32);
        let mixed: Vec<f32> = first.iter().zip(second).map(|(x, y)| x + share * y).collect();
        let norm = mixed.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::EPSILON);
        mixed.into_iter().map(|x| x / norm).collect()
    }
}
