//! From a domain to a running server, and back down again without losing a request.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use omniops_domain::Domain;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::limits::Limits;
use crate::middleware::around::AroundLayer;
use crate::pages::KeptPages;
use crate::routes::health;
use crate::site::Site;
use crate::state::Parts;
use crate::{AppState, connections, pages, routes};

/// How long requests that are under way may take to finish when the process stops.
const LONGEST_DRAIN: Duration = Duration::from_secs(15);
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// The addresses, taken before anything slow begins.
#[derive(Debug)]
pub struct Listeners {
    public: TcpListener,
    admin: Option<TcpListener>,
}

impl Listeners {
    /// Fails with the next step when an address cannot be had.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        let public = bind(config.http.addr, "OMNIOPS_ADDR").await?;
        let admin = match config.operations.admin_addr {
            Some(addr) => Some(bind(addr, "OMNIOPS_ADMIN_ADDR").await?),
            None => None,
        };
        Ok(Self { public, admin })
    }

    /// Where we listen: with port 0, the port that was free.
    pub fn addr(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.public.local_addr()?)
    }
}

/// A server that listens and does not serve yet.
#[derive(Debug)]
pub struct Application {
    listeners: Listeners,
    router: Router,
    state: AppState,
}

impl Application {
    /// Puts everything together. `more` are routes of the demo, or none.
    pub fn new(config: Config, listeners: Listeners, domain: Domain, more: Router) -> anyhow::Result<Self> {
        let addr = listeners.addr()?;
        crate::telemetry::metrics()?;
        let site = Site::open(config.http.site_dir.as_deref())?;
        let state = AppState::from(Parts {
            limits: Arc::new(Limits::new(&config.limits)),
            leptos_options: pages::leptos_options(&site, addr),
            site,
            kept_pages: KeptPages::default(),
            config: Arc::new(config),
            domain,
            stopping: CancellationToken::new(),
            preparing: Arc::default(),
        });
        let router = router(&state, more)?;
        Ok(Self { listeners, router, state })
    }

    pub fn addr(&self) -> anyhow::Result<SocketAddr> {
        self.listeners.addr()
    }

    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Serves until `stop` ends; then takes no more connections, ends the streams, and lets requests finish.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let Self { listeners: Listeners { public, admin }, router, state } = self;
        let stopping = state.stopping.clone();
        let upkeep = tokio::spawn(forget_idle_keys(state.limits.clone()));
        let longest_head = state.config.http.read_timeout;
        let most = connections::possible(state.config.http.max_connections);
        let serve =
            |listener, router| tokio::spawn(connections::serve(listener, router, longest_head, most, stopping.clone()));
        let admin = admin.map(|listener| serve(listener, health::admin_router(state.clone())));
        let mut server = serve(public, router);

        tokio::select! {
            ended = &mut server => return ended.context("the listener failed"),
            () = stop => tracing::info!("stopping: no new connections; requests under way may finish"),
        }
        stopping.cancel();
        state.domain.database.hub().close();
        match tokio::time::timeout(LONGEST_DRAIN, &mut server).await {
            Ok(ended) => ended.context("the listener failed")?,
            Err(_) => {
                tracing::warn!(seconds = LONGEST_DRAIN.as_secs(), "some requests did not finish in time and were cut");
                server.abort();
            }
        }
        upkeep.abort();
        if let Some(admin) = admin {
            admin.abort();
        }
        Ok(())
    }
}

/// Everything that answers, with everything around it.
fn router(state: &AppState, more: Router) -> anyhow::Result<Router> {
    let around = AroundLayer::new(state);
    let api = routes::api(state, &around)?;
    let pages = pages::router(state).merge(routes::assets::router(&state.site)).fallback(pages::not_found);
    let pages = pages.with_state(state.clone()).merge(more).layer(around);
    Ok(api.with_state(state.clone()).merge(pages))
}

async fn bind(addr: SocketAddr, variable: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(addr).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{addr} is taken by another program; stop that one, or choose another address: {variable}={}:{}",
            addr.ip(),
            addr.port().wrapping_add(1)
        ),
        std::io::ErrorKind::PermissionDenied => anyhow::anyhow!(
            "not allowed to listen on {addr}; choose a port above 1023, such as {variable}={}:3000",
            addr.ip()
        ),
        std::io::ErrorKind::AddrNotAvailable => {
            anyhow::anyhow!(
                "this machine has no address {}; {variable}=127.0.0.1:{} works everywhere",
                addr.ip(),
                addr.port()
            )
        }
        _ => anyhow::Error::new(error).context(format!("cannot listen on {addr}")),
    })
}

async fn forget_idle_keys(limits: Arc<Limits>) {
    let mut every = tokio::time::interval(FORGET_EVERY);
    loop {
        every.tick().await;
        limits.forget_idle();
    }
}
