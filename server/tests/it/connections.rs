//! `/api/settings/store` and `/api/settings/identity-keys` over HTTP, and what a token that a shop signed does in a chat.

use chrono::Utc;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use omniops_woocommerce_stub::{CONSUMER_KEY, CONSUMER_SECRET, Store, Stub};
use serde_json::{Value, json};

use crate::support::{HOST, World, body, message};

const STORE: &str = "/api/settings/store";
const KEYS: &str = "/api/settings/identity-keys";

fn of_domain(path: &str) -> String {
    format!("{path}?domain={HOST}")
}

fn connection(base_url: &str, secret: &str) -> Value {
    json!({ "domain": HOST, "kind": "woocommerce", "base_url": base_url, "consumer_key": CONSUMER_KEY,
        "consumer_secret": secret })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_connected_checked_and_disconnected() {
    let stub = Stub::start(Store::recorded()).await.unwrap();
    let world = World::new().await;
    let none = body(world.signed(world.get(&of_domain(STORE))).send().await.unwrap(), 200).await;
    assert_eq!(none, json!({ "connection": null }));
    let check = || async { world.signed(world.post(&of_domain("/api/settings/store/check"), &json!({}))).send().await };
    assert_eq!(body(check().await.unwrap(), 404).await["error"]["code"], "not_found");

    let wrong = connection(&stub.url(), "cs_wrong");
    body(world.signed(world.put(STORE, &wrong)).send().await.unwrap(), 200).await;
    let refused = body(check().await.unwrap(), 200).await;
    assert_eq!(refused, json!({ "result": "fails", "problem": "keys_refused" }));

    let right = connection(&stub.url(), CONSUMER_SECRET);
    let saved = body(world.signed(world.put(STORE, &right)).send().await.unwrap(), 200).await;
    let (shown, kept) = (saved.to_string(), &saved["connection"]);
    assert_eq!((&kept["kind"], &kept["base_url"]), (&json!("woocommerce"), &json!(stub.url())));
    assert!(!shown.contains(CONSUMER_KEY) && !shown.contains(CONSUMER_SECRET), "{shown}");
    assert!(CONSUMER_KEY.ends_with(kept["key_hint"].as_str().unwrap().trim_start_matches('…')), "{shown}");
    let works = body(check().await.unwrap(), 200).await;
    assert_eq!((&works["result"], &works["currency"]), (&json!("works"), &json!("EUR")));

    let gone = world.signed(world.http.delete(format!("{}{}", world.server.base(), of_domain(STORE)))).send().await;
    assert_eq!(gone.unwrap().status(), 204);
    assert_eq!(body(check().await.unwrap(), 404).await["error"]["code"], "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_connection_is_told_by_its_fields() {
    let world = World::new().await;
    let with = |field: &str, value: Value| {
        let mut connection = connection("https://store.example", CONSUMER_SECRET);
        connection[field] = value;
        connection
    };
    for (change, status, field) in [
        (with("consumer_key", json!("sk_wrong")), 422, "consumer_key"),
        (with("consumer_secret", Value::Null), 422, "consumer_secret"),
        (with("base_url", json!("ftp://store.example")), 422, "base_url"),
        (with("base_url", json!("http://10.0.0.1")), 422, "base_url"),
        (with("keys", json!(1)), 422, "keys"),
    ] {
        let error = body(world.signed(world.put(STORE, &change)).send().await.unwrap(), status).await;
        assert!(error["error"]["fields"][field].is_string(), "{field}: {error}");
    }
    let strange = with("domain", json!("other.example"));
    body(world.signed(world.put(STORE, &strange)).send().await.unwrap(), 404).await;
    body(world.signed(world.put(STORE, &with("domain", json!("shop\0")))).send().await.unwrap(), 404).await;
}

async fn issue(world: &World, rotate: bool, status: u16) -> Value {
    let request = world.post(KEYS, &json!({ "domain": HOST, "rotate": rotate }));
    body(world.signed(request).send().await.unwrap(), status).await
}

async fn kids(world: &World) -> Vec<String> {
    let listed = body(world.signed(world.get(&of_domain(KEYS))).send().await.unwrap(), 200).await;
    listed["items"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_keys_are_made_rotated_and_ended() {
    let world = World::new().await;
    let kid = |issued: &Value| issued["kid"].as_str().unwrap().to_owned();
    let (first, second) = (kid(&issue(&world, false, 200).await), kid(&issue(&world, false, 200).await));
    assert_eq!(kids(&world).await, [first.clone(), second.clone()]);
    assert_eq!(issue(&world, false, 409).await["error"]["code"], "conflict");
    let third = kid(&issue(&world, true, 200).await);
    assert_eq!(kids(&world).await, [second.clone(), third.clone()]);
    for (end, status) in [(&second, 204), (&first, 404)] {
        let url = format!("{}{}", world.server.base(), of_domain(&format!("{KEYS}/{end}")));
        assert_eq!(world.signed(world.http.delete(url)).send().await.unwrap().status(), status);
    }
    assert_eq!(kids(&world).await, [third]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_told_and_a_forged_one_refused() {
    let world = World::new().await;
    let key = issue(&world, false, 200).await;
    let token = |from_now: i64| {
        let now = Utc::now().timestamp();
        let claims = json!({ "sub": "customer-42", "email": "mia@customer.example", "name": "Mia Berg",
            "iat": now + from_now - 600, "exp": now + from_now });
        let header = Header { kid: key["kid"].as_str().map(str::to_owned), ..Header::new(Algorithm::HS256) };
        let secret = EncodingKey::from_secret(key["secret"].as_str().unwrap().as_bytes());
        jsonwebtoken::encode(&header, &claims, &secret).unwrap()
    };
    let send = |session: &'static str, token: String| {
        let mut message = message(session, "Where is my order?");
        message["identity_token"] = json!(token);
        world.post("/api/chat", &message).send()
    };
    let known = send("session-of-a-known-visitor", token(300)).await.unwrap();
    assert!(!known.headers().contains_key("omniops-identity"));
    body(known, 200).await;

    let expired = send("session-of-a-late-visitor", token(-300)).await.unwrap();
    assert_eq!(expired.headers()["omniops-identity"], "expired");
    body(expired, 200).await;

    let forged = send("session-of-a-forger", format!("{}x", token(300))).await.unwrap();
    assert!(body(forged, 422).await["error"]["fields"]["identity_token"].is_string());
}
