use omniops_openai_stub::{ClosedPort, Ended, Reply, Rule, StubServer, When};
use serde_json::{Value, json};

use crate::support::{after_tool, post, question, server, text};

#[tokio::test]
async fn what_is_not_scripted_fails_and_says_so() {
    let server = server([Reply::text("one")]).await;
    assert_eq!(text(&server, &question("Hi")).await, "one");
    let answer = post(&server, &question("Hi again")).await;
    assert_eq!(answer.status(), 500);
    let message = answer.text().await.unwrap();
    assert!(message.contains("nothing is scripted") && message.contains("Hi again"), "{message}");
    assert_eq!(server.unscripted().len(), 1);
}

#[tokio::test]
async fn rules_are_tried_before_functions_and_functions_before_the_queue() {
    let server = server([Reply::text("queue")]).await;
    server.when(When::any().user_says("order").model("m"), Reply::text("rule"));
    server.rule(Rule::in_turn(When::any().user_says("stock"), [Reply::text("once")]));
    server.answer_with(|request| request.last_user_text().contains("echo").then(|| Reply::text("function")));
    assert_eq!(server.left_over(), 2);
    for (question_asked, expected) in [
        ("my order", "rule"),
        ("echo an order", "rule"),
        ("echo", "function"),
        ("in stock?", "once"),
        ("in stock?", "queue"),
    ] {
        assert_eq!(text(&server, &question(question_asked)).await, expected, "{question_asked}");
    }
    let by: Vec<String> = server.requests().into_iter().map(|request| request.answered_by).collect();
    assert_eq!(by, ["rule 1", "rule 1", "function", "rule 2", "queue"]);
    assert_eq!(server.left_over(), 0);
}

#[tokio::test]
async fn conditions_look_at_the_tools_and_their_results() {
    let server = server([]).await;
    server.when(When::any().tool_result_of("lookup_order").tool_result_says("shipped"), Reply::text("on its way"));
    server.when(When::any().tool_result(true), Reply::text("another result"));
    server.when(When::any().key("sk-test").tool_result(false).anyone_says("Where"), Reply::text("asked"));
    assert_eq!(text(&server, &after_tool("Where?", "lookup_order", "1001 shipped")).await, "on its way");
    assert_eq!(text(&server, &after_tool("Where?", "lookup_order", "1001 on hold")).await, "another result");
    assert_eq!(text(&server, &after_tool("Where?", "search", "shipped")).await, "another result");
    assert_eq!(text(&server, &question("Where?")).await, "asked");
}

#[tokio::test]
async fn steps_follow_the_turn_and_not_the_order_of_arrival() {
    let server = server([]).await;
    server.conversation("tents", [Reply::text("tents, step 0"), Reply::text("tents, step 1")]);
    server.conversation("stoves", [Reply::text("stoves, step 0"), Reply::text("stoves, step 1")]);
    assert_eq!(text(&server, &after_tool("tents", "search", "x")).await, "tents, step 1");
    assert_eq!(text(&server, &question("stoves")).await, "stoves, step 0");
    assert_eq!(text(&server, &question("tents")).await, "tents, step 0");
    assert_eq!(text(&server, &question("tents")).await, "tents, step 0", "asked again, the same");
    assert_eq!(text(&server, &after_tool("stoves", "search", "x")).await, "stoves, step 1");
    let mut third = after_tool("tents", "search", "x");
    let more = after_tool("tents", "search", "x")["messages"].as_array().unwrap()[1..].to_vec();
    third["messages"].as_array_mut().unwrap().extend(more);
    assert_eq!(post(&server, &third).await.status(), 500, "the script has two steps");
}

