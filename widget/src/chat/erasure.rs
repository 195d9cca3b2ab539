//! Deleting what the shop stores about the visitor.

use super::{Chat, Effect};

/// How far the visitor's wish to have everything deleted is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Erasure {
    #[default]
    None,
    /// The visitor is asked whether they are sure.
    Asking,
    Erasing,
    /// The server could not be told; asked again.
    Failed,
}

impl Chat {
    /// Whether there is something of the visitor that the server may hold.
    pub fn has_data(&self) -> bool {
        !self.transcript.is_empty() || self.has_consented()
    }

    /// Whether the visitor is asked if they are sure.
    pub fn asks_erasure(&self) -> bool {
        self.erasure != Erasure::None
    }

    pub fn ask_erasure(&mut self) {
        if !self.asks_erasure() {
            self.erasure = Erasure::Asking;
        }
    }

    /// The visitor thought better of it.
    pub fn keep_data(&mut self) {
        if self.erasure != Erasure::Erasing {
            self.erasure = Erasure::None;
        }
    }

    /// The visitor is sure. A session that is being opened is waited for: the server would make it anew afterwards.
    pub fn erase(&mut self) {
        if !matches!(self.erasure, Erasure::Asking | Erasure::Failed) {
            return;
        }
        self.erasure = Erasure::Erasing;
        if !self.is_opening_session() {
            self.effect(Effect::Erase);
        }
    }

    /// The server holds nothing any more, and neither does this device from now on.
    pub fn erased(&mut self) {
        self.forget();
    }

    pub fn erase_failed(&mut self) {
        self.erasure = Erasure::Failed;
    }

    /// The session that [`Chat::erase`] waited for is open.
    pub(super) fn post_erasure(&mut self) {
        if self.erasure == Erasure::Erasing {
            self.effect(Effect::Erase);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::problem::Problem;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn nothing_is_deleted_before_the_visitor_is_sure() {
        let mut chat = chat_with_conversation();
        chat.ask_erasure();
        chat.keep_data();
        chat.erase();
        assert_eq!(chat.take_effects(), vec![]);
        assert!(!chat.transcript.is_empty());
    }

    #[test]
    fn once_deleted_the_device_holds_nothing_either() {
        let mut chat = chat_with_conversation();
        chat.ask_erasure();
        chat.erase();
        chat.erase();
        assert_eq!(chat.take_effects(), vec![Effect::Erase]);
        chat.erased();
        assert!(chat.transcript.is_empty() && !chat.asks_erasure());
        assert!(chat.take_effects().contains(&Effect::Forget));
    }

    #[test]
    fn a_deletion_that_failed_keeps_the_conversation_and_can_be_tried_again() {
        let mut chat = chat_with_conversation();
        chat.ask_erasure();
        chat.erase();
        chat.keep_data();
        assert!(chat.asks_erasure(), "a deletion that is on its way cannot be called off");
        chat.erase_failed();
        assert!(!chat.transcript.is_empty());
        chat.take_effects();
        chat.erase();
        assert_eq!(chat.take_effects(), vec![Effect::Erase]);
    }

    #[test]
    fn a_session_that_is_being_opened_is_deleted_once_it_is_there() {
        let mut chat = ready_chat();
        chat.interact();
        chat.ask_erasure();
        chat.erase();
        assert_eq!(chat.take_effects(), vec![Effect::OpenSession]);
        chat.session_opened(session_with_conversation());
        assert!(chat.take_effects().contains(&Effect::Erase));
    }

    #[test]
    fn a_session_that_cannot_be_opened_says_that_nothing_was_deleted() {
        let mut chat = ready_chat();
        chat.interact();
        chat.ask_erasure();
        chat.erase();
        chat.session_failed(Problem::Network);
        assert_eq!(chat.erasure, Erasure::Failed);
    }
}
