//! Sends whose process died before they were answered.

use std::time::Duration;

use omniops_domain::accounts::RequestMeta;
use omniops_domain::chat;

use crate::support::{Answerer, World, request};

const VISITOR: &str = "session-of-the-first-visitor";

/// Begins a send in a process that dies before the answer.
fn die_while_answering(world: &World, send: omniops_types::ChatRequest) {
    let url = world.database.url();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let options = omniops_postgres::DatabaseOptions::new(url);
            let database = omniops_postgres::Database::connect(&options).await.unwrap();
            let settings = omniops_domain::Settings::default();
            let answerer = Answerer::held();
            let embedder = std::sync::Arc::new(crate::support::FixedEmbedder::default());
            let domain = omniops_domain::Domain::new(
                database,
                omniops_domain::Services::new(embedder, answerer.clone()),
                settings,
            );
            chat::begin(&domain, send, &RequestMeta::default()).await.unwrap();
            answerer.asked(1).await;
        });
        runtime.shutdown_timeout(Duration::ZERO);
    })
    .join()
    .unwrap();
}

async fn end_leases(world: &World) {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query("update chat_requests set leased_until = now() - interval '1 second'")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_whose_process_died_is_answered_by_another() {
    let answerer = Answerer::ready();
    let world = World::with(answerer.clone()).await;
    let sends = [request(VISITOR, "I bought a tent."), request(VISITOR, "Can I return it?")];
    for send in sends.clone() {
        die_while_answering(&world, send);
    }
    assert_eq!(chat::recover(&world.domain).await.unwrap(), 0, "taken from a process that may be alive");
    end_leases(&world).await;
    let other = world.another_process(Answerer::ready()).await;
    let (one, two) = tokio::join!(chat::recover(&world.domain), chat::recover(&other));
    assert!(one.unwrap() + two.unwrap() >= 1);
    let [first, second] = sends.map(|send| world.send(send));
    let (first, second) = (first.await, second.await);
    assert_eq!(first.reply.as_ref().unwrap().text, "You asked: I bought a tent.\nCan I return it?");
    assert_eq!(first.reply, second.reply);
    assert_eq!(world.lines(first.conversation_id).await.len(), 3);
    assert_eq!(chat::recover(&world.domain).await.unwrap(), 0);
}

async fn attempts(world: &World) -> Vec<i32> {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query_scalar("select attempts from chat_requests order by attempts").fetch_all(tx.conn()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_uses_up_no_attempt_of_a_send_that_it_did_not_try() {
    let answerer = Answerer::held();
    let world = World::with(answerer.clone()).await;
    for visitor in 0..6 {
        let send = request(&format!("session-of-visitor-number-{visitor}"), "Hello?");
        drop(chat::begin(&world.domain, send, &RequestMeta::default()).await.unwrap());
    }
    end_leases(&world).await;
    let dies = tokio::spawn({
        let other = world.another_process(answerer.clone()).await;
        async move { chat::recover(&other).await }
    });
    answerer.asked(6 + 4).await;
    dies.abort();
    assert_eq!(attempts(&world).await, [1, 1, 2, 2, 2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovered_answer_is_dropped_when_an_agent_replied_in_the_meantime() {
    let world = World::new().await;
    let send = request(VISITOR, "Hello?");
    die_while_answering(&world, send.clone());
    let first = omniops_domain::conversations::list(
        &world.domain,
        &world.ana,
        omniops_types::ConversationFilter { view: omniops_types::ConversationView::All, status: None, assignee: None },
        None,
        10,
    )
    .await
    .unwrap();
    world.reply(&world.ana, first.items[0].id, "Hi, this is Ana.").await;
    end_leases(&world).await;
    chat::recover(&world.domain).await.unwrap();
    assert_eq!(world.send(send).await.reply, None);
    assert_eq!(world.lines(first.items[0].id).await, ["customer: Hello?", "agent: Hi, this is Ana."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_ends_its_process_again_and_again_is_given_up() {
    let answerer = Answerer::ready();
    let world = World::with(answerer.clone()).await;
    let send = request(VISITOR, "Hello?");
    die_while_answering(&world, send.clone());
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query("update chat_requests set attempts = 3, leased_until = now() - interval '1 second'")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    chat::recover(&world.domain).await.unwrap();
    assert!(world.send(send).await.reply.unwrap().text.starts_with("Sorry"));
    assert!(answerer.questions().is_empty());
}
