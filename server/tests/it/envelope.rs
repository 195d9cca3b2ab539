//! Every error is the envelope, whoever refuses.

use serde_json::{Value, json};

use crate::support::{World, body};

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_told_in_the_envelope() {
    let world = World::new().await;
    let login = || world.http.post(format!("{}/api/auth/login", world.server.base()));
    let json = |text: &'static str| login().header("content-type", "application/json").body(text);
    for (request, status, code) in [
        (json("{"), 400, "malformed"),
        (json(r#"{"email": "a@b.c", "password": "x"} {}"#), 400, "malformed"),
        (login().body("email=a"), 415, "unsupported_media_type"),
        (json(r#"{"email": "a@b.c"}"#), 422, "invalid_fields"),
        (world.get("/api/auth/login"), 405, "method_not_allowed"),
        (world.get("/api/no/such/address"), 404, "not_found"),
        (world.signed(world.get("/api/conversations/not-an-id")), 400, "malformed"),
        (login().header("content-type", "application/json").body("x".repeat(300 * 1024)), 413, "too_large"),
        (world.get("/api/dashboard/conversations"), 401, "unauthenticated"),
        (world.get("/api/dashboard/conversations").bearer_auth("ok_live_made_up"), 401, "unauthenticated"),
    ] {
        let response = request.send().await.unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let path = response.url().path().to_owned();
        let error = &body(response, status).await["error"];
        assert_eq!(error["code"], code, "{path}: {error}");
        assert_eq!(error["request_id"], json!(id), "{path}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_field_is_named() {
    let world = World::new().await;
    for (sent, field) in [(json!({ "email": "a@b.c" }), "password"), (json!({ "email": 7, "password": "x" }), "email")]
    {
        let error = body(world.post("/api/auth/login", &sent).send().await.unwrap(), 422).await;
        assert!(error["error"]["fields"][field].is_string(), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_request_id_is_kept_unless_it_is_harmful() {
    let world = World::new().await;
    let with = async |id: &str| {
        let response = world.get("/health/live").header("x-request-id", id).send().await.unwrap();
        response.headers()["x-request-id"].to_str().unwrap().to_owned()
    };
    assert_eq!(with("order-4711-retry").await, "order-4711-retry");
    assert_ne!(with("<script>alert(1)</script>").await, "<script>alert(1)</script>");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_may_not_be_framed_or_run() {
    let world = World::new().await;
    let response = world.get("/health/live").send().await.unwrap();
    assert_eq!(response.headers()["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_caller_is_told_how_much_is_left() {
    let world = World::with(&[("OMNIOPS_LIMIT_API_PER_KEY", "2")]).await;
    let list = || world.signed(world.get("/api/dashboard/conversations")).send();
    let first = list().await.unwrap();
    let header = |name: &str| -> Value { first.headers()[name].to_str().unwrap().into() };
    assert_eq!((header("ratelimit-limit"), header("ratelimit-remaining")), (json!("2"), json!("1")));
    list().await.unwrap();
    let third = list().await.unwrap();
    assert!(third.headers().contains_key("retry-after"));
    assert_eq!(body(third, 429).await["error"]["code"], "rate_limited");
}
