//! `/api/dashboard/config`: what the tenant sets on a domain's widget.

use axum::extract::State;
use omniops_domain::{Domain, widget};
use omniops_types::{DomainWidget, ErrorBody, UpdateWidget};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Json, Meta, Query, Signed};
use crate::{ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, update))
}

#[derive(Debug, Deserialize, IntoParams)]
struct SettingsQuery {
    /// The host, as registered.
    domain: String,
}

/// Read a widget's settings
#[utoipa::path(
    get, path = "/api/dashboard/config", tag = "settings", operation_id = "getWidgetSettings", params(SettingsQuery),
    responses((status = 200, body = DomainWidget), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody))
)]
async fn read(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Query(query): Query<SettingsQuery>,
) -> ApiResult<Json<DomainWidget>> {
    Ok(Json(widget::settings(&domain, &principal, &query.domain).await?))
}

/// Change a widget's settings
///
/// Replaces all of them; what is absent takes the default again. Visitors see the change within a minute.
#[utoipa::path(
    post, path = "/api/dashboard/config", tag = "settings", operation_id = "updateWidgetSettings",
    request_body = UpdateWidget,
    responses(
        (status = 200, body = DomainWidget), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody),
    )
)]
async fn update(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Meta(meta): Meta,
    Json(request): Json<UpdateWidget>,
) -> ApiResult<Json<DomainWidget>> {
    Ok(Json(widget::update_config(&domain, &principal, request, &meta).await?))
}
