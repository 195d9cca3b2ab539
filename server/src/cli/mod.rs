//! The commands of `omniops`. Each works while the server runs and while it does not.

mod ask;
mod crawl;
mod database;
mod doctor;
mod people;
mod serve;
mod settings;
mod sources;

use clap::{Parser, Subcommand};
use omniops_domain::{Actor, Domain, Principal, tenants};

use crate::boot::{self, Store};
use crate::config::Config;
use crate::telemetry;

/// OmniOps: AI-first customer service in one program.
#[derive(Debug, Parser)]
#[command(name = "omniops", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the dashboard, the API and the widget
    Serve(serve::Serve),
    /// Work on background jobs, without serving
    Worker,
    /// Bring the database's schema up to date
    Migrate,
    /// Check everything that OmniOps needs, and say what is missing
    Doctor,
    /// Show the settings in force and where they come from; secrets stay hidden
    Config,
    /// Reach the database
    #[command(subcommand)]
    Db(database::Db),
    /// Manage tenants
    #[command(subcommand)]
    Tenant(people::TenantCommand),
    /// Manage people
    #[command(subcommand)]
    User(people::UserCommand),
    /// Manage API keys
    #[command(subcommand)]
    Apikey(people::ApiKeyCommand),
    /// Read a site into a tenant's knowledge
    Crawl(crawl::Crawl),
    /// List what a tenant's AI answers from, and how each source was read last
    Sources(sources::Sources),
    /// Ask a tenant's AI a question, as a customer would
    Ask(ask::Ask),
    /// Fill the database
    #[command(subcommand)]
    Seed(serve::Seed),
}

impl Cli {
    /// Runs the command to its end.
    pub async fn run(self) -> anyhow::Result<()> {
        if let Command::Config = self.command {
            return settings::show();
        }
        let config = Config::load()?;
        telemetry::start_logging(&config.operations, self.command.default_log_filter())?;
        match self.command {
            Command::Serve(serve) => serve.run(config).await,
            Command::Worker => serve::work(config).await,
            Command::Migrate => database::migrate(&config).await,
            Command::Doctor => doctor::run(&config).await,
            Command::Config => settings::show(),
            Command::Db(command) => command.run(&config).await,
            Command::Tenant(command) => command.run(&config).await,
            Command::User(command) => command.run(&config).await,
            Command::Apikey(command) => command.run(&config).await,
            Command::Crawl(crawl) => crawl.run(&config).await,
            Command::Sources(sources) => sources.run(&config).await,
            Command::Ask(ask) => ask.run(&config).await,
            Command::Seed(seed) => seed.run(config).await,
        }
    }
}

impl Command {
    /// What a person at a terminal wants to see beside the output: of commands that end, only trouble.
    const fn default_log_filter(&self) -> &'static str {
        match self {
            Self::Serve(_) | Self::Worker => "info,sqlx=warn,hyper=warn,tower_http=warn",
            _ => "warn",
        }
    }
}

/// Opens the business, runs the work, closes everything again.
async fn with_domain<T>(
    config: &Config,
    needs_model: bool,
    work: impl AsyncFnOnce(&Domain) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let store = Store::attach(config).await?;
    let outcome = with_store(config, &store, needs_model, work).await;
    let closed = store.close().await;
    let value = outcome?;
    closed?;
    Ok(value)
}

async fn with_store<T>(
    config: &Config,
    store: &Store,
    needs_model: bool,
    work: impl AsyncFnOnce(&Domain) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    store.migrate().await?;
    let database = store.connect().await?;
    let outcome = async {
        let domain = if needs_model {
            boot::domain(config, database.clone(), config.http.addr).await?
        } else {
            boot::domain_without_model(config, database.clone())
        };
        work(&domain).await
    }
    .await;
    database.close().await;
    outcome
}

/// The command line acting in the tenant with this slug or id. Whoever has a shell here is trusted with all of them.
async fn principal(domain: &Domain, tenant: &str) -> anyhow::Result<Principal> {
    let tenant = tenants::find(domain, tenant).await?;
    Ok(Principal { tenant_id: tenant.id, actor: Actor::CommandLine })
}
