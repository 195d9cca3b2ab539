//! The database that all benchmarks share, kept from one run to the next, and the tenants in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use omniops_domain::knowledge::Extractive;
use omniops_domain::{Actor, Domain, Principal, Services, Settings, accounts, tenants};
use omniops_embedding::{Embedder, EmbeddingsConfig, model_dir};
use omniops_postgres::{Cluster, Database, UrlKind, migrate};
use omniops_types::{DomainId, Role, Scope, TenantId};
use sqlx::Executor;
use sqlx::postgres::{PgPool, PgPoolOptions};

use super::child::Server;

/// Everything that a benchmark may need.
#[derive(Debug)]
pub struct World {
    pub data_dir: PathBuf,
    /// The services in this process, as the server's over the same database.
    pub domain: Domain,
    /// As the owner of the tables, whom row-level security binds too; one connection.
    pub owner: PgPool,
    /// As the superuser.
    pub superuser: PgPool,
    cluster: Cluster,
    /// As the log-in role, as the server of an installation.
    pub login_url: String,
    server_url: String,
}

/// A tenant with one domain.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub id: TenantId,
    pub domain_id: DomainId,
    pub host: String,
}

impl Tenant {
    /// May do everything at the tenant.
    pub fn principal(&self) -> Principal {
        Principal { tenant_id: self.id, actor: Actor::System }
    }
}

impl World {
    /// Starts the cluster of `data_dir`, makes it if it is not there, and loads the model.
    pub async fn open(data_dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(data_dir)?;
        let data_dir = data_dir.canonicalize()?;
        let cluster = Cluster::start_or_attach(&data_dir).await?;
        let superuser = cluster.url(UrlKind::Superuser)?;
        migrate(&superuser).await?;
        let options = cluster.database_options()?;
        let socket = options.url.split_once('?').map(|(_, parameters)| format!("?{parameters}")).unwrap_or_default();
        let server_url = format!("{superuser}{socket}");
        let maintenance = PgPoolOptions::new().max_connections(2).connect(&server_url).await?;
        log_parameters(&maintenance).await?;
        let database = Database::connect(&options).await?;
        let embedder = EmbeddingsConfig::Local { model_dir: model_dir() }.open().await?;
        let owner = PgPoolOptions::new()
            .max_connections(1)
            .after_connect(|conn, _| Box::pin(async move { conn.execute("set role omniops_owner").await.map(|_| ()) }));
        Ok(Self {
            domain: domain_with(database, embedder),
            owner: owner.connect(&server_url).await?,
            superuser: maintenance,
            cluster,
            data_dir,
            login_url: options.url,
            server_url,
        })
    }

    /// The services with another embedder.
    pub fn domain_with(&self, embedder: Arc<dyn Embedder>) -> Domain {
        domain_with(self.domain.database.clone(), embedder)
    }

    /// A server under test over this database. `name` is its log's.
    ///
    /// It logs in as the superuser because the cluster belongs to this process; each of its transactions takes the
    /// role without rights that row-level security binds, as always.
    pub async fn server(&self, name: &str) -> Result<Server> {
        self.server_with(name, &[]).await
    }

    /// The same with further variables.
    pub async fn server_with(&self, name: &str, variables: &[(&str, &str)]) -> Result<Server> {
        Server::start(&self.server_url, variables, &self.log(name)).await
    }

    pub fn log(&self, name: &str) -> PathBuf {
        self.data_dir.join("logs").join(format!("{name}.log"))
    }

    /// Postgres's own log.
    pub fn postgres_log(&self) -> PathBuf {
        self.data_dir.join("postgres/postgres.log")
    }

    /// The tenant of an earlier run, or a new one.
    pub async fn tenant(&self, slug: &str) -> Result<Tenant> {
        let host = format!("{slug}.example");
        let id = match tenants::find(&self.domain, slug).await {
            Ok(tenant) => tenant.id,
            Err(_) => {
                let new = tenants::NewTenant { slug: slug.to_owned(), name: slug.to_owned() };
                let id = tenants::create(&self.domain, Actor::System, new).await?.id;
                let principal = Principal { tenant_id: id, actor: Actor::System };
                tenants::add_domain(&self.domain, &principal, &host.parse()?, &[]).await?;
                id
            }
        };
        let principal = Principal { tenant_id: id, actor: Actor::System };
        let domains = tenants::domains(&self.domain, &principal).await?;
        let domain_id = domains.first().context("the tenant has no domain")?.id;
        Ok(Tenant { id, domain_id, host })
    }

    /// A key that reads and answers the tenant's conversations.
    pub async fn api_key(&self, tenant: &Tenant) -> Result<String> {
        let new = accounts::NewApiKey {
            name: "benchmark".to_owned(),
            scopes: vec![Scope::ConversationsRead, Scope::ConversationsWrite],
            expires_at: None,
        };
        Ok(accounts::create_api_key(&self.domain, &tenant.principal(), new).await?.key)
    }

    /// Makes the agent unless an earlier run did, with this password.
    pub async fn agent(&self, tenant: &Tenant, email: &str, password: &str) -> Result<()> {
        let principal = tenant.principal();
        let new = accounts::NewMember {
            email: email.to_owned(),
            name: "Ana Agent".to_owned(),
            role: Role::Agent,
            password: password.to_owned().into(),
        };
        if accounts::create_user(&self.domain, &principal, new).await.is_err() {
            accounts::ensure_password(&self.domain, &principal, email, password.to_owned().into()).await?;
        }
        Ok(())
    }

    /// Stops everything, Postgres last.
    pub async fn close(self) -> Result<()> {
        self.owner.close().await;
        self.superuser.close().await;
        self.domain.database.close().await;
        self.cluster.stop().await?;
        Ok(())
    }
}

fn domain_with(database: Database, embedder: Arc<dyn Embedder>) -> Domain {
    let answerer = Arc::new(Extractive::new(Arc::clone(&embedder)));
    let settings = Settings { public_url: "http://127.0.0.1".to_owned(), ..Settings::default() };
    Domain::new(database, Services::new(embedder, answerer), settings)
}

/// The cluster's log leaves parameters out, and the details of entries, in which they would stand, because they are
/// customers' words. Here they are ours, and `chat` reads them.
async fn log_parameters(superuser: &PgPool) -> Result<()> {
    let every_session = "do $$ begin
        execute format('alter database %I set log_parameter_max_length = -1', current_database());
        execute format('alter database %I set log_error_verbosity = ''default''', current_database());
    end $$";
    sqlx::query(every_session).execute(superuser).await?;
    Ok(())
}
