//! `/api/dashboard/alerts`: what a person should look at, and `/api/settings/alerts`: from where on.

use axum::extract::State;
use omniops_domain::{Domain, alerts};
use omniops_types::{Alert, AlertConfig, Cursor, DEFAULT_LIMIT, ErrorBody, Page, UpdateAlerts};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{ExactJson, Json, Meta, Query, Signed};
use crate::{ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read, update))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `true` for those only that are not over.
    #[serde(default)]
    open: bool,
    /// 1 to 100; 30 without it.
    #[serde(default = "default_limit")]
    limit: u16,
    /// `next_cursor` of the page before.
    cursor: Option<Cursor>,
}

const fn default_limit() -> u16 {
    DEFAULT_LIMIT
}

/// List alerts
///
/// The newest first. Needs `analytics:read`.
#[utoipa::path(
    get, path = "/api/dashboard/alerts", tag = "telemetry", operation_id = "listAlerts", params(ListQuery),
    responses((status = 200, body = Page<Alert>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody))
)]
async fn list(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Query(ListQuery { open, limit, cursor }): Query<ListQuery>,
) -> ApiResult<Json<Page<Alert>>> {
    Ok(Json(alerts::list(&domain, &principal, open, cursor, limit).await?))
}

/// Read from where on something is an alert
#[utoipa::path(
    get, path = "/api/settings/alerts", tag = "settings", operation_id = "getAlertSettings",
    responses((status = 200, body = AlertConfig), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody))
)]
async fn read(State(domain): State<Domain>, Signed(principal): Signed) -> ApiResult<Json<AlertConfig>> {
    Ok(Json(alerts::config(&domain, &principal).await?))
}

/// Change from where on something is an alert
///
/// Replaces all of it; what is absent takes the default again, and a field that is not known is refused. With `version` a
/// change of stale settings is refused. An alert that is open goes by it within a minute.
#[utoipa::path(
    put, path = "/api/settings/alerts", tag = "settings", operation_id = "updateAlertSettings",
    request_body = UpdateAlerts,
    responses(
        (status = 200, body = AlertConfig), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Somebody changed the settings meanwhile"),
        (status = 422, body = ErrorBody),
    )
)]
async fn update(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Meta(meta): Meta,
    ExactJson(request): ExactJson<UpdateAlerts>,
) -> ApiResult<Json<AlertConfig>> {
    Ok(Json(alerts::update_config(&domain, &principal, request, &meta).await?))
}
