use std::sync::Arc;

use omniops_domain::accounts::RequestMeta;
use omniops_domain::chat;
use omniops_domain::tenants::{self, NewTenant};
use omniops_domain::{Actor, Domain, Principal, Services, Settings, conversations};
use omniops_llm::AnswerProvider;
use omniops_mail::Outbox;
use omniops_postgres::{TestDatabase, events_after};
use omniops_types::{
    ChatRequest, ChatResponse, ConversationDetail, ConversationId, Event, EventData, MessageKind, NewMessage, Role,
    TenantId, UserId,
};
use omniops_vault::{MasterKey, Vault};
use uuid::Uuid;

use super::{Answerer, FixedEmbedder};

/// The domain of every world's tenant.
pub const HOST: &str = "shop.example";

/// A tenant with a domain and two agents, Ana and Ben, in a database of its own.
pub struct World {
    pub database: TestDatabase,
    pub domain: Domain,
    /// What the domain's secrets are kept under.
    pub master_key: MasterKey,
    /// What the domain sent.
    pub outbox: Arc<Outbox>,
    pub tenant: TenantId,
    pub ana: Principal,
    pub ben: Principal,
}

impl World {
    pub async fn new() -> Self {
        Self::with(Answerer::ready()).await
    }

    pub async fn with(answerer: Arc<dyn AnswerProvider>) -> Self {
        let database = TestDatabase::create().await;
        let (master_key, outbox) = (MasterKey::generate().unwrap(), Arc::new(Outbox::new()));
        let domain = domain_on(database.database().clone(), services(answerer, &master_key, &outbox));
        let tenant = add_tenant(&domain, "shop", HOST).await;
        let ana = add_agent(&database, tenant, "Ana").await;
        let ben = add_agent(&database, tenant, "Ben").await;
        Self { database, domain, master_key, outbox, tenant, ana, ben }
    }

    /// Another server process on the same database.
    pub async fn another_process(&self, answerer: Arc<dyn AnswerProvider>) -> Domain {
        let options = omniops_postgres::DatabaseOptions::new(self.database.url());
        let services = services(answerer, &self.master_key, &self.outbox);
        domain_on(omniops_postgres::Database::connect(&options).await.unwrap(), services)
    }

    /// A second tenant, with an agent of its own.
    pub async fn stranger(&self) -> Principal {
        let tenant = add_tenant(&self.domain, "other", "other.example").await;
        add_agent(&self.database, tenant, "Eve").await
    }

    pub fn principal(&self, role: Role) -> Principal {
        let actor = Actor::User { id: UserId(Uuid::now_v7()), name: "Somebody".to_owned(), role };
        Principal { tenant_id: self.tenant, actor }
    }

    /// Sends a customer's message and waits for the answer.
    pub async fn ask(&self, session: &str, text: &str) -> ChatResponse {
        self.send(request(session, text)).await
    }

    pub async fn send(&self, request: ChatRequest) -> ChatResponse {
        chat::begin(&self.domain, request, &RequestMeta::default()).await.unwrap().response().await.unwrap()
    }

    pub async fn reply(&self, agent: &Principal, conversation: ConversationId, text: &str) {
        let message = NewMessage { kind: MessageKind::Reply, text: text.to_owned(), client_id: Uuid::now_v7() };
        conversations::send(&self.domain, agent, conversation, message).await.unwrap();
    }

    pub async fn conversation(&self, id: ConversationId) -> ConversationDetail {
        conversations::get(&self.domain, &self.ana, id).await.unwrap()
    }

    /// The transcript as `author: text` lines.
    pub async fn lines(&self, id: ConversationId) -> Vec<String> {
        let detail = self.conversation(id).await;
        detail
            .transcript
            .messages
            .iter()
            .map(|message| format!("{}: {}", message.author.kind.as_str(), message.text))
            .collect()
    }

    /// The tenant's whole event log.
    pub async fn events(&self) -> Vec<Event> {
        let mut tx = self.domain.database.tenant(self.tenant).await.unwrap();
        let mut events = Vec::new();
        loop {
            let after = events.last().map_or(0, |event: &Event| event.seq);
            let page = events_after(&mut tx, after, 500).await.unwrap();
            if page.is_empty() {
                return events;
            }
            events.extend(page);
        }
    }

    /// How often each kind of event is in the log for a conversation.
    pub async fn count_events(&self, kind: fn(&EventData) -> bool) -> usize {
        self.events().await.iter().filter(|event| kind(&event.data)).count()
    }
}

pub fn request(session: &str, text: &str) -> ChatRequest {
    ChatRequest {
        domain: HOST.to_owned(),
        session_id: session.to_owned(),
        message: text.to_owned(),
        client_id: Uuid::now_v7(),
        conversation_id: None,
        page_url: None,
        locale: None,
        identity_token: None,
    }
}

fn services(answerer: Arc<dyn AnswerProvider>, master_key: &MasterKey, outbox: &Arc<Outbox>) -> Services {
    Services {
        vault: Arc::new(Vault::new(master_key.clone(), [])),
        mailer: outbox.clone(),
        ..Services::new(Arc::new(FixedEmbedder::default()), answerer)
    }
}

fn domain_on(database: omniops_postgres::Database, services: Services) -> Domain {
    let settings = Settings { public_url: "https://omniops.example".to_owned(), ..Settings::default() };
    Domain::new(database, services, settings)
}

async fn add_tenant(domain: &Domain, slug: &str, host: &str) -> TenantId {
    let new = NewTenant { slug: slug.to_owned(), name: "Trail & Peak".to_owned() };
    let tenant = tenants::create(domain, Actor::CommandLine, new).await.unwrap().id;
    let principal = Principal { tenant_id: tenant, actor: Actor::CommandLine };
    tenants::add_domain(domain, &principal, &host.parse().unwrap(), &[]).await.unwrap();
    tenant
}

/// Straight into the tables: hashing a password takes longer than most tests.
async fn add_agent(database: &TestDatabase, tenant: TenantId, name: &str) -> Principal {
    let id = Uuid::now_v7();
    let email = format!("{}@{id}.example", name.to_lowercase());
    let mut tx = database.database().system("build a test's world").await.unwrap();
    sqlx::query("insert into users (id, email, name, password_hash) values ($1, $2, $3, 'none')")
        .bind(id)
        .bind(&email)
        .bind(name)
        .execute(tx.conn())
        .await
        .unwrap();
    sqlx::query(
        "insert into team_members (tenant_id, user_id, role, display_name, email) values ($1, $2, 'agent', $3, $4)",
    )
    .bind(tenant.uuid())
    .bind(id)
    .bind(name)
    .bind(&email)
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    Principal { tenant_id: tenant, actor: Actor::User { id: UserId(id), name: name.to_owned(), role: Role::Agent } }
}
