//! What every handler can reach.

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use omniops_domain::Domain;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::limits::Limits;

/// Cheap to clone: everything inside is shared.
#[derive(Clone, Debug)]
pub struct AppState {
    pub domain: Domain,
    pub config: Arc<Config>,
    pub limits: Arc<Limits>,
    pub leptos_options: LeptosOptions,
    /// Cancelled when the process begins to stop: streams end, so that the drain does not wait for them.
    pub stopping: CancellationToken,
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
