//! What every handler can reach.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use omniops_domain::Domain;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::limits::Limits;
use crate::pages::KeptPages;
use crate::site::Site;

/// Cheap to clone, which every layer around a route does for every request: one pointer.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Parts>);

/// What the state is made of.
#[derive(Debug)]
pub struct Parts {
    pub domain: Domain,
    pub config: Arc<Config>,
    pub limits: Arc<Limits>,
    pub leptos_options: LeptosOptions,
    pub site: Site,
    pub kept_pages: KeptPages,
    /// Cancelled when the process begins to stop: streams end, so that the drain does not wait for them.
    pub stopping: CancellationToken,
    /// True while the demo is being made: requests are served, but `/health/ready` says to wait.
    pub preparing: Arc<AtomicBool>,
}

impl From<Parts> for AppState {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos_options.clone()
    }
}

impl FromRef<AppState> for Domain {
    fn from_ref(state: &AppState) -> Self {
        state.domain.clone()
    }
}
