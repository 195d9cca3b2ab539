//! The customer's messages on their way: in order, one at a time until the server has taken it, each with the
//! same idempotency key however often it is tried.

use uuid::Uuid;

use super::Chat;
use super::effect::Effect;
use super::entry::{Entry, EntryState, FailureKind};
use crate::problem::Problem;

impl Chat {
    /// Takes a message for sending. `false`: it is empty, consent is missing, or the panel is not ready yet, which
    /// will then ask for it by itself; the text stays with the visitor.
    pub fn submit(&mut self, client_id: Uuid, text: String) -> bool {
        let text = text.trim();
        if text.is_empty() || self.needs_consent() {
            return false;
        }
        if self.config.is_none() {
            self.eager = true;
            return false;
        }
        self.transcript.push(Entry::outgoing(client_id, text.to_owned()));
        self.pump();
        true
    }

    /// The visitor asks to try a message, or the answer to it, once more.
    pub fn retry(&mut self, client_id: Uuid) {
        let is_failed = |entry: &Entry| matches!(entry.state, EntryState::Failed(_));
        if self.transcript.outgoing(client_id).is_some_and(is_failed) {
            self.transcript.change_outgoing(client_id, |entry| entry.state = EntryState::Queued);
            self.pump();
        } else if self.transcript.answer(client_id).is_some_and(|entry| entry.state == EntryState::AnswerFailed) {
            self.transcript.change_answer(client_id, |entry| entry.attempts = 0);
            self.ask_again(client_id);
        }
    }

    /// Sends the next message if none is on its way.
    pub(super) fn pump(&mut self) {
        let next = self.transcript.entries().filter(|entry| entry.is_outgoing()).find(|entry| match entry.state {
            EntryState::Queued | EntryState::Sending | EntryState::Waiting { .. } => true,
            EntryState::Settled
            | EntryState::Failed(_)
            | EntryState::Answering
            | EntryState::Interrupted { .. }
            | EntryState::AnswerFailed => false,
        });
        let Some(Entry { state: EntryState::Queued, client_id: Some(client_id), text, .. }) = next else { return };
        let (client_id, text) = (*client_id, text.clone());
        if !self.session_is_open() {
            self.ensure_session();
        } else if !self.needs_consent() {
            self.transcript.change_outgoing(client_id, |entry| entry.state = EntryState::Sending);
            self.effect(Effect::PostMessage { client_id, text });
        }
    }

    /// A message did not reach the server.
    pub(super) fn not_accepted(&mut self, client_id: Uuid, problem: Problem) {
        if self.must_ask_consent_again(client_id, &problem) {
            return;
        }
        let state = match problem {
            Problem::Busy { retry_after } => EntryState::Waiting { seconds: retry_after },
            problem @ (Problem::Network | Problem::Server | Problem::Refused { .. }) => {
                EntryState::Failed(FailureKind::from(problem))
            }
        };
        self.transcript.change_outgoing(client_id, |entry| entry.state = state);
        self.pump();
    }

    /// The tenant began to ask for consent, or it was taken back in another tab: the question is shown, and the
    /// message waits for the answer. Once only for each message, whatever the server says.
    fn must_ask_consent_again(&mut self, client_id: Uuid, problem: &Problem) -> bool {
        let is_first = self.transcript.outgoing(client_id).is_some_and(|entry| entry.attempts == 0);
        let asks = matches!(problem, Problem::Refused { code, .. } if code == "consent_required") && is_first;
        if asks {
            self.transcript.change_outgoing(client_id, |entry| {
                entry.state = EntryState::Queued;
                entry.attempts += 1;
            });
            self.renew_session();
        }
        asks
    }

    /// The session that queued messages wait for could not be opened.
    pub(super) fn fail_queued(&mut self, problem: Problem) {
        self.transcript.each(|entry| {
            let queued = entry.state == EntryState::Queued;
            if queued {
                entry.state = match &problem {
                    Problem::Busy { retry_after } => EntryState::Waiting { seconds: *retry_after },
                    other => EntryState::Failed(FailureKind::from(other.clone())),
                };
            }
            queued
        });
    }

    /// The connection is back: what failed for want of it goes out again.
    pub(super) fn requeue_network_failures(&mut self) {
        self.transcript.each(|entry| {
            let failed = entry.state == EntryState::Failed(FailureKind::Network);
            if failed {
                entry.state = EntryState::Queued;
            }
            failed
        });
        self.pump();
    }

    pub(super) fn tick_outbox(&mut self) {
        let mut due = Vec::new();
        self.transcript.each(|entry| match &mut entry.state {
            EntryState::Waiting { seconds } => {
                *seconds = seconds.saturating_sub(1);
                if *seconds == 0 {
                    entry.state = EntryState::Queued;
                }
                true
            }
            EntryState::Interrupted { seconds } => {
                *seconds = seconds.saturating_sub(1);
                if *seconds == 0 {
                    due.extend(entry.client_id);
                }
                false
            }
            EntryState::Settled
            | EntryState::Queued
            | EntryState::Sending
            | EntryState::Failed(_)
            | EntryState::Answering
            | EntryState::AnswerFailed => false,
        });
        for client_id in due {
            self.ask_again(client_id);
        }
        self.pump();
    }