#[tokio::test]
async fn what_openai_turns_away_is_turned_away_here() {
    let server = server([]).await;
    server.when(When::any(), Reply::text("Yes."));
    let with = |change: fn(&mut Value)| {
        let mut body = after_tool("Hi", "search", "x");
        change(&mut body);
        body
    };
    let tool = json!({"type": "function", "function": {"name": "a", "parameters": {"type": "object"}}});
    assert_eq!(post(&server, &with(|_| {})).await.status(), 200);
    for (wrong, body) in [
        ("no model", with(|body| body["model"] = json!(""))),
        ("no messages", with(|body| body["messages"] = json!([]))),
        ("a call without its result", with(|body| drop(body["messages"].as_array_mut().unwrap().pop()))),
        ("a result without its call", with(|body| drop(body["messages"].as_array_mut().unwrap().remove(1)))),
        ("a result of another call", with(|body| body["messages"][2]["tool_call_id"] = json!("b"))),
        ("an id that is too long", with(|body| body["messages"][1]["tool_calls"][0]["id"] = json!("x".repeat(41)))),
        (
            "arguments that are no text",
            with(|body| {
                body["messages"][1]["tool_calls"][0]["function"]["arguments"] = json!({});
            }),
        ),
        (
            "null from the model",
            with(|body| {
                body["messages"][1] = json!({"role": "assistant", "content": null});
                body["messages"].as_array_mut().unwrap().pop();
            }),
        ),
        ("a choice without tools", with(|body| body["tool_choice"] = json!("auto"))),
        ("no tools in the list", with(|body| body["tools"] = json!([]))),
        (
            "two limits",
            with(|body| {
                body["max_tokens"] = json!(5);
                body["max_completion_tokens"] = json!(5);
            }),
        ),
        ("usage of a stream that is none", with(|body| body["stream"] = json!(false))),
    ] {
        let answer = post(&server, &body).await;
        assert_eq!(answer.status(), 400, "{wrong}");
    }
    let tools = |tools: Value| {
        let mut body = question("Hi");
        body["tools"] = tools;
        body
    };
    assert_eq!(post(&server, &tools(json!([tool]))).await.status(), 200);
    assert_eq!(post(&server, &tools(json!([tool, tool]))).await.status(), 400, "the same name twice");
    let misnamed = json!([{"type": "function", "function": {"name": "look up"}}]);
    assert_eq!(post(&server, &tools(misnamed)).await.status(), 400);
}

#[tokio::test]
async fn a_provider_can_go_down_and_come_back() {
    let server = server([Reply::hang()]).await;
    let body = question("Hi");
    let addr = server.addr();
    let url = format!("{}/chat/completions", server.base_url());
    let hung = tokio::spawn(reqwest::Client::new().post(url).json(&body).send());
    assert_eq!(server.received(1).await.len(), 1);
    assert_eq!(server.stop().await, addr);
    assert!(hung.await.unwrap().is_err(), "connections go down with it");
    let refused = reqwest::get(format!("http://{addr}/v1/models")).await.unwrap_err();
    assert!(refused.is_connect());
    let back = StubServer::start_at(addr).await.unwrap();
    back.script([Reply::text("back")]);
    assert_eq!(text(&back, &body).await, "back");
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let port = ClosedPort::new().unwrap();
    assert!(reqwest::get(format!("{}/models", port.base_url())).await.unwrap_err().is_connect());
}

#[tokio::test]
async fn a_client_that_leaves_is_told_from_one_that_was_answered() {
    let server = server([Reply::text("Yes."), Reply::text("Yes.").then_hang(), Reply::close_without_a_byte()]).await;
    text(&server, &question("Hi")).await;
    assert_eq!(server.ended(1).await, Some(Ended::Answered));
    let first = server.last_request().unwrap();
    assert!(first.received_at <= first.first_piece_at.unwrap() && first.first_piece_at <= first.ended_at);
    drop(post(&server, &question("Hi")).await);
    assert_eq!(server.ended(2).await, Some(Ended::ClientLeft));
    let url = format!("{}/chat/completions", server.base_url());
    assert!(reqwest::Client::new().post(url).json(&question("Hi")).send().await.is_err());
    assert_eq!(server.ended(3).await, Some(Ended::BrokenOff));
}

#[tokio::test]
async fn only_the_required_key_is_let_in() {
    let server = server([Reply::text("Yes.")]).await;
    server.require_key("sk-other");
    server.models(["large", "small"]);
    assert_eq!(post(&server, &question("Hi")).await.status(), 401);
    let models = |key: &'static str| {
        let request = reqwest::Client::new().get(format!("{}/models", server.base_url())).bearer_auth(key);
        async move { request.send().await.unwrap() }
    };
    assert_eq!(models("sk-test").await.status(), 401);
    let listed: Value = models("sk-other").await.json().await.unwrap();
    assert_eq!(listed["data"][1]["id"], "small");
    assert_eq!((server.requests().len(), server.all_requests().len(), server.left_over()), (1, 3, 1));
}
