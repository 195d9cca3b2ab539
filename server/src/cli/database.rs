use anyhow::Context;
use clap::Subcommand;
use omniops_postgres::UrlKind;

use crate::boot::Store;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Db {
    /// Print the connection URL of the running or configured database
    Url {
        /// Of the role that may do everything
        #[arg(long)]
        superuser: bool,
    },
    /// Open psql on the database
    Psql {
        /// Passed on to psql
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

impl Db {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let store = Store::attach(config).await?;
        let outcome = match self {
            Self::Url { superuser } => print_url(&store, superuser),
            Self::Psql { args } => psql(&store, &args).await,
        };
        store.close().await?;
        outcome
    }
}

fn print_url(store: &Store, superuser: bool) -> anyhow::Result<()> {
    println!("{}", store.url(if superuser { UrlKind::Superuser } else { UrlKind::Login })?);
    if store.cluster().is_some_and(|cluster| !cluster.is_attached()) {
        eprintln!("the database is not running: start `omniops serve`, then ask again for its port");
    }
    Ok(())
}

/// The embedded cluster's own psql as its superuser; for a configured database the one on the PATH.
async fn psql(store: &Store, args: &[String]) -> anyhow::Result<()> {
    let mut command = match store.cluster() {
        Some(cluster) => cluster.command("psql"),
        None => std::process::Command::new("psql"),
    };
    command.arg(store.url(UrlKind::Superuser)?).args(args);
    let status = tokio::process::Command::from(command).status().await.context("psql cannot be started")?;
    anyhow::ensure!(status.success(), "psql ended with {status}");
    Ok(())
}

/// `omniops migrate`.
pub(super) async fn migrate(config: &Config) -> anyhow::Result<()> {
    let store = Store::attach(config).await?;
    let outcome = store.migrate().await;
    store.close().await?;
    match outcome?.as_slice() {
        [] => println!("the schema is up to date"),
        ran => println!("ran {} migration(s): {ran:?}", ran.len()),
    }
    Ok(())
}
