//! The same for server functions. Their arguments are described nowhere, so one object with every argument that any of
//! them takes goes to all.

use leptos::server_fn::axum::server_fn_paths;
use omniops_domain::accounts::{self, NewMember};
use omniops_domain::{Actor, Principal, tenants};
use omniops_types::Role;
use reqwest::RequestBuilder;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{HOST, Uuid, Walk, World, read};

/// They begin and end sessions.
const PUBLIC: [&str; 2] = ["/rpc/auth/login", "/rpc/auth/logout"];
const PASSWORD: &str = "correct horse battery";

fn arguments(walk: &Walk) -> Value {
    json!({
        "id": walk.conversation,
        "tenant_id": walk.world.tenant,
        "filter": { "view": "all" },
        "cursor": null,
        "limit": 50,
        "before": 1000,
        "patch": { "status": "resolved" },
        "message": { "kind": "reply", "text": "words", "client_id": Uuid::now_v7() },
        "seq": 1,
        "typing": true,
        "message_id": walk.answer,
        "with_model": false,
        "update": { "settings": {} },
        "shown": { "period": "Day", "domain": HOST, "model": null },
        "query": { "domain": HOST },
        "trial": { "domain": HOST, "message": "words" },
        "domain": HOST,
        "store": { "domain": HOST, "kind": "woocommerce", "base_url": "https://store.example" },
        "key": { "domain": HOST },
        "kid": walk.identity_key,
    })
}

/// As JSON, and as the form that functions without a codec of their own take.
fn requests(walk: &Walk, path: &str) -> [RequestBuilder; 2] {
    let url = format!("{}{path}", walk.world.server.base());
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", "ana@shop.example"), ("password", "wrong password")])
        .append_pair("tenant_id", &walk.world.tenant.to_string())
        .finish();
    [
        walk.world.http.post(&url).json(&arguments(walk)),
        walk.world.http.post(&url).header("content-type", "application/x-www-form-urlencoded").body(form),
    ]
    .map(|request| request.header("accept", "application/json").header("origin", walk.world.server.base()))
}

/// Makes a member with a password and gives the way to begin sessions: each call gets its own, because one of the
/// functions ends it.
pub(crate) async fn member(world: &World, tenant_slug: &str) -> String {
    let tenant = tenants::find(&world.domain, tenant_slug).await.unwrap();
    let principal = Principal { tenant_id: tenant.id, actor: Actor::CommandLine };
    let email = format!("owner@{tenant_slug}.example");
    let new = NewMember {
        email: email.clone(),
        name: "Owner".to_owned(),
        role: Role::Owner,
        password: SecretString::from(PASSWORD),
    };
    accounts::create_user(&world.domain, &principal, new).await.unwrap();
    email
}

pub(crate) async fn cookie(world: &World, email: &str) -> String {
    let request = omniops_types::LoginRequest { email: email.to_owned(), password: PASSWORD.to_owned() };
    let session = accounts::login(&world.domain, request, &accounts::RequestMeta::default()).await.unwrap();
    format!("omniops_session={}", session.token)
}

/// Refused before the function ran: the body is of another encoding, or arguments are missing.
fn is_unreadable(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|error| error["code"] == "malformed")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_server_function_gives_a_stranger_anything() {
    let walk = Walk::prepare().await;
    let stranger = member(&walk.world, "other").await;
    let before = walk.as_a_sees_it().await;
    let paths: Vec<&str> = server_fn_paths().map(|(path, _)| path).collect();
    assert!(paths.len() >= 10, "only {} server functions were found", paths.len());
    for path in paths {
        for request in requests(&walk, path) {
            let session = cookie(&walk.world, &stranger).await;
            let as_b = request.try_clone().unwrap().header("cookie", session).send().await.unwrap();
            walk.assert_nothing_of_a(path, as_b).await;
            let as_nobody = request.send().await.unwrap();
            let status = as_nobody.status();
            let text = read(as_nobody).await;
            if !PUBLIC.contains(&path) {
                assert_eq!(status, 401, "{path} answered somebody who did not sign in: {text}");
            }
        }
    }
    assert_eq!(walk.as_a_sees_it().await, before, "a stranger changed something of tenant A's");
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_cannot_be_read_are_told_in_our_words() {
    let world = World::new().await;
    let owner = member(&world, "shop").await;
    let mut refused = 0;
    for (path, _) in server_fn_paths() {
        let request = world.post(path, &json!([7])).header("cookie", cookie(&world, &owner).await);
        let response = request.header("origin", world.server.base()).send().await.unwrap();
        let (status, id) = (response.status(), response.headers()["x-request-id"].to_str().unwrap().to_owned());
        let error = response.json::<Value>().await.unwrap_or_default();
        assert!(!status.is_server_error(), "{path}: {error}");
        if status == 400 {
            refused += 1;
            assert_eq!((&error["code"], &error["request_id"]), (&json!("malformed"), &json!(id)), "{path}");
            assert_eq!(error["message"], "the arguments are not those that this function takes", "{path}");
        }
    }
    assert!(refused >= 8, "only {refused} functions refused a list as their arguments");
    let login = world.post("/rpc/auth/login", &json!({})).send().await.unwrap();
    assert_eq!(login.status(), 400);
}

/// The walk is worth something only if its arguments are right: one of the two encodings must be readable.
#[tokio::test(flavor = "multi_thread")]
async fn the_walks_arguments_can_be_read() {
    let walk = Walk::prepare().await;
    let owner = member(&walk.world, "shop").await;
    for (path, _) in server_fn_paths() {
        let mut answers = Vec::new();
        for request in requests(&walk, path) {
            let session = cookie(&walk.world, &owner).await;
            answers.push(read(request.header("cookie", session).send().await.unwrap()).await);
        }
        assert!(!answers.iter().all(|text| is_unreadable(text)), "teach the walk the arguments of {path}: {answers:?}");
    }
}
