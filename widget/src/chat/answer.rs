//! The AI's answer as it streams in, is cut, is asked for again, and is found to be the message of the event log.

use omniops_types::{AcceptedEvent, AuthorKind, ChatReply, ChatResponse, Source, chat_event};
use omniops_types::{AiState, ConversationStatus, DeltaEvent, ToolEvent, ToolStatus};
use uuid::Uuid;

use super::Chat;
use super::effect::Effect;
use super::entry::{Entry, EntryState, is_live};
use crate::json::Json;
use crate::problem::Problem;
use crate::sse::SseEvent;
use crate::wire::{self, FromJson, Message};

/// How often a cut answer is asked for again before the visitor has to.
const MAX_ATTEMPTS: u32 = 5;

/// What the stream of one answer says. The last one is `Done` or `Failed`.
#[derive(Clone, Debug)]
pub enum AnswerSignal {
    Accepted(AcceptedEvent),
    Tool(ToolEvent),
    Delta(DeltaEvent),
    Sources(Vec<Source>),
    Done(Box<ChatResponse>),
    Failed(Problem),
}

impl AnswerSignal {
    /// Reads an event of the stream; `None` for one that this build does not know.
    pub fn from_event(event: &SseEvent) -> Option<Self> {
        let data = Json::parse(&event.data)?;
        match event.name.as_str() {
            chat_event::ACCEPTED => AcceptedEvent::from_json(&data).map(Self::Accepted),
            chat_event::TOOL => Some(Self::Tool(ToolEvent {
                name: data.get("name").owned_text(),
                status: match data.get("status").text()? {
                    "started" => ToolStatus::Started,
                    "succeeded" => ToolStatus::Succeeded,
                    _ => ToolStatus::Failed,
                },
            })),
            chat_event::DELTA => Some(Self::Delta(DeltaEvent { text: data.get("text").owned_text() })),
            chat_event::SOURCES => Some(Self::Sources(wire::sources(&data))),
            chat_event::DONE => ChatResponse::from_json(&data).map(|response| Self::Done(Box::new(response))),
            chat_event::ERROR => Some(Self::Failed(Problem::from_event(&data))),
            _ => None,
        }
    }

    /// Whether nothing comes after this one.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed(_))
    }
}

impl Chat {
    /// Something of the answer to the message with this key.
    pub fn answer_signal(&mut self, client_id: Uuid, signal: AnswerSignal) {
        if self.transcript.outgoing(client_id).is_none() {
            // The visitor cleared the conversation meanwhile.
            return;
        }
        match signal {
            AnswerSignal::Accepted(event) => self.accepted(client_id, event),
            AnswerSignal::Tool(event) => {
                self.transcript.change_answer(client_id, |entry| {
                    entry.step = (event.status == ToolStatus::Started).then_some(event.name);
                });
            }
            AnswerSignal::Delta(event) => {
                self.transcript.change_answer(client_id, |entry| {
                    entry.arriving.push_str(&event.text);
                    if entry.arriving.len() > entry.text.len() {
                        entry.text.clone_from(&entry.arriving);
                    }
                });
            }
            AnswerSignal::Sources(sources) => {
                self.transcript.change_answer(client_id, |entry| entry.sources = sources);
            }
            AnswerSignal::Done(response) => self.done(client_id, *response),
            AnswerSignal::Failed(problem) => self.failed(client_id, problem),
        }
    }

    fn accepted(&mut self, client_id: Uuid, event: AcceptedEvent) {
        self.conversation = Some(event.conversation_id);
        self.transcript.change_outgoing(client_id, |entry| {
            entry.state = EntryState::Settled;
            entry.id = Some(event.message_id);
        });
        if !self.is_with_person() && self.transcript.answer(client_id).is_none() {
            self.transcript.push_answer(client_id, Entry::answer_to(client_id));
        }
        if self.status.is_none_or(|status| status == ConversationStatus::Resolved) {
            self.status = Some(ConversationStatus::Pending);
            self.effect(Effect::Remember { live: true });
        }
        self.subscribe();
        self.pump();
    }

    fn done(&mut self, client_id: Uuid, response: ChatResponse) {
        self.accepted(
            client_id,
            AcceptedEvent { conversation_id: response.conversation_id, message_id: response.message_id },
        );
        self.set_status(response.status);
        if response.escalated && response.status == ConversationStatus::Open {
            self.ai_state = Some(AiState::Silenced);
        }
        match response.reply {
            Some(reply) => self.settle_answer(client_id, reply),
            None => self.transcript.remove_answer(client_id),
        }
        self.release_held();
    }

