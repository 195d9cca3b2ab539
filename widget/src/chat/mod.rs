//! What the panel knows and decides, without a browser.
//!
//! [`Chat`] takes what happened (a click, an answer, a cut connection) through its methods and says what is to be
//! done through [`Effect`]s, which the caller collects with [`Chat::take_effects`] and carries out. Everything that
//! can go wrong in a conversation is decided here, and tested without a browser.

mod answer;
mod boot;
mod effect;
mod entry;
mod erasure;
mod handoff;
mod live;
mod opinion;
mod outbox;
#[cfg(test)]
pub(crate) mod testing;
mod transcript;

use omniops_types::{AiState, ConversationId, ConversationStatus, WidgetConfig};

use crate::wire::Message;

pub use answer::AnswerSignal;
pub use boot::Phase;
pub use effect::Effect;
pub use entry::{Entry, EntryState, FailureKind};
pub use erasure::Erasure;
pub use handoff::HandoffState;
pub use live::Link;
pub use opinion::{Opinion, Said, Verdict};
pub use transcript::Transcript;

/// One visitor's chat on one page.
#[derive(Debug, Default)]
pub struct Chat {
    pub phase: Phase,
    pub config: Option<WidgetConfig>,
    pub transcript: Transcript,
    pub conversation: Option<ConversationId>,
    pub status: Option<ConversationStatus>,
    pub ai_state: Option<AiState>,
    /// Display name of the agent in charge.
    pub agent: Option<String>,
    /// Display name of whoever is typing.
    pub typing: Option<String>,
    pub handoff: HandoffState,
    pub erasure: Erasure,
    pub link: Link,
    /// Whether an answer to the consent question could not be saved.
    pub consent_failed: bool,
    /// Messages that came while the panel was not looked at.
    pub unread: i64,
    /// The newest entry of the event log that is reflected here.
    pub event_seq: i64,
    session: boot::Session,
    consented_version: Option<String>,
    consent_to_post: Option<bool>,
    /// Whether the visitor wanted to send before the panel was ready.
    eager: bool,
    visible: bool,
    subscribed: bool,
    read_seq: i64,
    typing_seconds: u32,
    /// Messages of the AI that came over the event log while an answer was streaming: most likely that answer.
    held: Vec<Message>,
    effects: Vec<Effect>,
}

impl Chat {
    /// What the caller has to do now, in this order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        core::mem::take(&mut self.effects)
    }

    /// Whether a person, not the AI, answers now.
    pub fn is_with_person(&self) -> bool {
        self.ai_state == Some(AiState::Silenced)
    }

    /// Whether the consent question has to be answered before anything is sent.
    pub fn needs_consent(&self) -> bool {
        self.config.as_ref().is_some_and(|config| {
            config.consent.required && self.consented_version.as_ref() != Some(&config.consent.version)
        })
    }

    /// Whether there is a consent that can be withdrawn.
    pub fn has_consented(&self) -> bool {
        self.config.as_ref().is_some_and(|config| config.consent.required) && !self.needs_consent()
    }

    /// Whether [`Chat::tick`] has to be called once a second for now.
    pub fn needs_tick(&self) -> bool {
        self.typing_seconds > 0 || self.transcript.entries().any(|entry| entry.countdown().is_some())
    }

    /// One second has passed.
    pub fn tick(&mut self) {
        if self.typing_seconds > 0 {
            self.typing_seconds -= 1;
            if self.typing_seconds == 0 {
                self.typing = None;
            }
        }
        self.tick_outbox();
    }

    fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }
}
