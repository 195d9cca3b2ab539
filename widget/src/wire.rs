//! What the server says, read from JSON into the shared types, or into lighter ones where those would bring code that
//! the panel cannot afford (dates). The tests hold them to what `omniops-types` writes.

use omniops_types::{
    AcceptedEvent, AiState, AuthorKind, ChatReply, ChatResponse, ConsentConfig, ConversationId, ConversationStatus,
    HandoffResponse, LauncherPosition, MessageId, MessageKind, Rating, Source, WidgetConfig, WidgetTexts, WidgetTheme,
};
use uuid::Uuid;

use crate::json::Json;

/// Something that an answer of the server can be read into. `None`: the answer is not of this shape.
pub trait FromJson: Sized {
    fn from_json(json: &Json) -> Option<Self>;
}

/// A message of the transcript; see `omniops_types::Message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub seq: i64,
    pub author: AuthorKind,
    pub author_name: String,
    pub kind: MessageKind,
    pub text: String,
    pub sources: Vec<Source>,
    pub client_id: Option<Uuid>,
    /// RFC 3339.
    pub created_at: String,
    /// Whether it is an answer of the AI; a hand-off, for one, is not.
    pub is_answer: bool,
    /// The visitor's thumb on it, where it comes along.
    pub rating: Option<Rating>,
}

/// A window of the transcript, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TranscriptPage {
    pub messages: Vec<Message>,
    pub has_older: bool,
}

/// See `omniops_types::SessionResponse`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub config: WidgetConfig,
    pub consented_version: Option<String>,
    pub conversation_id: Option<ConversationId>,
    pub transcript: Option<TranscriptPage>,
    pub status: Option<ConversationStatus>,
    pub ai_state: Option<AiState>,
    pub agent: Option<String>,
    pub unread: i64,
    pub event_seq: i64,
}

/// See `omniops_types::VisitorEvent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisitorEvent {
    Message(Message),
    Conversation {
        conversation_id: ConversationId,
        status: ConversationStatus,
        ai_state: AiState,
        agent: Option<String>,
    },
    Typing {
        conversation_id: ConversationId,
        name: String,
        typing: bool,
    },
}

fn uuid(json: &Json) -> Option<Uuid> {
    Uuid::try_parse(json.text()?).ok()
}

fn conversation_id(json: &Json) -> Option<ConversationId> {
    uuid(json.get("conversation_id")).map(ConversationId)
}

fn optional_text(json: &Json) -> Option<String> {
    json.text().map(str::to_owned)
}

fn all<T: FromJson>(json: &Json) -> Vec<T> {
    json.list().iter().filter_map(T::from_json).collect()
}

fn status(json: &Json) -> Option<ConversationStatus> {
    ConversationStatus::parse(json.get("status").text()?)
}

fn ai_state(json: &Json) -> Option<AiState> {
    AiState::parse(json.get("ai_state").text()?)
}

impl FromJson for Source {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self {
            title: json.get("title").owned_text(),
            url: json.get("url").text()?.to_owned(),
            quote: json.get("quote").owned_text(),
        })
    }
}

/// A list of sources, as the `sources` event carries it.
pub fn sources(json: &Json) -> Vec<Source> {
    all(json)
}

impl FromJson for Message {
    fn from_json(json: &Json) -> Option<Self> {
        let author = json.get("author");
        Some(Self {
            id: MessageId(uuid(json.get("id"))?),
            seq: json.get("seq").number()?,
            author: AuthorKind::parse(author.get("kind").text()?)?,
            author_name: author.get("name").owned_text(),
            kind: MessageKind::parse(json.get("kind").text()?)?,
            text: json.get("text").owned_text(),
            sources: all(json.get("sources")),
            client_id: uuid(json.get("client_id")),
            created_at: json.get("created_at").owned_text(),
            is_answer: json.get("confidence").present().is_some(),
            rating: None,
        })
    }
}

impl FromJson for TranscriptPage {
    fn from_json(json: &Json) -> Option<Self> {
        json.present()?;
        let mut messages: Vec<Message> = all(json.get("messages"));
        for feedback in json.get("feedback").list() {
            let id = uuid(feedback.get("message_id"));
            if let Some(message) = messages.iter_mut().find(|message| Some(message.id.uuid()) == id) {
                message.rating = feedback.get("rating").text().and_then(Rating::parse);
            }
        }
        Some(Self { messages, has_older: json.get("has_older").is_true() })
    }
}

