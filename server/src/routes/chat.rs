//! `POST /api/chat`: a customer's message in, an answer out, as JSON or as a stream.

use std::convert::Infallible;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use omniops_domain::chat::{self, ChatEvent, ChatTurn};
use omniops_domain::widget;
use omniops_types::{ChatRequest, ChatResponse, ErrorBody, chat_event};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Json, Meta};
use crate::middleware::request_id;
use crate::{ApiError, ApiResult, AppState};

/// Says what became of the identity token that came with a message.
pub const IDENTITY: HeaderName = HeaderName::from_static("omniops-identity");

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(chat))
}

/// Send a customer's message
///
/// The message is stored before anything else happens; the same `client_id` again gives the same answer and makes
/// nothing new. `reply` is null when a person has the conversation. With `Accept: text/event-stream` the answer is
/// streamed: `accepted`, `tool`, `delta`, `sources`, and at the end `done` with the JSON answer, or `error`.
///
/// An `identity_token` that the shop did not sign is refused. One that has only expired is not: the message is taken as
/// an unknown visitor's, and the header `omniops-identity: expired` asks the page for a new one.
#[utoipa::path(
    post, path = "/api/chat", tag = "chat", operation_id = "chat", request_body = ChatRequest,
    responses(
        (status = 200, content(
            (ChatResponse = "application/json"),
            (String = "text/event-stream"),
        )),
        (status = 403, body = ErrorBody, description = "The origin is not allowed, or consent is missing"),
        (status = 404, body = ErrorBody, description = "Unknown domain, or not a conversation of this session"),
        (status = 409, body = ErrorBody, description = "The client_id was used for another message"),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody, description = "Too many messages; see Retry-After"),
    ),
    security(())
)]
async fn chat(
    State(state): State<AppState>,
    Meta(meta): Meta,
    headers: HeaderMap,
    Json(request): Json<ChatRequest>,
) -> ApiResult<Response> {
    let site = widget::site(&state.domain, &request.domain).await?;
    state.limits.check_message(site.domain_id, &request, meta.ip).await?;
    let turn = chat::begin(&state.domain, request, &meta).await?;
    let identity_expired = turn.identity_expired();
    let mut response =
        if wants_stream(&headers) { streamed(turn) } else { Json(turn.response().await?).into_response() };
    if identity_expired {
        response.headers_mut().insert(IDENTITY, HeaderValue::from_static("expired"));
    }
    Ok(response)
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepts.flat_map(|value| value.split(',')).any(|kind| kind.trim().starts_with("text/event-stream"))
}

fn streamed(turn: ChatTurn) -> Response {
    let events = request_id::carried(stream::unfold(turn, |mut turn| async move {
        let event = turn.next().await?;
        Some((Ok::<_, Infallible>(sse(event)), turn))
    }));
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    let no_buffering = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response.headers_mut().extend([no_buffering]);
    response
}

fn sse(event: ChatEvent) -> Event {
    match event {
        ChatEvent::Accepted(accepted) => named(chat_event::ACCEPTED, &accepted),
        ChatEvent::Tool(tool) => named(chat_event::TOOL, &tool),
        ChatEvent::Delta(delta) => named(chat_event::DELTA, &delta),
        ChatEvent::Sources(sources) => named(chat_event::SOURCES, &sources),
        ChatEvent::Done(response) => named(chat_event::DONE, &response),
        ChatEvent::Error(error) => {
            let error = ApiError::from(error);
            error.log();
            named(chat_event::ERROR, &error.detail())
        }
    }
}

fn named(name: &str, data: &impl Serialize) -> Event {
    // Our own types always become JSON; an empty event is what is left if one did not.
    let json = serde_json::to_string(data).unwrap_or_default();
    Event::default().event(name).data(json)
}
