//! `/api/settings/agent`: which model answers, how it speaks and what it may do; and a try before it is saved.

use axum::extract::State;
use omniops_domain::{Domain, agent};
use omniops_types::{AgentConfig, ErrorBody, PreviewReply, PreviewRequest, UpdateAgent};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{ExactJson, Json, Meta, Signed};
use crate::{ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, update)).routes(routes!(preview))
}

/// Read the AI agent's settings
///
/// With who answers because of them. Keys and secrets are never told, only that they are kept.
#[utoipa::path(
    get, path = "/api/settings/agent", tag = "settings", operation_id = "getAgentSettings",
    responses((status = 200, body = AgentConfig), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody))
)]
async fn read(State(domain): State<Domain>, Signed(principal): Signed) -> ApiResult<Json<AgentConfig>> {
    Ok(Json(agent::agent_config(&domain, &principal).await?))
}

/// Change the AI agent's settings
///
/// Replaces all of them; what is absent takes the default again, and a field that is not known is refused. The key and the
/// tools' secrets stay unless they are given. With `version` a change of stale settings is refused. The next message is
/// answered by the new settings.
#[utoipa::path(
    put, path = "/api/settings/agent", tag = "settings", operation_id = "updateAgentSettings",
    request_body = UpdateAgent,
    responses(
        (status = 200, body = AgentConfig), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Somebody changed the settings meanwhile"),
        (status = 422, body = ErrorBody, description = "Fields are named with dots, such as model.base_url"),
    )
)]
async fn update(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Meta(meta): Meta,
    ExactJson(request): ExactJson<UpdateAgent>,
) -> ApiResult<Json<AgentConfig>> {
    Ok(Json(agent::update_agent(&domain, &principal, request, &meta).await?))
}

/// Try the AI agent
///
/// Answers one message of a test visitor, with the settings given or the saved ones, and tells all of how the answer
/// came about. Nothing is stored but what it cost. May take up to 90 seconds.
#[utoipa::path(
    post, path = "/api/settings/agent/preview", tag = "settings", operation_id = "previewAgent",
    request_body = PreviewRequest,
    responses(
        (status = 200, body = PreviewReply), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "The domain is not one of yours"),
        (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody, description = "Previews ask a model that costs: so many a minute for a tenant"),
    )
)]
async fn preview(
    State(state): State<AppState>,
    Signed(principal): Signed,
    ExactJson(request): ExactJson<PreviewRequest>,
) -> ApiResult<Json<PreviewReply>> {
    state.limits.check_trial(&principal)?;
    Ok(Json(agent::preview(&state.domain, &principal, request).await?))
}
