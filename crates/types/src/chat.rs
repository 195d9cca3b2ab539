//! `POST /api/chat`: a customer's message in, an answer out, as JSON or as a stream.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ConversationId, ConversationStatus, MessageId};

/// What the widget, or any other client of a customer, sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatRequest {
    /// The host name of the shop, as registered: `shop.example`, or `127.0.0.1:3000` for a local one.
    pub domain: String,
    /// The visitor's secret: 16 to 128 characters of `A-Z a-z 0-9 - _`. Whoever holds it reads the conversation.
    pub session_id: String,
    /// 1 to 4,000 characters after trimming.
    pub message: String,
    /// UUIDv7 made by the client, once a message: a retry carries the same one and makes nothing new.
    pub client_id: Uuid,
    /// The conversation to go on with; without it the session's open conversation, or a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// The page on which the customer is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_url: Option<String>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Signed identity of a logged-in customer of the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_token: Option<String>,
}

/// Where a statement of an answer was read, word for word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Source {
    pub title: String,
    pub url: String,
    /// The sentences as they stand on the page.
    pub quote: String,
}

/// The answer to one message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatReply {
    pub id: MessageId,
    /// Plain text; `[1]` points at `sources[0]`.
    pub text: String,
    pub sources: Vec<Source>,
    /// 0 to 1: how sure the answerer is that this answers the question. What is no answer, such as a hand-off or an
    /// apology, has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
}

/// What `POST /api/chat` gives as JSON, and what `done` carries in the stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatResponse {
    pub conversation_id: ConversationId,
    /// The customer's message, as stored.
    pub message_id: MessageId,
    /// Absent when a person has the conversation: the message is stored and the person will answer.
    pub reply: Option<ChatReply>,
    pub status: ConversationStatus,
    /// A person was asked for, now or before.
    pub escalated: bool,
}

/// `accepted`: the message is committed. Nothing the answerer does can lose it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedEvent {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
}

/// `tool`: a step of the answerer, shown as "searching the help pages…".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolEvent {
    pub name: String,
    pub status: ToolStatus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ToolStatus {
    Started,
    Succeeded,
    Failed,
}

/// `delta`: the next piece of the answer's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeltaEvent {
    pub text: String,
}

/// The names of the stream's events.
pub mod chat_event {
    pub const ACCEPTED: &str = "accepted";
    pub const TOOL: &str = "tool";
    pub const DELTA: &str = "delta";
    pub const SOURCES: &str = "sources";
    pub const DONE: &str = "done";
    pub const ERROR: &str = "error";
}