impl FromJson for WidgetConfig {
    fn from_json(json: &Json) -> Option<Self> {
        let (theme, texts, consent) = (json.get("theme"), json.get("texts"), json.get("consent"));
        Some(Self {
            domain: json.get("domain").owned_text(),
            version: json.get("version").number()?,
            theme: WidgetTheme {
                accent: theme.get("accent").owned_text(),
                on_accent: theme.get("on_accent").owned_text(),
                accent_dark: theme.get("accent_dark").owned_text(),
                on_accent_dark: theme.get("on_accent_dark").owned_text(),
                position: LauncherPosition::parse(theme.get("position").text()?)?,
                color_scheme: theme.get("color_scheme").owned_text(),
            },
            texts: WidgetTexts {
                title: texts.get("title").owned_text(),
                greeting: texts.get("greeting").owned_text(),
                ai_disclosure: texts.get("ai_disclosure").owned_text(),
                reply_time: texts.get("reply_time").owned_text(),
                input_placeholder: texts.get("input_placeholder").owned_text(),
            },
            consent: ConsentConfig {
                required: consent.get("required").is_true(),
                text: consent.get("text").owned_text(),
                version: consent.get("version").owned_text(),
                policy_url: optional_text(consent.get("policy_url")),
            },
            // The loader has acted on it before there was a panel.
            auto_open: None,
            max_message_chars: u32::try_from(json.get("max_message_chars").number()?).ok()?,
        })
    }
}

impl FromJson for Session {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self {
            config: WidgetConfig::from_json(json.get("config"))?,
            consented_version: optional_text(json.get("consented_version")),
            conversation_id: conversation_id(json),
            transcript: TranscriptPage::from_json(json.get("transcript")),
            status: status(json),
            ai_state: ai_state(json),
            agent: optional_text(json.get("agent")),
            unread: json.get("unread").number()?,
            event_seq: json.get("event_seq").number()?,
        })
    }
}

impl FromJson for HandoffResponse {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self { conversation_id: conversation_id(json)?, status: status(json)?, ai_state: ai_state(json)? })
    }
}

impl FromJson for AcceptedEvent {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self { conversation_id: conversation_id(json)?, message_id: MessageId(uuid(json.get("message_id"))?) })
    }
}

impl FromJson for ChatResponse {
    fn from_json(json: &Json) -> Option<Self> {
        let accepted = AcceptedEvent::from_json(json)?;
        let reply = json.get("reply");
        Some(Self {
            conversation_id: accepted.conversation_id,
            message_id: accepted.message_id,
            reply: uuid(reply.get("id")).map(|id| ChatReply {
                id: MessageId(id),
                text: reply.get("text").owned_text(),
                sources: all(reply.get("sources")),
                // Customers are not told how sure it is, only that it is an answer.
                confidence: reply.get("confidence").present().map(|_| 0.0),
            }),
            status: status(json)?,
            escalated: json.get("escalated").is_true(),
        })
    }
}

