//! Benchmarks. Each prints its figures as JSON, with the target beside them.

mod search;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use clap::{Parser, Subcommand};
use omniops_domain::knowledge::Extractive;
use omniops_domain::{Domain, Settings};
use omniops_embedding::{EmbeddingsConfig, model_dir};
use omniops_postgres::{Cluster, Database, UrlKind, migrate};
use sqlx::Executor;
use sqlx::postgres::PgPoolOptions;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Keeps the database between runs, so that a site is crawled once.
    #[arg(long, global = true, default_value = "target/bench")]
    data_dir: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// First hits, declined and answered questions over SQLite's documentation.
    SearchQuality {
        /// Where the documentation's HTML lies.
        #[arg(long, default_value = "/usr/share/doc/sqlite3")]
        site: PathBuf,
    },
    /// Search time and recall at 1,000 and 100,000 passages.
    SearchScale {
        #[arg(long, default_value = "/usr/share/doc/sqlite3")]
        site: PathBuf,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let cluster = Cluster::start_or_attach(&arguments.data_dir).await?;
    let superuser = cluster.url(UrlKind::Superuser)?;
    migrate(&superuser).await?;
    let database = Database::connect(&cluster.database_options()?).await?;
    let embedder = EmbeddingsConfig::Local { model_dir: model_dir() }.open().await?;
    let answerer = Arc::new(Extractive::new(Arc::clone(&embedder)));
    let settings =
        Settings { public_url: "http://127.0.0.1".to_owned(), allow_private_hosts: Vec::new(), production: false };
    let domain = Domain::new(database, embedder, answerer, settings);

    let figures = match arguments.command {
        Command::SearchQuality { site } => {
            let corpus = search::Corpus::prepare(&domain, &site).await?;
            search::quality(&domain, &corpus).await?
        }
        Command::SearchScale { site } => {
            let corpus = search::Corpus::prepare(&domain, &site).await?;
            let owner = PgPoolOptions::new()
                .max_connections(1)
                .after_connect(|conn, _| {
                    Box::pin(async move { conn.execute("set role omniops_owner").await.map(|_| ()) })
                })
                .connect(&superuser)
                .await?;
            search::scale(&domain, &owner, &corpus).await?
        }
    };
    println!("{figures:#}");
    domain.database.hub().close();
    cluster.stop().await?;
    Ok(())
}
