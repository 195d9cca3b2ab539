//! The AI agent over HTTP: its settings, a try before they are saved, and the receipts of its answers.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::isolation::functions::{cookie, member};
use crate::support::{HOST, World, body, conversation_of};

const SETTINGS: &str = "/api/settings/agent";
const VISITOR: &str = "session-of-the-first-visitor";

fn put(world: &World, update: &Value) -> RequestBuilder {
    world.signed(world.http.put(format!("{}{SETTINGS}", world.server.base())).json(update))
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_read_replaced_and_not_overwritten_by_who_read_others() {
    let world = World::new().await;
    let read = async || body(world.signed(world.get(SETTINGS)).send().await.unwrap(), 200).await;
    let first = read().await;
    assert_eq!(first["settings"]["persona"]["tone"], "friendly");
    assert_eq!(first["in_force"]["mode"], "extractive");

    let update =
        json!({ "settings": { "persona": { "name": "Fern", "tone": "formal" } }, "version": first["version"] });
    let second = body(put(&world, &update).send().await.unwrap(), 200).await;
    assert_eq!(second["settings"]["persona"]["name"], "Fern");
    assert_eq!(read().await, second);

    let stale = body(put(&world, &update).send().await.unwrap(), 409).await;
    assert_eq!(stale["error"]["code"], "conflict");
    assert_eq!(read().await, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_acceptable_is_named_with_dots() {
    let world = World::new().await;
    let settings = json!({ "model": { "temperature": 9.0 }, "budgets": { "fallback_percent": 0 } });
    let refused = body(put(&world, &json!({ "settings": settings })).send().await.unwrap(), 422).await;
    let fields: Vec<&str> = refused["error"]["fields"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["budgets.fallback_percent", "model.temperature"]);
}

/// Settings are replaced whole: a limit with a misspelt name would otherwise be no limit.
#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_setting_is_refused_and_nothing_is_changed() {
    let world = World::new().await;
    let settings = json!({ "budgets": { "dayly": 5_000_000 }, "persona": { "name": "Fern" } });
    let refused = body(put(&world, &json!({ "settings": settings })).send().await.unwrap(), 422).await;
    assert_eq!(refused["error"]["code"], "invalid_fields");
    assert_eq!(refused["error"]["fields"], json!({ "settings.budgets.dayly": "is not known here" }));
    let kept = body(world.signed(world.get(SETTINGS)).send().await.unwrap(), 200).await;
    assert_eq!(kept["settings"]["persona"]["name"], Value::Null);

    let trial = json!({ "domain": HOST, "message": "Do you ship to Austria?", "settings": { "persoan": {} } });
    let refused = world.signed(world.post(&format!("{SETTINGS}/preview"), &trial)).send().await.unwrap();
    assert_eq!(body(refused, 422).await["error"]["fields"], json!({ "settings.persoan": "is not known here" }));

    let thresholds = json!({ "settings": { "eror_percent": 5.0 } });
    let url = format!("{}/api/settings/alerts", world.server.base());
    let refused = world.signed(world.http.put(url).json(&thresholds)).send().await.unwrap();
    assert_eq!(body(refused, 422).await["error"]["fields"], json!({ "settings.eror_percent": "is not known here" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn trials_have_one_allowance_a_tenant_by_either_door() {
    let world = World::with(&[("OMNIOPS_LIMIT_TRIALS_PER_TENANT", "2")]).await;
    let trial = json!({ "domain": HOST, "message": "Do you ship to Austria?" });
    let preview = || world.signed(world.post(&format!("{SETTINGS}/preview"), &trial)).send();
    let answered = body(preview().await.unwrap(), 200).await;
    assert!(!answered["text"].as_str().unwrap().is_empty());

    let session = cookie(&world, &member(&world, "shop").await).await;
    let by_page = || {
        let request = world.post("/rpc/agent/preview", &json!({ "trial": trial }));
        request.header("cookie", &session).header("origin", world.server.base()).send()
    };
    body(by_page().await.unwrap(), 200).await;

    assert_eq!(body(preview().await.unwrap(), 429).await["error"]["code"], "rate_limited");
    let refused = by_page().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    // Reading costs nothing and stays open.
    body(world.signed(world.get(SETTINGS)).send().await.unwrap(), 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_a_receipt_and_can_be_replayed_and_a_question_has_none() {
    let world = World::new().await;
    let answer = world.ask(VISITOR, "Do you ship to Austria?").await;
    let conversation = conversation_of(&answer);
    let path = |message: &Value, what: &str| {
        format!("/api/conversations/{conversation}/messages/{}/{what}", message.as_str().unwrap())
    };
    let said = &answer["reply"]["id"];
    let receipt = body(world.signed(world.get(&path(said, "receipt"))).send().await.unwrap(), 200).await;
    assert_eq!(receipt["cost"], 0);
    assert!(receipt["total_ms"].as_i64().unwrap() >= 0);

    let replay = world.signed(world.post(&path(said, "replay"), &json!({})));
    let replay = body(replay.send().await.unwrap(), 200).await;
    assert_eq!(replay["text_then"], answer["reply"]["text"]);
    assert_eq!(replay["now"], Value::Null, "the model was not to be asked");

    let asked = &answer["message_id"];
    let none = body(world.signed(world.get(&path(asked, "receipt"))).send().await.unwrap(), 404).await;
    assert_eq!(none["error"]["code"], "not_found");
}
