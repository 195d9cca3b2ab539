//! From the configuration to a domain that works: database, model, answerer.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use omniops_domain::agent::ModelDefaults;
use omniops_domain::alerts::{Channels, Webhook};
use omniops_domain::chat::Absence;
use omniops_domain::knowledge::Extractive;
use omniops_domain::{Domain, Services, Settings};
use omniops_embedding::{EmbedError, Embedder, EmbeddingsConfig, OpenAiConfig, Space, model_dir};
use omniops_mail::{Mailer, NoMail, Sender, SmtpMailer};
use omniops_postgres::{Cluster, Database, DatabaseOptions, UrlKind, migrate, set_up};
use omniops_vault::Vault;
use secrecy::ExposeSecret;

use crate::config::{Config, Embeddings};

const OPENAI_BASE_URL: &str = "https://api.openai.com/v1";

/// The database: the operator's own, or our cluster in the data directory.
#[derive(Debug)]
pub struct Store {
    cluster: Option<Cluster>,
    options: DatabaseOptions,
    /// Of a role that may become the owner.
    migration_url: String,
}

impl Store {
    /// For the server: runs the cluster itself, so that nobody else can take it away.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        Self::open(config, async || Cluster::start(&config.database.data_dir).await).await
    }

    /// For commands: uses the server's cluster where one runs, and starts it for itself where none does.
    pub async fn attach(config: &Config) -> anyhow::Result<Self> {
        Self::open(config, async || Cluster::start_or_attach(&config.database.data_dir).await).await
    }

    async fn open(
        config: &Config,
        cluster: impl AsyncFnOnce() -> omniops_postgres::Result<Cluster>,
    ) -> anyhow::Result<Self> {
        let mut this = match &config.database.url {
            Some(url) => {
                let url = url.expose_secret().to_owned();
                Self { cluster: None, options: DatabaseOptions::new(&url), migration_url: url }
            }
            None => {
                let cluster = cluster().await?;
                let (options, migration_url) = (cluster.database_options()?, cluster.url(UrlKind::Superuser)?);
                Self { cluster: Some(cluster), options, migration_url }
            }
        };
        this.options.max_connections = config.database.max_connections;
        Ok(this)
    }

    /// Brings roles and schema up to date; gives the numbers of the migrations that it ran.
    pub async fn migrate(&self) -> anyhow::Result<Vec<i64>> {
        if self.cluster.is_none() {
            set_up(&self.migration_url).await?;
        }
        Ok(migrate(&self.migration_url).await?)
    }

    pub async fn connect(&self) -> anyhow::Result<Database> {
        Ok(Database::connect(&self.options).await?)
    }

    /// Our cluster, unless the database is the operator's.
    pub fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// An address for programs, with its password.
    pub fn url(&self, kind: UrlKind) -> anyhow::Result<String> {
        match &self.cluster {
            Some(cluster) => Ok(cluster.url(kind)?),
            None => Ok(self.migration_url.clone()),
        }
    }

    /// Stops the cluster, if this process runs it.
    pub async fn close(self) -> anyhow::Result<()> {
        if let Some(cluster) = self.cluster {
            cluster.stop().await?;
        }
        Ok(())
    }
}

/// The business with its model loaded. `addr` is where browsers find us when no public address was set; `vault` keeps
/// tenants' secrets, see [`master_key`](crate::master_key).
pub async fn domain(config: &Config, database: Database, addr: SocketAddr, vault: Vault) -> anyhow::Result<Domain> {
    let embedder = embeddings(config)?.open().await.context("the embedding model is not available")?;
    domain_with(config, database, embedder, addr, vault)
}

/// The business for commands that never read a text: it starts at once, with or without a model.
pub fn domain_without_model(config: &Config, database: Database, vault: Vault) -> anyhow::Result<Domain> {
    domain_with(config, database, Arc::new(NoModel::default()), config.http.addr, vault)
}

/// The business with this embedder, answering by quoting.
pub fn domain_with(
    config: &Config,
    database: Database,
    embedder: Arc<dyn Embedder>,
    addr: SocketAddr,
    vault: Vault,
) -> anyhow::Result<Domain> {
    let answerer = Arc::new(Extractive::new(embedder.clone()));
    let settings = Settings {
        public_url: config.http.public_url.clone().unwrap_or_else(|| local_url(addr)),
        allow_private_hosts: config.knowledge.allow_private_hosts.clone(),
        production: config.http.production,
        prices: config.prices.clone(),
        models: models(config),
        absence: Absence::default(),
    };
    let mailer = mailer(config, &settings.public_url)?;
    let services = Services { vault: Arc::new(vault), mailer, ..Services::new(embedder, answerer) };
    Ok(Domain::new(database, services, settings))
}

/// Who answers for tenants without a provider of their own.
fn models(config: &Config) -> ModelDefaults {
    ModelDefaults {
        base_url: config.knowledge.openai_base_url.clone().unwrap_or_else(|| OPENAI_BASE_URL.to_owned()),
        api_key: config.knowledge.openai_api_key.clone(),
        model: config.knowledge.llm_model.clone(),
        fallback_model: config.knowledge.llm_fallback_model.clone(),
    }
}

/// The operator's mail server, or what says that there is none. Does not connect yet.
fn mailer(config: &Config, public_url: &str) -> anyhow::Result<Arc<dyn Mailer>> {
    let Some(smtp) = &config.mail.smtp else { return Ok(Arc::new(NoMail)) };
    let sender = match &config.mail.from {
        Some(sender) => sender.clone(),
        None => {
            let url = url::Url::parse(public_url).context("the public address cannot be read")?;
            let sender = Sender::no_reply("OmniOps", url.host_str().unwrap_or_default());
            sender.context("no address to send mail from; set OMNIOPS_MAIL_FROM")?
        }
    };
    Ok(Arc::new(SmtpMailer::new(smtp, sender).context("SMTP_URL is not usable")?))
}

/// Where alerts are announced, beside mail and dashboard.
pub fn channels(config: &Config) -> anyhow::Result<Channels> {
    let webhook = config.operations.alert_webhook_url.clone().map(Webhook::new).transpose()?;
    Ok(Channels { webhook })
}

/// Where a browser on this machine finds a listener on this address.
pub fn local_url(addr: SocketAddr) -> String {
    if addr.ip().is_unspecified() { format!("http://127.0.0.1:{}", addr.port()) } else { format!("http://{addr}") }
}

fn embeddings(config: &Config) -> anyhow::Result<EmbeddingsConfig> {
    match config.knowledge.embeddings {
        Embeddings::Local => Ok(EmbeddingsConfig::Local { model_dir: model_dir() }),
        Embeddings::OpenAi => {
            let key = config.knowledge.openai_api_key.clone();
            let key = key.context("OMNIOPS_EMBEDDINGS=openai needs OPENAI_API_KEY; set it, or use `local`")?;
            let base_url = config.knowledge.openai_base_url.as_deref().unwrap_or(OPENAI_BASE_URL);
            Ok(EmbeddingsConfig::OpenAi(OpenAiConfig::new(base_url, key)))
        }
    }
}

/// Stands where a model would be in commands that need none.
#[derive(Debug)]
struct NoModel {
    space: Space,
}

impl Default for NoModel {
    fn default() -> Self {
        Self { space: Space { provider: "none".to_owned(), model: "none".to_owned(), dimensions: 1 } }
    }
}

#[async_trait]
impl Embedder for NoModel {
    fn space(&self) -> &Space {
        &self.space
    }

    async fn embed(&self, _: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Err(EmbedError::Load("this command runs without a model".to_owned()))
    }
}
