//! A tenant with a domain, a site on loopback that a test scripts, and an embedder that counts its work.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use omniops_domain::knowledge::{self, Extractive, SourceOptions};
use omniops_domain::{Actor, Domain, Principal, Services, Settings, tenants};
use omniops_embedding::{EmbedError, Embedder, Space};
use omniops_postgres::TestDatabase;
use omniops_types::{CrawlProgress, DomainId, SourceId, SourceKind};
use sqlx::PgPool;

/// Words hashed into a few dimensions: deterministic, and equal for equal texts.
pub struct CountingEmbedder {
    space: Space,
    pub embedded: AtomicUsize,
}

impl CountingEmbedder {
    pub fn new(model: &str) -> Arc<Self> {
        let space = Space { provider: "test".into(), model: model.into(), dimensions: 32 };
        Arc::new(Self { space, embedded: AtomicUsize::new(0) })
    }

    /// How many texts were embedded since the last time this was asked.
    pub fn take_count(&self) -> usize {
        self.embedded.swap(0, Ordering::SeqCst)
    }
}

#[async_trait]
impl Embedder for CountingEmbedder {
    fn space(&self) -> &Space {
        &self.space
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.embedded.fetch_add(texts.len(), Ordering::SeqCst);
        Ok(texts.iter().map(|text| hash_words(text)).collect())
    }
}

fn hash_words(text: &str) -> Vec<f32> {
    let mut vector = vec![0.01_f32; 32];
    for word in text.split_whitespace() {
        let hash = word.bytes().fold(7_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        vector[hash % 32] += 1.0;
    }
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / norm).collect()
}

/// Pages by path; each has an ETag that follows its content. Requests are counted by path.
#[derive(Clone, Default)]
pub struct Site {
    pub address: String,
    pages: Arc<Mutex<BTreeMap<String, Result<String, u16>>>>,
    pub served_in_full: Arc<AtomicUsize>,
}

impl Site {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self { address: listener.local_addr().unwrap().to_string(), ..Self::default() };
        let app = Router::new().fallback(serve).with_state(site.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        site
    }

    pub fn set(&self, path: &str, body: &str) {
        self.pages.lock().unwrap().insert(path.into(), Ok(body.into()));
    }

    pub fn set_status(&self, path: &str, status: u16) {
        self.pages.lock().unwrap().insert(path.into(), Err(status));
    }

    pub fn remove(&self, path: &str) {
        self.pages.lock().unwrap().remove(path);
    }
}

async fn serve(State(site): State<Site>, request: Request) -> Response {
    let found = site.pages.lock().unwrap().get(request.uri().path()).cloned();
    let html = match found {
        Some(Ok(html)) => html,
        Some(Err(status)) => return StatusCode::from_u16(status).unwrap().into_response(),
        None => return StatusCode::NOT_FOUND.into_response(),
    };
    let etag =
        format!("\"{:x}\"", html.bytes().fold(0_u64, |hash, byte| hash.wrapping_mul(131).wrapping_add(byte.into())));
    if request.headers().get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    site.served_in_full.fetch_add(1, Ordering::SeqCst);
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::ETAG, etag)], html).into_response()
}

pub struct World {
    pub test_database: TestDatabase,
    pub domain: Domain,
    pub embedder: Arc<CountingEmbedder>,
    pub principal: Principal,
    pub domain_id: DomainId,
    pub owner: PgPool,
}

impl World {
    pub async fn new() -> Self {
        let embedder = CountingEmbedder::new("one");
        let test_database = TestDatabase::create().await;
        let domain = domain_with(&test_database, embedder.clone());
        let (principal, domain_id) = tenant(&domain, "shop").await;
        let owner = sqlx::postgres::PgPoolOptions::new()
            .max_connections(1)
            .connect_with(test_database.superuser_options())
            .await
            .unwrap();
        Self { test_database, domain, embedder, principal, domain_id, owner }
    }

    pub async fn source(&self, url: &str) -> SourceId {
        let options = SourceOptions::default();
        knowledge::add_source(&self.domain, &self.principal, self.domain_id, SourceKind::Site, url, options)
            .await
            .unwrap()
    }

    pub async fn crawl(&self, source: SourceId) -> CrawlProgress {
        let job = knowledge::start_own_crawl(&self.domain, &self.principal, source).await.unwrap();
        knowledge::crawl_now(&self.domain, &self.principal, job, |_| {}).await.unwrap()
    }

    /// One number from the whole database, as a superuser sees it.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap()
    }

    /// Paths of the stored pages.
    pub async fn pages(&self) -> Vec<String> {
        let sql = "select regexp_replace(url, '^https?://[^/]+', '') from scraped_pages order by 1";
        sqlx::query_scalar(sql).fetch_all(&self.owner).await.unwrap()
    }
}

pub fn domain_with(database: &TestDatabase, embedder: Arc<dyn Embedder>) -> Domain {
    let settings = Settings { public_url: "http://127.0.0.1:3000".into(), ..Settings::default() };
    let answerer = Arc::new(Extractive::new(embedder.clone()));
    Domain::new(database.database().clone(), Services::new(embedder, answerer), settings)
}

pub async fn tenant(domain: &Domain, slug: &str) -> (Principal, DomainId) {
    let new = tenants::NewTenant { slug: slug.into(), name: slug.into() };
    let tenant = tenants::create(domain, Actor::System, new).await.unwrap();
    let principal = Principal { tenant_id: tenant.id, actor: Actor::System };
    let host = format!("{slug}.example").parse().unwrap();
    let domain_id = tenants::add_domain(domain, &principal, &host, &[]).await.unwrap().id;
    (principal, domain_id)
}

/// A page with two sections and links.
pub fn page(title: &str, text: &str, links: &[&str]) -> String {
    let links: String = links.iter().map(|link| format!("<a href=\"{link}\">more</a> ")).collect();
    format!(
        "<html lang=en><title>{title}</title><main><h1>{title}</h1><p>{text}</p>\
         <h2>Where to go from {title}</h2><p>Further reading for people who like {title}.</p></main><nav>{links}</nav>"
    )
}
