use std::process::Stdio;

use omniops_openai_stub::{Answers, Script, StubServer};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::support::{after_tool, post, question, server, text};

fn example() -> Value {
    serde_json::from_str(include_str!("../../examples/returns.json")).unwrap()
}

#[tokio::test]
async fn the_example_is_a_script_and_plays() {
    let script: Script = serde_json::from_value(example()).unwrap();
    let written: Script = serde_json::from_value(json!(script)).unwrap();
    assert_eq!(written, script, "what is shown can be sent back");
    assert!(matches!(&script.rules[0].answers, Answers::Steps(steps) if steps.len() == 2));

    let server = server([]).await;
    server.load(script);
    let first = post(&server, &question("May I send it back?")).await.text().await.unwrap();
    assert!(first.contains("search_knowledge"), "{first}");
    let second = post(&server, &after_tool("May I send it back?", "search_knowledge", "30 days")).await;
    let second = second.text().await.unwrap();
    assert!(second.contains("Within 30 days.") && second.contains("\"cached_tokens\":768"), "{second}");
}

#[tokio::test]
async fn a_script_is_put_and_requests_are_read_over_http() {
    let server = server([]).await;
    let client = reqwest::Client::new();
    let at = |path: &str| format!("http://{}{path}", server.addr());
    let put = |body: Value| client.put(at("/_script")).json(&body).send();
    assert_eq!(put(json!({"queue": [{"parts": [{"text": "one"}]}]})).await.unwrap().status(), 200);
    let more = json!({"queue": [{"parts": [{"text": ["t", "wo"]}]}]});
    assert_eq!(client.post(at("/_script")).json(&more).send().await.unwrap().status(), 200);
    assert_eq!(text(&server, &question("Hi")).await, "one");
    let left: Value = client.get(at("/_script")).send().await.unwrap().json().await.unwrap();
    assert_eq!(left["queue"][0]["parts"][0]["text"], json!(["t", "wo"]));
    assert_eq!(text(&server, &question("Hi again")).await, "two");

    let requests: Value = client.get(at("/_requests")).send().await.unwrap().json().await.unwrap();
    assert_eq!(requests.as_array().map(Vec::len), Some(2));
    assert_eq!(requests[1]["headers"]["authorization"], "Bearer sk-test");
    assert_eq!(requests[1]["body"]["messages"][0]["content"], "Hi again");
    assert_eq!(client.delete(at("/_requests")).send().await.unwrap().status(), 200);
    let requests: Value = client.get(at("/_requests")).send().await.unwrap().json().await.unwrap();
    assert_eq!(requests, json!([]));
}

#[tokio::test]
async fn a_script_with_a_mistake_is_refused_with_the_reason() {
    let server = server([]).await;
    let client = reqwest::Client::new();
    for (wrong, part) in [
        (json!({"queue": [{"prats": []}]}), "prats"),
        (json!({"rules": [{"when": {"user_say": "a"}, "reply": {}}]}), "user_say"),
        (json!({"queue": [{"end": "cutt"}]}), "cutt"),
    ] {
        let answer = client.put(format!("http://{}/_script", server.addr())).json(&wrong).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        let message = answer.text().await.unwrap();
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn the_program_serves_a_script_from_a_file() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/returns.json");
    let mut program = Command::new(env!("CARGO_BIN_EXE_openai-stub"))
        .args(["--addr", "127.0.0.1:0", "--script", file, "--key", "sk-test"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let line = BufReader::new(program.stdout.take().unwrap()).lines().next_line().await.unwrap().unwrap();
    let base_url = line.strip_prefix("listening on ").unwrap();
    let mut body = question("Sum it up.");
    body["model"] = json!("small");
    let ask = |key: &'static str| {
        reqwest::Client::new().post(format!("{base_url}/chat/completions")).bearer_auth(key).json(&body).send()
    };
    assert_eq!(ask("sk-wrong").await.unwrap().status(), 401);
    assert!(ask("sk-test").await.unwrap().text().await.unwrap().contains("A summary."));
    program.kill().await.unwrap();
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let server = server([]).await;
    assert!(StubServer::start_at(server.addr()).await.is_err());
}
