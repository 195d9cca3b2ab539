//! `/api/widget/…`: what a visitor does with the session.

use axum::extract::State;
use http::StatusCode;
use omniops_domain::widget;
use omniops_types::{
    ConsentRequest, ConversationId, DEFAULT_LIMIT, EraseRequest, ErrorBody, FeedbackRequest, HandoffRequest,
    HandoffResponse, SessionRequest, SessionResponse, Transcript, VisitorRead, VisitorTyping,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::counted_site;
use crate::extract::{Json, Meta, Query};
use crate::{ApiResult, AppState};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(session))
        .routes(routes!(consent))
        .routes(routes!(erase))
        .routes(routes!(handoff))
        .routes(routes!(feedback))
        .routes(routes!(typing))
        .routes(routes!(read))
        .routes(routes!(messages))
}

/// Open or resume a session
///
/// Without `session_id` a new one is made. Whoever holds the id reads the visitor's conversations: keep it.
#[utoipa::path(
    post, path = "/api/widget/session", tag = "widget", operation_id = "widgetSession", request_body = SessionRequest,
    responses(
        (status = 200, body = SessionResponse), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody),
    ),
    security(())
)]
async fn session(
    State(state): State<AppState>,
    Meta(meta): Meta,
    Json(request): Json<SessionRequest>,
) -> ApiResult<Json<SessionResponse>> {
    counted_site(&state, &request.domain).await?;
    Ok(Json(widget::session(&state.domain, request, &meta).await?))
}

/// Give or withdraw consent
#[utoipa::path(
    post, path = "/api/widget/consent", tag = "widget", operation_id = "widgetConsent", request_body = ConsentRequest,
    responses(
        (status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The text changed since"), (status = 429, body = ErrorBody),
    ),
    security(())
)]
async fn consent(
    State(state): State<AppState>,
    Meta(meta): Meta,
    Json(request): Json<ConsentRequest>,
) -> ApiResult<StatusCode> {
    counted_site(&state, &request.domain).await?;
    widget::consent(&state.domain, &request, &meta).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete the visitor's data
///
/// Removes the conversations, the messages and the visitor for good and ends the session. May be repeated.
#[utoipa::path(
    post, path = "/api/widget/erase", tag = "widget", operation_id = "widgetErase", request_body = EraseRequest,
    responses(
        (status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody),
    ),
    security(())
)]
async fn erase(
    State(state): State<AppState>,
    Meta(meta): Meta,
    Json(request): Json<EraseRequest>,
) -> ApiResult<StatusCode> {
    counted_site(&state, &request.domain).await?;
    widget::erase(&state.domain, &request, &meta).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask for a person
///
/// Counts as a message.
#[utoipa::path(
    post, path = "/api/widget/handoff", tag = "widget", operation_id = "widgetHandoff", request_body = HandoffRequest,
    responses(
        (status = 200, body = HandoffResponse), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody),
    ),
    security(())
)]
async fn handoff(
    State(state): State<AppState>,
    Meta(meta): Meta,
    Json(request): Json<HandoffRequest>,
) -> ApiResult<Json<HandoffResponse>> {
    let site = counted_site(&state, &request.domain).await?;
    state.limits.check_send(site.domain_id, &request.session_id, meta.ip)?;
    Ok(Json(widget::handoff(&state.domain, request, &meta).await?))
}

/// Rate an answer
///
/// A thumb on a message of the AI, with a reason for a thumb down. Given again, it takes the place of the one before;
/// without `rating` it is taken back.
#[utoipa::path(
    post, path = "/api/widget/feedback", tag = "widget", operation_id = "widgetFeedback",
    request_body = FeedbackRequest,
    responses(
        (status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody),
    ),
    security(())
)]
async fn feedback(
    State(state): State<AppState>,
    Meta(meta): Meta,
    Json(request): Json<FeedbackRequest>,
) -> ApiResult<StatusCode> {
    counted_site(&state, &request.domain).await?;
    widget::feedback(&state.domain, &request, &meta).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say that the visitor is typing
#[utoipa::path(
    post, path = "/api/widget/typing", tag = "widget", operation_id = "widgetTyping", request_body = VisitorTyping,
    responses((status = 204), (status = 404, body = ErrorBody), (status = 429, body = ErrorBody)),
    security(())
)]
async fn typing(
    State(state): State<AppState>,
    Meta(meta): Meta,
    Json(request): Json<VisitorTyping>,
) -> ApiResult<StatusCode> {
    counted_site(&state, &request.domain).await?;
    widget::typing(&state.domain, &request, &meta).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mark messages as seen
#[utoipa::path(
    post, path = "/api/widget/read", tag = "widget", operation_id = "widgetRead", request_body = VisitorRead,
    responses((status = 204), (status = 404, body = ErrorBody), (status = 429, body = ErrorBody)),
    security(())
)]
async fn read(
    State(state): State<AppState>,
    Meta(meta): Meta,
    Json(request): Json<VisitorRead>,
) -> ApiResult<StatusCode> {
    counted_site(&state, &request.domain).await?;
    widget::read(&state.domain, &request, &meta).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
struct MessagesQuery {
    domain: String,
    session_id: String,
    conversation_id: ConversationId,
    /// Only messages with a smaller `seq`; without it the newest.
    before: Option<i64>,
    /// 1 to 100; 30 without it.
    #[serde(default = "default_limit")]
    limit: u16,
}

const fn default_limit() -> u16 {
    DEFAULT_LIMIT
}

/// Read older messages of one's own conversation
#[utoipa::path(
    get, path = "/api/widget/messages", tag = "widget", operation_id = "widgetMessages", params(MessagesQuery),
    responses(
        (status = 200, body = Transcript), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody),
    ),
    security(())
)]
async fn messages(
    State(state): State<AppState>,
    Meta(meta): Meta,
    Query(query): Query<MessagesQuery>,
) -> ApiResult<Json<Transcript>> {
    counted_site(&state, &query.domain).await?;
    let visitor = widget::visitor(&state.domain, &query.domain, &query.session_id, &meta).await?;
    let transcript =
        widget::messages(&state.domain, &visitor, query.conversation_id, query.before, query.limit).await?;
    Ok(Json(transcript))
}
