//! The inbox and one conversation over HTTP.

use serde_json::json;
use uuid::Uuid;

use crate::support::{World, body, conversation_of};

const VISITOR: &str = "session-of-the-first-visitor";

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_finds_answers_and_resolves_a_conversation() {
    let world = World::new().await;
    let id = conversation_of(&world.ask(VISITOR, "Do you ship to Austria?").await);
    let list = world.signed(world.get("/api/dashboard/conversations?view=all&status=pending&limit=10"));
    let page = body(list.send().await.unwrap(), 200).await;
    assert_eq!(page["items"][0]["id"], json!(id));
    assert_eq!((&page["counts"]["pending"], &page["next_cursor"]), (&json!(1), &json!(null)));

    let path = format!("/api/conversations/{id}");
    let reply = json!({ "kind": "reply", "text": "We do.", "client_id": Uuid::now_v7() });
    let send = || world.signed(world.post(&format!("{path}/messages"), &reply)).send();
    let sent = body(send().await.unwrap(), 200).await;
    assert_eq!(sent["author"], json!({ "kind": "agent", "name": "Trail & Peak" }));
    assert_eq!(body(send().await.unwrap(), 200).await, sent);

    let resolve = world.signed(world.patch(&path, &json!({ "status": "resolved" })));
    assert_eq!(body(resolve.send().await.unwrap(), 200).await["status"], "resolved");
    let stale = world.signed(world.patch(&path, &json!({ "status": "open", "version": 1 })));
    assert_eq!(body(stale.send().await.unwrap(), 409).await["error"]["code"], "conflict");
    let older = world.signed(world.get(&format!("{path}/messages?before=3")));
    assert_eq!(body(older.send().await.unwrap(), 200).await["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ones_own_is_not_there() {
    let world = World::new().await;
    let id = conversation_of(&world.ask(VISITOR, "Do you ship to Austria?").await);
    let path = format!("/api/conversations/{id}");
    let stranger = world.strangers_key().await;
    let reply = json!({ "kind": "reply", "text": "Hi", "client_id": Uuid::now_v7() });
    for request in [
        world.get(&path),
        world.get(&format!("{path}/messages")),
        world.patch(&path, &json!({ "status": "resolved" })),
        world.post(&format!("{path}/messages"), &reply),
    ] {
        let refused = request.try_clone().unwrap().bearer_auth(&stranger).send().await.unwrap();
        assert_eq!(body(refused, 404).await["error"]["code"], "not_found");
        assert_eq!(body(request.send().await.unwrap(), 401).await["error"]["code"], "unauthenticated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_list_request_is_told_so() {
    let world = World::new().await;
    let asked = async |query: &str, status| {
        let request = world.signed(world.get(&format!("/api/dashboard/conversations?{query}")));
        body(request.send().await.unwrap(), status).await["error"].take()
    };
    assert_eq!(asked("cursor=made-up", 400).await["code"], "malformed");
    for (query, name) in [("view=everything", "view"), ("limit=many", "limit"), ("limit=-1", "limit")] {
        let error = asked(query, 400).await;
        let message = error["message"].as_str().unwrap();
        assert_eq!(error["code"], "malformed");
        assert!(message.starts_with(&format!("the query parameter `{name}` is not of its kind")), "{message}");
    }
    for query in ["limit=0", "limit=101"] {
        let error = asked(query, 422).await;
        assert_eq!(error["code"], "invalid_fields");
        assert_eq!(error["fields"]["limit"], "must be between 1 and 100");
    }
}
