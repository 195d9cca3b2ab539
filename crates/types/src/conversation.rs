//! Conversations as the inbox and the transcript show them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ConversationId, CustomerCard, MessageFeedback, MessageId, Source, Timestamp, UserId};

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every value, in the order in which a person would list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The value as it stands on the wire and in the database.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The value with this text, if there is one.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use text_enum;

text_enum! {
    /// Where a conversation stands.
    ConversationStatus {
        /// Waits for a person of the team.
        Open = "open",
        /// The AI is answering.
        Pending = "pending",
        /// Comes back by itself at a time, or when the customer writes.
        Snoozed = "snoozed",
        /// Done. A new message of the customer opens it again.
        Resolved = "resolved",
    }
}

text_enum! {
    /// Whether the AI may answer in this conversation.
    AiState {
        Active = "active",
        /// A person took over or was asked for.
        Silenced = "silenced",
    }
}

text_enum! {
    Priority { Low = "low", Normal = "normal", High = "high", Urgent = "urgent" }
}

text_enum! {
    /// How the conversation came in.
    Channel { Widget = "widget", Api = "api" }
}

text_enum! {
    /// Who wrote a message.
    AuthorKind {
        Customer = "customer",
        Ai = "ai",
        Agent = "agent",
        /// The platform itself: "Ana took over".
        System = "system",
    }
}

text_enum! {
    /// Who may see a message.
    MessageKind {
        /// The customer sees it.
        Reply = "reply",
        /// Only the team sees it.
        Note = "note",
        /// A line about what happened; the customer sees it.
        Activity = "activity",
    }
}

text_enum! {
    /// The built-in lists of the inbox.
    ConversationView {
        /// Not resolved and assigned to the asking agent.
        Mine = "mine",
        /// Waits for a person and has none.
        Unassigned = "unassigned",
        /// Everything, whatever its status.
        All = "all",
    }
}

/// Who wrote a message, ready to show. Never carries an e-mail address: the widget sees it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Author {
    pub kind: AuthorKind,
    /// Set for agents only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The agent's display name, the customer's name or a generated one; empty for the AI and the system.
    pub name: String,
}

/// One entry of a transcript. Notes are for the team, and so are activities whose author is an agent; activities of the
/// system are for the customer too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    /// 1, 2, 3 … without gaps within the conversation.
    pub seq: i64,
    pub author: Author,
    pub kind: MessageKind,
    /// Plain text.
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Set on the AI's answers. What else it says, such as that it hands over, has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// The sender's idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Uuid>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
}

/// An agent to whom a conversation is, or can be, assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assignee {
    pub id: UserId,
    pub name: String,
}

/// A row of the inbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    pub id: ConversationId,
    /// Per tenant, for people: "#1042".
    pub number: i64,
    pub status: ConversationStatus,
    pub ai_state: AiState,
    pub priority: Priority,
    pub channel: Channel,
    pub domain: String,
    pub customer: CustomerCard,
    #[serde(default)]
    pub assignee: Option<Assignee>,
    /// The start of what a person said last, the customer or an agent; one line.
    pub preview: String,
    pub preview_author: AuthorKind,
    /// Messages of the customer that the asking agent has not read.
    pub unread: i64,
    /// Since when the customer waits for a person; absent when nobody waits.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub waiting_since: Option<Timestamp>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_activity_at: Timestamp,
    /// Goes up with every change of the row; a patch may name it to be refused when it is stale.
    pub version: i64,
}

/// One conversation with the newest part of its transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationDetail {
    pub conversation: Conversation,
    pub transcript: Transcript,
    /// The event log's position that this answer is true for: subscribe from here and miss nothing.
    pub event_seq: i64,
}

/// A window of a transcript, oldest first. Older messages: ask again with `before = messages[0].seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transcript {
    pub messages: Vec<Message>,
    pub has_older: bool,
    /// What the customer thinks of answers among these messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feedback: Vec<MessageFeedback>,
}

/// How many conversations each list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationCounts {
    pub mine: i64,
    pub unassigned: i64,
    pub all: i64,
    pub open: i64,
    pub pending: i64,
    pub snoozed: i64,
    pub resolved: i64,
}

/// Which conversations to list, newest activity first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationFilter {
    pub view: ConversationView,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ConversationStatus>,
    /// Only this agent's; meant for the view `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<UserId>,
}

/// What `PATCH /api/conversations/{id}` may change. An absent field stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConversationPatch {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ConversationStatus>,
    /// `null` unassigns; absent leaves it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<UserId>))]
    pub assignee: Option<Option<UserId>>,
    /// `silenced` takes over from the AI, `active` hands back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ai_state: Option<AiState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Refuse with `conflict` unless the row still has this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// Tells `null` from absent.
#[allow(clippy::option_option, reason = "the outer option is absent, the inner one is null")]
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// What an agent sends to `POST /api/conversations/{id}/messages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMessage {
    /// `reply` or `note`.
    pub kind: MessageKind,
    /// 1 to 10,000 characters after trimming.
    pub text: String,
    pub client_id: Uuid,
}

/// `POST /api/conversations/{id}/read`: the asking agent has read up to this message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarkRead {
    pub seq: i64,
}

/// `POST /api/conversations/{id}/typing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetTyping {
    pub typing: bool,
}

/// `GET /api/dashboard/conversations`: a page of the inbox; the first one brings the counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationPage {
    pub items: Vec<Conversation>,
    pub next_cursor: Option<crate::Cursor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<ConversationCounts>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_tells_null_from_absent() {
        let absent: ConversationPatch = serde_json::from_str("{}").unwrap();
        let null: ConversationPatch = serde_json::from_str(r#"{"assignee":null}"#).unwrap();
        assert_eq!(absent.assignee, None);
        assert_eq!(null.assignee, Some(None));
    }
}
