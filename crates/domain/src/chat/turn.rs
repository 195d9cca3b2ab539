//! One turn: what is asked, and the caller's view of its answer.

use omniops_llm::Turn as HistoryTurn;
use omniops_types::{
    AcceptedEvent, Channel, ChatResponse, ConversationId, DeltaEvent, DomainId, MessageId, Source, TenantId, ToolEvent,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::code::EnteredCode;
use super::queries::SendKey;
use crate::customers::Present;
use crate::{Error, Result};

/// What a caller hears of a turn, in this order: `Accepted`, then `Tool` and `Delta`, then `Sources`, and last exactly
/// one of `Done` and `Error`.
#[derive(Debug)]
pub enum ChatEvent {
    Accepted(AcceptedEvent),
    Tool(ToolEvent),
    Delta(DeltaEvent),
    Sources(Vec<Source>),
    Done(ChatResponse),
    Error(Error),
}

/// A send that is committed, and the answer that is being made. Dropping it stops nothing at once: the customer is then
/// away, and the model stops when they stay away ([`Absence`](super::Absence)).
#[derive(Debug)]
pub struct ChatTurn {
    accepted: AcceptedEvent,
    events: mpsc::UnboundedReceiver<ChatEvent>,
    identity_expired: bool,
    _present: Option<Present>,
}

impl ChatTurn {
    pub(super) fn new(accepted: AcceptedEvent, present: Option<Present>) -> (Self, Listener) {
        let (sender, events) = mpsc::unbounded_channel();
        let listener = Listener(sender);
        listener.tell(ChatEvent::Accepted(accepted));
        (Self { accepted, events, identity_expired: false, _present: present }, listener)
    }

    /// The turn of a send that has its answer already.
    pub(super) fn answered(accepted: AcceptedEvent, response: ChatResponse) -> Self {
        let (turn, listener) = Self::new(accepted, None);
        listener.tell_answer(response);
        turn
    }

    pub(super) fn of_expired_identity(self) -> Self {
        Self { identity_expired: true, ..self }
    }

    /// The message was taken as a stranger's, because the identity token that came with it has expired.
    pub fn identity_expired(&self) -> bool {
        self.identity_expired
    }

    pub fn accepted(&self) -> AcceptedEvent {
        self.accepted
    }

    /// The next event; `None` after `Done` or `Error`.
    pub async fn next(&mut self) -> Option<ChatEvent> {
        self.events.recv().await
    }

    /// Waits for the whole answer.
    pub async fn response(mut self) -> Result<ChatResponse> {
        while let Some(event) = self.next().await {
            match event {
                ChatEvent::Done(response) => return Ok(response),
                ChatEvent::Error(error) => return Err(error),
                ChatEvent::Accepted(_) | ChatEvent::Tool(_) | ChatEvent::Delta(_) | ChatEvent::Sources(_) => {}
            }
        }
        Err(Error::Unavailable { retry_after: std::time::Duration::from_secs(2) })
    }
}

/// The other end: who listens may have left, and that is all right.
#[derive(Clone, Debug)]
pub(super) struct Listener(mpsc::UnboundedSender<ChatEvent>);

impl Listener {
    /// Nobody is there: the turn was taken up after a restart.
    pub(super) fn nobody() -> Self {
        Self(mpsc::unbounded_channel().0)
    }

    /// Whether anybody still listens.
    pub(super) fn is_heard(&self) -> bool {
        !self.0.is_closed()
    }

    pub(super) fn tell(&self, event: ChatEvent) {
        drop(self.0.send(event));
    }

    /// An answer in one piece, for who did not hear it being made.
    pub(super) fn tell_answer(&self, response: ChatResponse) {
        if let Some(reply) = &response.reply {
            self.tell(ChatEvent::Delta(DeltaEvent { text: reply.text.clone() }));
            self.tell(ChatEvent::Sources(reply.sources.clone()));
        }
        self.tell(ChatEvent::Done(response));
    }
}

/// A message that is committed and waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub(super) tenant: TenantId,
    pub(super) conversation: ConversationId,
    pub(super) domain_id: DomainId,
    pub(super) channel: Channel,
    pub(super) locale: Option<String>,
    pub(super) key: SendKey,
    /// The newest message that this turn answers.
    pub(super) message: MessageId,
    pub(super) message_seq: i64,
    /// All messages that have no answer yet, oldest first.
    pub(super) unanswered: Vec<String>,
    /// What became of a one-time code that stood in one of them.
    pub(super) code: Option<EnteredCode>,
    /// What was said before, oldest first.
    pub(super) history: Vec<HistoryTurn>,
    /// The e-mail address that the shop vouches for, by a signed token that came with the message.
    pub(super) vouched_email: Option<String>,
    /// The number of the oldest line that is read: what was said before it is summarised.
    pub(super) window_from: i64,
    /// How often the answer was taken up before.
    pub(super) attempts: i32,
    pub(super) begun: Instant,
}
