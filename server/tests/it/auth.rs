//! Log-in over HTTP: the cookie, its limits, and who may use it from where.

use omniops_domain::accounts::{self, NewApiKey, NewMember};
use omniops_domain::{Actor, Principal};
use omniops_types::{Permission, Role};
use reqwest::Response;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::{World, body};

const EMAIL: &str = "ben@shop.example";
const PASSWORD: &str = "correct horse battery";

async fn world_with_ben() -> World {
    let world = World::new().await;
    let principal = Principal { tenant_id: world.tenant, actor: Actor::CommandLine };
    let ben = NewMember {
        email: EMAIL.to_owned(),
        name: "Ben".to_owned(),
        role: Role::Analyst,
        password: SecretString::from(PASSWORD),
    };
    accounts::create_user(&world.domain, &principal, ben).await.unwrap();
    world
}

fn credentials(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

/// The cookie as a browser would send it back.
fn cookie_of(response: &Response) -> String {
    let set = response.headers()["set-cookie"].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_is_known_and_logs_out() {
    let world = world_with_ben().await;
    let response = world.post("/api/auth/login", &credentials(" Ben@Shop.example ", PASSWORD)).send().await.unwrap();
    let set = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["omniops_session=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=259"] {
        assert!(set.contains(attribute), "{attribute} is missing in {set}");
    }
    let cookie = cookie_of(&response);
    let me = body(response, 200).await;
    assert_eq!((&me["name"], &me["current"]["role"]), (&json!("Ben"), &json!("analyst")));

    let again = world.get("/api/auth/me").header("cookie", &cookie).send().await.unwrap();
    assert_eq!(body(again, 200).await, me);

    let out = world.post("/api/auth/logout", &json!({})).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(out.status(), 204);
    assert!(out.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    let gone = world.get("/api/auth/me").header("cookie", &cookie).send().await.unwrap();
    assert_eq!(body(gone, 401).await["error"]["code"], "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sixth_wrong_password_of_a_minute_is_told_to_wait_even_if_it_is_right() {
    let world = world_with_ben().await;
    for _ in 0..5 {
        let refused = world.post("/api/auth/login", &credentials(EMAIL, "wrong password")).send().await.unwrap();
        assert_eq!(body(refused, 401).await["error"]["code"], "invalid_credentials");
    }
    let limited = world.post("/api/auth/login", &credentials(EMAIL, PASSWORD)).send().await.unwrap();
    let seconds: u32 = limited.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    let error = body(limited, 429).await;
    assert_eq!((&error["error"]["code"], &error["error"]["retry_after"]), (&json!("rate_limited"), &json!(seconds)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_and_a_wrong_password_cannot_be_told_apart() {
    let world = world_with_ben().await;
    let mut answers = Vec::new();
    for email in [EMAIL, "nobody@shop.example", "no address at all"] {
        let refused = world.post("/api/auth/login", &credentials(email, "wrong password")).send().await.unwrap();
        let mut answer = body(refused, 401).await;
        answer["error"]["request_id"] = Value::Null;
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_page_cannot_act_with_the_cookie() {
    let world = world_with_ben().await;
    let response = world.post("/api/auth/login", &credentials(EMAIL, PASSWORD)).send().await.unwrap();
    let cookie = cookie_of(&response);
    let logout = || world.post("/api/auth/logout", &json!({})).header("cookie", &cookie);

    let foreign = logout().header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(body(foreign, 403).await["error"]["code"], "origin_not_allowed");
    let foreign = logout().header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(body(foreign, 403).await["error"]["code"], "origin_not_allowed");
    let rpc = world.post("/rpc/auth/logout", &json!({})).header("cookie", &cookie);
    let foreign = rpc.header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(body(foreign, 403).await["error"]["code"], "origin_not_allowed");

    let still = world.get("/api/auth/me").header("cookie", &cookie).send().await.unwrap();
    assert_eq!(still.status(), 200);
    let own = logout().header("origin", world.server.base()).send().await.unwrap();
    assert_eq!(own.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_cannot_log_a_browser_in() {
    let world = world_with_ben().await;
    let login = world.post("/api/auth/login", &credentials(EMAIL, PASSWORD));
    let foreign = login.header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(body(foreign, 403).await["error"]["code"], "origin_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_what_its_scopes_say_until_it_is_revoked() {
    let world = World::new().await;
    let principal = Principal { tenant_id: world.tenant, actor: Actor::CommandLine };
    let new = NewApiKey { name: "reader".to_owned(), scopes: vec![Permission::ConversationsRead], expires_at: None };
    let issued = accounts::create_api_key(&world.domain, &principal, new).await.unwrap();
    let list = || world.get("/api/dashboard/conversations").bearer_auth(&issued.key).send();
    let settings = || world.get("/api/dashboard/config?domain=shop.example").bearer_auth(&issued.key).send();

    assert_eq!(list().await.unwrap().status(), 200);
    assert_eq!(body(settings().await.unwrap(), 403).await["error"]["code"], "forbidden");
    let keys = accounts::list_api_keys(&world.domain, &principal).await.unwrap();
    let reader = keys.iter().find(|key| key.id == issued.id).unwrap();
    assert!(reader.last_used_at.is_some());
    assert!(issued.key.starts_with(&reader.prefix) && reader.prefix.len() < 20);

    accounts::revoke_api_key(&world.domain, &principal, issued.id).await.unwrap();
    assert_eq!(body(list().await.unwrap(), 401).await["error"]["code"], "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_may_not_do_what_it_does_not_hold() {
    let world = world_with_ben().await;
    let response = world.post("/api/auth/login", &credentials(EMAIL, PASSWORD)).send().await.unwrap();
    let cookie = cookie_of(&response);
    let request = world.get("/api/dashboard/config?domain=shop.example").header("cookie", cookie);
    assert_eq!(body(request.send().await.unwrap(), 403).await["error"]["code"], "forbidden");
}
