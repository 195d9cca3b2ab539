//! `/api/dashboard/conversations` and `/api/conversations/…`: the inbox and one conversation.

use axum::extract::State;
use http::StatusCode;
use omniops_domain::{Domain, conversations};
use omniops_types::{
    Conversation, ConversationDetail, ConversationFilter, ConversationId, ConversationPage, ConversationPatch,
    ConversationStatus, ConversationView, Cursor, DEFAULT_LIMIT, ErrorBody, MarkRead, Message, NewMessage, SetTyping,
    Transcript, UserId,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Json, Path, Query, Signed};
use crate::{ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, patch))
        .routes(routes!(transcript, send))
        .routes(routes!(read))
        .routes(routes!(typing))
}

#[derive(Debug, Deserialize, IntoParams)]
struct ListQuery {
    /// `mine`, `unassigned` or `all`; without it `all`.
    #[serde(default = "all")]
    view: ConversationView,
    status: Option<ConversationStatus>,
    /// Only this agent's; with the view `all`.
    assignee: Option<UserId>,
    /// 1 to 100; 30 without it.
    #[serde(default = "default_limit")]
    limit: u16,
    /// `next_cursor` of the page before.
    cursor: Option<Cursor>,
}

const fn all() -> ConversationView {
    ConversationView::All
}

const fn default_limit() -> u16 {
    DEFAULT_LIMIT
}

/// List conversations
///
/// Newest activity first. The first page brings the counts of all lists.
#[utoipa::path(
    get, path = "/api/dashboard/conversations", tag = "conversations", operation_id = "listConversations",
    params(ListQuery),
    responses(
        (status = 200, body = ConversationPage), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 422, body = ErrorBody),
    )
)]
async fn list(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<ConversationPage>> {
    let ListQuery { view, status, assignee, limit, cursor } = query;
    let is_first = cursor.is_none();
    let filter = ConversationFilter { view, status, assignee };
    let page = conversations::list(&domain, &principal, filter, cursor, limit).await?;
    let counts = if is_first { Some(conversations::counts(&domain, &principal).await?) } else { None };
    Ok(Json(ConversationPage { items: page.items, next_cursor: page.next_cursor, counts }))
}

/// Read a conversation
///
/// With the newest fifty messages. `event_seq` is the place in the event stream from which to follow it.
#[utoipa::path(
    get, path = "/api/conversations/{id}", tag = "conversations", operation_id = "getConversation",
    params(("id" = ConversationId, Path)),
    responses((status = 200, body = ConversationDetail), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody))
)]
async fn get(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Path(id): Path<ConversationId>,
) -> ApiResult<Json<ConversationDetail>> {
    Ok(Json(conversations::get(&domain, &principal, id).await?))
}

/// Change a conversation
///
/// Status, assignee, AI state and priority; an absent field stays. With `version` a change of a stale row is refused.
#[utoipa::path(
    patch, path = "/api/conversations/{id}", tag = "conversations", operation_id = "patchConversation",
    params(("id" = ConversationId, Path)), request_body = ConversationPatch,
    responses(
        (status = 200, body = Conversation), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody),
    )
)]
async fn patch(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Path(id): Path<ConversationId>,
    Json(patch): Json<ConversationPatch>,
) -> ApiResult<Json<Conversation>> {
    Ok(Json(conversations::patch(&domain, &principal, id, patch).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
struct TranscriptQuery {
    /// Only messages with a smaller `seq`; without it the newest.
    before: Option<i64>,
    /// 1 to 100; 30 without it.
    #[serde(default = "default_limit")]
    limit: u16,
}

/// Read older messages
#[utoipa::path(
    get, path = "/api/conversations/{id}/messages", tag = "conversations", operation_id = "getTranscript",
    params(("id" = ConversationId, Path), TranscriptQuery),
    responses(
        (status = 200, body = Transcript), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
    )
)]
async fn transcript(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Path(id): Path<ConversationId>,
    Query(query): Query<TranscriptQuery>,
) -> ApiResult<Json<Transcript>> {
    Ok(Json(conversations::transcript(&domain, &principal, id, query.before, query.limit).await?))
}

/// Reply, or leave a note for the team
///
/// A reply silences the AI. The same `client_id` again gives the message that is already there.
#[utoipa::path(
    post, path = "/api/conversations/{id}/messages", tag = "conversations", operation_id = "sendMessage",
    params(("id" = ConversationId, Path)), request_body = NewMessage,
    responses(
        (status = 200, body = Message), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 422, body = ErrorBody),
    )
)]
async fn send(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Path(id): Path<ConversationId>,
    Json(message): Json<NewMessage>,
) -> ApiResult<Json<Message>> {
    Ok(Json(conversations::send(&domain, &principal, id, message).await?))
}

/// Mark messages as read
#[utoipa::path(
    post, path = "/api/conversations/{id}/read", tag = "conversations", operation_id = "markRead",
    params(("id" = ConversationId, Path)), request_body = MarkRead,
    responses((status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody))
)]
async fn read(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Path(id): Path<ConversationId>,
    Json(mark): Json<MarkRead>,
) -> ApiResult<StatusCode> {
    conversations::mark_read(&domain, &principal, id, mark.seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say that you are typing
#[utoipa::path(
    post, path = "/api/conversations/{id}/typing", tag = "conversations", operation_id = "setTyping",
    params(("id" = ConversationId, Path)), request_body = SetTyping,
    responses((status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody))
)]
async fn typing(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Path(id): Path<ConversationId>,
    Json(typing): Json<SetTyping>,
) -> ApiResult<StatusCode> {
    conversations::typing(&domain, &principal, id, typing.typing).await?;
    Ok(StatusCode::NO_CONTENT)
}
