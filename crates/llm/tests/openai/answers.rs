//! What a provider answers when all goes well, or as well as a model does.

use futures::StreamExt;
use omniops_llm::{ChatModel, FinishReason, ModelEvent, ModelMessage, ModelRequest, TokenUsage, ToolCall, ToolChoice};
use omniops_openai_stub::{Reply, Usage};
use serde_json::{Value, json};

use crate::support::{KEY, answered_with, ask, model, outcome, server, user};

#[tokio::test]
async fn text_comes_in_the_pieces_that_it_was_sent_in() {
    let usage = Usage { prompt_tokens: 40, completion_tokens: 3, ..Usage::default() };
    let outcome = answered_with(Reply::text_in(["On ", "its ", "way."]).usage(usage)).await;
    assert_eq!(
        outcome.events,
        [
            ModelEvent::Text("On ".to_owned()),
            ModelEvent::Text("its ".to_owned()),
            ModelEvent::Text("way.".to_owned()),
            ModelEvent::Usage(TokenUsage { input: 40, output: 3, ..TokenUsage::default() }),
            ModelEvent::Finished(FinishReason::Stop),
        ]
    );
}

#[tokio::test]
async fn a_piece_is_handed_out_while_the_provider_still_writes() {
    let server = server([Reply::text("On its way.").then_hang()]).await;
    let mut stream = model(&server).stream(ask("Where is my parcel?")).await.unwrap();
    assert_eq!(stream.next().await, Some(Ok(ModelEvent::Text("On its way.".to_owned()))));
}

#[tokio::test]
async fn a_call_in_many_pieces_becomes_one_call() {
    let arguments = json!({"outcome": "answer", "sources": [1, 2], "text": "It costs €12 — “fine”, isn't it? 🎒"});
    let outcome = answered_with(Reply::tool_call("reply", arguments.clone()).in_pieces(12)).await;
    let calls = outcome.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].name, "reply");
    assert_eq!(serde_json::from_str::<Value>(&calls[0].arguments).unwrap(), arguments);
    assert_eq!(outcome.finish(), Some(FinishReason::ToolCalls));
    let fragments = outcome.events.iter().filter(|event| matches!(event, ModelEvent::ToolArguments { .. }));
    assert_eq!(fragments.count(), 12);
}

#[tokio::test]
async fn parallel_calls_and_text_before_them_keep_their_places() {
    let reply = Reply::text("Let me look.")
        .then_tool_call("search_knowledge", json!({"query": "returns"}))
        .in_pieces(3)
        .then_tool_call("lookup_order", json!({"number": "1001"}))
        .in_pieces(2);
    let outcome = answered_with(reply).await;
    assert_eq!(outcome.text(), "Let me look.");
    assert_eq!(
        outcome.calls(),
        [
            ToolCall {
                id: "call_1_0".to_owned(),
                name: "search_knowledge".to_owned(),
                arguments: r#"{"query":"returns"}"#.to_owned()
            },
            ToolCall {
                id: "call_1_1".to_owned(),
                name: "lookup_order".to_owned(),
                arguments: r#"{"number":"1001"}"#.to_owned()
            },
        ]
    );
}

#[tokio::test]
async fn usage_tells_cached_and_reasoning_tokens_and_may_be_missing() {
    let usage = Usage { prompt_tokens: 900, cached_tokens: 768, completion_tokens: 120, reasoning_tokens: 64 };
    let told = answered_with(Reply::text("Yes.").usage(usage)).await;
    assert_eq!(told.usage(), Some(TokenUsage { input: 900, cached_input: 768, output: 120, reasoning: 64 }));
    let untold = answered_with(Reply::text("Yes.").without_usage()).await;
    assert_eq!((untold.usage(), untold.finish()), (None, Some(FinishReason::Stop)));
}

