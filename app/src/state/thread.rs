//! One conversation's transcript as a value: events and sends go in, what to show comes out.

use std::collections::BTreeMap;
use std::sync::Arc;

use omniops_types::{
    ConversationId, Event, EventData, Message, MessageFeedback, MessageId, MessageKind, NewMessage, Signal, Timestamp,
    Transcript, TypingParty, UserId,
};
use uuid::Uuid;

use crate::error::AppError;

/// For how long a "typing" is believed without a new one.
pub const TYPING_LASTS_MS: i64 = 7_000;
/// Messages of one author within this time stand together under one name.
const GROUP_WITHIN_MINUTES: i64 = 5;

/// A message on its way to the server, or stuck.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    pub client_id: Uuid,
    pub kind: MessageKind,
    pub text: String,
    /// Why it was not sent. A retry carries the same `client_id`, so that nothing can arrive twice.
    pub error: Option<AppError>,
}

/// A message with what decides how it is drawn.
#[derive(Clone, Debug)]
pub struct Row {
    pub message: Arc<Message>,
    /// When the message before it was written; a divider stands between two days.
    pub previous_at: Option<Timestamp>,
    /// Belongs to the message before it: no name, no gap.
    pub continued: bool,
}

/// The messages that this page holds, oldest first.
#[derive(Clone, Debug)]
pub struct Thread {
    id: ConversationId,
    messages: Vec<Arc<Message>>,
    /// What the customer thinks of answers, as it was when their messages were loaded.
    feedback: BTreeMap<MessageId, MessageFeedback>,
    outgoing: Vec<Outgoing>,
    has_older: bool,
    typing: Vec<(TypingParty, i64)>,
    customer_online: bool,
}

impl Thread {
    pub fn new(id: ConversationId, transcript: Transcript) -> Self {
        let mut thread = Self {
            id,
            messages: Vec::new(),
            feedback: BTreeMap::new(),
            outgoing: Vec::new(),
            has_older: transcript.has_older,
            typing: Vec::new(),
            customer_online: false,
        };
        thread.take(transcript);
        thread
    }

    pub fn id(&self) -> ConversationId {
        self.id
    }

    pub fn has_older(&self) -> bool {
        self.has_older
    }

    pub fn outgoing(&self) -> &[Outgoing] {
        &self.outgoing
    }

    pub fn customer_online(&self) -> bool {
        self.customer_online
    }

    /// What the customer thinks of an answer.
    pub fn feedback_on(&self, message: MessageId) -> Option<&MessageFeedback> {
        self.feedback.get(&message)
    }

    /// The oldest message held: the next older window ends before it.
    pub fn first_seq(&self) -> Option<i64> {
        self.messages.first().map(|message| message.seq)
    }

    pub fn last_seq(&self) -> Option<i64> {
        self.messages.last().map(|message| message.seq)
    }

    /// The transcript as it is drawn.
    pub fn rows(&self) -> Vec<Row> {
        let mut previous: Option<&Arc<Message>> = None;
        let mut rows = Vec::with_capacity(self.messages.len());
        for message in &self.messages {
            rows.push(Row {
                message: Arc::clone(message),
                previous_at: previous.map(|previous| previous.created_at),
                continued: previous.is_some_and(|previous| continues(previous, message)),
            });
            previous = Some(message);
        }
        rows
    }

    /// Takes in what happened here. Says whether something new is to be read.
    pub fn apply(&mut self, event: &Event) -> bool {
        match &event.data {
            EventData::MessageCreated { message, .. } if message.conversation_id == self.id => {
                self.insert(Message::clone(message))
            }
            EventData::MessageCreated { .. }
            | EventData::ConversationCreated { .. }
            | EventData::ConversationUpdated { .. }
            | EventData::ConversationErased
            | EventData::WidgetConfigUpdated { .. } => false,
        }
    }

    /// Puts a message in its place; one that is there already changes nothing. The own send that it answers is done.
    pub fn insert(&mut self, message: Message) -> bool {
        if let Some(client_id) = message.client_id {
            self.outgoing.retain(|outgoing| outgoing.client_id != client_id);
        }
        self.typing.retain(|(party, _)| !wrote(party, &message));
        match self.messages.binary_search_by_key(&message.seq, |held| held.seq) {
            Ok(_) => false,
            Err(place) => {
                self.messages.insert(place, Arc::new(message));
                true
            }
        }
    }

