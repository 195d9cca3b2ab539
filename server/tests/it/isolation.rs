//! Calls every address of the API and every server function as a stranger: tenant B with tenant A's ids, and nobody at
//! all, and every page. New ones are found by themselves: in the description, in the registry of server functions and
//! in the list of pages; and a route that is in none of these fails the tests.
//!
//! The walk knows values by the names of parameters and fields. A name that it does not know fails it: teach it.

pub(crate) mod functions;
mod requests;
mod router;

use std::collections::BTreeSet;

use http::Method;
use omniops_server::routes;
use omniops_types::MessageKind;
use reqwest::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{HOST, World, body, conversation_of};

/// Operations that need no proof of who asks. What they check instead: the visitor's secret session id and the domain's
/// origins (widget), a password (login), a token of the operator (metrics), or nothing because they tell nothing.
const PUBLIC: [&str; 16] = [
    "chat",
    "health_live",
    "health_ready",
    "login",
    "logout",
    "metrics",
    "widgetConfig",
    "widgetConsent",
    "widgetErase",
    "widgetEvents",
    "widgetFeedback",
    "widgetHandoff",
    "widgetMessages",
    "widgetRead",
    "widgetSession",
    "widgetTyping",
];

/// Words that stand in tenant A's private data and nowhere else.
const MARKERS: [&str; 3] = ["marker-of-a-question", "marker-of-a-reply", "marker-of-a-note"];
/// Tenant A's store.
const STORE: &str = "https://marker-of-a-store.example";
const VISITOR: &str = "session-of-the-first-visitor";
const STRANGER: &str = "session-of-a-stranger";

/// Tenant A with a conversation, and tenant B.
struct Walk {
    world: World,
    conversation: Uuid,
    message: Uuid,
    /// The AI's, which has a receipt.
    answer: Uuid,
    identity_key: String,
    strangers_key: String,
}

impl Walk {
    async fn prepare() -> Self {
        let world = World::new().await;
        let answer = world.ask(VISITOR, MARKERS[0]).await;
        let conversation = conversation_of(&answer);
        world.reply(conversation, MARKERS[1]).await;
        let note = json!({ "kind": MessageKind::Note, "text": MARKERS[2], "client_id": Uuid::now_v7() });
        let path = format!("/api/conversations/{conversation}/messages");
        world.signed(world.post(&path, &note)).send().await.unwrap().error_for_status().unwrap();
        let store = json!({ "domain": HOST, "kind": "woocommerce", "base_url": STORE,
            "consumer_key": "ck_0123456789abcdef", "consumer_secret": "cs_0123456789abcdef" });
        body(world.signed(world.put("/api/settings/store", &store)).send().await.unwrap(), 200).await;
        let new = json!({ "domain": HOST });
        let key = body(world.signed(world.post("/api/settings/identity-keys", &new)).send().await.unwrap(), 200).await;
        let identity_key = key["kid"].as_str().unwrap().to_owned();
        let strangers_key = world.strangers_key().await;
        let id = |value: &Value| serde_json::from_value(value.clone()).unwrap();
        let (message, answer) = (id(&answer["message_id"]), id(&answer["reply"]["id"]));
        Self { conversation: conversation.uuid(), message, answer, identity_key, strangers_key, world }
    }

    /// Everything of A's that the walk could have changed or read.
    async fn as_a_sees_it(&self) -> Value {
        let path = format!("/api/conversations/{}", self.conversation);
        let mut detail = body(self.world.signed(self.world.get(&path)).send().await.unwrap(), 200).await;
        // New conversations of strangers on A's public domain are events of A's.
        detail["event_seq"] = Value::Null;
        for setting in ["store", "identity-keys"] {
            let path = format!("/api/settings/{setting}?domain={HOST}");
            detail[setting] = body(self.world.signed(self.world.get(&path)).send().await.unwrap(), 200).await;
        }
        detail
    }

    /// Fails if anything of A's is in the reply.
    async fn assert_nothing_of_a(&self, what: &str, response: Response) {
        let ids = [self.conversation, self.message, self.answer].map(|id| id.to_string());
        let secrets = MARKERS.into_iter().chain([STORE]).chain(ids.iter().map(String::as_str));
        assert_without(what, response, secrets).await;
    }

    /// The same for what may repeat the ids that the stranger brought.
    async fn assert_no_words_of_a(&self, what: &str, response: Response) {
        assert_without(what, response, MARKERS.into_iter()).await;
    }
}

async fn assert_without(what: &str, response: Response, secrets: impl Iterator<Item = &str>) {
    let status = response.status();
    let text = read(response).await.to_lowercase();
    for secret in secrets {
        assert!(!text.contains(secret), "{what} answered {status} with tenant A's {secret}: {text}");
    }
}

/// The body; of a stream, what comes before it falls silent.
async fn read(response: Response) -> String {
    let streams = response.headers().get("content-type").is_some_and(|value| value == "text/event-stream");
    if !streams {
        return response.text().await.unwrap();
    }
    let mut response = response;
    let mut text = String::new();
    let silence = std::time::Duration::from_millis(500);
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout(silence, response.chunk()).await {
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_gives_a_stranger_anything() {
    let walk = Walk::prepare().await;
    let before = walk.as_a_sees_it().await;
    let operations = requests::operations();
    assert!(operations.len() >= 20, "only {} operations were found", operations.len());
    for operation in &operations {
        let what = &operation.id;
        let as_b = operation.request(&walk).bearer_auth(&walk.strangers_key);
        walk.assert_nothing_of_a(what, as_b.send().await.unwrap()).await;
        let as_nobody = operation.request(&walk).send().await.unwrap();
        if !operation.public {
            assert_eq!(as_nobody.status(), 401, "{what} answered somebody who did not sign in");
        }
        walk.assert_nothing_of_a(what, as_nobody).await;
    }
    assert_eq!(walk.as_a_sees_it().await, before, "a stranger changed something of tenant A's");
}

#[test]
fn the_public_operations_are_those_that_are_meant_to_be() {
    let public: BTreeSet<String> =
        requests::operations().into_iter().filter(|operation| operation.public).map(|operation| operation.id).collect();
    assert_eq!(public, PUBLIC.into_iter().map(str::to_owned).collect());
}

/// The walk is worth something only if its requests are right: to their owner they must not be unreadable.
#[tokio::test(flavor = "multi_thread")]
async fn the_walks_requests_can_be_read() {
    let walk = Walk::prepare().await;
    for operation in requests::operations() {
        let response = operation.request(&walk).bearer_auth(&walk.world.key).send().await.unwrap();
        let status = response.status().as_u16();
        let text = read(response).await;
        let unreadable = [400, 405, 413, 415].contains(&status) || text.contains("is required");
        assert!(!unreadable, "{} could not be read ({status}): {text}", operation.id);
    }
}
