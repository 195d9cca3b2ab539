//! The search against a real database and the real model.

mod languages;
mod model_change;
mod twins;

use std::sync::Arc;

use async_trait::async_trait;
use omniops_embedding::{EmbedError, Embedder, EmbeddingsConfig, Space, model_dir};
use omniops_postgres::TestDatabase;
use omniops_types::{ConversationId, DomainId, TenantId};
use serde_json::Value;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::queries::{self, Scope};
use super::{Evidence, SearchRequest, search, search_with};
use crate::knowledge::Extractive;
use crate::knowledge::text_search::configuration;
use crate::{Domain, Error, Services, Settings};

async fn model() -> Arc<dyn Embedder> {
    static MODEL: OnceCell<Arc<dyn Embedder>> = OnceCell::const_new();
    let open = || async { EmbeddingsConfig::Local { model_dir: model_dir() }.open().await.unwrap() };
    Arc::clone(MODEL.get_or_init(open).await)
}

/// A database with one shop: a tenant with a domain and a source.
struct World {
    // Dropping it drops the database, so it goes last.
    domain: Domain,
    shop: Shop,
    database: TestDatabase,
}

#[derive(Clone, Copy)]
struct Shop {
    tenant: TenantId,
    domain: DomainId,
    source: Uuid,
}

impl World {
    async fn new() -> Self {
        Self::with_embedder(model().await).await
    }

    async fn with_embedder(embedder: Arc<dyn Embedder>) -> Self {
        let database = TestDatabase::create().await;
        let settings = Settings { public_url: "http://127.0.0.1".to_owned(), ..Settings::default() };
        let answerer = Arc::new(Extractive::new(Arc::clone(&embedder)));
        let domain = Domain::new(database.database().clone(), Services::new(embedder, answerer), settings);
        let shop = Shop::open(&domain, "shop").await;
        Self { domain, shop, database }
    }

    async fn search(&self, query: &str) -> super::SearchOutcome {
        search(&self.domain, self.shop.tenant, request(self.shop, query)).await.unwrap()
    }
}

fn request(shop: Shop, query: &str) -> SearchRequest {
    SearchRequest { domain_id: Some(shop.domain), query: query.to_owned(), limit: 10, conversation_id: None }
}

impl Shop {
    async fn open(domain: &Domain, slug: &str) -> Self {
        let tenant = TenantId(Uuid::now_v7());
        let mut tx = domain.database.system("a test makes its tenant").await.unwrap();
        sqlx::query("insert into tenants (id, slug, name) values ($1, $2, $2)")
            .bind(tenant.uuid())
            .bind(slug)
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Self::add_domain(domain, tenant, slug).await
    }

    async fn add_domain(domain: &Domain, tenant: TenantId, slug: &str) -> Self {
        let shop = Self { tenant, domain: DomainId(Uuid::now_v7()), source: Uuid::now_v7() };
        let mut tx = domain.database.tenant(tenant).await.unwrap();
        sqlx::query("insert into domains (tenant_id, id, host) values ($1, $2, $3)")
            .bind(tenant.uuid())
            .bind(shop.domain.uuid())
            .bind(format!("{slug}.example"))
            .execute(tx.conn())
            .await
            .unwrap();
        sqlx::query(
            "insert into knowledge_sources (tenant_id, id, domain_id, kind, url) values ($1, $2, $3, 'site', $4)",
        )
        .bind(tenant.uuid())
        .bind(shop.source)
        .bind(shop.domain.uuid())
        .bind(format!("https://{slug}.example/"))
        .execute(tx.conn())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        shop
    }

    /// Writes a page as ingestion does, one passage a text.
    async fn page(self, domain: &Domain, title: &str, passages: &[&str]) {
        self.page_in(domain, "en", title, passages).await;
    }

