use async_openai::types::chat::{CreateChatCompletionResponse, CreateChatCompletionStreamResponse, FinishReason};
use omniops_openai_stub::{Ended, Reply, Usage};
use serde_json::json;

use crate::support::{data, post, question, server};

#[tokio::test]
async fn a_streamed_answer_is_what_openais_own_types_read() {
    let usage = Usage { prompt_tokens: 9, cached_tokens: 4, completion_tokens: 7, reasoning_tokens: 2 };
    let reply = Reply::text_in(["Let ", "me see."]).then_tool_call("search", json!({"q": "tent"})).in_pieces(3);
    let server = server([reply.usage(usage)]).await;
    let answer = post(&server, &question("Tents?")).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let stream = answer.text().await.unwrap();
    let mut events = data(&stream);
    assert_eq!(events.pop(), Some("[DONE]"));
    let chunks: Vec<CreateChatCompletionStreamResponse> =
        events.into_iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    let deltas = || chunks.iter().flat_map(|chunk| &chunk.choices).map(|choice| &choice.delta);
    assert_eq!(deltas().filter_map(|delta| delta.content.clone()).collect::<Vec<_>>(), ["", "Let ", "me see."]);
    let calls: Vec<_> = deltas().filter_map(|delta| delta.tool_calls.as_ref()).flatten().collect();
    assert_eq!(calls[0].id.as_deref(), Some("call_1_0"));
    assert!(calls[1..].iter().all(|call| call.index == 0 && call.id.is_none()));
    let arguments = calls.iter().filter_map(|call| call.function.as_ref()?.arguments.clone()).collect::<String>();
    assert_eq!(arguments, r#"{"q":"tent"}"#);
    let reasons: Vec<_> = chunks.iter().flat_map(|chunk| &chunk.choices).filter_map(|c| c.finish_reason).collect();
    assert_eq!(reasons, [FinishReason::ToolCalls]);
    let told = chunks.last().and_then(|chunk| chunk.usage.clone()).unwrap();
    assert_eq!((told.prompt_tokens, told.completion_tokens, told.total_tokens), (9, 7, 16));
    assert_eq!(told.prompt_tokens_details.unwrap().cached_tokens, Some(4));
    assert_eq!(told.completion_tokens_details.unwrap().reasoning_tokens, Some(2));
}

#[tokio::test]
async fn usage_is_told_when_it_is_asked_for() {
    let server = server([Reply::text("Yes."), Reply::text("Yes.")]).await;
    let asked = post(&server, &question("Hi")).await.text().await.unwrap();
    assert!(asked.contains("\"prompt_tokens\""));
    let mut body = question("Hi");
    body.as_object_mut().unwrap().remove("stream_options");
    let unasked = post(&server, &body).await.text().await.unwrap();
    assert!(!unasked.contains("\"prompt_tokens\""));
}

#[tokio::test]
async fn a_request_that_does_not_stream_gets_one_object() {
    let reply = Reply::text("Let me see.").then_tool_call("search", json!({"q": "tent"})).in_pieces(3);
    let server = server([reply, Reply::text("Yes.").cut()]).await;
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "Tents?"}]});
    let answer: CreateChatCompletionResponse = post(&server, &body).await.json().await.unwrap();
    let choice = &answer.choices[0];
    assert_eq!(choice.message.content.as_deref(), Some("Let me see."));
    assert_eq!(choice.message.tool_calls.as_ref().map(Vec::len), Some(1));
    assert_eq!(choice.finish_reason, Some(FinishReason::ToolCalls));
    assert!(answer.usage.is_some_and(|usage| usage.completion_tokens > 0));

    assert!(post(&server, &body).await.text().await.is_err(), "the body breaks off");
}

#[tokio::test]
async fn a_cut_body_brings_its_pieces_and_then_breaks() {
    let server = server([Reply::text_in(["One ", "two "]).cut()]).await;
    let mut answer = post(&server, &question("Hi")).await;
    let mut read = String::new();
    let end = loop {
        match answer.chunk().await {
            Ok(Some(piece)) => read.push_str(&String::from_utf8_lossy(&piece)),
            end => break end,
        }
    };
    assert!(end.is_err(), "no proper end");
    assert!(read.contains("two "), "{read}");
    assert_eq!(server.ended(1).await, Some(Ended::BrokenOff));
}

#[tokio::test]
async fn errors_are_worded_as_openai_words_them() {
    let server = server([Reply::rate_limited_for(7), Reply::status(503).body(json!("<html>"))]).await;
    let limited = post(&server, &question("Hi")).await;
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &"7".parse().unwrap()));
    let body: serde_json::Value = limited.json().await.unwrap();
    assert_eq!(body["error"]["code"], "rate_limit_exceeded");
    let page = post(&server, &question("Hi")).await;
    assert_eq!((page.status().as_u16(), page.text().await.unwrap().as_str()), (503, "<html>"));
}