#[tokio::test]
async fn the_reason_why_the_model_stopped_is_told() {
    for (reason, expected) in [
        ("stop", FinishReason::Stop),
        ("length", FinishReason::Length),
        ("content_filter", FinishReason::ContentFilter),
        ("end_turn", FinishReason::Other),
    ] {
        let outcome = answered_with(Reply::text("It is").finish(reason)).await;
        assert_eq!((outcome.text().as_str(), outcome.finish()), ("It is", Some(expected)));
    }
}

#[tokio::test]
async fn an_empty_answer_is_finished_and_empty() {
    let outcome = answered_with(Reply::empty().without_usage()).await;
    assert_eq!(outcome.events, [ModelEvent::Finished(FinishReason::Stop)]);
}

#[tokio::test]
async fn what_a_model_calls_is_handed_on_as_it_wrote_it() {
    let malformed = answered_with(Reply::tool_call_raw("reply", r#"{"outcome": "answer", "text": "#)).await;
    assert_eq!(malformed.calls()[0].arguments, r#"{"outcome": "answer", "text": "#);
    assert_eq!(malformed.error, None);
    let unknown = answered_with(Reply::tool_call("transfer_money", json!({}))).await;
    assert_eq!(unknown.calls()[0].name, "transfer_money");
}

#[tokio::test]
async fn what_a_model_thinks_is_not_what_it_says() {
    let outcome = answered_with(Reply::text("Yes.").after_reasoning("The customer is rude. I should …")).await;
    assert_eq!(outcome.text(), "Yes.");
}

#[tokio::test]
async fn the_provider_gets_the_key_the_tools_and_the_limit() {
    let server = server([Reply::text("Yes.")]).await;
    let request = ModelRequest { tool_choice: ToolChoice::Required, temperature: Some(0.5), ..ask("Is it in stock?") };
    outcome(&model(&server), request).await;
    let received = server.last_request().unwrap();
    assert_eq!(received.bearer(), Some(KEY));
    assert_eq!(received.path, "/v1/chat/completions");
    assert_eq!(received.model(), "stub-model");
    assert_eq!(received.last_user_text(), "Is it in stock?");
    assert_eq!(received.system_text(), "You answer for a shop.");
    assert_eq!(received.tool_names(), ["search_knowledge", "reply"]);
    assert_eq!(received.body["tool_choice"], "required");
    assert_eq!(received.body["max_tokens"], 500, "an unknown host knows the older field");
    assert_eq!(received.body["temperature"], 0.5);
    assert_eq!(received.body["stream_options"]["include_usage"], true);
}

#[tokio::test]
async fn a_turn_with_a_tool_goes_to_the_provider_and_back() {
    let server = server([]).await;
    let answer = json!({"outcome": "answer", "sources": [1], "text": "30 days."});
    server.conversation(
        "send it back",
        [
            Reply::tool_call("search_knowledge", json!({"query": "returns"})),
            Reply::tool_call("reply", answer.clone()).in_pieces(5),
        ],
    );
    let model = model(&server);
    let mut request = ask("Until when can I send it back?");
    let first = outcome(&model, request.clone()).await.calls();
    request.messages.push(ModelMessage::Assistant { text: String::new(), tool_calls: first.clone() });
    request.messages.push(ModelMessage::Tool { call_id: first[0].id.clone(), text: "[1] 30 days".to_owned() });
    let second = outcome(&model, request.clone()).await;
    assert_eq!(serde_json::from_str::<Value>(&second.calls()[0].arguments).unwrap(), answer);
    let told = server.last_request().unwrap().tool_results();
    assert_eq!(told, [("search_knowledge".to_owned(), "[1] 30 days".to_owned())]);
    assert_eq!(server.unscripted(), []);

    // The conversation goes on after it.
    request.messages.push(ModelMessage::Assistant { text: "30 days.".to_owned(), tool_calls: Vec::new() });
    request.messages.push(user("So when must I send it back?"));
    assert_eq!(outcome(&model, request).await.calls()[0].name, "search_knowledge");
}
