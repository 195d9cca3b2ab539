//! "Talk to a person".

use omniops_types::HandoffResponse;

use super::Chat;
use super::effect::Effect;
use super::entry::is_live;

/// How far the wish for a person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HandoffState {
    #[default]
    None,
    Asking,
    Failed,
}

impl Chat {
    /// The visitor wants a person. Nothing happens before a consent that is needed, or when a person has the
    /// conversation already.
    pub fn request_person(&mut self) {
        if self.config.is_none()
            || self.needs_consent()
            || self.is_with_person()
            || self.handoff == HandoffState::Asking
        {
            return;
        }
        self.handoff = HandoffState::Asking;
        if self.session_is_open() {
            self.post_handoff();
        } else {
            self.ensure_session();
        }
    }

    pub fn handed_off(&mut self, response: HandoffResponse) {
        self.handoff = HandoffState::None;
        self.conversation = Some(response.conversation_id);
        self.status = Some(response.status);
        self.ai_state = Some(response.ai_state);
        self.effect(Effect::Remember { live: is_live(self.status) });
        self.subscribe();
    }

    pub fn handoff_failed(&mut self) {
        self.handoff = HandoffState::Failed;
    }

    pub(super) fn post_handoff(&mut self) {
        if self.handoff == HandoffState::Asking {
            self.effect(Effect::PostHandoff);
        }
    }
}

#[cfg(test)]
mod tests {
    use omniops_types::{AiState, ConversationStatus};

    use super::super::testing::*;
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn response() -> HandoffResponse {
        HandoffResponse {
            conversation_id: conversation(),
            status: ConversationStatus::Open,
            ai_state: AiState::Silenced,
        }
    }

    #[test]
    fn a_person_can_be_asked_for_before_anything_was_said() {
        let mut chat = ready_chat();
        chat.request_person();
        chat.request_person();
        assert_eq!(chat.take_effects(), vec![Effect::OpenSession]);
        chat.session_opened(session());
        assert!(chat.take_effects().contains(&Effect::PostHandoff));
        chat.handed_off(response());
        assert!(chat.is_with_person());
        assert_eq!(chat.take_effects(), vec![Effect::Remember { live: true }, Effect::Subscribe]);
    }

    #[test]
    fn a_wish_that_did_not_arrive_can_be_repeated() {
        let mut chat = open_chat();
        chat.request_person();
        chat.handoff_failed();
        assert_eq!(chat.handoff, HandoffState::Failed);
        chat.take_effects();
        chat.request_person();
        assert_eq!(chat.take_effects(), vec![Effect::PostHandoff]);
    }

    #[test]
    fn with_a_person_there_is_nothing_to_ask_for() {
        let mut chat = open_chat();
        chat.request_person();
        chat.handed_off(response());
        chat.take_effects();
        chat.request_person();
        assert_eq!(chat.take_effects(), vec![]);
    }
}
