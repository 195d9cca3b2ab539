//! Benchmarks: every figure with its target, wherever possible as a ratio against a baseline measured in the same run.
//!
//! `docs/benchmarks.md` tells what each measures and how.

mod agent;
mod browser;
mod chat;
mod delivery;
mod figure;
mod idle;
mod inbox;
mod ingest;
mod ledger;
mod pages;
mod search;
mod support;
mod telemetry;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

use figure::{Figure, Outcome, Report};
use support::world::World;

/// Measures OmniOps, prints a table and writes bench.json into the target directory.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Only these, in this order; all without it.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Benchmark>,
    /// Where the database stays between runs; `bench` in the target directory without it.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Where the documentation of SQLite lies, which is crawled and searched.
    #[arg(long, default_value = "/usr/share/doc/sqlite3")]
    site: PathBuf,
}

/// The other processes of a benchmark.
#[derive(Subcommand)]
enum Part {
    #[command(hide = true)]
    BareServer { file: PathBuf, kind: String },
    #[command(hide = true)]
    HoldStreams { addr: SocketAddr, host: String, count: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Benchmark {
    Config,
    LoginPage,
    Chat,
    Agent,
    Delivery,
    Idle,
    Inbox,
    SearchScale,
    SearchQuality,
    Ingest,
    Ledger,
    Telemetry,
    Weight,
    Panel,
}

impl Benchmark {
    const fn title(self) -> &'static str {
        match self {
            Self::Config => "config: the widget's configuration",
            Self::LoginPage => "login-page: a server-rendered page",
            Self::Chat => "chat: a question, answered by quoting",
            Self::Agent => "agent: a turn of the AI beside its model",
            Self::Delivery => "delivery: from one agent to all who watch",
            Self::Idle => "idle: visitors who say nothing",
            Self::Inbox => "inbox: a page of the list",
            Self::SearchScale => "search-scale: hybrid search as the tenant grows",
            Self::SearchQuality => "search-quality: questions about SQLite's documentation",
            Self::Ingest => "ingest: reading a site",
            Self::Ledger => "ledger: reserving and settling what a model call costs",
            Self::Telemetry => "telemetry: the page's figures over ten million turns",
            Self::Weight => "weight: what a browser downloads",
            Self::Panel => "panel: from click to usable, in Chromium",
        }
    }

    async fn run(self, world: &World, site: &Path) -> Result<Vec<Figure>> {
        match self {
            Self::Config => pages::config(world).await,
            Self::LoginPage => pages::login_page(world).await,
            Self::Chat => chat::chat(world).await,
            Self::Agent => agent::agent(world).await,
            Self::Delivery => delivery::delivery(world).await,
            Self::Idle => idle::idle(world).await,
            Self::Inbox => inbox::inbox(world).await,
            Self::SearchScale => search::scale_figures(world, site).await,
            Self::SearchQuality => search::quality_figures(world, site).await,
            Self::Ingest => ingest::ingest(world, site).await,
            Self::Ledger => ledger::ledger(world).await,
            Self::Telemetry => telemetry::telemetry(world).await,
            Self::Weight => browser::weight(),
            Self::Panel => browser::panel(world).await,
        }
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    match arguments.part {
        Some(Part::BareServer { file, kind }) => pages::serve_bare(&file, kind).await?,
        Some(Part::HoldStreams { addr, host, count }) => idle::hold_streams(addr, &host, count).await?,
        None => return measure(arguments).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Fails when a benchmark could not run; a missed target is told and no failure.
async fn measure(arguments: Arguments) -> Result<ExitCode> {
    let target = support::child::target_dir()?;
    let world = World::open(&arguments.data_dir.unwrap_or_else(|| target.join("bench"))).await?;
    let chosen = if arguments.only.is_empty() { Benchmark::value_variants() } else { &arguments.only };
    let mut outcomes = Vec::with_capacity(chosen.len());
    for benchmark in chosen {
        eprintln!("{}…", benchmark.title());
        let begun = Instant::now();
        let result = benchmark.run(&world, &arguments.site).await.map_err(|error| format!("{error:#}"));
        outcomes.push(Outcome { name: benchmark.title(), seconds: begun.elapsed().as_secs_f64(), result });
    }
    world.close().await?;
    let report = Report { machine: support::machine::describe(), outcomes };
    let file = target.join("bench.json");
    std::fs::write(&file, format!("{:#}\n", report.to_json()))?;
    print!("\n{}", report.to_table());
    println!("written to {}", file.display());
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
