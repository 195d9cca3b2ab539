//! The demo store of `end2end/store` on loopback, crawled into a database of its own.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::Path as UrlPath;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::StreamExt;
use futures::stream::BoxStream;
use omniops_domain::accounts::RequestMeta;
use omniops_domain::chat;
use omniops_domain::knowledge::{self, Extractive, SearchRequest, SourceOptions, retrieval_query};
use omniops_domain::{Actor, Domain, Principal, Services, Settings, tenants};
use omniops_embedding::{EmbeddingsConfig, model_dir};
use omniops_llm::{Answer, AnswerEvent, AnswerProvider, AnswerRequest, ProviderError, Speaker, Turn};
use omniops_postgres::TestDatabase;
use omniops_types::{ChatReply, ChatRequest, DomainId, JobStatus, PassageHit, SourceKind, TenantId};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// As many as the chat asks for.
const PASSAGES: usize = 8;

pub struct Store {
    domain: Domain,
    host: String,
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
        let settings = Settings { public_url: "http://127.0.0.1".to_owned(), ..Settings::default() };
        let domain = Domain::new(database.database().clone(), Services::new(embedder, answerer), settings);
        let host = serve().await;
        let (tenant, domain_id) = crawl(&domain, &host).await;
        Self { domain, host, tenant, domain_id, _database: database }
    }

    /// Sends the messages so fast that no answer is ready before the last, and gives the reply to all of them.
    pub async fn chat(&self, messages: &[&str]) -> ChatReply {
        let held = Arc::new(Held { answerer: Arc::clone(&self.domain.answerer), gate: Semaphore::new(0) });
        let services = Services::new(Arc::clone(&self.domain.embedder), held.clone());
        let domain = Domain::new(self.domain.database.clone(), services, self.domain.settings.clone());
        let session_id = Uuid::now_v7().to_string();
        let mut turns = Vec::new();
        for message in messages {
            let request = ChatRequest {
                domain: self.host.clone(),
                session_id: session_id.clone(),
                message: (*message).to_owned(),
                client_id: Uuid::now_v7(),
                conversation_id: None,
                page_url: None,
                locale: None,
                identity_token: None,
            };
            turns.push(chat::begin(&domain, request, &RequestMeta::default()).await.unwrap());
        }
        held.gate.add_permits(Semaphore::MAX_PERMITS);
        let mut replies = Vec::new();
        for turn in turns {
            replies.push(turn.response().await.unwrap().reply.unwrap());
        }
        assert!(replies.windows(2).all(|pair| pair[0] == pair[1]), "not one reply: {replies:?}");
        replies.remove(0)
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

/// Answers once it is let.
struct Held {
    answerer: Arc<dyn AnswerProvider>,
    gate: Semaphore,
}

#[async_trait]
impl AnswerProvider for Held {
    fn name(&self) -> &str {
        self.answerer.name()
    }

    fn model(&self) -> &str {
        self.answerer.model()
    }

    async fn answer(
        &self,
        request: AnswerRequest,
    ) -> Result<BoxStream<'static, Result<AnswerEvent, ProviderError>>, ProviderError> {
        self.gate.acquire().await.unwrap().forget();
        self.answerer.answer(request).await
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
