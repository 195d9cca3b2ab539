//! Rows as the queries give them, and what they become.

use omniops_types::{
    AiState, Assignee, Author, AuthorKind, Channel, Conversation, ConversationId, ConversationStatus, CustomerCard,
    CustomerId, Message, MessageId, MessageKind, Priority, Source, Timestamp, UserId,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::customers::display_name;
use crate::{Error, Result};

/// A conversation with the customer, the domain and the assignee that its row shows.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ConversationRow {
    id: Uuid,
    number: i64,
    status: String,
    ai_state: String,
    priority: String,
    channel: String,
    domain: String,
    customer_id: Uuid,
    customer_name: Option<String>,
    customer_email: Option<String>,
    customer_locale: Option<String>,
    customer_page_url: Option<String>,
    assignee_id: Option<Uuid>,
    assignee_name: Option<String>,
    preview: String,
    preview_author: String,
    unread: i64,
    waiting_since: Option<Timestamp>,
    created_at: Timestamp,
    last_activity_at: Timestamp,
    version: i64,
}

impl TryFrom<ConversationRow> for Conversation {
    type Error = Error;

    fn try_from(row: ConversationRow) -> Result<Self> {
        let customer_id = CustomerId(row.customer_id);
        Ok(Self {
            id: ConversationId(row.id),
            number: row.number,
            status: known(ConversationStatus::parse(&row.status), "conversation status")?,
            ai_state: known(AiState::parse(&row.ai_state), "AI state")?,
            priority: known(Priority::parse(&row.priority), "priority")?,
            channel: known(Channel::parse(&row.channel), "channel")?,
            domain: row.domain,
            customer: CustomerCard {
                id: customer_id,
                name: display_name(customer_id, row.customer_name.as_deref()),
                email: row.customer_email,
                locale: row.customer_locale,
                page_url: row.customer_page_url,
            },
            assignee: row.assignee_id.zip(row.assignee_name).map(|(id, name)| Assignee { id: UserId(id), name }),
            preview: row.preview,
            preview_author: known(AuthorKind::parse(&row.preview_author), "author kind")?,
            unread: row.unread,
            waiting_since: row.waiting_since,
            created_at: row.created_at,
            last_activity_at: row.last_activity_at,
            version: row.version,
        })
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct MessageRow {
    id: Uuid,
    conversation_id: Uuid,
    seq: i64,
    author_kind: String,
    author_user_id: Option<Uuid>,
    author_name: String,
    kind: String,
    text: String,
    sources: Json<Vec<Source>>,
    confidence: Option<f32>,
    client_id: Option<Uuid>,
    created_at: Timestamp,
}

impl TryFrom<MessageRow> for Message {
    type Error = Error;

    fn try_from(row: MessageRow) -> Result<Self> {
        Ok(Self {
            id: MessageId(row.id),
            conversation_id: ConversationId(row.conversation_id),
            seq: row.seq,
            author: Author {
                kind: known(AuthorKind::parse(&row.author_kind), "author kind")?,
                user_id: row.author_user_id.map(UserId),
                name: row.author_name,
            },
            kind: known(MessageKind::parse(&row.kind), "message kind")?,
            text: row.text,
            sources: row.sources.0,
            confidence: row.confidence,
            client_id: row.client_id,
            created_at: row.created_at,
        })
    }
}

/// A text that a check constraint allows and this program does not know: the database is newer.
pub(super) fn known<T>(value: Option<T>, what: &'static str) -> Result<T> {
    value.ok_or_else(|| Error::internal(format!("unknown {what} in the database")))
}
