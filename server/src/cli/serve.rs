use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use axum::Router;
use clap::Args;
use omniops_domain::Domain;
use tokio_util::sync::CancellationToken;

use crate::application::{Application, Listeners};
use crate::boot::{self, Store};
use crate::config::Config;
use crate::demo::Demo;
use crate::worker;

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Leave background jobs to `omniops worker`
    #[arg(long)]
    no_worker: bool,
    /// Serve the demo store at /demo, with a tenant, a team and a month of conversations
    #[arg(long)]
    demo: bool,
    /// Allow --demo on an address that others can reach, although its password is printed
    #[arg(long, requires = "demo")]
    demo_anywhere: bool,
}

impl Serve {
    /// In this order: the address, so that a taken port is told at once; the database; the schema; the model; then
    /// requests. And back in the other order.
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let stop = stop_signal()?;
        let listeners = Listeners::bind(&config).await?;
        let store = Store::start(&config).await?;
        let outcome = self.serve(config, listeners, &store, stop).await;
        let closed = store.close().await;
        outcome?;
        closed
    }

    async fn serve(
        self,
        config: Config,
        listeners: Listeners,
        store: &Store,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        store.migrate().await?;
        let database = store.connect().await?;
        let addr = listeners.addr()?;
        let domain = boot::domain(&config, database.clone(), addr).await?;
        let worker = (!self.no_worker).then(|| Worker::start(domain.clone()));
        let public_url = domain.settings.public_url.clone();
        let demo = self.demo.then(|| Demo::new(&config, &domain, addr, self.demo_anywhere)).transpose()?;
        let routes = demo.as_ref().map_or_else(Router::new, Demo::routes);
        let application = Application::new(config, listeners, domain.clone(), routes)?;
        println!("OmniOps listens on {public_url}");
        let preparing = demo.map(|demo| {
            let preparing = application.state().preparing.clone();
            preparing.store(true, Ordering::Relaxed);
            tokio::spawn(prepare(demo, domain, preparing))
        });
        let outcome = application.serve(stop).await;
        if let Some(preparing) = preparing {
            preparing.abort();
        }
        if let Some(worker) = worker {
            worker.stop().await;
        }
        database.close().await;
        tracing::info!("stopped");
        outcome
    }
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
    fn start(domain: Domain) -> Self {
        let stopping = CancellationToken::new();
        Self { task: tokio::spawn(worker::run(domain, stopping.clone())), stopping }
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
    let store = Store::attach(&config).await?;
    store.migrate().await?;
    let database = store.connect().await?;
    let domain = boot::domain(&config, database.clone(), config.http.addr).await?;
    let worker = Worker::start(domain);
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
