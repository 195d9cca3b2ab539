//! Builders for the tests of this module.

use omniops_types::{
    AcceptedEvent, AiState, AuthorKind, ChatReply, ChatResponse, ConsentConfig, ConversationId, ConversationStatus,
    DeltaEvent, LauncherPosition, MessageId, MessageKind, WidgetConfig, WidgetTexts, WidgetTheme,
};
use uuid::Uuid;

use super::{AnswerSignal, Chat, Effect, EntryState};
use crate::problem::Problem;
use crate::wire::{Message, Session, TranscriptPage, VisitorEvent};

pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(super) fn conversation() -> ConversationId {
    ConversationId(id(0xc0))
}

pub(crate) fn config() -> WidgetConfig {
    WidgetConfig {
        domain: "shop.example".into(),
        version: 1,
        theme: WidgetTheme {
            accent: "#0f766e".into(),
            on_accent: "#ffffff".into(),
            accent_dark: "#2dd4bf".into(),
            on_accent_dark: "#042f2e".into(),
            position: LauncherPosition::BottomRight,
            color_scheme: "auto".into(),
        },
        texts: WidgetTexts {
            title: "Shop".into(),
            greeting: "Hello".into(),
            ai_disclosure: "An AI answers".into(),
            reply_time: "We answer within an hour".into(),
            input_placeholder: "Ask".into(),
        },
        consent: ConsentConfig { required: false, text: String::new(), version: "v2".into(), policy_url: None },
        auto_open: None,
        max_message_chars: 4_000,
    }
}

pub(crate) fn config_asking_consent() -> WidgetConfig {
    let mut config = config();
    config.consent.required = true;
    config
}

pub(super) fn session() -> Session {
    Session {
        config: config(),
        consented_version: None,
        conversation_id: None,
        transcript: None,
        status: None,
        ai_state: None,
        agent: None,
        unread: 0,
        event_seq: 40,
    }
}

pub(super) fn session_with_conversation() -> Session {
    Session {
        conversation_id: Some(conversation()),
        transcript: Some(TranscriptPage {
            messages: vec![
                customer_message(1, 101, "Do you ship to Norway?"),
                ai_message(2, 102, "Yes, in 3 days [1]"),
            ],
            has_older: false,
        }),
        status: Some(ConversationStatus::Pending),
        ai_state: Some(AiState::Active),
        unread: 1,
        ..session()
    }
}

/// The panel as a new visitor sees it, before anything was done in it.
pub(super) fn ready_chat() -> Chat {
    ready_with(config())
}

pub(super) fn ready_chat_asking_consent() -> Chat {
    ready_with(config_asking_consent())
}

fn ready_with(config: WidgetConfig) -> Chat {
    let mut chat = Chat::default();
    chat.boot(false);
    chat.config_loaded(config);
    chat.take_effects();
    chat
}

/// With an open session and no conversation yet.
pub(super) fn open_chat() -> Chat {
    let mut chat = ready_chat();
    chat.interact();
    chat.session_opened(session());
    chat.take_effects();
    chat
}

/// Resumed, closed, with one question and its answer, all read.
pub(super) fn chat_with_conversation() -> Chat {
    let mut chat = Chat::default();
    chat.boot(true);
    chat.session_opened(Session { unread: 0, ..session_with_conversation() });
    chat.take_effects();
    chat
}

fn message(seq: i64, client: u128, kind: AuthorKind, name: &str, text: &str) -> Message {
    Message {
        id: MessageId(id(if kind == AuthorKind::Customer { 1_000 } else { 2_000 } + client)),
        seq,
        author: kind,
        author_name: name.into(),
        kind: MessageKind::Reply,
        text: text.into(),
        sources: Vec::new(),
        client_id: (kind == AuthorKind::Customer).then(|| id(client)),
        created_at: "2026-01-01T00:00:00Z".into(),
        is_answer: kind == AuthorKind::Ai,
        rating: None,
    }
}

pub(super) fn customer_message(seq: i64, client: u128, text: &str) -> Message {
    message(seq, client, AuthorKind::Customer, "Visitor", text)
}

/// The stored form of what [`done`] with the same number carries.
pub(super) fn ai_message(seq: i64, client: u128, text: &str) -> Message {
    message(seq, client, AuthorKind::Ai, "", text)
}

pub(super) fn agent_message(seq: i64, client: u128, text: &str) -> Message {
    let mut message = message(seq, client, AuthorKind::Agent, "Ana", text);
    message.id = MessageId(id(3_000 + client));
    message
}

pub(super) fn message_event(message: Message) -> VisitorEvent {
    VisitorEvent::Message(message)
}

pub(super) fn accepted(client: u128) -> AnswerSignal {
    AnswerSignal::Accepted(AcceptedEvent { conversation_id: conversation(), message_id: MessageId(id(1_000 + client)) })
}

pub(super) fn delta(text: &str) -> AnswerSignal {
    AnswerSignal::Delta(DeltaEvent { text: text.into() })
}

pub(super) fn done(client: u128, text: &str) -> AnswerSignal {
    let reply =
        ChatReply { id: MessageId(id(2_000 + client)), text: text.into(), sources: Vec::new(), confidence: Some(0.9) };
    response(client, Some(reply), ConversationStatus::Pending, false)
}

pub(super) fn done_without_reply(client: u128) -> AnswerSignal {
    response(client, None, ConversationStatus::Open, true)
}

fn response(client: u128, reply: Option<ChatReply>, status: ConversationStatus, escalated: bool) -> AnswerSignal {
    AnswerSignal::Done(Box::new(ChatResponse {
        conversation_id: conversation(),
        message_id: MessageId(id(1_000 + client)),
        reply,
        status,
        escalated,
    }))
}

pub(super) fn refused() -> Problem {
    Problem::Refused { code: "invalid_fields".into(), message: "not this".into() }
}

pub(super) fn post(client: u128, text: &str) -> Effect {
    Effect::PostMessage { client_id: id(client), text: text.into() }
}

pub(super) fn texts(chat: &Chat) -> Vec<&str> {
    chat.transcript.entries().map(|entry| entry.text.as_str()).collect()
}

pub(super) fn state(chat: &Chat, at: usize) -> EntryState {
    chat.transcript.entries().nth(at).unwrap().state.clone()
}
