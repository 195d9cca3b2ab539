//! Builders for the stores' tests.

use omniops_types::{
    AiState, Assignee, Author, AuthorKind, Channel, Conversation, ConversationFilter, ConversationId,
    ConversationStatus, ConversationView, CustomerCard, CustomerId, Event, EventData, Message, MessageId, MessageKind,
    Priority, Timestamp, UserId,
};
use uuid::Uuid;

pub fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

pub fn conversation_id(n: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(n))
}

pub fn at(minute: i64) -> Timestamp {
    Timestamp::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap()
}

pub fn agent(n: u128) -> Assignee {
    Assignee { id: user(n), name: format!("Agent {n}") }
}

pub fn filter(view: ConversationView) -> ConversationFilter {
    ConversationFilter { view, status: None, assignee: None }
}

/// An open, unassigned conversation whose last activity was at that minute.
pub fn conversation(n: u128, minute: i64) -> Conversation {
    Conversation {
        id: conversation_id(n),
        number: i64::try_from(n).unwrap(),
        status: ConversationStatus::Open,
        ai_state: AiState::Silenced,
        priority: Priority::Normal,
        channel: Channel::Widget,
        domain: "shop.example".into(),
        customer: CustomerCard {
            id: CustomerId(Uuid::from_u128(n)),
            name: format!("Visitor {n}"),
            email: None,
            locale: None,
            page_url: None,
        },
        assignee: None,
        preview: "hello".into(),
        preview_author: AuthorKind::Customer,
        unread: 0,
        waiting_since: None,
        created_at: at(minute),
        last_activity_at: at(minute),
        version: 1,
    }
}

/// The same row, one version and some minutes later.
pub fn later(conversation: &Conversation, minute: i64) -> Conversation {
    Conversation { version: conversation.version + 1, last_activity_at: at(minute), ..conversation.clone() }
}

pub fn message(conversation: u128, seq: i64, kind: AuthorKind) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(1_000_000 * conversation + u128::try_from(seq).unwrap())),
        conversation_id: conversation_id(conversation),
        seq,
        author: Author { kind, user_id: (kind == AuthorKind::Agent).then(|| user(1)), name: String::new() },
        kind: MessageKind::Reply,
        text: format!("message {seq}"),
        sources: Vec::new(),
        confidence: None,
        client_id: None,
        created_at: at(seq),
    }
}

pub fn event(seq: i64, data: EventData) -> Event {
    Event { seq, at: at(seq), conversation_id: None, data }
}

pub fn posted(seq: i64, message: Message, conversation: Conversation) -> Event {
    event(seq, EventData::MessageCreated { message: Box::new(message), conversation: Box::new(conversation) })
}

pub fn updated(seq: i64, conversation: Conversation) -> Event {
    event(seq, EventData::ConversationUpdated { conversation: Box::new(conversation) })
}

pub fn erased(seq: i64, id: ConversationId) -> Event {
    Event { conversation_id: Some(id), ..event(seq, EventData::ConversationErased) }
}

pub fn created(seq: i64, conversation: Conversation) -> Event {
    event(seq, EventData::ConversationCreated { conversation: Box::new(conversation) })
}
