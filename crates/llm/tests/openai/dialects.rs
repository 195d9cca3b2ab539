//! Servers that call themselves compatible, each in its own way.

use omniops_llm::{FinishReason, ModelMessage, ModelRequest, OpenAiModel, OutputLimitField, TokenUsage};
use omniops_openai_stub::Reply;
use secrecy::SecretString;
use serde_json::json;

use crate::support::{answered_with, ask, config, model, outcome, server};

#[tokio::test]
async fn azure_begins_with_a_chunk_about_its_filters() {
    let outcome = answered_with(Reply::chunks([
        json!({"choices": [], "created": 0, "id": "", "model": "", "object": "",
            "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {"hate": {"filtered": false}}}]}),
        json!({"choices": [{"content_filter_results": {}, "delta": {"content": "", "refusal": null, "role": "assistant"},
            "finish_reason": null, "index": 0, "logprobs": null}], "usage": null}),
        json!({"choices": [{"content_filter_results": {"hate": {"filtered": false, "severity": "safe"}},
            "delta": {"content": "Yes."}, "finish_reason": null, "index": 0}]}),
        json!({"choices": [{"content_filter_offsets": {"check_offset": 1}, "content_filter_results": {},
            "delta": {}, "finish_reason": "stop", "index": 0}]}),
        json!({"choices": [], "usage": {"completion_tokens": 2, "prompt_tokens": 10, "total_tokens": 12}}),
    ]))
    .await;
    assert_eq!((outcome.text().as_str(), outcome.finish()), ("Yes.", Some(FinishReason::Stop)));
    assert_eq!(outcome.usage(), Some(TokenUsage { input: 10, output: 2, ..TokenUsage::default() }));
}

#[tokio::test]
async fn ollama_sends_whole_calls_that_share_a_number() {
    let call = |id: &str, query: &str| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "system_fingerprint": "fp_ollama", "choices": [{
            "index": 0, "finish_reason": null, "delta": {"role": "assistant", "content": "", "tool_calls": [{
                "index": 0, "id": id, "type": "function",
                "function": {"name": "search_knowledge", "arguments": json!({"query": query}).to_string()}}]}}]})
    };
    let end =
        json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": "stop"}]});
    let outcome = answered_with(Reply::chunks([call("call_a", "tents"), call("call_b", "stoves"), end])).await;
    let calls: Vec<(String, String)> = outcome.calls().into_iter().map(|call| (call.id, call.arguments)).collect();
    assert_eq!(
        calls,
        [
            ("call_a".to_owned(), r#"{"query":"tents"}"#.to_owned()),
            ("call_b".to_owned(), r#"{"query":"stoves"}"#.to_owned())
        ]
    );
    assert_eq!(outcome.finish(), Some(FinishReason::ToolCalls));
}

#[tokio::test]
async fn vllm_thinks_aloud_and_counts_along() {
    let chunk = |delta: serde_json::Value, output: u32| {
        json!({"id": "cmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "qwen",
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": null, "token_ids": null}],
            "usage": {"prompt_tokens": 30, "total_tokens": 30 + output, "completion_tokens": output}})
    };
    let outcome = answered_with(Reply::chunks([
        chunk(json!({"role": "assistant", "content": "", "reasoning_content": null}), 0),
        chunk(json!({"reasoning_content": "Let me see."}), 4),
        chunk(json!({"content": "Yes."}), 6),
        json!({"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "stop", "stop_reason": null}],
            "usage": {"prompt_tokens": 30, "total_tokens": 37, "completion_tokens": 7}}),
    ]))
    .await;
    assert_eq!(outcome.text(), "Yes.");
    assert_eq!(outcome.usage(), Some(TokenUsage { input: 30, output: 7, ..TokenUsage::default() }));
}

#[tokio::test]
async fn a_server_may_leave_out_all_that_is_not_the_answer() {
    let outcome = answered_with(Reply::chunks([
        json!({"choices": [{"delta": {"content": "Yes"}}]}),
        json!({"choices": [{"delta": {"content": "."}, "finish_reason": "stop"}]}),
    ]))
    .await;
    assert_eq!((outcome.text().as_str(), outcome.finish()), ("Yes.", Some(FinishReason::Stop)));
}

#[tokio::test]
async fn lines_may_end_as_on_windows_and_heartbeats_say_nothing() {
    let stream = ": PROCESSING\r\n\r\nevent: message\r\nid: 1\r\ndata:{\"choices\":[{\"delta\":{\"content\":\"Yes.\"}}]}\r\n\r\n\
        : PROCESSING\r\n\r\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]";
    let outcome = answered_with(Reply::raw(stream)).await;
    assert_eq!((outcome.text().as_str(), outcome.finish()), ("Yes.", Some(FinishReason::Stop)));
}

#[tokio::test]
async fn a_server_that_does_not_stream_answers_all_at_once() {
    let completion = json!({"id": "1", "object": "chat.completion", "choices": [{"index": 0, "finish_reason": "tool_calls",
        "message": {"role": "assistant", "content": "One moment.", "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "search_knowledge", "arguments": "{}"}},
            {"id": "b", "type": "function", "function": {"name": "search_knowledge", "arguments": {"query": "tent"}}}]}}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}});
    let reply = Reply::raw(completion.to_string()).header("content-type", "application/json; charset=utf-8");
    let outcome = answered_with(reply).await;
    assert_eq!(outcome.text(), "One moment.");
    let calls: Vec<(String, String)> = outcome.calls().into_iter().map(|call| (call.id, call.arguments)).collect();
    assert_eq!(calls, [("a".to_owned(), "{}".to_owned()), ("b".to_owned(), r#"{"query":"tent"}"#.to_owned())]);
    assert_eq!(outcome.finish(), Some(FinishReason::ToolCalls));
    assert_eq!(outcome.usage(), Some(TokenUsage { input: 5, output: 6, ..TokenUsage::default() }));
}

#[tokio::test]
async fn an_id_that_had_to_be_made_up_serves_for_the_tools_answer() {
    let server = server([
        Reply::chunks([json!({"choices": [{"delta": {"tool_calls": [
            {"function": {"name": "search_knowledge", "arguments": "{\"query\":"}},
            {"function": {"arguments": "\"tent\"}"}},
            {"function": {"name": "reply", "arguments": "{}"}},
        ]}, "finish_reason": "tool_calls"}]})]),
        Reply::text("Yes."),
    ])
    .await;
    let model = model(&server);
    let mut request = ask("Do you have tents?");
    let calls = outcome(&model, request.clone()).await.calls();
    assert_eq!(calls.iter().map(|call| call.arguments.as_str()).collect::<Vec<_>>(), [r#"{"query":"tent"}"#, "{}"]);
    let results =
        calls.iter().map(|call| ModelMessage::Tool { call_id: call.id.clone(), text: "[1] Tarn 2".to_owned() });
    let results: Vec<ModelMessage> = results.collect();
    request.messages.push(ModelMessage::Assistant { text: String::new(), tool_calls: calls });
    request.messages.extend(results);
    // The server refuses ids that are empty, too long, used twice or answered by nobody.
    assert_eq!(outcome(&model, request).await.text(), "Yes.");
}

#[tokio::test]
async fn the_field_of_the_limit_and_the_wish_for_figures_can_be_set_for_a_provider() {
    let server = server([Reply::text("Yes."), Reply::text("Yes.")]).await;
    let mut settings = config(&server.base_url());
    settings.output_limit = OutputLimitField::MaxCompletionTokens;
    settings.ask_usage = false;
    outcome(&OpenAiModel::new(settings).unwrap(), ask("Hi")).await;
    let body = server.last_request().unwrap().body;
    assert_eq!(body["max_completion_tokens"], 500);
    assert_eq!((body.get("max_tokens"), body.get("stream_options")), (None, None));

    outcome(&model(&server), ModelRequest { model: "openai/o3-mini".to_owned(), ..ask("Hi") }).await;
    assert_eq!(server.last_request().unwrap().body["max_completion_tokens"], 500);
}

#[tokio::test]
async fn a_provider_without_keys_gets_none() {
    let server = server([Reply::text("Yes.")]).await;
    let mut settings = config(&server.base_url());
    settings.api_key = SecretString::from(String::new());
    outcome(&OpenAiModel::new(settings).unwrap(), ask("Hi")).await;
    assert_eq!(server.last_request().unwrap().headers.get("authorization"), None);
}