impl FromJson for VisitorEvent {
    fn from_json(json: &Json) -> Option<Self> {
        let data = json.get("data");
        match json.get("kind").text()? {
            "message" => Message::from_json(data.get("message")).map(Self::Message),
            "conversation" => Some(Self::Conversation {
                conversation_id: conversation_id(data)?,
                status: status(data)?,
                ai_state: ai_state(data)?,
                agent: optional_text(data.get("agent")),
            }),
            "typing" => Some(Self::Typing {
                conversation_id: conversation_id(data)?,
                name: data.get("name").owned_text(),
                typing: data.get("typing").is_true(),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use omniops_types as types;

    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn read<T: FromJson>(written: &impl serde::Serialize) -> T {
        let text = serde_json::to_string(written).unwrap();
        T::from_json(&Json::parse(&text).unwrap()).unwrap()
    }

    fn source() -> Source {
        Source { title: "Shipping".into(), url: "https://shop.example/shipping".into(), quote: "3 days.".into() }
    }

    fn message() -> types::Message {
        types::Message {
            id: MessageId(Uuid::from_u128(1)),
            conversation_id: ConversationId(Uuid::from_u128(2)),
            seq: 7,
            author: types::Author { kind: AuthorKind::Agent, user_id: None, name: "Ana".into() },
            kind: MessageKind::Reply,
            text: "Hello \"you\"\n".into(),
            sources: vec![source()],
            confidence: Some(0.25),
            client_id: Some(Uuid::from_u128(3)),
            created_at: serde_json::from_str("\"2026-01-02T03:04:05Z\"").unwrap(),
        }
    }

    fn assert_same(read: &Message, written: &types::Message) {
        assert_eq!(read.id, written.id);
        assert_eq!(read.seq, written.seq);
        assert_eq!(read.author, written.author.kind);
        assert_eq!(read.author_name, written.author.name);
        assert_eq!(read.kind, written.kind);
        assert_eq!(read.text, written.text);
        assert_eq!(read.sources, written.sources);
        assert_eq!(read.client_id, written.client_id);
        assert_eq!(read.created_at, "2026-01-02T03:04:05Z");
        assert_eq!(read.is_answer, written.confidence.is_some());
    }

    #[test]
    fn a_session_reads_as_it_was_written() {
        let config = crate::chat::testing::config_asking_consent();
        let written = types::SessionResponse {
            session_id: "s".into(),
            config: config.clone(),
            consented_version: Some("v2".into()),
            conversation_id: Some(ConversationId(Uuid::from_u128(2))),
            transcript: Some(types::Transcript {
                messages: vec![message()],
                has_older: true,
                feedback: vec![types::MessageFeedback {
                    message_id: message().id,
                    rating: Rating::Down,
                    reason: None,
                    comment: None,
                }],
            }),
            status: Some(ConversationStatus::Open),
            ai_state: Some(AiState::Silenced),
            agent: Some("Ana".into()),
            unread: 3,
            event_seq: 99,
        };
        let session: Session = read(&written);
        assert_eq!(session.config, config);
        assert_eq!(session.consented_version, written.consented_version);
        assert_eq!(session.conversation_id, written.conversation_id);
        assert_eq!(session.status, written.status);
        assert_eq!(session.ai_state, written.ai_state);
        assert_eq!(session.agent, written.agent);
        assert_eq!((session.unread, session.event_seq), (3, 99));
        let transcript = session.transcript.unwrap();
        assert!(transcript.has_older);
        assert_same(&transcript.messages[0], &message());
        assert_eq!(transcript.messages[0].rating, Some(Rating::Down));
    }

    #[test]
    fn a_new_visitors_session_reads_without_a_conversation() {
        let written = types::SessionResponse {
            session_id: "s".into(),
            config: crate::chat::testing::config(),
            consented_version: None,
            conversation_id: None,
            transcript: None,
            status: None,
            ai_state: None,
            agent: None,
            unread: 0,
            event_seq: 0,
        };
        let session: Session = read(&written);
        assert_eq!((session.transcript, session.conversation_id, session.status), (None, None, None));
    }

    #[test]
    fn answers_of_the_chat_read_as_they_were_written() {
        let mut written = ChatResponse {
            conversation_id: ConversationId(Uuid::from_u128(2)),
            message_id: MessageId(Uuid::from_u128(1)),
            reply: Some(ChatReply {
                id: MessageId(Uuid::from_u128(4)),
                text: "Yes [1]".into(),
                sources: vec![source()],
                confidence: Some(0.0),
            }),
            status: ConversationStatus::Pending,
            escalated: false,
        };
        assert_eq!(read::<ChatResponse>(&written), written);
        written.reply.as_mut().unwrap().confidence = None;
        assert_eq!(read::<ChatResponse>(&written), written);
        written.reply = None;
        written.escalated = true;
        assert_eq!(read::<ChatResponse>(&written), written);
        let accepted = AcceptedEvent { conversation_id: written.conversation_id, message_id: written.message_id };
        assert_eq!(read::<AcceptedEvent>(&accepted), accepted);
    }

    #[test]
    fn a_hand_off_reads_as_it_was_written() {
        let written = HandoffResponse {
            conversation_id: ConversationId(Uuid::from_u128(2)),
            status: ConversationStatus::Open,
            ai_state: AiState::Silenced,
        };
        assert_eq!(read::<HandoffResponse>(&written), written);
    }

    #[test]
    fn events_read_as_they_were_written() {
        let conversation_id = ConversationId(Uuid::from_u128(2));
        let written = types::VisitorEvent::Message { message: Box::new(message()) };
        let VisitorEvent::Message(read_message) = read(&written) else { panic!("not a message") };
        assert_same(&read_message, &message());

        let (status, ai_state, agent) = (ConversationStatus::Open, AiState::Silenced, Some("Ana".to_owned()));
        let written = types::VisitorEvent::Conversation { conversation_id, status, ai_state, agent: agent.clone() };
        let expected = VisitorEvent::Conversation { conversation_id, status, ai_state, agent };
        assert_eq!(read::<VisitorEvent>(&written), expected);

        let written = types::VisitorEvent::Typing { conversation_id, name: "Ana".into(), typing: true };
        let expected = VisitorEvent::Typing { conversation_id, name: "Ana".into(), typing: true };
        assert_eq!(read::<VisitorEvent>(&written), expected);
    }

    #[test]
    fn an_event_of_a_newer_server_is_skipped() {
        assert_eq!(VisitorEvent::from_json(&Json::parse(r#"{"kind":"confetti","data":{}}"#).unwrap()), None);
    }
}
