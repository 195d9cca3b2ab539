#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod agent;
pub mod alerts;
pub mod audit;
pub mod chat;
pub mod commerce;
pub mod conversations;
pub mod customers;
pub mod demo;
mod email;
mod error;
pub mod events;
pub mod knowledge;
pub mod ledger;
pub mod maintenance;
mod network;
mod outgoing;
mod paging;
mod principal;
pub mod secrets;
pub mod telemetry;
pub mod tenants;
pub mod verification;
pub mod widget;

use std::ops::Deref;
use std::sync::Arc;

use omniops_embedding::Embedder;
use omniops_llm::AnswerProvider;
use omniops_mail::{Mailer, NoMail};
use omniops_postgres::Database;
use omniops_vault::Vault;

pub use email::EmailAddress;
pub use error::{Error, Result, chain};
pub use network::Network;
pub use principal::{Actor, Principal};

/// Everything a service needs. Cheap to clone, which every layer around a route does for every request.
#[derive(Clone)]
pub struct Domain(Arc<Parts>);

/// The outside things, behind their traits.
#[derive(Clone)]
pub struct Services {
    pub embedder: Arc<dyn Embedder>,
    pub answerer: Arc<dyn AnswerProvider>,
    /// What tenants' secrets are kept with.
    pub vault: Arc<Vault>,
    pub mailer: Arc<dyn Mailer>,
}

impl Services {
    /// Answers, and has neither a key for secrets nor a mail server.
    pub fn new(embedder: Arc<dyn Embedder>, answerer: Arc<dyn AnswerProvider>) -> Self {
        Self { embedder, answerer, vault: Arc::new(Vault::locked()), mailer: Arc::new(NoMail) }
    }
}

/// The database, the outside things behind their traits, and what the process remembers.
pub struct Parts {
    pub database: Database,
    pub embedder: Arc<dyn Embedder>,
    pub answerer: Arc<dyn AnswerProvider>,
    pub vault: Arc<Vault>,
    pub mailer: Arc<dyn Mailer>,
    pub settings: Settings,
    /// Language models by provider and key.
    pub(crate) models: agent::Models,
    /// Answers being made in this process.
    pub(crate) turns: chat::Turns,
    /// Where requests of one session wait for each other.
    pub(crate) doors: customers::Doors,
    /// Customers who are connected to this process.
    pub(crate) audience: customers::Audience,
    /// Widget configurations by host, for as long as nothing changes them.
    pub(crate) sites: widget::Sites,
    /// Log-in attempts of the last minute, and turns at hashing passwords.
    pub(crate) log_ins: accounts::LogIns,
    /// Stores ready to be asked.
    pub(crate) stores: commerce::Stores,
}

impl Domain {
    /// One a process: it holds what the process remembers between calls.
    pub fn new(database: Database, services: Services, settings: Settings) -> Self {
        let Services { embedder, answerer, vault, mailer } = services;
        let models = agent::Models::new(settings.models.clone(), &settings.allow_private_hosts);
        Self(Arc::new(Parts {
            database,
            embedder,
            answerer,
            vault,
            mailer,
            settings,
            models,
            turns: chat::Turns::default(),
            doors: customers::Doors::default(),
            audience: customers::Audience::default(),
            sites: widget::Sites::default(),
            log_ins: accounts::LogIns::default(),
            stores: commerce::Stores::default(),
        }))
    }

    /// Passes when the database answers.
    pub async fn ready(&self) -> Result<()> {
        let tx = self.database.system("readiness").await?;
        Ok(tx.commit().await?)
    }
}

impl Deref for Domain {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").field("vault", &self.vault).field("mailer", &self.mailer).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Domain").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What an operator may set and services read. Times and sizes are those of the public documentation.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The address under which browsers reach this installation, without a trailing slash.
    pub public_url: String,
    /// `host[:port]` entries that the SSRF guard lets through although they are private.
    pub allow_private_hosts: Vec<String>,
    /// Who answers for tenants without a provider of their own.
    pub models: agent::ModelDefaults,
    /// Cookies are `Secure` with the `__Host-` prefix, and loopback shortcuts are off.
    pub production: bool,
    /// What language models charge.
    pub prices: ledger::PriceTable,
    /// How long a customer may be away before the model stops working for them.
    pub absence: chat::Absence,
}
