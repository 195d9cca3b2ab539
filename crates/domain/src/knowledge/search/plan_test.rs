//! Both halves of the search read from their indexes as the role that requests have, whatever other tenants hold.

use omniops_embedding::Space;
use omniops_postgres::{TenantTx, TestDatabase};
use omniops_types::TenantId;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::corpus::Corpus;
use super::queries::{self, Scope, Sought};

const EVERYWHERE: Scope = Scope { domain_id: None };
const DIMENSIONS: usize = 384;
const PASSAGES: i64 = 4_000;
/// One passage in this many holds the rare word.
const RARE: i64 = 1_000;

const SPACE: &str = "insert into embedding_spaces (provider, model, dimensions) values ('test', 'random', 384)";
const SHOP: [&str; 4] = [
    "insert into tenants (id, slug, name) values ($1, 't' || right($1::text, 12), 'Shop')",
    "insert into domains (tenant_id, id, host) values ($1, $1, $1 || '.example')",
    "insert into knowledge_sources (tenant_id, id, domain_id, kind, url) values ($1, $1, $1, 'site', 'https://x.example/')",
    "insert into scraped_pages (tenant_id, id, domain_id, source_id, url, title, content, content_hash)
     values ($1, $1, $1, $1, 'https://x.example/', 'Page', '', '')",
];
const CHUNKS: &str = "
    insert into page_chunks (tenant_id, id, page_id, domain_id, ordinal, heading_path, text, content_hash, language, search)
    select $1, gen_random_uuid(), $1, $1, n, '{}', text, sha256(text::bytea), 'en', to_tsvector('english', text)
      from generate_series(1, $2) as n
     cross join lateral (
           select 'delivery ' || md5(n::text) || case when n % $3 = 0 then ' crampon' else '' end) as t (text)";
const VECTORS: &str = "
    insert into page_embeddings (tenant_id, chunk_id, space_id, domain_id, embedding)
    select $1, id, (select id from embedding_spaces), $1,
           (select array_agg(random() - 0.5 + 0 * (ordinal + d)) from generate_series(1, 384) as d)::real[]::vector
      from page_chunks
     order by ordinal
     limit 1000";

fn space() -> Space {
    Space { provider: "test".to_owned(), model: "random".to_owned(), dimensions: DIMENSIONS }
}

/// Two shops with as many passages each; gives the first.
async fn two_shops(test: &TestDatabase) -> TenantId {
    let [ours, theirs] = [(); 2].map(|()| Uuid::now_v7());
    let mut tx = test.database().system("build a test's world").await.unwrap();
    sqlx::query(SPACE).execute(tx.conn()).await.unwrap();
    for tenant in [ours, theirs] {
        for statement in SHOP {
            sqlx::query(statement).bind(tenant).execute(tx.conn()).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    for tenant in [ours, theirs] {
        let mut tx = test.database().tenant(TenantId(tenant)).await.unwrap();
        sqlx::query(CHUNKS).bind(tenant).bind(PASSAGES).bind(RARE).execute(tx.conn()).await.unwrap();
        sqlx::query(VECTORS).bind(tenant).execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
    }
    let owner = test.owner_pool().await.unwrap();
    sqlx::query("analyze page_chunks, page_embeddings").execute(&owner).await.unwrap();
    TenantId(ours)
}

/// What the transaction has done to a table or an index so far: scans, and blocks read.
async fn work_on(tx: &mut TenantTx, relation: &str) -> (i64, i64) {
    let statement = AssertSqlSafe(format!(
        "select pg_stat_get_xact_numscans('{relation}'::regclass), pg_stat_get_xact_blocks_fetched('{relation}'::regclass)"
    ));
    sqlx::query_as(statement).fetch_one(tx.conn()).await.unwrap()
}

#[tokio::test]
async fn full_text_reads_the_passages_that_match_and_no_others() {
    let test = TestDatabase::create().await;
    let shop = two_shops(&test).await;
    let mut tx = test.database().tenant(shop).await.unwrap();
    let corpus = Corpus::of(&mut tx, EVERYWHERE, &space()).await.unwrap();
    let words = ["crampon".to_owned()];
    let (scans_before, blocks_before) = work_on(&mut tx, "page_chunks").await;

    assert_eq!(queries::frequencies(&mut tx, EVERYWHERE, &words).await.unwrap(), [PASSAGES / RARE]);
    assert_eq!(work_on(&mut tx, "page_chunks_tenant_search").await.0, 1, "counting uses the index");
    let blocks = work_on(&mut tx, "page_chunks").await.1 - blocks_before;
    assert!(blocks <= PASSAGES / RARE, "counting reads {blocks} blocks of the table");

    let sought =
        Sought { terms: &[], selective: &words, near: &[], vector: &[], others: &[], limit: 60, text_weight: 1.0 };
    let found = queries::candidates(&mut tx, &corpus, sought).await.unwrap();
    assert_eq!(found.len() as i64, PASSAGES / RARE);
    assert_eq!(work_on(&mut tx, "page_chunks_tenant_search").await.0, 2, "finding uses the index");
    assert_eq!(work_on(&mut tx, "page_chunks").await.0, scans_before, "finding reads no whole table");
}

#[tokio::test]
async fn the_nearest_vectors_are_found_by_walking_their_index() {
    let test = TestDatabase::create().await;
    let shop = two_shops(&test).await;
    let mut tx = test.database().tenant(shop).await.unwrap();
    let space_id = queries::space_id(&mut tx, &space()).await.unwrap().unwrap();
    let found = queries::nearest_by_index(&mut tx, EVERYWHERE, &[], space_id, &[0.05; DIMENSIONS], 20).await.unwrap();
    assert_eq!(found.len(), 20);
    assert_eq!(work_on(&mut tx, "page_embeddings_hnsw_384").await.0, 1);
}
