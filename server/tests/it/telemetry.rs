//! Figures, the rows behind them, alerts and thumbs over HTTP.

use omniops_domain::accounts::{self, NewApiKey};
use omniops_domain::{Actor, Principal, telemetry};
use omniops_types::Permission;
use serde_json::{Value, json};

use crate::support::{HOST, World, body};

const VISITOR: &str = "session-of-the-first-visitor";

/// A key that may see figures and nothing else.
async fn analysts_key(world: &World) -> String {
    let principal = Principal { tenant_id: world.tenant, actor: Actor::CommandLine };
    let scopes = vec![Permission::AnalyticsRead];
    let new = NewApiKey { name: "figures".to_owned(), scopes, expires_at: None };
    accounts::create_api_key(&world.domain, &principal, new).await.unwrap().key
}

async fn get(world: &World, key: &str, path: &str) -> Value {
    body(world.get(path).bearer_auth(key).send().await.unwrap(), 200).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_is_in_the_figures_in_the_rows_and_in_both_files() {
    let world = World::new().await;
    let answer = world.ask(VISITOR, "Do you ship to Austria?").await;
    let thumb = json!({ "domain": HOST, "session_id": VISITOR, "message_id": answer["reply"]["id"], "rating": "up" });
    assert_eq!(world.post("/api/widget/feedback", &thumb).send().await.unwrap().status(), 204);
    telemetry::roll_up(&world.domain).await.unwrap();
    let key = analysts_key(&world).await;

    let report = get(&world, &key, "/api/dashboard/telemetry").await;
    assert_eq!((&report["figures"]["turns"], &report["figures"]["thumbs_up"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(report["freshness"]["is_stale"], json!(false));
    assert_eq!(report["domains"][0]["host"], json!(HOST));
    let rows = get(&world, &key, "/api/dashboard/telemetry/turns?rating=up&limit=5").await;
    assert_eq!(rows["items"][0]["conversation_id"], answer["conversation_id"]);
    assert_eq!(rows["items"].as_array().unwrap().len(), 1);
    for (path, lines) in [
        ("/api/dashboard/telemetry?format=csv&granularity=day", None),
        ("/api/dashboard/telemetry/turns?format=csv", Some(2)),
        ("/api/dashboard/telemetry/turns?format=csv&rating=down", Some(1)),
    ] {
        let response = world.get(path).bearer_auth(&key).send().await.unwrap().error_for_status().unwrap();
        assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
        assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let text = response.text().await.unwrap();
        assert!(lines.is_none_or(|lines| text.lines().count() == lines), "{text}");
    }
    assert_eq!(get(&world, &key, "/api/dashboard/alerts?open=true").await["items"], json!([]));
}

/// The world's own key has no business with figures.
#[tokio::test(flavor = "multi_thread")]
async fn figures_are_for_those_who_may_see_them_and_wrong_questions_are_told() {
    let world = World::new().await;
    for path in ["/api/dashboard/telemetry", "/api/dashboard/telemetry/turns", "/api/dashboard/alerts"] {
        assert_eq!(world.get(path).send().await.unwrap().status(), 401, "{path}");
        let refused = world.signed(world.get(path)).send().await.unwrap();
        assert_eq!(body(refused, 403).await["error"]["code"], "forbidden", "{path}");
    }
    let key = analysts_key(&world).await;
    for (query, status) in [
        ("domain=nowhere.example", 404),
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", 422),
        ("from=2020-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", 422),
        ("from=2026-01-01T00:00:00Z&to=2026-03-31T00:00:00Z&granularity=15m", 422),
        ("granularity=fortnight", 400),
        ("from=yesterday", 400),
        ("weekday=1", 400),
        ("limit=5", 400),
    ] {
        let path = format!("/api/dashboard/telemetry?{query}");
        let answer = world.get(&path).bearer_auth(&key).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{query}");
    }
    for (query, status, told) in [
        ("hour=24", 422, "hour"),
        ("weekday=9", 422, "weekday"),
        ("limit=0", 422, "limit"),
        ("format=csv&limit=0", 422, "limit"),
        ("format=csv&cursor=AAAA", 422, "cursor"),
        ("outcome=splendid", 400, "`outcome`"),
        ("otcome=failed", 400, "`otcome`"),
    ] {
        let path = format!("/api/dashboard/telemetry/turns?{query}");
        let refused = body(world.get(&path).bearer_auth(&key).send().await.unwrap(), status).await;
        let error = &refused["error"];
        assert_eq!(error["code"], if status == 422 { "invalid_fields" } else { "malformed" }, "{query}");
        let by_name = error["fields"][told].is_string() || error["message"].as_str().unwrap().contains(told);
        assert!(by_name, "{query}: {error}");
    }
}
