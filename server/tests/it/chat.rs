//! `POST /api/chat` over HTTP.

use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{HOST, SseStream, World, body, conversation_of, message};

const VISITOR: &str = "session-of-the-first-visitor";

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_answered_as_json() {
    let world = World::new().await;
    let answer = world.ask(VISITOR, "Do you ship to Austria?").await;
    assert_eq!(answer["reply"]["text"], "You asked: Do you ship to Austria?");
    assert_eq!(answer["reply"]["sources"], json!([]));
    assert_eq!((&answer["status"], &answer["escalated"]), (&json!("pending"), &json!(false)));
    let names: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(names, ["conversation_id", "escalated", "message_id", "reply", "status"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_answered_as_a_stream() {
    let world = World::new().await;
    let request = world.post("/api/chat", &message(VISITOR, "Where are you?")).header("accept", "text/event-stream");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    assert!(response.headers().get("content-encoding").is_none());
    let mut stream = SseStream::new(response);
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        events.push((event.name.clone(), event.json()));
    }
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["accepted", "tool", "tool", "delta", "delta", "sources", "done"]);
    assert_eq!(events[1].1, json!({ "name": "search_knowledge", "status": "started" }));
    let (accepted, done) = (&events[0].1, &events[6].1);
    assert_eq!(accepted["message_id"], done["message_id"]);
    assert_eq!(done["reply"]["text"], "You asked: Where are you?");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_tries_are_one_message_even_when_few_are_allowed() {
    let world = World::with(&[("OMNIOPS_LIMIT_CHAT_PER_SESSION", "5")]).await;
    let send = message(VISITOR, "Is the tent waterproof?");
    let tries = (0..100).map(|_| async { body(world.post("/api/chat", &send).send().await.unwrap(), 200).await });
    let answers: Vec<Value> = join_all(tries).await;
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    let id = conversation_of(&answers[0]);
    let detail = body(world.signed(world.get(&format!("/api/conversations/{id}"))).send().await.unwrap(), 200).await;
    assert_eq!(detail["transcript"]["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_sends_too_much_is_told_when_to_come_back() {
    let world = World::with(&[("OMNIOPS_LIMIT_CHAT_PER_SESSION", "2")]).await;
    for text in ["one", "two"] {
        world.ask(VISITOR, text).await;
    }
    let refused = world.post("/api/chat", &message(VISITOR, "three")).send().await.unwrap();
    let seconds: u32 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&seconds));
    assert_eq!(body(refused, 429).await["error"]["code"], "rate_limited");
    world.ask("session-of-another-visitor", "one").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_with_a_stable_code() {
    let world = World::new().await;
    let with = |name: &str, value: Value| {
        let mut request = message(VISITOR, "Hello");
        request[name] = value;
        request
    };
    for (request, status, code) in [
        (with("domain", json!("nowhere.example")), 404, "unknown_domain"),
        (with("session_id", json!("a b")), 422, "invalid_fields"),
        (with("message", json!("   ")), 422, "invalid_fields"),
        (with("message", json!("a\0b")), 422, "invalid_fields"),
        (with("message", json!("x".repeat(4_001))), 413, "too_large"),
        (with("client_id", json!("not-a-uuid")), 422, "invalid_fields"),
        (with("conversation_id", json!(Uuid::now_v7())), 404, "not_found"),
        (json!({ "domain": HOST }), 422, "invalid_fields"),
    ] {
        let response = world.post("/api/chat", &request).send().await.unwrap();
        let error = body(response, status).await;
        assert_eq!(error["error"]["code"], code, "{request}");
        assert!(!error["error"]["request_id"].as_str().unwrap().is_empty());
    }
    let send = message(VISITOR, "Hello");
    body(world.post("/api/chat", &send).send().await.unwrap(), 200).await;
    let mut other = send;
    other["message"] = json!("Good-bye");
    let error = body(world.post("/api/chat", &other).send().await.unwrap(), 409).await;
    assert_eq!(error["error"]["code"], "idempotency_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_shops_page_may_not_send() {
    let world = World::new().await;
    let from = |origin: &str| world.post("/api/chat", &message(VISITOR, "Hello")).header("origin", origin).send();
    assert_eq!(from("https://shop.example").await.unwrap().status(), 200);
    let error = body(from("https://evil.example").await.unwrap(), 403).await;
    assert_eq!(error["error"]["code"], "origin_not_allowed");
}
