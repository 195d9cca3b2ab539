//! For load balancers and people on call.

use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use omniops_domain::Error;
use omniops_types::ErrorBody;
use secrecy::ExposeSecret;
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::Json;
use crate::{ApiError, ApiResult, AppState, telemetry};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(live)).routes(routes!(ready)).routes(routes!(prometheus))
}

/// How the process is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    status: &'static str,
    version: &'static str,
}

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// The process runs
///
/// Says nothing about the database: restarting us would not mend that.
#[utoipa::path(get, path = "/health/live", tag = "operations", operation_id = "health_live", responses((status = 200, body = Health)), security(()))]
async fn live() -> Json<Health> {
    Json(OK)
}

/// The process can serve
///
/// 503 while the database cannot be reached, while `serve --demo` prepares the demo, and from the moment the process
/// begins to stop.
#[utoipa::path(
    get, path = "/health/ready", tag = "operations", operation_id = "health_ready",
    responses((status = 200, body = Health), (status = 503, body = ErrorBody)), security(())
)]
async fn ready(State(state): State<AppState>) -> ApiResult<Json<Health>> {
    if state.stopping.is_cancelled() || state.preparing.load(Ordering::Relaxed) {
        return Err(Error::Unavailable { retry_after: std::time::Duration::from_secs(5) }.into());
    }
    state.domain.ready().await?;
    Ok(Json(OK))
}

/// Metrics in Prometheus' text format
///
/// Needs `Authorization: Bearer` with `OMNIOPS_METRICS_TOKEN`; without that setting the address does not exist here,
/// only on the admin listener (`OMNIOPS_ADMIN_ADDR`), which asks for nothing.
#[utoipa::path(
    get, path = "/metrics", tag = "operations", operation_id = "metrics",
    responses((status = 200, body = String, content_type = "text/plain"), (status = 401, body = ErrorBody)),
    security(())
)]
async fn prometheus(State(state): State<AppState>, headers: HeaderMap) -> ApiResult<Response> {
    let expected = state.config.operations.metrics_token.as_ref().ok_or_else(ApiError::no_route)?;
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let right = given.is_some_and(|given| given.as_bytes().ct_eq(expected.expose_secret().as_bytes()).into());
    if !right {
        return Err(Error::Unauthenticated.into());
    }
    rendered(&state)
}

/// The admin listener's routes.
pub fn admin_router(state: AppState) -> axum::Router {
    axum::Router::new()
        .route("/metrics", axum::routing::get(|State(state): State<AppState>| async move { rendered(&state) }))
        .with_state(state)
}

fn rendered(state: &AppState) -> ApiResult<Response> {
    let (open, idle) = state.domain.database.pool_usage();
    metrics::gauge!("omniops_database_connections_open").set(f64::from(open));
    metrics::gauge!("omniops_database_connections_idle").set(idle as f64);
    metrics::gauge!("omniops_event_subscribers").set(state.domain.database.hub().subscriber_count() as f64);
    let metrics = telemetry::metrics().map_err(ApiError::internal)?;
    metrics.run_upkeep();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render()).into_response())
}
