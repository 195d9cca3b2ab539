//! `/api/conversations/{id}/messages/{mid}/…`: what an answer of the AI was made from, then and today.

use axum::extract::State;
use omniops_domain::{Domain, agent};
use omniops_types::{ConversationId, ErrorBody, MessageId, Receipt, Replay, ReplayRequest};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Json, Path, Signed};
use crate::{ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(receipt)).routes(routes!(replay))
}

/// Read the receipt of an answer
///
/// What the AI read, asked, paid and checked for this message. Other messages have none.
#[utoipa::path(
    get, path = "/api/conversations/{id}/messages/{mid}/receipt", tag = "conversations", operation_id = "getReceipt",
    params(("id" = ConversationId, Path), ("mid" = MessageId, Path)),
    responses((status = 200, body = Receipt), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody))
)]
async fn receipt(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Path((id, message)): Path<(ConversationId, MessageId)>,
) -> ApiResult<Json<Receipt>> {
    Ok(Json(agent::receipt(&domain, &principal, id, message).await?))
}

/// Answer the same question again
///
/// Searches today's knowledge for what the message answered and tells what is different. With `with_model` the model is
/// asked too, which costs. Nothing is posted. May take up to 90 seconds.
#[utoipa::path(
    post, path = "/api/conversations/{id}/messages/{mid}/replay", tag = "conversations",
    operation_id = "replayAnswer",
    params(("id" = ConversationId, Path), ("mid" = MessageId, Path)), request_body = ReplayRequest,
    responses(
        (status = 200, body = Replay), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody, description = "Replays may ask a model that costs: so many a minute for a tenant"),
    )
)]
async fn replay(
    State(state): State<AppState>,
    Signed(principal): Signed,
    Path((id, message)): Path<(ConversationId, MessageId)>,
    Json(request): Json<ReplayRequest>,
) -> ApiResult<Json<Replay>> {
    state.limits.check_trial(&principal)?;
    Ok(Json(agent::replay(&state.domain, &principal, id, message, request).await?))
}
