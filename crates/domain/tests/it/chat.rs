//! A customer's message in, an answer out.

use futures::future::join_all;
use omniops_domain::accounts::RequestMeta;
use omniops_domain::chat::{self, ChatEvent};
use omniops_domain::{Error, widget};
use omniops_types::{
    AiState, ConsentRequest, ConversationPatch, ConversationStatus, EraseRequest, EventData, HandoffRequest,
    MessageKind, UpdateWidget, WidgetSettings,
};
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;
use uuid::Uuid;

use crate::support::{Answerer, HOST, World, request};

const VISITOR: &str = "session-of-the-first-visitor";

fn is_message(data: &EventData) -> bool {
    matches!(data, EventData::MessageCreated { .. })
}

async fn telemetry(world: &World) -> Vec<(String, Option<String>)> {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query_as("select outcome, error_code from chat_telemetry order by created_at")
        .fetch_all(tx.conn())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_message_is_answered_and_both_are_in_the_transcript_and_the_log() {
    let world = World::new().await;
    let answer = world.ask(VISITOR, "Do you ship to Austria?").await;
    let reply = answer.reply.unwrap();
    assert_eq!(reply.text, "You asked: Do you ship to Austria?");
    assert_eq!(answer.status, ConversationStatus::Pending);
    assert!(!answer.escalated);
    assert_eq!(
        world.lines(answer.conversation_id).await,
        ["customer: Do you ship to Austria?", "ai: You asked: Do you ship to Austria?"]
    );
    let kinds: Vec<_> = world.events().await.iter().map(|event| event.data.kind()).collect();
    assert_eq!(kinds, ["conversation.created", "message.created", "message.created"]);
    assert_eq!(telemetry(&world).await, [("answered".to_owned(), None)]);
}

#[tokio::test]
async fn the_stream_tells_each_step_in_order() {
    let world = World::new().await;
    let meta = RequestMeta::default();
    let mut turn = chat::begin(&world.domain, request(VISITOR, "Where are you?"), &meta).await.unwrap();
    let mut steps = Vec::new();
    while let Some(event) = turn.next().await {
        steps.push(match event {
            ChatEvent::Accepted(accepted) => {
                assert_eq!(accepted, turn.accepted());
                "accepted".to_owned()
            }
            ChatEvent::Tool(tool) => format!("tool {:?}", tool.status),
            ChatEvent::Delta(delta) => format!("delta {}", delta.text),
            ChatEvent::Sources(_) => "sources".to_owned(),
            ChatEvent::Done(response) => format!("done {}", response.reply.unwrap().text),
            ChatEvent::Error(error) => panic!("{error:?}"),
        });
    }
    assert_eq!(
        steps,
        [
            "accepted",
            "tool Started",
            "tool Succeeded",
            "delta You asked: ",
            "delta Where are you?",
            "sources",
            "done You asked: Where are you?",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_tries_of_one_send_make_one_message_and_one_answer() {
    let answerer = Answerer::ready();
    let world = World::with(answerer.clone()).await;
    let send = request(VISITOR, "Is the tent waterproof?");
    let answers = join_all((0..100).map(|_| world.send(send.clone()))).await;
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "the answers differ");
    assert_eq!(answerer.questions(), ["Is the tent waterproof?"]);
    assert_eq!(world.lines(answers[0].conversation_id).await.len(), 2);
    assert_eq!(world.count_events(is_message).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_give_one_send_one_answer() {
    let answerer = Answerer::held();
    let world = World::with(answerer.clone()).await;
    let other = world.another_process(Answerer::ready()).await;
    let send = request(VISITOR, "Is the tent waterproof?");
    let meta = RequestMeta::default();
    let first = chat::begin(&world.domain, send.clone(), &meta).await.unwrap();
    let second = chat::begin(&other, send, &meta).await.unwrap();
    answerer.let_through(1);
    assert_eq!(first.response().await.unwrap(), second.response().await.unwrap());
    assert_eq!(world.count_events(is_message).await, 2);
}

#[tokio::test]
async fn a_client_id_stands_for_one_text() {
    let world = World::new().await;
    let send = request(VISITOR, "Hello");
    world.send(send.clone()).await;
    let other = omniops_types::ChatRequest { message: "Good-bye".to_owned(), ..send };
    let error = chat::begin(&world.domain, other, &RequestMeta::default()).await.unwrap_err();
    assert!(matches!(error, Error::IdempotencyMismatch), "{error:?}");
}

#[tokio::test]
async fn messages_of_one_session_stay_in_one_conversation() {
    let world = World::new().await;
    let first = world.ask(VISITOR, "Do you ship to Austria?").await;
    let second = world.ask(VISITOR, "And how much is that?").await;
    let other = world.ask("session-of-another-visitor", "Do you ship to Austria?").await;
    assert_eq!(first.conversation_id, second.conversation_id);
    assert_ne!(first.conversation_id, other.conversation_id);
    let numbers = [first, other].map(|answer| answer.conversation_id);
    let numbers = join_all(numbers.map(|id| world.conversation(id))).await;
    assert_eq!(numbers.iter().map(|detail| detail.conversation.number).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn another_visitors_conversation_cannot_be_continued() {
    let world = World::new().await;
    let own = world.ask(VISITOR, "Hello").await;
    let foreign = omniops_types::ChatRequest {
        conversation_id: Some(own.conversation_id),
        ..request("session-of-another-visitor", "Let me in")
    };
    let error = chat::begin(&world.domain, foreign, &RequestMeta::default()).await.unwrap_err();
    assert!(matches!(error, Error::NotFound("conversation")), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_dropped_when_an_agent_was_faster() {
    let answerer = Answerer::held();
    let world = World::with(answerer.clone()).await;
    let turn = chat::begin(&world.domain, request(VISITOR, "Hello?"), &RequestMeta::default()).await.unwrap();
    let conversation = turn.accepted().conversation_id;
    answerer.asked(1).await;
    world.reply(&world.ana, conversation, "Hi, this is Ana.").await;
    answerer.let_through(1);
    let answer = turn.response().await.unwrap();
    assert_eq!(answer.reply, None);
    assert_eq!(answer.status, ConversationStatus::Open);
    assert_eq!(world.lines(conversation).await, ["customer: Hello?", "agent: Hi, this is Ana."]);
    assert_eq!(telemetry(&world).await, [("dropped".to_owned(), None)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_dropped_even_when_the_agent_has_handed_back() {
    let answerer = Answerer::held();
    let world = World::with(answerer.clone()).await;
    let turn = chat::begin(&world.domain, request(VISITOR, "Hello?"), &RequestMeta::default()).await.unwrap();
    let conversation = turn.accepted().conversation_id;
    answerer.asked(1).await;
    world.reply(&world.ana, conversation, "Hi, this is Ana.").await;
    let back = ConversationPatch { ai_state: Some(AiState::Active), ..Default::default() };
    omniops_domain::conversations::patch(&world.domain, &world.ana, conversation, back).await.unwrap();
    answerer.let_through(1);
    assert_eq!(turn.response().await.unwrap().reply, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_messages_in_a_row_are_answered_together() {
    let answerer = Answerer::held();
    let world = World::with(answerer.clone()).await;
    let meta = RequestMeta::default();
    let first = chat::begin(&world.domain, request(VISITOR, "I bought a tent."), &meta).await.unwrap();
    answerer.asked(1).await;
    let second = chat::begin(&world.domain, request(VISITOR, "Can I return it?"), &meta).await.unwrap();
    answerer.asked(2).await;
    answerer.let_through(2);
    let (first_id, second_id) = (first.accepted().message_id, second.accepted().message_id);
    let (first, second) = (first.response().await.unwrap(), second.response().await.unwrap());
    assert_eq!(answerer.questions(), ["I bought a tent.", "I bought a tent.\nCan I return it?"]);
    assert_eq!(first.reply, second.reply);
    assert_eq!((first.message_id, second.message_id), (first_id, second_id));
    let lines = world.lines(first.conversation_id).await;
    assert_eq!(lines.len(), 3, "{lines:?}");
}

#[tokio::test]
async fn asking_for_a_person_hands_off_at_once() {
    let answerer = Answerer::ready();
    let world = World::with(answerer.clone()).await;
    let answer = world.ask(VISITOR, "Can I talk to a person?").await;
    assert!(answer.escalated);
    assert_eq!(answer.status, ConversationStatus::Open);
    assert!(answer.reply.unwrap().text.contains("a person will answer you here"));
    assert!(answerer.questions().is_empty());
    let detail = world.conversation(answer.conversation_id).await;
    assert_eq!(detail.conversation.ai_state, AiState::Silenced);
    assert_eq!(detail.conversation.assignee, None);
    assert!(detail.conversation.waiting_since.is_some());

    let next = world.ask(VISITOR, "Are you there?").await;
    assert_eq!(next.reply, None, "the AI talks over a person");
    assert!(answerer.questions().is_empty());
    assert_eq!(telemetry(&world).await, [("escalated".to_owned(), None)]);
}

#[tokio::test]
async fn a_yes_to_the_offer_of_a_person_hands_off() {
    for yes in ["yes", "Yes please", "sure", "ok", "ja bitte"] {
        let answerer = Answerer::declining();
        let world = World::with(answerer.clone()).await;
        world.ask(VISITOR, "Do you repair bicycles?").await;
        let answer = world.ask(VISITOR, yes).await;
        assert!(answer.escalated, "{yes}");
        assert!(answer.reply.unwrap().text.contains("a person will answer you here"), "{yes}");
        assert_eq!(answerer.questions().len(), 1, "{yes} was taken for a question");
    }
}

#[tokio::test]
async fn a_no_to_the_offer_of_a_person_is_taken_kindly_and_the_ai_goes_on() {
    let answerer = Answerer::declining();
    let world = World::with(answerer.clone()).await;
    for (no, expected) in [("no thanks", "All right."), ("nein", "In Ordnung.")] {
        world.ask(VISITOR, "Do you repair bicycles?").await;
        let answer = world.ask(VISITOR, no).await;
        assert!(!answer.escalated);
        let text = answer.reply.unwrap().text;
        assert!(text.starts_with(expected), "{text}");
    }
    assert_eq!(answerer.questions(), ["Do you repair bicycles?", "Do you repair bicycles?"]);
    // The offer is not the last line any more, so that this "yes" is about something else.
    assert!(!world.ask(VISITOR, "yes").await.escalated);
    let outcomes: Vec<_> = telemetry(&world).await.into_iter().map(|(outcome, _)| outcome).collect();
    assert_eq!(outcomes, ["declined", "answered", "declined", "answered", "declined"]);
}

#[tokio::test]
async fn a_yes_without_an_offer_is_a_line_like_any_other() {
    let answerer = Answerer::ready();
    let world = World::with(answerer.clone()).await;
    assert!(!world.ask(VISITOR, "ok").await.escalated);
    assert!(!world.ask(VISITOR, "yes").await.escalated, "the last line was an answer");
    assert_eq!(answerer.questions(), ["ok", "yes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_for_a_person_silences_an_answer_that_is_being_made() {
    let answerer = Answerer::held();
    let world = World::with(answerer.clone()).await;
    let meta = RequestMeta::default();
    let turn = chat::begin(&world.domain, request(VISITOR, "Hello?"), &meta).await.unwrap();
    answerer.asked(1).await;
    let handoff = HandoffRequest {
        domain: HOST.to_owned(),
        session_id: VISITOR.to_owned(),
        conversation_id: None,
        locale: Some("de-AT".to_owned()),
    };
    let standing = widget::handoff(&world.domain, handoff.clone(), &meta).await.unwrap();
    assert_eq!((standing.status, standing.ai_state), (ConversationStatus::Open, AiState::Silenced));
    answerer.let_through(1);
    assert_eq!(turn.response().await.unwrap().reply, None);
    widget::handoff(&world.domain, handoff, &meta).await.unwrap();
    let lines = world.lines(standing.conversation_id).await;
    assert_eq!(lines.len(), 2, "asking twice tells once: {lines:?}");
    assert!(lines[1].starts_with("system: Ich habe Ihr Gespräch an das Team weitergegeben"), "{lines:?}");
}

#[tokio::test]
async fn a_failing_answerer_is_admitted_and_the_customer_still_gets_words() {
    let world = World::with(Answerer::failing()).await;
    let answer = world.ask(VISITOR, "Do you ship to Austria?").await;
    let reply = answer.reply.unwrap();
    assert!(reply.text.starts_with("Sorry, I could not look that up"), "{}", reply.text);
    assert_eq!(reply.confidence, None, "an apology answers nothing");
    assert_eq!(telemetry(&world).await, [("failed".to_owned(), Some("provider_unavailable".to_owned()))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_to_listen_for_an_answer_to_be_posted() {
    let answerer = Answerer::held();
    let world = World::with(answerer.clone()).await;
    let send = request(VISITOR, "Hello?");
    drop(chat::begin(&world.domain, send.clone(), &RequestMeta::default()).await.unwrap());
    answerer.let_through(1);
    assert_eq!(world.send(send).await.reply.unwrap().text, "You asked: Hello?");
}

/// Counts the errors that are logged.
#[derive(Clone, Default)]
struct Errors(std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Errors {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        if *event.metadata().level() == tracing::Level::ERROR {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn erasing_a_conversation_while_it_is_answered_ends_the_turns_quietly() {
    let errors = Errors::default();
    let _logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(errors.clone()));
    let answerer = Answerer::held();
    let world = World::with(answerer.clone()).await;
    let meta = RequestMeta::default();
    let first = chat::begin(&world.domain, request(VISITOR, "I bought a tent."), &meta).await.unwrap();
    let second = chat::begin(&world.domain, request(VISITOR, "Can I return it?"), &meta).await.unwrap();
    answerer.asked(2).await;
    let erase = EraseRequest { domain: HOST.to_owned(), session_id: VISITOR.to_owned() };
    widget::erase(&world.domain, &erase, &meta).await.unwrap();
    answerer.let_through(2);
    for turn in [first, second] {
        let error = turn.response().await.unwrap_err();
        assert!(matches!(error, Error::NotFound("conversation")), "{error:?}");
    }
    assert_eq!(errors.0.load(std::sync::atomic::Ordering::Relaxed), 0);
    assert_eq!(chat::recover(&world.domain).await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_logged_about_an_answer_belongs_to_the_request() {
    let _logging = tracing::subscriber::set_default(tracing_subscriber::registry());
    let answerer = Answerer::ready();
    let world = World::with(answerer.clone()).await;
    let span = tracing::info_span!("request");
    world.ask(VISITOR, "Hello").instrument(span.clone()).await;
    assert!(span.id().is_some());
    assert_eq!(answerer.span(), span.id());
}

#[tokio::test]
async fn consent_is_asked_for_before_the_first_message() {
    let world = World::new().await;
    let admin = world.principal(omniops_types::Role::Admin);
    let settings = WidgetSettings { consent_required: true, ..Default::default() };
    let update = UpdateWidget { domain: HOST.to_owned(), settings, version: None };
    let version = widget::update_config(&world.domain, &admin, update, &RequestMeta::default())
        .await
        .unwrap()
        .config
        .consent
        .version;
    let meta = RequestMeta::default();
    let error = chat::begin(&world.domain, request(VISITOR, "Hello"), &meta).await.unwrap_err();
    assert!(matches!(error, Error::ConsentRequired), "{error:?}");
    assert!(world.events().await.iter().all(|event| !is_message(&event.data)), "a message was stored without consent");

    let consent = |granted| ConsentRequest {
        domain: HOST.to_owned(),
        session_id: VISITOR.to_owned(),
        version: version.clone(),
        granted,
    };
    widget::consent(&world.domain, &consent(true), &meta).await.unwrap();
    assert!(world.ask(VISITOR, "Hello").await.reply.is_some());
    widget::consent(&world.domain, &consent(false), &meta).await.unwrap();
    assert!(chat::begin(&world.domain, request(VISITOR, "Hello"), &meta).await.is_err());
}

#[tokio::test]
async fn only_allowed_origins_may_send() {
    let world = World::new().await;
    let from = |origin: &str| RequestMeta { origin: Some(origin.to_owned()), ..Default::default() };
    for allowed in ["https://shop.example", "http://shop.example", "https://omniops.example"] {
        chat::begin(&world.domain, request(VISITOR, "Hello"), &from(allowed)).await.unwrap();
    }
    for refused in ["https://evil.example", "https://shop.example.evil.example", "null", "https://shop.example:444"] {
        let error = chat::begin(&world.domain, request(VISITOR, "Hello"), &from(refused)).await.unwrap_err();
        assert!(matches!(error, Error::OriginNotAllowed), "{refused}: {error:?}");
    }
}

#[tokio::test]
async fn an_unknown_domain_is_told_apart() {
    let world = World::new().await;
    let nowhere = omniops_types::ChatRequest { domain: "nowhere.example".to_owned(), ..request(VISITOR, "Hello") };
    let error = chat::begin(&world.domain, nowhere, &RequestMeta::default()).await.unwrap_err();
    assert!(matches!(error, Error::UnknownDomain), "{error:?}");
}

#[tokio::test]
async fn what_was_said_before_goes_with_the_question() {
    let answerer = Answerer::ready();
    let world = World::with(answerer.clone()).await;
    world.ask(VISITOR, "Do you ship to Austria?").await;
    world.ask(VISITOR, "How long does it take?").await;
    let history: Vec<_> = answerer.requests()[1].history.iter().map(|turn| turn.text.clone()).collect();
    assert_eq!(history, ["Do you ship to Austria?", "You asked: Do you ship to Austria?"]);
}

#[tokio::test]
async fn a_note_is_not_part_of_what_the_ai_reads() {
    let answerer = Answerer::ready();
    let world = World::with(answerer.clone()).await;
    let first = world.ask(VISITOR, "Do you ship to Austria?").await;
    let note = omniops_types::NewMessage {
        kind: MessageKind::Note,
        text: "A difficult one".to_owned(),
        client_id: Uuid::now_v7(),
    };
    omniops_domain::conversations::send(&world.domain, &world.ana, first.conversation_id, note).await.unwrap();
    let second = world.ask(VISITOR, "How long does it take?").await;
    assert!(second.reply.is_some(), "a note silenced the AI");
    assert!(answerer.requests()[1].history.iter().all(|turn| turn.text != "A difficult one"));
}
