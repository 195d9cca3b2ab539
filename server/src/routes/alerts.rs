//! `/api/dashboard/alerts`: what a person should look at.

use axum::extract::State;
use omniops_domain::{Domain, alerts};
use omniops_types::{Alert, Cursor, DEFAULT_LIMIT, ErrorBody, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Json, Query, Signed};
use crate::{ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
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
