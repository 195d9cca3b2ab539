//! What arrives by itself: agents' replies, status changes, typing; and the connection that brings it.

use omniops_types::{AiState, AuthorKind};

use super::Chat;
use super::effect::Effect;
use crate::wire::{TranscriptPage, VisitorEvent};

/// The state of the connection, as the visitor is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    #[default]
    Connected,
    /// The event stream was lost and is being opened again.
    Reconnecting,
    /// The device has no network.
    Offline,
}

/// Seconds after which a typing sign without a successor goes out.
const TYPING_SECONDS: u32 = 6;

impl Chat {
    /// The panel is open and the page is looked at.
    pub fn opened(&mut self) {
        self.visible = true;
        self.set_unread(0);
        self.mark_read();
    }

    /// The panel was closed, or the page is in the background.
    pub fn closed(&mut self) {
        self.visible = false;
    }

    /// An event of the stream. `seq` is its place in the log; typing has none, and a browser then repeats the last.
    pub fn visitor_event(&mut self, seq: Option<i64>, event: VisitorEvent) {
        if let Some(seq) = seq.filter(|_| !matches!(event, VisitorEvent::Typing { .. })) {
            if seq <= self.event_seq {
                return;
            }
            self.event_seq = seq;
        }
        match event {
            VisitorEvent::Message(message) => {
                if message.author == AuthorKind::Ai && self.is_streaming() {
                    self.held.push(message);
                    return;
                }
                if message.author == AuthorKind::Agent {
                    self.typing = None;
                    self.typing_seconds = 0;
                }
                self.take_message(message);
                self.mark_read();
                // A message that seemed lost may have been this one: the next can go.
                self.pump();
            }
            VisitorEvent::Conversation { conversation_id, status, ai_state, agent } => {
                if self.conversation.is_none_or(|current| current == conversation_id) {
                    self.conversation = Some(conversation_id);
                    self.set_status(status);
                    self.ai_state = Some(ai_state);
                    self.agent = agent;
                }
            }
            VisitorEvent::Typing { conversation_id, name, typing } => {
                if self.conversation == Some(conversation_id) {
                    self.typing = typing.then_some(name);
                    self.typing_seconds = if typing { TYPING_SECONDS } else { 0 };
                }
            }
        }
    }

    /// The stream is past this place of the log, and nothing there was for this visitor.
    pub fn passed(&mut self, seq: Option<i64>) {
        self.event_seq = self.event_seq.max(seq.unwrap_or_default());
    }

    /// The event stream is open.
    pub fn stream_opened(&mut self) {
        if self.link == Link::Reconnecting {
            self.link = Link::Connected;
            self.requeue_network_failures();
        }
    }

    /// The event stream was lost; the caller opens it again after a while.
    pub fn stream_lost(&mut self) {
        if self.link == Link::Connected {
            self.link = Link::Reconnecting;
        }
    }

    pub fn went_offline(&mut self) {
        self.link = Link::Offline;
    }

    pub fn came_online(&mut self) {
        self.link = Link::Connected;
        if self.subscribed {
            self.effect(Effect::Subscribe);
        }
        self.requeue_network_failures();
    }

    /// The visitor wants to see what was said before.
    pub fn show_older(&mut self) {
        if !self.transcript.has_older || self.transcript.loading_older {
            return;
        }
        if let Some(before) = self.transcript.oldest_seq() {
            self.transcript.loading_older = true;
            self.effect(Effect::LoadOlder { before });
        }
    }

    pub fn older_loaded(&mut self, older: TranscriptPage) {
        self.transcript.loading_older = false;
        self.transcript.has_older = older.has_older;
        for message in older.messages {
            self.transcript.merge(message);
        }
    }

    pub fn older_failed(&mut self) {
        self.transcript.loading_older = false;
    }

    /// A message of the other side is new on the screen.
    pub(super) fn arrived(&mut self, author: AuthorKind, text: String) {
        if author == AuthorKind::Customer {
            return;
        }
        if author == AuthorKind::Agent {
            self.ai_state = Some(AiState::Silenced);
        }
        self.effect(Effect::NewMessage { author: author.as_str(), text });
        if !self.visible {
            self.set_unread(self.unread + 1);
        }
    }

    pub(super) fn set_unread(&mut self, count: i64) {
        let count = if self.visible { 0 } else { count };
        if count != self.unread {
            self.unread = count;
            self.effect(Effect::Unread(count));
        }
    }

    pub(super) fn mark_read(&mut self) {
        if !self.visible || self.conversation.is_none() {
            return;
        }
        if let Some(seq) = self.transcript.newest_incoming_seq().filter(|seq| *seq > self.read_seq) {
            self.read_seq = seq;
            self.effect(Effect::MarkRead { seq });
        }
    }
}

#[cfg(test)]
mod tests {
    use omniops_types::ConversationStatus;

