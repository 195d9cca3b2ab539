//! What of the tenant's events a visitor may know: their own conversations, no notes, nothing of the team's.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use omniops_postgres::{HubItem, Subscription};
use omniops_types::{
    Author, AuthorKind, Conversation, ConversationId, CustomerId, EventData, Message, MessageKind, Signal, TypingParty,
    VisitorEvent,
};

use super::queries;
use super::visitor::Visitor;
use crate::customers::Present;
use crate::{Domain, Result};

/// The message without what is the team's alone.
pub fn visitor_view(message: Message) -> Message {
    let from_visitor = message.author.kind == AuthorKind::Customer;
    Message {
        author: Author { user_id: None, ..message.author },
        client_id: message.client_id.filter(|_| from_visitor),
        ..message
    }
}

/// Whether the customer must not see it: the same as `messages_before` leaves out.
fn is_for_team(message: &Message) -> bool {
    match message.kind {
        MessageKind::Note => true,
        MessageKind::Activity => message.author.kind == AuthorKind::Agent,
        MessageKind::Reply => false,
    }
}

/// Picks one visitor's items out of a tenant's, and remembers how far it has looked.
#[derive(Clone, Debug)]
pub struct VisitorFilter {
    customer: CustomerId,
    conversations: Arc<Mutex<HashSet<ConversationId>>>,
    /// The newest event that was looked at and is not for this visitor.
    passed: Arc<AtomicI64>,
    /// While the stream is open, the visitor is there.
    _present: Arc<Present>,
}

impl VisitorFilter {
    /// Subscribes to the visitor's own events after `after`, or from now on.
    pub async fn subscribe(domain: &Domain, visitor: &Visitor, after: Option<i64>) -> Result<(Self, Subscription)> {
        let tenant = visitor.site.tenant_id;
        let mut tx = domain.database.tenant(tenant).await?;
        let known = queries::conversation_ids(&mut tx, visitor.customer_id).await?;
        drop(tx);
        let filter = Self::new(domain.audience.enter(visitor.customer_id), visitor.customer_id, known);
        let wants = filter.clone();
        let wants = Box::new(move |item: &HubItem| wants.wants(item));
        let subscription = domain.database.hub().subscribe_filtered(tenant, after, wants).await?;
        Ok((filter, subscription))
    }

    fn new(present: Present, customer: CustomerId, known: impl IntoIterator<Item = ConversationId>) -> Self {
        let conversations = Arc::new(Mutex::new(known.into_iter().collect()));
        Self { customer, conversations, passed: Arc::default(), _present: Arc::new(present) }
    }

    /// The newest event that was looked at and is not for this visitor. Everything before it that is for the visitor
    /// was queued before; so read this first, then empty the queue, then resuming from here misses nothing.
    pub fn passed(&self) -> i64 {
        self.passed.load(Ordering::Acquire)
    }

    fn wants(&self, item: &HubItem) -> bool {
        match item {
            HubItem::Signal(signal) => self.typing(signal).is_some(),
            HubItem::Event(event) => {
                let wanted = self.is_own(&event.data);
                if !wanted {
                    self.passed.fetch_max(event.seq, Ordering::AcqRel);
                }
                wanted
            }
        }
    }

    fn is_own(&self, data: &EventData) -> bool {
        let (conversation, visible) = match data {
            EventData::ConversationCreated { conversation } | EventData::ConversationUpdated { conversation } => {
                (conversation, true)
            }
            EventData::MessageCreated { message, conversation } => (conversation, !is_for_team(message)),
            EventData::ConversationErased | EventData::WidgetConfigUpdated { .. } => return false,
        };
        if conversation.customer.id != self.customer {
            return false;
        }
        self.conversations.lock().unwrap_or_else(PoisonError::into_inner).insert(conversation.id);
        visible
    }

    fn typing(&self, signal: &Signal) -> Option<VisitorEvent> {
        let Signal::Typing { conversation_id, by, typing } = signal else { return None };
        let name = match by {
            TypingParty::Agent { name, .. } => name.clone(),
            TypingParty::Ai => String::new(),
            TypingParty::Customer => return None,
        };
        let own = self.conversations.lock().unwrap_or_else(PoisonError::into_inner).contains(conversation_id);
        own.then_some(VisitorEvent::Typing { conversation_id: *conversation_id, name, typing: *typing })
    }

    /// What the visitor is told of an item, with the event's number if it comes from the log.
    pub fn translate(&self, item: &HubItem) -> Option<(Option<i64>, VisitorEvent)> {
        match item {
            HubItem::Signal(signal) => self.typing(signal).map(|event| (None, event)),
            HubItem::Event(event) => {
                if !self.is_own(&event.data) {
                    return None;
                }
                let told = match &event.data {
                    EventData::ConversationCreated { conversation }
                    | EventData::ConversationUpdated { conversation } => standing_of(conversation),
                    EventData::MessageCreated { message, .. } => {
                        VisitorEvent::Message { message: Box::new(visitor_view((**message).clone())) }
                    }
                    EventData::ConversationErased | EventData::WidgetConfigUpdated { .. } => return None,
                };
                Some((Some(event.seq), told))
            }
        }
    }
}

fn standing_of(conversation: &Conversation) -> VisitorEvent {
    VisitorEvent::Conversation {
        conversation_id: conversation.id,
        status: conversation.status,
        ai_state: conversation.ai_state,
        agent: conversation.assignee.as_ref().map(|agent| agent.name.clone()),
    }
}
