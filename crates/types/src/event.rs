//! The event log as its subscribers see it.
//!
//! `seq` is 1, 2, 3 … for a tenant, without gaps and in commit order. A reader that keeps the last `seq` it
//! saw and asks for what comes after it can neither miss an event nor see one twice.

use serde::{Deserialize, Serialize};

use crate::{Conversation, ConversationId, Message, Timestamp, UserId};

/// One entry of a tenant's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    pub seq: i64,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The conversation that it is about, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    #[serde(flatten)]
    pub data: EventData,
}

/// What happened. `kind` is stable; unknown kinds are to be skipped by a reader.
///
/// `unread` in a carried [`Conversation`] counts all customer messages after the last agent's: the log is one for
/// all agents and knows no reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "data")]
pub enum EventData {
    #[serde(rename = "conversation.created")]
    ConversationCreated { conversation: Box<Conversation> },
    /// Status, assignee, AI state or priority changed.
    #[serde(rename = "conversation.updated")]
    ConversationUpdated { conversation: Box<Conversation> },
    /// A message, a note or an activity line was added.
    #[serde(rename = "message.created")]
    MessageCreated { message: Box<Message>, conversation: Box<Conversation> },
    /// The conversation is gone for good, because the customer or the tenant had it erased. What the log held of it
    /// before reads like this, too.
    #[serde(rename = "conversation.erased")]
    ConversationErased,
    /// The widget's configuration changed; widgets reload it.
    #[serde(rename = "widget.config_updated")]
    WidgetConfigUpdated { domain: String },
}

impl EventData {
    /// The kind as it stands in the log.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ConversationCreated { .. } => "conversation.created",
            Self::ConversationUpdated { .. } => "conversation.updated",
            Self::MessageCreated { .. } => "message.created",
            Self::ConversationErased => "conversation.erased",
            Self::WidgetConfigUpdated { .. } => "widget.config_updated",
        }
    }
}

/// What a visitor's event stream carries: only the own conversations, no notes, no team-internal fields.
/// The SSE `id` is the tenant's `seq`, so that a visitor resumes as an agent does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "data")]
pub enum VisitorEvent {
    #[serde(rename = "message")]
    Message { message: Box<Message> },
    #[serde(rename = "conversation")]
    Conversation {
        conversation_id: ConversationId,
        status: crate::ConversationStatus,
        ai_state: crate::AiState,
        /// Display name of the agent in charge.
        agent: Option<String>,
    },
    #[serde(rename = "typing")]
    Typing { conversation_id: ConversationId, name: String, typing: bool },
}

/// Who is typing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "party", rename_all = "snake_case")]
pub enum TypingParty {
    Customer,
    Agent { user_id: UserId, name: String },
    Ai,
}

/// Ephemeral: goes through the hub, never into the log, and may be lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum Signal {
    Typing {
        conversation_id: ConversationId,
        by: TypingParty,
        typing: bool,
    },
    /// The customer's panel is open on this conversation, or no longer is.
    CustomerPresence {
        conversation_id: ConversationId,
        online: bool,
    },
}
