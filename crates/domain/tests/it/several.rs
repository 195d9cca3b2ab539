//! Several messages of a customer that wait for an answer at once.

use std::sync::Arc;

use omniops_domain::accounts::RequestMeta;
use omniops_domain::chat::{self, ChatEvent};
use omniops_llm::Speaker;
use omniops_types::ChatResponse;

use crate::support::{Answerer, World, request};

const VISITOR: &str = "session-of-the-first-visitor";

/// Sends the messages before any is answered; gives the answer to each and what was streamed for the last.
async fn send_in_a_row(world: &World, answerer: &Arc<Answerer>, messages: &[&str]) -> (Vec<ChatResponse>, String) {
    let mut turns = Vec::new();
    for (sent, message) in messages.iter().enumerate() {
        turns.push(chat::begin(&world.domain, request(VISITOR, message), &RequestMeta::default()).await.unwrap());
        answerer.asked(sent + 1).await;
    }
    answerer.let_through(tokio::sync::Semaphore::MAX_PERMITS);
    let mut last = turns.pop().unwrap();
    let (mut streamed, mut responses) = (String::new(), Vec::new());
    while let Some(event) = last.next().await {
        match event {
            ChatEvent::Delta(delta) => streamed.push_str(&delta.text),
            ChatEvent::Done(response) => responses.push(response),
            ChatEvent::Accepted(_) | ChatEvent::Tool(_) | ChatEvent::Sources(_) => {}
            ChatEvent::Error(error) => panic!("{error:?}"),
        }
    }
    for turn in turns.into_iter().rev() {
        responses.insert(0, turn.response().await.unwrap());
    }
    (responses, streamed)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_question_is_searched_and_answered_by_itself_and_all_in_one_reply() {
    let answerer = Answerer::held();
    let world = World::with(answerer.clone()).await;
    let messages = ["how long is shipping?", "do you have gift cards?", "what about returns?"];
    let (responses, streamed) = send_in_a_row(&world, &answerer, &messages).await;

    let text = "“how long is shipping?”\nYou asked: how long is shipping?\n\n\
                “do you have gift cards?”\nYou asked: do you have gift cards?\n\n\
                “what about returns?”\nYou asked: what about returns?";
    assert!(responses.iter().all(|response| response.reply.as_ref().unwrap().text == text), "{responses:?}");
    assert_eq!(streamed, text);
    let id = responses[0].conversation_id;
    assert_eq!(world.lines(id).await.len(), 4, "three questions and one reply");

    let requests = answerer.requests();
    let last: Vec<_> = requests.iter().filter(|request| request.question == "what about returns?").collect();
    let said: Vec<_> = last[0].history.iter().map(|turn| (turn.speaker, turn.text.as_str())).collect();
    assert_eq!(said, [(Speaker::Customer, messages[0]), (Speaker::Customer, messages[1])]);
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let searches: (i32, i64) = sqlx::query_as(
        "select searches, (select jsonb_array_length(receipt -> 'search_ids') from messages where id = reply_id)::bigint
         from chat_telemetry",
    )
    .fetch_one(tx.conn())
    .await
    .unwrap();
    assert_eq!(searches, (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_is_said_once_and_a_yes_to_the_offer_is_understood() {
    let answerer = Answerer::declining();
    let held = Answerer::held();
    let world = World::with(held.clone()).await;
    let meta = RequestMeta::default();
    let first = chat::begin(&world.domain, request(VISITOR, "do you repair bicycles?"), &meta).await.unwrap();
    let other = world.another_process(answerer.clone()).await;
    let second = chat::begin(&other, request(VISITOR, "is there a moon?"), &meta).await.unwrap();
    let reply = second.response().await.unwrap().reply.unwrap();
    assert!(
        reply.text.starts_with("I could not find an answer to that on our pages. Would you like"),
        "{}",
        reply.text
    );
    held.let_through(1);
    assert_eq!(first.response().await.unwrap().reply.unwrap().text, reply.text);
    assert!(world.ask(VISITOR, "yes please").await.escalated);
}
