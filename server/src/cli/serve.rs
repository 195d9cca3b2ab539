use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use axum::Router;
use clap::{Args, Subcommand};
use omniops_domain::Domain;
use omniops_domain::alerts::Channels;
use tokio_util::sync::CancellationToken;

use crate::application::{Application, Listeners};
use crate::boot::{self, Store};
use crate::config::Config;
use crate::demo::Demo;
use crate::{master_key, worker};

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// With the demo store at /demo and a tenant for it
    #[arg(long)]
    demo: bool,
    /// Allow --demo on an address that others can reach
    #[arg(long, requires = "demo")]
    demo_anywhere: bool,
    /// Leave background jobs to `omniops worker`
    #[arg(long)]
    no_worker: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Seed {
    /// Make the demo tenant with its crawled store and its past, and end
    Demo,
}

impl Serve {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let stop: Stop = Box::pin(stop_signal()?);
        let vault = master_key::open(&config)?;
        run(config, stop, async |config, listeners, database| {
            let addr = listeners.addr()?;
            let domain = boot::domain(&config, database, addr, vault).await?;
            master_key::warn_of_unreadable_secrets(&domain).await;
            let demo = self.demo.then(|| Demo::new(&config, &domain, addr, self.demo_anywhere)).transpose()?;
            let more = demo.as_ref().map_or_else(Router::new, Demo::routes);
            let channels = boot::channels(&config)?;
            let worker = (!self.no_worker).then(|| Worker::start(domain.clone(), channels));
            let application = Application::new(config, listeners, domain.clone(), more)?;
            println!("OmniOps listens on {}", domain.settings.public_url);
            // Beside the server, which the demo's crawl asks for its pages.
            let preparing = demo.map(|demo| {
                let state = application.state();
                state.preparing.store(true, Ordering::Relaxed);
                tokio::spawn(prepare(demo, domain, state.preparing.clone()))
            });
            Ok(Running { application, worker, preparing })
        })
        .await
    }
}

impl Seed {
    /// Serves for as long as the demo needs the server to make itself.
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let Self::Demo = self;
        let (done, is_done) = tokio::sync::oneshot::channel();
        let stop: Stop = Box::pin(async {
            let _ = is_done.await;
        });
        let (told, outcome) = tokio::sync::oneshot::channel();
        let vault = master_key::open(&config)?;
        run(config, stop, async |config, listeners, database| {
            let addr = listeners.addr()?;
            let domain = boot::domain(&config, database, addr, vault).await?;
            let demo = Demo::new(&config, &domain, addr, false)?;
            let application = Application::new(config, listeners, domain.clone(), demo.routes())?;
            let preparing = tokio::spawn(async move {
                let _ = told.send(demo.prepare(&domain).await.map(|()| demo.invitation()));
                let _ = done.send(());
            });
            Ok(Running { application, worker: None, preparing: Some(preparing) })
        })
        .await?;
        println!("{}", outcome.await.context("the demo was cut off")??);
        Ok(())
    }
}

type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What runs between start and stop.
struct Running {
    application: Application,
    worker: Option<Worker>,
    preparing: Option<tokio::task::JoinHandle<()>>,
}

/// In this order: the address, so that a taken port is told at once; the database; the schema; the model; then requests.
/// And back in the other order.
async fn run(
    config: Config,
    stop: Stop,
    start: impl AsyncFnOnce(Config, Listeners, omniops_postgres::Database) -> anyhow::Result<Running>,
) -> anyhow::Result<()> {
    let listeners = Listeners::bind(&config).await?;
    let store = Store::start(&config).await?;
    let outcome = run_on(&store, config, listeners, stop, start).await;
    let closed = store.close().await;
    outcome?;
    closed
}

async fn run_on(
    store: &Store,
    config: Config,
    listeners: Listeners,
    stop: Stop,
    start: impl AsyncFnOnce(Config, Listeners, omniops_postgres::Database) -> anyhow::Result<Running>,
) -> anyhow::Result<()> {
    store.migrate().await?;
    let database = store.connect().await?;
    let outcome = match start(config, listeners, database.clone()).await {
        Ok(running) => {
            let outcome = running.application.serve(stop).await;
            if let Some(preparing) = running.preparing {
                preparing.abort();
            }
            if let Some(worker) = running.worker {
                worker.stop().await;
            }
            outcome
        }
        Err(error) => Err(error),
    };
    database.close().await;
    tracing::info!("stopped");
    outcome
}

/// Makes the demo once the server listens, and then says how to get in.
async fn prepare(demo: Demo, domain: Domain, preparing: Arc<AtomicBool>) {
    match demo.prepare(&domain).await {
        Ok(()) => {
            preparing.store(false, Ordering::Relaxed);
            println!("{}", demo.invitation());
        }
        Err(error) => {
            tracing::error!(error = &*error as &dyn std::error::Error, "the demo could not be made");
            eprintln!("omniops: the demo could not be made: {error:#}");
        }
    }
}

/// The worker as a task of this process.
struct Worker {
    task: tokio::task::JoinHandle<()>,
    stopping: CancellationToken,
}

impl Worker {
    fn start(domain: Domain, channels: Channels) -> Self {
        let stopping = CancellationToken::new();
        Self { task: tokio::spawn(worker::run(domain, channels, stopping.clone())), stopping }
    }

    async fn stop(self) {
        self.stopping.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the worker ended badly");
        }
    }
}

/// `omniops worker`.
pub(super) async fn work(config: Config) -> anyhow::Result<()> {
    let stop = stop_signal()?;
    let vault = master_key::open(&config)?;
    let store = Store::attach(&config).await?;
    store.migrate().await?;
    let database = store.connect().await?;
    let domain = boot::domain(&config, database.clone(), config.http.addr, vault).await?;
    master_key::warn_of_unreadable_secrets(&domain).await;
    let worker = Worker::start(domain, boot::channels(&config)?);
    println!("OmniOps works on background jobs");
    stop.await;
    worker.stop().await;
    database.close().await;
    store.close().await
}

/// Ends with the first SIGTERM or SIGINT. Listened for from the start, so that none is lost while the database comes up.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be listened for")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be listened for")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
