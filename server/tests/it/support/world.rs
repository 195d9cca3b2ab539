use std::time::Duration;

use omniops_domain::accounts::{self, NewApiKey};
use omniops_domain::tenants::{self, NewTenant};
use omniops_domain::{Actor, Domain, Principal};
use omniops_postgres::TestDatabase;
use omniops_types::{ConversationId, MessageKind, NewMessage, Permission, Role, TenantId, UserId};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::server::{ServerProcess, domain_on};
use super::sse::SseStream;

pub const HOST: &str = "shop.example";

/// A tenant with an agent and a key, and a server.
pub struct World {
    pub test: TestDatabase,
    /// Beside the server: for setting the scene.
    pub domain: Domain,
    pub tenant: TenantId,
    pub ana: Principal,
    pub key: String,
    pub server: ServerProcess,
    pub http: reqwest::Client,
}

/// An answer that stands still fails its test, and does not hold up all of them.
fn patient_client() -> reqwest::Client {
    reqwest::Client::builder().read_timeout(Duration::from_secs(60)).build().unwrap()
}

impl World {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With these variables for the server.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let test = TestDatabase::create().await;
        let domain = domain_on(&test.url(), "http://unused.example").await;
        let tenant = add_tenant(&domain, "shop", HOST).await;
        let ana = add_agent(&domain, tenant, "Ana").await;
        let key = add_key(&domain, tenant).await;
        let server = ServerProcess::start(test.url(), variables).await;
        Self { test, domain, tenant, ana, key, server, http: patient_client() }
    }

    /// The key of another tenant.
    pub async fn strangers_key(&self) -> String {
        let tenant = add_tenant(&self.domain, "other", "other.example").await;
        add_key(&self.domain, tenant).await
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.server.base()))
    }

    pub fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.server.base())).json(body)
    }

    pub fn put(&self, path: &str, body: &Value) -> RequestBuilder {
        self.http.put(format!("{}{path}", self.server.base())).json(body)
    }

    pub fn patch(&self, path: &str, body: &Value) -> RequestBuilder {
        self.http.patch(format!("{}{path}", self.server.base())).json(body)
    }

    /// As an integration of the tenant.
    pub fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(&self.key)
    }

    /// Sends a customer's message and gives the answer's JSON.
    pub async fn ask(&self, session: &str, text: &str) -> Value {
        body(self.post("/api/chat", &message(session, text)).send().await.unwrap(), 200).await
    }

    pub async fn agents_events(&self, after: i64) -> SseStream {
        let request = self.signed(self.get(&format!("/api/dashboard/events?after={after}")));
        SseStream::new(request.send().await.unwrap().error_for_status().unwrap())
    }

    pub async fn reply(&self, conversation: ConversationId, text: &str) {
        let message = NewMessage { kind: MessageKind::Reply, text: text.to_owned(), client_id: Uuid::now_v7() };
        omniops_domain::conversations::send(&self.domain, &self.ana, conversation, message).await.unwrap();
    }
}

/// The body of `POST /api/chat`.
pub fn message(session: &str, text: &str) -> Value {
    json!({ "domain": HOST, "session_id": session, "message": text, "client_id": Uuid::now_v7() })
}

/// The reply's JSON, once its status is as expected.
pub async fn body(response: Response, status: u16) -> Value {
    let found = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert_eq!(found, status, "{text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

pub fn conversation_of(answer: &Value) -> ConversationId {
    serde_json::from_value(answer["conversation_id"].clone()).unwrap()
}

async fn add_tenant(domain: &Domain, slug: &str, host: &str) -> TenantId {
    let new = NewTenant { slug: slug.to_owned(), name: "Trail & Peak".to_owned() };
    let tenant = tenants::create(domain, Actor::CommandLine, new).await.unwrap().id;
    let principal = Principal { tenant_id: tenant, actor: Actor::CommandLine };
    tenants::add_domain(domain, &principal, &host.parse().unwrap(), &[]).await.unwrap();
    tenant
}

async fn add_key(domain: &Domain, tenant: TenantId) -> String {
    let principal = Principal { tenant_id: tenant, actor: Actor::CommandLine };
    let scopes = vec![
        Permission::ConversationsRead,
        Permission::ConversationsWrite,
        Permission::SettingsRead,
        Permission::SettingsWrite,
    ];
    let new = NewApiKey { name: "test".to_owned(), scopes, expires_at: None };
    accounts::create_api_key(domain, &principal, new).await.unwrap().key
}

/// Straight into the tables: hashing a password takes longer than most tests.
async fn add_agent(domain: &Domain, tenant: TenantId, name: &str) -> Principal {
    let id = Uuid::now_v7();
    let email = format!("{}@{id}.example", name.to_lowercase());
    let mut tx = domain.database.system("build a test's world").await.unwrap();
    for statement in [
        "insert into users (id, email, name, password_hash) select $1, $2, $3, 'none' where $4::uuid is not null",
        "insert into team_members (user_id, email, display_name, tenant_id, role) values ($1, $2, $3, $4, 'agent')",
    ] {
        sqlx::query(statement).bind(id).bind(&email).bind(name).bind(tenant.uuid()).execute(tx.conn()).await.unwrap();
    }
    tx.commit().await.unwrap();
    Principal { tenant_id: tenant, actor: Actor::User { id: UserId(id), name: name.to_owned(), role: Role::Agent } }
}
