//! The demo store of `end2end/store` on loopback, crawled into a database of its own.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path as UrlPath;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::StreamExt;
use omniops_domain::knowledge::{self, Extractive, SearchRequest, SourceOptions, retrieval_query};
use omniops_domain::{Actor, Domain, Principal, Services, Settings, tenants};
use omniops_embedding::{EmbeddingsConfig, model_dir};
use omniops_llm::{Answer, AnswerEvent, AnswerRequest, Speaker, Turn};
use omniops_postgres::TestDatabase;
use omniops_types::{DomainId, JobStatus, PassageHit, SourceKind, TenantId};

/// As many as the chat asks for.
const PASSAGES: usize = 8;

pub struct Store {
    domain: Domain,
    tenant: TenantId,
    domain_id: DomainId,
    _database: TestDatabase,
}

/// What the customer was told, and from what.
pub struct Reply {
    pub answer: Answer,
    pub hits: Vec<PassageHit>,
}

impl Reply {
    /// The file that the first source names.
    pub fn first_page(&self) -> Option<&str> {
        let citation = self.answer.citations.first()?;
        self.hits
            .get(citation.passage)?
            .url
            .rsplit('/')
            .next()
            .map(|file| if file.is_empty() { "index.html" } else { file })
    }

    pub fn first_paragraph(&self) -> &str {
        self.answer.text.split("\n\n").next().unwrap_or_default()
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = self.first_page().unwrap_or("-");
        write!(f, "{:?} {:.2} {page} {:?}", self.answer.verdict, self.answer.confidence, self.answer.text)
    }
}

impl Store {
    pub async fn open() -> Self {
        let database = TestDatabase::create().await;
        let embedder = EmbeddingsConfig::Local { model_dir: model_dir() }.open().await.unwrap();
        let answerer = Arc::new(Extractive::new(Arc::clone(&embedder)));
        let settings =
            Settings { public_url: "http://127.0.0.1".to_owned(), allow_private_hosts: Vec::new(), production: false };
        let domain = Domain::new(database.database().clone(), Services::new(embedder, answerer), settings);
        let (tenant, domain_id) = crawl(&domain, &serve().await).await;
        Self { domain, tenant, domain_id, _database: database }
    }

    /// Asks as the chat does.
    pub async fn ask(&self, question: &str, before: &[&str]) -> Reply {
        let customer = |text: &&str| Turn { speaker: Speaker::Customer, text: (*text).to_owned() };
        let history: Vec<Turn> = before.iter().map(customer).collect();
        let request = SearchRequest {
            domain_id: Some(self.domain_id),
            query: retrieval_query(question, &history),
            limit: PASSAGES,
            conversation_id: None,
        };
        let hits = knowledge::search(&self.domain, self.tenant, request).await.unwrap().hits;
        let passages = hits.iter().map(knowledge::passage).collect();
        let request = AnswerRequest { question: question.to_owned(), history, passages, locale: None };
        let mut events = self.domain.answerer.answer(request).await.unwrap();
        while let Some(event) = events.next().await {
            if let AnswerEvent::Done(answer) = event.unwrap() {
                return Reply { answer, hits };
            }
        }
        panic!("no answer to {question}");
    }
}

/// The host of the store.
async fn serve() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let site = Router::new().route("/{file}", get(|UrlPath(file): UrlPath<String>| async move { read(&file) }));
    let site = site.route("/", get(|| async { read("index.html") }));
    tokio::spawn(async move { axum::serve(listener, site).await });
    host
}

fn read(file: &str) -> Response {
    let directory = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../end2end/store"));
    match std::fs::read_to_string(directory.join(file)) {
        Ok(html) if Path::new(file).extension().is_some_and(|extension| extension == "html") => {
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn crawl(domain: &Domain, host: &str) -> (TenantId, DomainId) {
    let new = tenants::NewTenant { slug: "demo".to_owned(), name: "Fjell & Fern".to_owned() };
    let tenant = tenants::create(domain, Actor::System, new).await.unwrap().id;
    let principal = Principal { tenant_id: tenant, actor: Actor::System };
    let shop = tenants::add_domain(domain, &principal, &host.parse().unwrap(), &[]).await.unwrap();
    let start = format!("http://{host}/");
    let options = SourceOptions::default();
    let source = knowledge::add_source(domain, &principal, shop.id, SourceKind::Site, &start, options).await.unwrap();
    let job = knowledge::start_own_crawl(domain, &principal, source).await.unwrap();
    let done = knowledge::crawl_now(domain, &principal, job, |_| {}).await.unwrap();
    assert_eq!((done.status, done.pages_failed), (JobStatus::Succeeded, 0), "{:?}", done.error);
    assert!(done.pages_fetched >= 29, "{} pages", done.pages_fetched);
    (tenant, shop.id)
}