    /// Posts a message that the server has already, to get the answer that belongs to it.
    fn ask_again(&mut self, client_id: Uuid) {
        let Some(text) = self.transcript.outgoing(client_id).map(|entry| entry.text.clone()) else { return };
        self.transcript.change_answer(client_id, |entry| {
            entry.state = EntryState::Answering;
            entry.arriving.clear();
        });
        self.effect(Effect::PostMessage { client_id, text });
    }
}

#[cfg(test)]
mod tests {
    use super::super::AnswerSignal;
    use super::super::testing::*;
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_first_message_opens_the_session_and_then_goes_out() {
        let mut chat = ready_chat();
        assert!(chat.submit(id(1), "  Do you ship?  ".into()));
        assert_eq!(chat.take_effects(), vec![Effect::OpenSession]);
        chat.session_opened(session());
        assert!(chat.take_effects().contains(&post(1, "Do you ship?")));
    }

    #[test]
    fn an_empty_message_is_not_taken() {
        let mut chat = open_chat();
        assert!(!chat.submit(id(1), " \n ".into()));
        assert!(chat.transcript.is_empty());
    }

    #[test]
    fn the_second_message_waits_until_the_server_has_the_first() {
        let mut chat = open_chat();
        chat.submit(id(1), "one".into());
        chat.submit(id(2), "two".into());
        assert_eq!(chat.take_effects(), vec![post(1, "one")]);
        chat.answer_signal(id(1), accepted(1));
        assert!(chat.take_effects().contains(&post(2, "two")));
    }

    #[test]
    fn a_message_that_did_not_arrive_is_tried_again_with_the_same_key() {
        let mut chat = open_chat();
        chat.submit(id(1), "one".into());
        chat.answer_signal(id(1), AnswerSignal::Failed(Problem::Server));
        assert_eq!(state(&chat, 0), EntryState::Failed(FailureKind::Server));
        chat.take_effects();
        chat.retry(id(1));
        assert_eq!(chat.take_effects(), vec![post(1, "one")]);
    }

    #[test]
    fn a_limit_holds_the_messages_back_and_then_sends_them_by_itself() {
        let mut chat = open_chat();
        chat.submit(id(1), "one".into());
        chat.submit(id(2), "two".into());
        chat.answer_signal(id(1), AnswerSignal::Failed(Problem::Busy { retry_after: 2 }));
        chat.take_effects();
        assert!(chat.needs_tick());
        chat.tick();
        assert_eq!(state(&chat, 0), EntryState::Waiting { seconds: 1 });
        assert_eq!(chat.take_effects(), vec![]);
        chat.tick();
        assert_eq!(chat.take_effects(), vec![post(1, "one")]);
        assert!(!chat.needs_tick());
    }

    #[test]
    fn what_failed_offline_goes_out_in_order_when_the_connection_is_back() {
        let mut chat = open_chat();
        chat.submit(id(1), "one".into());
        chat.answer_signal(id(1), AnswerSignal::Failed(Problem::Network));
        chat.submit(id(2), "two".into());
        chat.answer_signal(id(2), AnswerSignal::Failed(Problem::Network));
        chat.take_effects();
        chat.came_online();
        assert!(chat.take_effects().contains(&post(1, "one")));
        assert_eq!(state(&chat, 1), EntryState::Queued);
    }

    #[test]
    fn a_message_waits_when_consent_turns_out_to_be_missing() {
        let mut chat = open_chat();
        chat.submit(id(1), "one".into());
        chat.take_effects();
        let missing = Problem::Refused { code: "consent_required".into(), message: String::new() };
        chat.answer_signal(id(1), AnswerSignal::Failed(missing.clone()));
        assert_eq!(chat.take_effects(), vec![Effect::OpenSession]);
        chat.session_opened(crate::wire::Session { config: config_asking_consent(), ..session() });
        assert!(chat.needs_consent());
        chat.take_effects();
        chat.answer_consent(true);
        chat.consent_saved("v2".into(), true);
        assert!(chat.take_effects().contains(&post(1, "one")));
        chat.answer_signal(id(1), AnswerSignal::Failed(missing));
        assert!(matches!(state(&chat, 0), EntryState::Failed(FailureKind::Refused(_))));
    }

    #[test]
    fn a_refused_message_says_why_and_does_not_block_the_next() {
        let mut chat = open_chat();
        chat.submit(id(1), "one".into());
        chat.submit(id(2), "two".into());
        chat.take_effects();
        chat.answer_signal(id(1), AnswerSignal::Failed(refused()));
        assert_eq!(state(&chat, 0), EntryState::Failed(FailureKind::Refused("not this".into())));
        assert_eq!(chat.take_effects(), vec![post(2, "two")]);
    }
}
