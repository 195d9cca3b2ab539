//! An open stream ends soon after its caller may no longer listen.

use std::time::Duration;

use omniops_domain::accounts::{self, NewApiKey};
use omniops_domain::{Actor, Principal};
use omniops_types::Permission;
use serde_json::json;

use crate::support::{HOST, SseStream, World};

const VISITOR: &str = "session-of-the-first-visitor";
const OFTEN: [(&str, &str); 1] = [("OMNIOPS_STREAM_RECHECK", "1")];

async fn assert_ends(mut stream: SseStream) {
    let end = async { while stream.next().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(10), end).await.expect("the stream goes on");
}

async fn visitors_stream(world: &World) -> SseStream {
    let path = format!("/api/widget/events?domain={HOST}&session_id={VISITOR}");
    SseStream::new(world.get(&path).send().await.unwrap().error_for_status().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_hears_nothing_more() {
    let world = World::with(&OFTEN).await;
    let owner = Principal { tenant_id: world.tenant, actor: Actor::CommandLine };
    let new = NewApiKey { name: "reader".to_owned(), scopes: vec![Permission::ConversationsRead], expires_at: None };
    let issued = accounts::create_api_key(&world.domain, &owner, new).await.unwrap();
    let request = world.get("/api/dashboard/events").bearer_auth(&issued.key);
    let stream = SseStream::new(request.send().await.unwrap().error_for_status().unwrap());
    accounts::revoke_api_key(&world.domain, &owner, issued.id).await.unwrap();
    assert_ends(stream).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_whose_data_was_erased_hears_nothing_more() {
    let world = World::with(&OFTEN).await;
    world.ask(VISITOR, "Hello?").await;
    let stream = visitors_stream(&world).await;
    let erase = json!({ "domain": HOST, "session_id": VISITOR });
    assert_eq!(world.post("/api/widget/erase", &erase).send().await.unwrap().status(), 204);
    assert_ends(stream).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_still_may_listen_is_not_disturbed() {
    let world = World::with(&OFTEN).await;
    let id = crate::support::conversation_of(&world.ask(VISITOR, "Hello?").await);
    let mut stream = visitors_stream(&world).await;
    assert_eq!(stream.next().await.unwrap().name, "heartbeat");
    // Longer than two looks.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    world.reply(id, "Hi, this is Ana.").await;
    assert_eq!(stream.next_event().await.unwrap().name, "message");
}
