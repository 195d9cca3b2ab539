//! Customers who close the page before they are answered, and who come back.

use std::time::Duration;

use omniops_domain::accounts::RequestMeta;
use omniops_domain::chat::{self, ChatTurn};
use omniops_domain::conversations;
use omniops_domain::widget::{self, VisitorFilter};
use omniops_openai_stub::{Ended, Reply};
use omniops_postgres::{HubItem, Subscription};
use omniops_types::{
    AiState, AuthorKind, ChatRequest, ConversationId, ConversationPatch, ConversationStatus, EventData,
};
use serde_json::json;

use crate::world::{HOST, Visitor, World};

const QUESTION: &str = "Hello there friend";
const ANSWER: &str = "What would you like to know?";

/// A browser's request, as the widget sends it.
fn browser() -> RequestMeta {
    RequestMeta { origin: Some("https://omniops.example".into()), ..RequestMeta::default() }
}

/// An answer that takes several times as long as a customer may be away.
fn slow() -> Reply {
    let pieces = ["What ", "would ", "you ", "like ", "to ", "know", "?"];
    Reply::text_in(pieces).every(Duration::from_millis(500))
}

async fn send(world: &World, request: &ChatRequest) -> ChatTurn {
    chat::begin(&world.domain, request.clone(), &browser()).await.unwrap()
}

/// The panel's event stream.
async fn stream(world: &World, visitor: &Visitor<'_>) -> (VisitorFilter, Subscription) {
    let visitor = widget::visitor(&world.domain, HOST, visitor.session(), &browser()).await.unwrap();
    let stream = VisitorFilter::subscribe(&world.domain, &visitor, None).await.unwrap();
    chat::welcome_back(&world.domain, &visitor).await.unwrap();
    stream
}

/// The next answer of the AI on the stream.
async fn answer(stream: &mut (VisitorFilter, Subscription)) -> String {
    loop {
        if let HubItem::Event(event) = stream.1.next().await.unwrap()
            && let EventData::MessageCreated { message, .. } = &event.data
            && message.author.kind == AuthorKind::Ai
        {
            return message.text.clone();
        }
    }
}

/// Asks, closes the page when the model has begun, and stays away until the message was set aside.
async fn leaves(world: &World, request: &ChatRequest) -> ConversationId {
    let before = world.stub.requests().len();
    let turn = send(world, request).await;
    let conversation = turn.accepted().conversation_id;
    world.stub.received(before + 1).await;
    drop(turn);
    world.until_set_aside(conversation).await;
    conversation
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_stops_for_who_left_and_the_message_waits_without_an_answer() {
    let world = World::new().await;
    world.stub.push(Reply::text_in(["One. ", "Two. "]).every(Duration::from_secs(60)));
    let conversation = leaves(&world, &world.visitor().request(QUESTION)).await;
    assert_eq!(world.stub.ended(world.requests()[0].number).await, Some(Ended::ClientLeft), "the call was dropped");
    let row = world.telemetry().await;
    assert_eq!((&row["outcome"], &row["error_code"]), (&json!("dropped"), &json!("customer_left")));
    assert!(row["reply_id"].is_null());
    assert_eq!(world.open_reservations().await, 0);
    assert_eq!(world.lines(conversation).await, [format!("customer reply: {QUESTION}")]);
    assert_eq!(chat::recover(&world.domain).await.unwrap(), 0, "nobody works for who is away");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_the_same_again_is_answered_then() {
    let world = World::new().await;
    world.stub.script([Reply::text_in(["One. ", "Two. "]).every(Duration::from_secs(60)), Reply::text(ANSWER)]);
    let request = world.visitor().request(QUESTION);
    let conversation = leaves(&world, &request).await;
    let response = send(&world, &request).await.response().await.unwrap();
    assert_eq!(response.reply.unwrap().text, ANSWER);
    assert_eq!(world.lines(conversation).await.len(), 2);
    assert_eq!(world.requests().len(), 2);
    assert_eq!(send(&world, &request).await.response().await.unwrap().reply.unwrap().text, ANSWER);
    assert_eq!(world.requests().len(), 2, "the answer is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_on_is_answered_to_both() {
    let world = World::new().await;
    world.stub.script([Reply::text_in(["One. ", "Two. "]).every(Duration::from_secs(60)), Reply::text(ANSWER)]);
    let visitor = world.visitor();
    let first = visitor.request(QUESTION);
    let conversation = leaves(&world, &first).await;
    let second = send(&world, &visitor.request("Are you still there")).await.response().await.unwrap();
    assert_eq!((second.conversation_id, second.reply.unwrap().text.as_str()), (conversation, ANSWER));
    let asked = world.requests()[1].last_user_text();
    assert!(asked.contains(QUESTION) && asked.contains("Are you still there"), "{asked}");
    assert_eq!(send(&world, &first).await.response().await.unwrap().reply.unwrap().text, ANSWER);
    assert_eq!(world.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_the_panel_again_finds_the_answer_coming() {
    let world = World::new().await;
    world.stub.script([Reply::text_in(["One. ", "Two. "]).every(Duration::from_secs(60)), Reply::text(ANSWER)]);
    let visitor = world.visitor();
    leaves(&world, &visitor.request(QUESTION)).await;
    let mut stream = stream(&world, &visitor).await;
    assert_eq!(answer(&mut stream).await, ANSWER);
    assert_eq!(world.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_has_taken_or_settled_is_not_taken_up_again() {
    let world = World::new().await;
    let settled = ConversationPatch { status: Some(ConversationStatus::Resolved), ..ConversationPatch::default() };
    let taken = ConversationPatch { ai_state: Some(AiState::Silenced), ..ConversationPatch::default() };
    for patch in [settled, taken] {
        world.stub.push(Reply::text_in(["One. ", "Two. "]).every(Duration::from_secs(60)));
        let visitor = world.visitor();
        let conversation = leaves(&world, &visitor.request(QUESTION)).await;
        conversations::patch(&world.domain, &world.principal, conversation, patch).await.unwrap();
        let calls = world.requests().len();
        let _open = stream(&world, &visitor).await;
        world.until_set_aside(conversation).await;
        assert_eq!(world.requests().len(), calls);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_connection_and_asks_again_at_once_is_answered_once() {
    let world = World::new().await;
    world.stub.push(slow());
    let request = world.visitor().request(QUESTION);
    let turn = send(&world, &request).await;
    world.stub.received(1).await;
    drop(turn);
    let response = send(&world, &request).await.response().await.unwrap();
    assert_eq!(response.reply.unwrap().text, ANSWER);
    assert_eq!((world.requests().len(), world.lines(response.conversation_id).await.len()), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_panel_open_has_not_left() {
    let world = World::new().await;
    world.stub.push(slow());
    let visitor = world.visitor();
    let turn = send(&world, &visitor.request(QUESTION)).await;
    let mut stream = stream(&world, &visitor).await;
    drop(turn);
    assert_eq!(answer(&mut stream).await, ANSWER);
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_may_hang_up_and_read_the_answer_later() {
    let world = World::new().await;
    world.stub.push(slow());
    let visitor = world.visitor();
    let request = visitor.request(QUESTION);
    let turn = chat::begin(&world.domain, request, &RequestMeta::default()).await.unwrap();
    let conversation = turn.accepted().conversation_id;
    drop(turn);
    world.until_answered(conversation).await;
    assert_eq!(world.requests().len(), 1);
}