    async fn page_in(self, domain: &Domain, language: &str, title: &str, passages: &[&str]) {
        let texts: Vec<String> = passages.iter().map(|text| format!("{title}\n{text}")).collect();
        let vectors = model().await.embed(&texts).await.unwrap();
        self.page_with_vectors(domain, language, title, passages, &vectors).await;
    }

    async fn page_with_vectors(
        self,
        domain: &Domain,
        language: &str,
        title: &str,
        passages: &[&str],
        vectors: &[Vec<f32>],
    ) {
        let space = space(domain, model().await.space()).await;
        let page = Uuid::now_v7();
        let mut tx = domain.database.tenant(self.tenant).await.unwrap();
        sqlx::query(
            "insert into scraped_pages (tenant_id, id, domain_id, source_id, url, title, content, content_hash)
             values ($1, $2, $3, $4, $5, $6, '', '')",
        )
        .bind(self.tenant.uuid())
        .bind(page)
        .bind(self.domain.uuid())
        .bind(self.source)
        .bind(format!("https://shop.example/{page}"))
        .bind(title)
        .execute(tx.conn())
        .await
        .unwrap();
        for ((ordinal, text), vector) in (0_i32..).zip(passages).zip(vectors) {
            let chunk = Uuid::now_v7();
            sqlx::query(
                "insert into page_chunks (tenant_id, id, page_id, domain_id, ordinal, heading_path, text, content_hash, language, search)
                 values ($1, $2, $3, $4, $5, array[$6], $7, sha256(convert_to($7, 'UTF8')), $8,
                         setweight(to_tsvector($9::regconfig, $6), 'A') || setweight(to_tsvector($9::regconfig, $7), 'D'))",
            )
            .bind(self.tenant.uuid())
            .bind(chunk)
            .bind(page)
            .bind(self.domain.uuid())
            .bind(ordinal)
            .bind(title)
            .bind(text)
            .bind(language)
            .bind(configuration(Some(language)))
            .execute(tx.conn())
            .await
            .unwrap();
            sqlx::query(
                "insert into page_embeddings (tenant_id, chunk_id, space_id, domain_id, embedding)
                 values ($1, $2, $3, $4, $5::real[]::vector)",
            )
            .bind(self.tenant.uuid())
            .bind(chunk)
            .bind(space)
            .bind(self.domain.uuid())
            .bind(vector)
            .execute(tx.conn())
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
    }
}

async fn space(domain: &Domain, space: &Space) -> i16 {
    let mut tx = domain.database.system("a test makes its space").await.unwrap();
    let (provider, model, dimensions) = (&space.provider, &space.model, i32::try_from(space.dimensions).unwrap());
    let insert =
        "insert into embedding_spaces (provider, model, dimensions) values ($1, $2, $3) on conflict do nothing";
    sqlx::query(insert).bind(provider).bind(model).bind(dimensions).execute(tx.conn()).await.unwrap();
    let id = sqlx::query_scalar("select id from embedding_spaces where model = $1")
        .bind(model)
        .fetch_one(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

const SHIPPING: &str = "Parcels to Austria arrive within three working days. Shipping is free from 60 euros on.";
const RETURNS: &str = "You may send goods back within thirty days and get your money back.";
const BOOTS: &str = "The Ridgeline boot has a Vibram sole and a waterproof membrane. Article number RL-4711.";

async fn stocked() -> World {
    let world = World::new().await;
    world.shop.page(&world.domain, "Delivery", &[SHIPPING]).await;
    world.shop.page(&world.domain, "Right of withdrawal", &[RETURNS]).await;
    world.shop.page(&world.domain, "Ridgeline", &[BOOTS]).await;
    world
}

#[tokio::test]
async fn a_question_finds_the_passage_that_means_the_same_in_other_words() {
    let world = stocked().await;
    let hits = world.search("How do I get a refund?").await.hits;
    assert_eq!(hits[0].text, RETURNS);
    assert!(hits[0].cosine.unwrap() > 0.3);
    assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
}

#[tokio::test]
async fn a_question_finds_the_passage_with_its_rare_word() {
    let world = stocked().await;
    let hits = world.search("RL-4711").await.hits;
    assert_eq!(hits[0].text, BOOTS);
    assert!(hits[0].text_rank.unwrap() > 0.0);
}

#[tokio::test]
async fn text_alone_and_vectors_alone_find_too() {
    let world = stocked().await;
    for evidence in [Evidence::Text, Evidence::Vectors] {
        let request = request(world.shop, "waterproof boot");
        let hits = search_with(&world.domain, world.shop.tenant, request, evidence).await.unwrap().hits;
        assert_eq!(hits[0].text, BOOTS, "{evidence:?}");
    }
}

#[tokio::test]
async fn another_tenant_s_and_another_domain_s_passages_are_not_found() {
    let world = stocked().await;
    let stranger = Shop::open(&world.domain, "stranger").await;
    stranger.page(&world.domain, "Secret", &["The stranger's parcels to Austria take nine days."]).await;
    let sibling = Shop::add_domain(&world.domain, world.shop.tenant, "sibling").await;
    sibling.page(&world.domain, "Sibling", &["The sibling's parcels to Austria take five days."]).await;

    let own = world.search("parcels to Austria").await.hits;
    assert!(own.iter().any(|hit| hit.text == SHIPPING));
    assert!(own.iter().all(|hit| !hit.text.contains("stranger") && !hit.text.contains("sibling")));

    let everywhere = SearchRequest { domain_id: None, ..request(world.shop, "parcels to Austria") };
    let all = search(&world.domain, world.shop.tenant, everywhere).await.unwrap().hits;
    assert!(all.iter().any(|hit| hit.text.contains("sibling")));
    assert!(all.iter().all(|hit| !hit.text.contains("stranger")));

    // A stranger's domain is not there, and neither is a stranger's conversation.
    let foreign = SearchRequest { domain_id: Some(stranger.domain), ..request(world.shop, "parcels to Austria") };
    let refused = search(&world.domain, world.shop.tenant, foreign).await;
    assert!(matches!(refused, Err(Error::NotFound("domain"))), "{refused:?}");
    let foreign = SearchRequest {
        conversation_id: Some(ConversationId(Uuid::now_v7())),
        ..request(world.shop, "parcels to Austria")
    };
    let refused = search(&world.domain, world.shop.tenant, foreign).await;
    assert!(matches!(refused, Err(Error::NotFound("conversation"))), "{refused:?}");
}

#[tokio::test]
async fn every_search_is_logged_with_what_it_found() {
    let world = stocked().await;
    let outcome = world.search("waterproof boot").await;
    let mut tx = world.domain.database.tenant(world.shop.tenant).await.unwrap();
    let (query, results, count, best): (String, Value, i32, Option<f32>) =
        sqlx::query_as("select query, results, result_count, best_cosine from search_log where id = $1")
            .bind(outcome.search_id.uuid())
            .fetch_one(tx.conn())
            .await
            .unwrap();
    assert_eq!(query, "waterproof boot");
    assert_eq!(usize::try_from(count).unwrap(), outcome.hits.len());
    assert_eq!(results[0]["chunk_id"], outcome.hits[0].chunk_id.to_string());
    assert_eq!(results[0]["content_hash"], outcome.hits[0].content_hash.as_str());
    assert_eq!(best, outcome.hits.iter().filter_map(|hit| hit.cosine).reduce(f32::max));
}

#[tokio::test]
async fn a_search_over_nothing_is_logged_as_having_found_nothing() {
    let world = World::new().await;
    let outcome = world.search("anything?").await;
    assert!(outcome.hits.is_empty());
    let mut tx = world.domain.database.tenant(world.shop.tenant).await.unwrap();
    let empty: i64 = sqlx::query_scalar("select count(*) from search_log where result_count = 0")
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(empty, 1);
}

#[tokio::test]
async fn queries_full_of_operators_are_only_words() {
    let world = stocked().await;
    for query in ["o'neil & | ! <-> :* (boot", r"\'; drop table tenants; --", "🥾 'boot' \\", "a:b:c @@ *", "' '"] {
        world.search(query).await;
    }
    assert_eq!(world.search("'''boot\\' & !").await.hits[0].text, BOOTS);
}

#[tokio::test]
async fn an_empty_query_is_refused() {
    let world = World::new().await;
    assert!(search(&world.domain, world.shop.tenant, request(world.shop, "  ")).await.is_err());
}

#[tokio::test]
async fn one_page_does_not_fill_the_hits_and_a_repeated_passage_comes_once() {
    let world = stocked().await;
    let many: Vec<String> = (0..12).map(|n| format!("Parcels to Austria, remark number {n} about shipping.")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    world.shop.page(&world.domain, "Remarks", &many).await;
    world.shop.page(&world.domain, "Copy", &[SHIPPING]).await;
    let hits = world.search("parcels to Austria shipping").await.hits;
    assert!(hits.iter().filter(|hit| hit.title == "Remarks").count() <= 6);
    assert_eq!(hits.iter().filter(|hit| hit.text == SHIPPING).count(), 1);
}

/// An embedding service that is down.
struct Down(Space);

#[async_trait]
impl Embedder for Down {
    fn space(&self) -> &Space {
        &self.0
    }

    async fn embed(&self, _: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Err(EmbedError::Unavailable("status 503".to_owned()))
    }
}

#[tokio::test]
async fn without_the_embedding_service_full_text_still_finds() {
    let space = Space { provider: "openai".to_owned(), model: "gone".to_owned(), dimensions: 1_536 };
    let world = World::with_embedder(Arc::new(Down(space))).await;
    world.shop.page(&world.domain, "Ridgeline", &[BOOTS]).await;
    let outcome = world.search("waterproof boots").await;
    assert_eq!(outcome.hits[0].text, BOOTS);
    assert_eq!(outcome.hits[0].cosine, None);
}

/// Unit vectors around a hundred centres, as texts about a hundred things have: the same numbers every time.
fn clustered(count: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut state = seed;
    let mut random = move || {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    let centres: Vec<Vec<f32>> = (0..100).map(|_| (0..384).map(|_| random()).collect()).collect();
    (0..count)
        .map(|n| {
            let vector: Vec<f32> = centres[n % 100].iter().map(|x| x + 0.8 * random()).collect();
            let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
            vector.into_iter().map(|x| x / norm).collect()
        })
        .collect()
}

#[tokio::test]
async fn the_index_finds_nearly_all_that_comparing_with_all_vectors_finds() {
    let world = World::new().await;
    let stranger = Shop::open(&world.domain, "stranger").await;
    let texts: Vec<String> = (0..800).map(|n| format!("passage {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    world.shop.page_with_vectors(&world.domain, "en", "Own", &texts, &clustered(800, 1)).await;
    stranger.page_with_vectors(&world.domain, "en", "Theirs", &texts, &clustered(800, 1)).await;
    let space = space(&world.domain, model().await.space()).await;
    let scope = Scope { domain_id: Some(world.shop.domain.uuid()) };

    let (mut found, mut wanted) = (0, 0);
    for query in clustered(40, 2) {
        let mut tx = world.domain.database.tenant(world.shop.tenant).await.unwrap();
        let exact = queries::nearest_exactly(&mut tx, scope, &[], space, &query, 10).await.unwrap();
        let indexed = queries::nearest_by_index(&mut tx, scope, &[], space, &query, 10).await.unwrap();
        assert_eq!(indexed.len(), 10, "the tenant filter must not eat the results");
        wanted += exact.len();
        found += exact.iter().filter(|id| indexed.contains(id)).count();
    }
    let recall = found as f64 / wanted as f64;
    assert!(recall >= 0.95, "recall@10 is {recall}");
    drop(world.database);
}
