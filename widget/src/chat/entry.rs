//! One line of the transcript, confirmed or still on its way.

use omniops_types::{AuthorKind, ConversationStatus, MessageId, MessageKind, Source};
use uuid::Uuid;

use super::opinion::Opinion;
use crate::problem::Problem;
use crate::wire::Message;

/// A message, an answer that is being written, or a line about what happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Names the entry on the screen for as long as it exists, also while it changes from sent to stored.
    pub key: u32,
    /// Goes up with every change, so that the view redraws only what changed.
    pub revision: u32,
    pub state: EntryState,
    pub author: AuthorKind,
    pub author_name: String,
    pub is_activity: bool,
    pub text: String,
    pub sources: Vec<Source>,
    /// Place in the conversation; unknown until the server says it.
    pub seq: Option<i64>,
    pub id: Option<MessageId>,
    /// The customer's message: its idempotency key. The AI's answer: the key of the question.
    pub client_id: Option<Uuid>,
    /// RFC 3339, of stored messages.
    pub created_at: Option<String>,
    /// Answers: the step that the answerer is at, such as `search`.
    pub step: Option<String>,
    /// How often the message was refused for want of consent, or reading the answer has failed.
    pub attempts: u32,
    /// Whether it is an answer of the AI, complete, on which there can be an opinion.
    pub is_answer: bool,
    pub opinion: Opinion,
    /// The answer as the current stream has brought it; shown as soon as it is longer than what an earlier, cut
    /// stream had brought.
    pub(super) arriving: String,
}

/// Where an entry is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// Stored.
    Settled,
    /// The customer's message waits for its turn.
    Queued,
    /// The customer's message is on the way.
    Sending,
    /// The customer's message goes out by itself in so many seconds.
    Waiting { seconds: u32 },
    /// The customer's message did not arrive.
    Failed(FailureKind),
    /// The AI was asked; nothing of the answer is here yet, or a part of it.
    Answering,
    /// The stream of the answer was cut; it is asked for again in so many seconds.
    Interrupted { seconds: u32 },
    /// The answer could not be had.
    AnswerFailed,
}

/// Why a message did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// No connection: it goes out again by itself when there is one.
    Network,
    /// Something broke; trying again may help.
    Server,
    /// The server will not take it; its words for the customer.
    Refused(String),
}

impl Entry {
    pub(super) fn outgoing(client_id: Uuid, text: String) -> Self {
        Self {
            state: EntryState::Queued,
            author: AuthorKind::Customer,
            client_id: Some(client_id),
            text,
            ..Self::empty()
        }
    }

    pub(super) fn answer_to(client_id: Uuid) -> Self {
        Self { state: EntryState::Answering, author: AuthorKind::Ai, client_id: Some(client_id), ..Self::empty() }
    }

    pub(super) fn stored(message: Message) -> Self {
        let mut entry = Self::empty();
        entry.take(message);
        entry
    }

    fn empty() -> Self {
        Self {
            key: 0,
            revision: 0,
            state: EntryState::Settled,
            author: AuthorKind::System,
            author_name: String::new(),
            is_activity: false,
            text: String::new(),
            sources: Vec::new(),
            seq: None,
            id: None,
            client_id: None,
            created_at: None,
            step: None,
            attempts: 0,
            is_answer: false,
            opinion: Opinion::default(),
            arriving: String::new(),
        }
    }

    /// Becomes the stored message, in its place on the screen.
    pub(super) fn take(&mut self, message: Message) {
        self.state = EntryState::Settled;
        self.author = message.author;
        self.author_name = message.author_name;
        self.is_activity = message.kind == MessageKind::Activity;
        self.text = message.text;
        self.sources = message.sources;
        self.seq = Some(message.seq);
        self.id = Some(message.id);
        self.client_id = message.client_id.or(self.client_id);
        self.created_at = Some(message.created_at);
        self.step = None;
        self.is_answer = message.is_answer;
        if let Some(rating) = message.rating {
            self.opinion = Opinion::remembered(rating);
        }
    }

    pub fn is_outgoing(&self) -> bool {
        self.author == AuthorKind::Customer
    }

    /// An answer that is not complete and not given up.
    pub fn is_answer_in_progress(&self) -> bool {
        matches!(self.state, EntryState::Answering | EntryState::Interrupted { .. })
    }

    /// Seconds until the entry is tried again by itself.
    pub fn countdown(&self) -> Option<u32> {
        match self.state {
            EntryState::Waiting { seconds } | EntryState::Interrupted { seconds } => Some(seconds),
            EntryState::Settled
            | EntryState::Queued
            | EntryState::Sending
            | EntryState::Failed(_)
            | EntryState::Answering
            | EntryState::AnswerFailed => None,
        }
    }
}

impl From<Problem> for FailureKind {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Network => Self::Network,
            Problem::Busy { .. } | Problem::Server => Self::Server,
            Problem::Refused { message, .. } => Self::Refused(message),
        }
    }
}

/// Whether a conversation is worth connecting to when the next page is opened.
pub(super) fn is_live(status: Option<ConversationStatus>) -> bool {
    status.is_some_and(|status| status != ConversationStatus::Resolved)
}
