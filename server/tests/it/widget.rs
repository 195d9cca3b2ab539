//! The widget's routes over HTTP.

use omniops_server::routes;
use reqwest::{Method, Response};
use serde_json::json;

use crate::support::{HOST, SseStream, World, body, conversation_of, message};

const VISITOR: &str = "session-of-the-first-visitor";
const OTHER: &str = "session-of-another-visitor";

/// The preflight that a page of another origin sends before it asks with a body of JSON.
async fn preflight(world: &World, path: &str, method: &str) -> Response {
    let request = world.http.request(Method::OPTIONS, format!("{}{path}", world.server.base()));
    let asks = [
        ("origin", "https://shop.example"),
        ("access-control-request-method", method),
        ("access-control-request-headers", "content-type"),
    ];
    asks.into_iter().fold(request, |request, (name, value)| request.header(name, value)).send().await.unwrap()
}

fn lists(response: &Response, header: &str, word: &str) -> bool {
    let value = response.headers().get(header).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(',').any(|listed| listed.trim().eq_ignore_ascii_case(word))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_widget_can_be_asked_from_another_origin() {
    let world = World::new().await;
    let api = serde_json::to_value(routes::openapi()).unwrap();
    let of_the_widget =
        |path: &str| ["/api/chat", "/api/widget/", "/api/customer/"].iter().any(|start| path.starts_with(start));
    let mut asked = 0;
    for (path, item) in api["paths"].as_object().unwrap().iter().filter(|(path, _)| of_the_widget(path)) {
        for method in item.as_object().unwrap().keys() {
            let answer = preflight(&world, path, &method.to_uppercase()).await;
            assert!(answer.status().is_success(), "{method} {path}: {}", answer.status());
            assert!(lists(&answer, "access-control-allow-origin", "*"), "{method} {path}");
            assert!(lists(&answer, "access-control-allow-methods", method), "{method} {path}");
            assert!(lists(&answer, "access-control-allow-headers", "content-type"), "{method} {path}");
            asked += 1;
        }
    }
    assert!(asked >= 6, "only {asked} routes were found");
    let not_its_own = preflight(&world, "/api/dashboard/conversations", "GET").await;
    assert!(!not_its_own.headers().contains_key("access-control-allow-origin"));
    let other_method = world.get("/api/chat").send().await.unwrap();
    assert!(lists(&other_method, "access-control-allow-origin", "*"));
    assert_eq!(body(other_method, 405).await["error"]["code"], "method_not_allowed");
}

/// Without these headers a page of another origin is told no more than that the network failed.
fn can_be_read(refused: &Response) -> bool {
    lists(refused, "access-control-allow-origin", "*") && lists(refused, "access-control-expose-headers", "retry-after")
}

#[tokio::test(flavor = "multi_thread")]
async fn preflights_are_free_and_a_page_of_another_origin_can_read_when_to_come_back() {
    let world = World::with(&[("OMNIOPS_LIMIT_WIDGET_PER_IP", "1")]).await;
    for _ in 0..3 {
        assert!(preflight(&world, "/api/chat", "POST").await.status().is_success());
    }
    world.ask(VISITOR, "Hello?").await;
    let refused = world.post("/api/chat", &message(VISITOR, "Hello?")).send().await.unwrap();
    assert!(can_be_read(&refused) && refused.headers().contains_key("retry-after"), "{refused:?}");
    assert_eq!(body(refused, 429).await["error"]["code"], "rate_limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_can_read_that_its_message_is_too_large() {
    let world = World::new().await;
    let refused = world.post("/api/chat", &json!("x".repeat(300 * 1024))).send().await.unwrap();
    assert!(can_be_read(&refused), "{refused:?}");
    assert_eq!(body(refused, 413).await["error"]["code"], "too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_is_cached_until_it_changes() {
    let world = World::new().await;
    let path = format!("/api/customer/config?domain={HOST}");
    let first = world.get(&path).send().await.unwrap();
    assert!(first.headers()["cache-control"].to_str().unwrap().starts_with("public, max-age="));
    let etag = first.headers()["etag"].clone();
    assert_eq!(body(first, 200).await["texts"]["title"], "Trail & Peak");
    let again = || world.get(&path).header("if-none-match", &etag).send();
    assert_eq!(again().await.unwrap().status(), 304);

    let change = json!({ "domain": HOST, "settings": { "accent": "#ffcc00", "title": "Ask us" } });
    let saved = body(world.signed(world.post("/api/dashboard/config", &change)).send().await.unwrap(), 200).await;
    assert_eq!(saved["version"], 2);
    let now = body(again().await.unwrap(), 200).await;
    assert_eq!((&now["texts"]["title"], &now["theme"]["on_accent"]), (&json!("Ask us"), &json!("#111111")));
    let german = body(world.get(&format!("{path}&locale=de-DE")).send().await.unwrap(), 200).await;
    assert_eq!(german["texts"]["greeting"], "Hallo! Wie können wir helfen?");
    let unknown = world.get("/api/customer/config?domain=nowhere.example").send().await.unwrap();
    assert_eq!(body(unknown, 404).await["error"]["code"], "unknown_domain");
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_comes_first_where_the_tenant_wants_it() {
    let world = World::new().await;
    let change = json!({ "domain": HOST, "settings": { "consent_required": true } });
    let saved = body(world.signed(world.post("/api/dashboard/config", &change)).send().await.unwrap(), 200).await;
    let refused = world.post("/api/chat", &crate::support::message(VISITOR, "Hello")).send().await.unwrap();
    assert_eq!(body(refused, 403).await["error"]["code"], "consent_required");
    let consent = json!({
        "domain": HOST, "session_id": VISITOR, "granted": true, "version": saved["config"]["consent"]["version"],
    });
    assert_eq!(world.post("/api/widget/consent", &consent).send().await.unwrap().status(), 204);
    world.ask(VISITOR, "Hello").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_hears_an_agent_and_resumes_where_the_connection_broke() {
    let world = World::new().await;
    let session = json!({ "domain": HOST, "session_id": VISITOR });
    let session = body(world.post("/api/widget/session", &session).send().await.unwrap(), 200).await;
    let connect = async |last: Option<i64>| {
        let path = format!("/api/widget/events?domain={HOST}&session_id={VISITOR}&after={}", session["event_seq"]);
        let mut request = world.get(&path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap().error_for_status().unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        SseStream::new(response)
    };
    let mut stream = connect(None).await;
    assert_eq!(stream.next().await.unwrap().name, "heartbeat");
    let id = conversation_of(&world.ask(VISITOR, "Hello?").await);
    let foreign = conversation_of(&world.ask(OTHER, "Hello?").await);
    let mut last = None;
    for text in ["Hello?", "You asked: Hello?"] {
        let event = loop {
            let event = stream.next_event().await.unwrap();
            if event.name == "message" {
                break event;
            }
        };
        assert_eq!(event.json()["data"]["message"]["text"], text);
        last = event.id;
    }
    drop(stream);
    world.reply(foreign, "Not for you").await;
    world.reply(id, "Hi, this is Ana.").await;
    let mut stream = connect(last).await;
    let event = stream.next_event().await.unwrap();
    let message = &event.json()["data"]["message"];
    assert_eq!(message["text"], "Hi, this is Ana.");
    assert_eq!(message["author"], json!({ "kind": "agent", "name": "Ana" }));
    let event = stream.next_event().await.unwrap();
    assert_eq!((event.name.as_str(), &event.json()["data"]["agent"]), ("conversation", &json!("Ana")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_never_was_hears_nothing() {
    let world = World::new().await;
    let path = format!("/api/widget/events?domain={HOST}&session_id=never-seen-before");
    assert_eq!(body(world.get(&path).send().await.unwrap(), 404).await["error"]["code"], "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_a_person_is_one_press() {
    let world = World::new().await;
    let id = conversation_of(&world.ask(VISITOR, "Hello?").await);
    let press = json!({ "domain": HOST, "session_id": VISITOR });
    let standing = body(world.post("/api/widget/handoff", &press).send().await.unwrap(), 200).await;
    assert_eq!(standing, json!({ "conversation_id": id, "status": "open", "ai_state": "silenced" }));
    assert_eq!(world.ask(VISITOR, "Anybody?").await["reply"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_a_person_counts_as_a_message_however_the_domain_is_spelled() {
    let world = World::with(&[("OMNIOPS_LIMIT_CHAT_PER_SESSION", "2")]).await;
    world.ask(VISITOR, "Hello?").await;
    let press = |domain: &str| world.post("/api/widget/handoff", &json!({ "domain": domain, "session_id": VISITOR }));
    assert_eq!(press("SHOP.example").send().await.unwrap().status(), 200);
    let refused = press("https://shop.example").send().await.unwrap();
    assert_eq!(body(refused, 429).await["error"]["code"], "rate_limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_streams_of_one_address_are_refused() {
    let world = World::with(&[("OMNIOPS_LIMIT_STREAMS_PER_IP", "1")]).await;
    let first = world.agents_events(0).await;
    let refused = world.signed(world.get("/api/dashboard/events")).send().await.unwrap();
    assert_eq!(refused.headers()["retry-after"], "10");
    assert_eq!(body(refused, 429).await["error"]["code"], "rate_limited");
    drop(first);
}