    /// An older window, loaded on the way up.
    pub fn prepend(&mut self, transcript: Transcript) {
        self.has_older = transcript.has_older;
        self.take(transcript);
    }

    /// Messages, and what the customer thinks of them by now: a thumb can be taken back.
    fn take(&mut self, transcript: Transcript) {
        for message in transcript.messages {
            self.feedback.remove(&message.id);
            self.insert(message);
        }
        self.feedback.extend(transcript.feedback.into_iter().map(|feedback| (feedback.message_id, feedback)));
    }

    /// The newest window, loaded again after a time without events. Where it does not reach back to what is held,
    /// what is held goes: a transcript never hides a gap.
    pub fn refresh(&mut self, transcript: Transcript) {
        let reaches = match (self.last_seq(), transcript.messages.first()) {
            (Some(last), Some(first)) => first.seq <= last + 1,
            _ => false,
        };
        if !reaches {
            self.messages.clear();
            self.has_older = transcript.has_older;
        }
        self.take(transcript);
    }

    /// Shows a message before it is sent.
    pub fn begin(&mut self, message: &NewMessage) {
        self.outgoing.push(Outgoing {
            client_id: message.client_id,
            kind: message.kind,
            text: message.text.clone(),
            error: None,
        });
    }

    /// The send failed. It may have arrived all the same: then its event has removed it, or a retry will find it.
    pub fn fail(&mut self, client_id: Uuid, error: AppError) {
        if let Some(outgoing) = self.outgoing.iter_mut().find(|outgoing| outgoing.client_id == client_id) {
            outgoing.error = Some(error);
        }
    }

    /// Tries again with the same `client_id`; `None` when it is no longer waiting.
    pub fn retry(&mut self, client_id: Uuid) -> Option<NewMessage> {
        let outgoing = self.outgoing.iter_mut().find(|outgoing| outgoing.client_id == client_id)?;
        outgoing.error = None;
        Some(NewMessage { kind: outgoing.kind, text: outgoing.text.clone(), client_id })
    }

    /// Takes back a message that was not sent, and gives its text so that it can go on being written.
    pub fn discard(&mut self, client_id: Uuid) -> Option<Outgoing> {
        let at = self.outgoing.iter().position(|outgoing| outgoing.client_id == client_id)?;
        Some(self.outgoing.remove(at))
    }

    /// Typing and presence. The own typing is not shown to oneself.
    pub fn signal(&mut self, signal: &Signal, me: UserId, now_ms: i64) {
        match signal {
            Signal::Typing { conversation_id, by, typing } if *conversation_id == self.id => {
                self.typing.retain(|(party, _)| party != by);
                let own = matches!(by, TypingParty::Agent { user_id, .. } if *user_id == me);
                if *typing && !own {
                    self.typing.push((by.clone(), now_ms + TYPING_LASTS_MS));
                }
            }
            Signal::CustomerPresence { conversation_id, online } if *conversation_id == self.id => {
                self.customer_online = *online;
            }
            Signal::Typing { .. } | Signal::CustomerPresence { .. } => {}
        }
    }

    /// Forgets who has stopped typing without saying so. Says whether anything changed.
    pub fn expire_typing(&mut self, now_ms: i64) -> bool {
        let before = self.typing.len();
        self.typing.retain(|(_, until)| *until > now_ms);
        self.typing.len() != before
    }

    pub fn typing(&self) -> impl Iterator<Item = &TypingParty> {
        self.typing.iter().map(|(party, _)| party)
    }
}

fn continues(previous: &Message, message: &Message) -> bool {
    previous.author.kind == message.author.kind
        && previous.author.user_id == message.author.user_id
        && previous.kind == message.kind
        && message.kind != MessageKind::Activity
        && message.created_at.signed_duration_since(previous.created_at).num_minutes() < GROUP_WITHIN_MINUTES
}

fn wrote(party: &TypingParty, message: &Message) -> bool {
    use omniops_types::AuthorKind;
    match (party, message.author.kind) {
        (TypingParty::Customer, AuthorKind::Customer) | (TypingParty::Ai, AuthorKind::Ai) => true,
        (TypingParty::Agent { user_id, .. }, AuthorKind::Agent) => message.author.user_id == Some(*user_id),
        _ => false,
    }
}

#[cfg(test)]
#[path = "thread_tests.rs"]
mod tests;