    use super::super::testing::*;
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn an_agents_reply_counts_as_unread_until_the_panel_is_opened() {
        let mut chat = chat_with_conversation();
        chat.visitor_event(Some(41), message_event(agent_message(3, 1, "Hello, Ana here")));
        assert_eq!(chat.unread, 1);
        assert!(chat.take_effects().contains(&Effect::Unread(1)));
        chat.opened();
        assert_eq!(chat.take_effects(), vec![Effect::Unread(0), Effect::MarkRead { seq: 3 }]);
    }

    #[test]
    fn in_the_open_panel_a_reply_is_read_at_once() {
        let mut chat = chat_with_conversation();
        chat.opened();
        chat.take_effects();
        chat.visitor_event(Some(41), message_event(agent_message(3, 1, "Hello")));
        let effects = chat.take_effects();
        assert!(effects.contains(&Effect::MarkRead { seq: 3 }));
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Unread(_))));
    }

    #[test]
    fn a_replayed_event_changes_nothing() {
        let mut chat = chat_with_conversation();
        let event = message_event(agent_message(3, 1, "Hello"));
        chat.visitor_event(Some(41), event.clone());
        chat.visitor_event(Some(41), event);
        assert_eq!(texts(&chat).len(), 3);
        assert_eq!(chat.unread, 1);
    }

    #[test]
    fn a_message_of_another_tab_appears_in_its_place() {
        let mut chat = chat_with_conversation();
        chat.visitor_event(Some(42), message_event(customer_message(4, 9, "second")));
        chat.visitor_event(Some(43), message_event(customer_message(3, 8, "first")));
        assert_eq!(texts(&chat)[2..], ["first", "second"]);
    }

    #[test]
    fn the_own_message_comes_back_as_the_one_that_was_shown() {
        let mut chat = chat_with_conversation();
        chat.submit(id(5), "And to Iceland?".into());
        chat.visitor_event(Some(41), message_event(customer_message(3, 5, "And to Iceland?")));
        assert_eq!(texts(&chat)[2..], ["And to Iceland?"]);
        assert_eq!(state(&chat, 2), super::super::EntryState::Settled);
    }

    #[test]
    fn typing_goes_out_by_itself_and_with_the_message() {
        let mut chat = chat_with_conversation();
        let typing = VisitorEvent::Typing { conversation_id: conversation(), name: "Ana".into(), typing: true };
        chat.visitor_event(None, typing.clone());
        assert_eq!(chat.typing.as_deref(), Some("Ana"));
        for _ in 0..TYPING_SECONDS {
            chat.tick();
        }
        assert_eq!(chat.typing, None);
        chat.visitor_event(Some(40), typing);
        assert_eq!(chat.typing.as_deref(), Some("Ana"));
        chat.visitor_event(Some(41), message_event(agent_message(3, 1, "Hello")));
        assert_eq!(chat.typing, None);
        assert!(!chat.needs_tick());
    }

    #[test]
    fn a_status_change_tells_who_is_in_charge() {
        let mut chat = chat_with_conversation();
        chat.visitor_event(
            Some(41),
            VisitorEvent::Conversation {
                conversation_id: conversation(),
                status: ConversationStatus::Open,
                ai_state: AiState::Silenced,
                agent: Some("Ana".into()),
            },
        );
        assert!(chat.is_with_person());
        assert_eq!(chat.agent.as_deref(), Some("Ana"));
    }

    #[test]
    fn a_resolved_conversation_is_not_connected_to_on_the_next_page() {
        let mut chat = chat_with_conversation();
        chat.visitor_event(
            Some(41),
            VisitorEvent::Conversation {
                conversation_id: conversation(),
                status: ConversationStatus::Resolved,
                ai_state: AiState::Active,
                agent: None,
            },
        );
        assert_eq!(chat.take_effects(), vec![Effect::Remember { live: false }]);
    }

    #[test]
    fn after_being_offline_the_stream_resumes_where_it_was() {
        let mut chat = chat_with_conversation();
        chat.went_offline();
        chat.stream_lost();
        assert_eq!(chat.link, Link::Offline);
        chat.came_online();
        assert_eq!(chat.take_effects(), vec![Effect::Subscribe]);
        assert_eq!(chat.event_seq, 40);
    }

    #[test]
    fn a_heartbeat_moves_the_place_to_resume_from() {
        let mut chat = chat_with_conversation();
        chat.passed(Some(77));
        chat.passed(Some(50));
        chat.passed(None);
        assert_eq!(chat.event_seq, 77);
    }

    #[test]
    fn older_messages_are_asked_for_once_and_come_before() {
        let mut chat = chat_with_conversation();
        chat.transcript.has_older = true;
        chat.transcript.each(|entry| {
            entry.seq = entry.seq.map(|seq| seq + 10);
            true
        });
        chat.show_older();
        chat.show_older();
        assert_eq!(chat.take_effects(), vec![Effect::LoadOlder { before: 11 }]);
        chat.older_loaded(TranscriptPage { messages: vec![customer_message(10, 7, "earlier")], has_older: false });
        assert_eq!(texts(&chat)[0], "earlier");
        assert!(!chat.transcript.has_older);
    }
}