    fn settle_answer(&mut self, client_id: Uuid, reply: ChatReply) {
        let id = reply.id;
        let text = reply.text.clone();
        let was_known = self.transcript.entries().any(|entry| entry.id == Some(id));
        if self.transcript.answer(client_id).is_none() {
            if was_known {
                // The answer to a retried message, which the transcript shows already.
                return;
            }
            self.transcript.push_answer(client_id, Entry::answer_to(client_id));
        }
        self.transcript.change_answer(client_id, |entry| {
            entry.state = EntryState::Settled;
            entry.text = reply.text;
            entry.sources = reply.sources;
            entry.id = Some(id);
            entry.is_answer = reply.confidence.is_some();
            entry.step = None;
            entry.arriving = String::new();
        });
        if let Some(key) = self.transcript.answer(client_id).map(|entry| entry.key) {
            self.transcript.remove_doubles(id, key);
        }
        if !was_known {
            self.effect(Effect::AnnounceAnswer(text.clone()));
            self.arrived(AuthorKind::Ai, text);
        }
    }

    fn failed(&mut self, client_id: Uuid, problem: Problem) {
        if self.transcript.outgoing(client_id).is_some_and(|entry| entry.state != EntryState::Settled) {
            self.not_accepted(client_id, problem);
            return;
        }
        self.transcript.change_answer(client_id, |entry| {
            if !entry.is_answer_in_progress() {
                return;
            }
            entry.attempts += 1;
            entry.state = match problem {
                Problem::Network if entry.attempts <= MAX_ATTEMPTS => {
                    EntryState::Interrupted { seconds: 1 << entry.attempts.min(4) }
                }
                Problem::Busy { retry_after } if entry.attempts <= MAX_ATTEMPTS => {
                    EntryState::Interrupted { seconds: retry_after }
                }
                Problem::Network | Problem::Busy { .. } | Problem::Server | Problem::Refused { .. } => {
                    EntryState::AnswerFailed
                }
            };
        });
        self.release_held();
    }

    /// Whether an answer is streaming in, so that a message of the AI in the event log is most likely that answer.
    pub(super) fn is_streaming(&self) -> bool {
        self.transcript.entries().any(|entry| entry.state == EntryState::Answering)
    }

    pub(super) fn release_held(&mut self) {
        if self.is_streaming() {
            return;
        }
        for message in core::mem::take(&mut self.held) {
            self.take_message(message);
        }
        self.mark_read();
    }

    /// Takes a message of the event log into the transcript.
    pub(super) fn take_message(&mut self, message: Message) {
        let author = message.author;
        let text = message.text.clone();
        let is_known = self.transcript.entries().any(|entry| entry.id == Some(message.id));
        if author == AuthorKind::Ai && !is_known {
            let Some(message) = self.transcript.adopt(message) else {
                self.effect(Effect::AnnounceAnswer(text.clone()));
                self.arrived(author, text);
                return;
            };
            self.transcript.merge(message);
            self.arrived(author, text);
        } else if self.transcript.merge(message) {
            self.arrived(author, text);
        }
    }

