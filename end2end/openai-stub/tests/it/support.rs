use omniops_openai_stub::{Reply, StubServer};
use reqwest::Response;
use serde_json::{Value, json};

pub async fn server(replies: impl IntoIterator<Item = Reply>) -> StubServer {
    let server = StubServer::start().await.unwrap();
    server.script(replies);
    server
}

/// A streamed question.
pub fn question(text: &str) -> Value {
    json!({"model": "m", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": text}]})
}

/// The same conversation after the model called this tool and got its result.
pub fn after_tool(text: &str, tool: &str, result: &str) -> Value {
    let mut body = question(text);
    body["messages"] = json!([
        {"role": "user", "content": text},
        {"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": tool, "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "a", "content": result},
    ]);
    body
}

pub async fn post(server: &StubServer, body: &Value) -> Response {
    let url = format!("{}/chat/completions", server.base_url());
    reqwest::Client::new().post(url).bearer_auth("sk-test").json(body).send().await.unwrap()
}

/// The data of the events; `[DONE]` is the last one's.
pub fn data(stream: &str) -> Vec<&str> {
    stream.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect()
}

/// The text that a streamed question is answered with.
pub async fn text(server: &StubServer, body: &Value) -> String {
    let answer = post(server, body).await;
    assert_eq!(answer.status(), 200);
    let stream = answer.text().await.unwrap();
    let chunks = data(&stream).into_iter().filter_map(|data| serde_json::from_str::<Value>(data).ok());
    chunks.filter_map(|chunk| Some(chunk.pointer("/choices/0/delta/content")?.as_str()?.to_owned())).collect()
}
