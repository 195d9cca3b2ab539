//! The commands of `omniops`. Each works while the server runs and while it does not.

mod ask;
mod crawl;
mod database;
mod doctor;
mod monitor;
mod people;
mod rollups;
mod secrets;
mod serve;
mod settings;
mod sources;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use omniops_domain::tenants::{self, Host};
use omniops_domain::{Actor, Domain, Principal};

use crate::boot::{self, Store};
use crate::config::Config;
use crate::{master_key, telemetry};

/// OmniOps: AI-first customer service in one program.
#[derive(Debug, Parser)]
// Bare `about` would be the package's description, which is for those who build it.
#[command(name = "omniops", version)]
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
    /// List what a tenant's AI answers from, and how each source was read last; or remove a source
    Sources(sources::Sources),
    /// Ask a tenant's AI a question, as a customer would
    Ask(ask::Ask),
    /// Manage what tenants' secrets are kept under
    #[command(subcommand)]
    Secrets(secrets::SecretsCommand),
    /// Look after the telemetry's figures
    #[command(subcommand)]
    Telemetry(rollups::TelemetryCommand),
    /// Check what has to be watched, for cron
    #[command(subcommand)]
    Monitor(monitor::Monitor),
    /// Fill the database
    #[command(subcommand)]
    Seed(serve::Seed),
}

impl Cli {
    /// Runs the command to its end, says what went wrong, and gives the exit code.
    pub async fn run(self) -> ExitCode {
        // A monitor's 1 is an alert: that it could not look is another thing.
        let failed = if matches!(self.command, Command::Monitor(_)) { ExitCode::from(2) } else { ExitCode::FAILURE };
        self.command.run().await.map_err(told).unwrap_or_else(|error| {
            eprintln!("omniops: {error:#}");
            failed
        })
    }
}

impl Command {
    async fn run(self) -> anyhow::Result<ExitCode> {
        if let Self::Config = self {
            return settings::show().map(|()| ExitCode::SUCCESS);
        }
        let config = Config::load()?;
        telemetry::start_logging(&config.operations, self.default_log_filter())?;
        for variable in &config.unknown {
            tracing::warn!("{variable}");
        }
        match self {
            Self::Serve(serve) => serve.run(config).await,
            Self::Worker => serve::work(config).await,
            Self::Migrate => database::migrate(&config).await,
            Self::Doctor => doctor::run(&config).await,
            Self::Config => settings::show(),
            Self::Db(command) => command.run(&config).await,
            Self::Tenant(command) => command.run(&config).await,
            Self::User(command) => command.run(&config).await,
            Self::Apikey(command) => command.run(&config).await,
            Self::Crawl(crawl) => crawl.run(&config).await,
            Self::Sources(sources) => sources.run(&config).await,
            Self::Ask(ask) => ask.run(&config).await,
            Self::Secrets(command) => command.run(&config).await,
            Self::Telemetry(command) => command.run(&config).await,
            Self::Monitor(monitor) => return monitor.run(&config).await,
            Self::Seed(seed) => seed.run(config).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }

    /// What a person at a terminal wants to see beside the output: of commands that end, only trouble.
    const fn default_log_filter(&self) -> &'static str {
        match self {
            Self::Serve(_) | Self::Worker => "info,sqlx=warn,hyper=warn,tower_http=warn",
            _ => "warn",
        }
    }
}

/// Wrong fields with their names: on the command line there is no form to show them in.
fn told(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref() {
        Some(omniops_domain::Error::InvalidFields(fields)) => {
            let problems: Vec<String> = fields.iter().map(|(name, problem)| format!("{name} {problem}")).collect();
            anyhow::anyhow!(problems.join("; "))
        }
        _ => error,
    }
}

/// A domain's host among a command's arguments.
fn host(text: &str) -> anyhow::Result<Host> {
    text.parse().map_err(|error: omniops_domain::Error| told(error.into()))
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
        let vault = master_key::open_if_there(config)?;
        let domain = if needs_model {
            boot::domain(config, database.clone(), config.http.addr, vault).await?
        } else {
            boot::domain_without_model(config, database.clone(), vault)?
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn help_says_what_the_program_is_for() {
        assert_eq!(
            Cli::command().get_about().unwrap().to_string(),
            "OmniOps: AI-first customer service in one program"
        );
    }

    #[test]
    fn a_wrong_field_is_named_and_other_errors_stay_as_they_are() {
        let wrong = "not an origin".parse::<tenants::Origin>().unwrap_err();
        assert_eq!(told(wrong.into()).to_string(), "allowed_origins must be origins such as https://www.shop.example");
        assert_eq!(told(omniops_domain::Error::Unauthenticated.into()).to_string(), "sign in first");
    }

    #[test]
    fn a_wrong_host_is_told_before_anything_starts() {
        let wrong =
            Cli::try_parse_from(["omniops", "crawl", "--tenant", "t", "--domain", "a b", "https://shop.example"]);
        let told = wrong.unwrap_err().to_string();
        assert!(told.contains("domain must be a host name"), "{told}");
    }
}