    pub(super) fn set_status(&mut self, status: ConversationStatus) {
        if is_live(self.status) != is_live(Some(status)) {
            self.effect(Effect::Remember { live: is_live(Some(status)) });
        }
        self.status = Some(status);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn asked() -> Chat {
        let mut chat = open_chat();
        chat.opened();
        chat.submit(id(1), "Do you ship to Norway?".into());
        chat.answer_signal(id(1), accepted(1));
        chat.take_effects();
        chat
    }

    #[test]
    fn the_answer_grows_in_place_and_keeps_its_entry_to_the_end() {
        let mut chat = asked();
        assert_eq!(state(&chat, 1), EntryState::Answering);
        let key = chat.transcript.entries().nth(1).unwrap().key;
        chat.answer_signal(id(1), delta("Yes, "));
        chat.answer_signal(id(1), delta("in 3 days"));
        assert_eq!(texts(&chat), ["Do you ship to Norway?", "Yes, in 3 days"]);
        chat.answer_signal(id(1), done(1, "Yes, in 3 days [1]"));
        assert_eq!(texts(&chat), ["Do you ship to Norway?", "Yes, in 3 days [1]"]);
        assert_eq!(state(&chat, 1), EntryState::Settled);
        assert_eq!(chat.transcript.entries().nth(1).unwrap().key, key);
    }

    #[test]
    fn the_complete_answer_is_announced_once() {
        let mut chat = asked();
        chat.answer_signal(id(1), done(1, "Yes"));
        chat.visitor_event(Some(42), message_event(ai_message(2, 1, "Yes")));
        let effects = chat.take_effects();
        let announced = effects.iter().filter(|effect| matches!(effect, Effect::AnnounceAnswer(_))).count();
        assert_eq!(announced, 1);
    }

    #[test]
    fn the_event_log_does_not_double_what_streamed() {
        let mut chat = asked();
        chat.visitor_event(Some(41), message_event(customer_message(1, 1, "Do you ship to Norway?")));
        chat.answer_signal(id(1), delta("Ye"));
        chat.visitor_event(Some(42), message_event(ai_message(2, 1, "Yes")));
        assert_eq!(texts(&chat), ["Do you ship to Norway?", "Ye"]);
        chat.answer_signal(id(1), done(1, "Yes"));
        assert_eq!(texts(&chat), ["Do you ship to Norway?", "Yes"]);
        assert_eq!(chat.transcript.newest_incoming_seq(), Some(2));
    }

    #[test]
    fn a_cut_answer_is_asked_for_again_and_never_shrinks() {
        let mut chat = asked();
        chat.answer_signal(id(1), delta("Yes, in"));
        chat.answer_signal(id(1), AnswerSignal::Failed(Problem::Network));
        assert_eq!(state(&chat, 1), EntryState::Interrupted { seconds: 2 });
        chat.tick();
        chat.tick();
        assert!(chat.take_effects().contains(&post(1, "Do you ship to Norway?")));
        chat.answer_signal(id(1), accepted(1));
        chat.answer_signal(id(1), delta("Yes"));
        assert_eq!(texts(&chat)[1], "Yes, in");
        chat.answer_signal(id(1), delta(", in 3 days"));
        assert_eq!(texts(&chat)[1], "Yes, in 3 days");
    }

    #[test]
    fn a_cut_answer_may_come_over_the_event_log() {
        let mut chat = asked();
        chat.answer_signal(id(1), delta("Yes, in"));
        chat.answer_signal(id(1), AnswerSignal::Failed(Problem::Network));
        chat.visitor_event(Some(41), message_event(ai_message(2, 1, "Yes, in 3 days")));
        assert_eq!(texts(&chat), ["Do you ship to Norway?", "Yes, in 3 days"]);
        assert_eq!(state(&chat, 1), EntryState::Settled);
        assert!(!chat.needs_tick());
    }

    #[test]
    fn an_answer_held_back_while_streaming_is_taken_when_the_stream_breaks() {
        let mut chat = asked();
        chat.visitor_event(Some(41), message_event(ai_message(2, 1, "Yes")));
        chat.answer_signal(id(1), AnswerSignal::Failed(Problem::Network));
        assert_eq!(texts(&chat), ["Do you ship to Norway?", "Yes"]);
        assert_eq!(state(&chat, 1), EntryState::Settled);
    }

    #[test]
    fn after_many_cuts_the_visitor_is_asked() {
        let mut chat = asked();
        for _ in 0..MAX_ATTEMPTS {
            chat.answer_signal(id(1), AnswerSignal::Failed(Problem::Network));
            while chat.needs_tick() {
                chat.tick();
            }
        }
        chat.answer_signal(id(1), AnswerSignal::Failed(Problem::Network));
        assert_eq!(state(&chat, 1), EntryState::AnswerFailed);
        chat.take_effects();
        chat.retry(id(1));
        assert_eq!(chat.take_effects(), vec![post(1, "Do you ship to Norway?")]);
    }

    #[test]
    fn an_answer_that_failed_on_the_server_leaves_the_message_sent() {
        let mut chat = asked();
        chat.answer_signal(id(1), AnswerSignal::Failed(Problem::Server));
        assert_eq!(state(&chat, 0), EntryState::Settled);
        assert_eq!(state(&chat, 1), EntryState::AnswerFailed);
    }

    #[test]
    fn when_a_person_was_faster_the_half_answer_goes_away() {
        let mut chat = asked();
        chat.answer_signal(id(1), delta("Yes, in"));
        chat.visitor_event(Some(41), message_event(agent_message(2, 1, "Hello, Ana here")));
        chat.answer_signal(id(1), done_without_reply(1));
        assert_eq!(texts(&chat), ["Do you ship to Norway?", "Hello, Ana here"]);
        assert!(chat.is_with_person());
    }

    #[test]
    fn with_a_person_no_answer_of_the_ai_is_awaited() {
        let mut chat = open_chat();
        chat.ai_state = Some(AiState::Silenced);
        chat.submit(id(1), "Hello?".into());
        chat.answer_signal(id(1), accepted(1));
        assert_eq!(texts(&chat), ["Hello?"]);
    }

    #[test]
    fn a_tool_shows_its_step_until_it_ends() {
        let mut chat = asked();
        let tool = |status| AnswerSignal::Tool(ToolEvent { name: "search".into(), status });
        chat.answer_signal(id(1), tool(ToolStatus::Started));
        assert_eq!(chat.transcript.answer(id(1)).unwrap().step.as_deref(), Some("search"));
        chat.answer_signal(id(1), tool(ToolStatus::Succeeded));
        assert_eq!(chat.transcript.answer(id(1)).unwrap().step, None);
    }

    #[test]
    fn an_answer_for_a_cleared_conversation_is_dropped() {
        let mut chat = asked();
        chat.forget();
        chat.answer_signal(id(1), done(1, "Yes"));
        assert!(chat.transcript.is_empty());
    }

    #[test]
    fn unknown_events_of_the_stream_are_skipped() {
        let unknown = SseEvent { name: "confetti".into(), data: "{}".into() };
        assert!(AnswerSignal::from_event(&unknown).is_none());
        let broken = SseEvent { name: "delta".into(), data: "{".into() };
        assert!(AnswerSignal::from_event(&broken).is_none());
    }
}
