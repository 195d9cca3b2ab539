//! Whatever the provider does, the customer gets one coherent message.

use std::time::Duration;

use omniops_openai_stub::{ClosedPort, Reply, StubServer, When};
use omniops_types::{AgentSettings, ToolStatus};
use serde_json::json;

use crate::world::{FALLBACK, MODEL, Said, World, reply};

const QUESTION: &str = "How long can I return goods?";
const ANSWER: &str = "You can return unused goods within 30 days of delivery. [1]";

fn good() -> Reply {
    Reply::text("You can return unused goods within 30 days of delivery.").in_words()
}

/// The answer without a model: the page's own words.
fn assert_is_quoted(said: &Said) {
    assert!(said.text().contains("You can return unused goods within 30 days of delivery"), "{}", said.text());
    assert_eq!(said.pages(), ["returns"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_once_more() {
    for failure in [
        Reply::server_error(),
        Reply::unavailable(),
        Reply::rate_limited(),
        Reply::rate_limited_for(1),
        Reply::close_without_a_byte(),
        Reply::text("You can return unused goods within 99 ye").in_words().cut(),
    ] {
        let world = World::new().await;
        world.stub.script([failure.clone(), good()]);
        let said = world.visitor().says(QUESTION).await;
        assert_eq!(said.text(), ANSWER, "after {failure:?}");
        assert_eq!(
            world.requests().iter().map(|request| request.model().to_owned()).collect::<Vec<_>>(),
            [MODEL, MODEL]
        );
        let row = world.telemetry().await;
        assert_eq!((&row["outcome"], &row["fallback"]), (&json!("answered"), &json!("none")), "after {failure:?}");
        assert_eq!(world.open_reservations().await, 0, "after {failure:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_goes_to_the_fallback_model() {
    for failure in [
        Reply::status(400),
        Reply::empty(),
        Reply::repeating("We are happy to help you with that today. "),
        Reply::rate_limited_for(600),
        Reply::text("x").finish("content_filter"),
    ] {
        let world = World::new().await;
        world.stub.when(When::any().model(MODEL), failure.clone());
        world.stub.when(When::any().model(FALLBACK), good());
        let said = world.visitor().says(QUESTION).await;
        assert_eq!(said.text(), ANSWER, "after {failure:?}");
        assert_eq!(world.telemetry().await["fallback"], "fallback_model");
        assert_eq!(world.telemetry().await["model"], FALLBACK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_model_answers_are_quoted() {
    for (failure, code) in [
        (Reply::unauthorized(), "provider_unauthorized"),
        (Reply::server_error(), "provider_unavailable"),
        (Reply::empty(), "empty_answer"),
    ] {
        let world = World::new().await;
        world.stub.when(When::any(), failure.clone());
        let said = world.visitor().says(QUESTION).await;
        assert_is_quoted(&said);
        let row = world.telemetry().await;
        assert_eq!(row["fallback"], "extractive", "after {failure:?}");
        assert_eq!(row["error_code"], code, "after {failure:?}");
        let model = row["model"].as_str().unwrap();
        assert!([MODEL, FALLBACK].contains(&model), "failure and cost are the model's, not {model}'s: {failure:?}");
        assert_eq!(world.open_reservations().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_there_is_not_waited_for() {
    let closed = ClosedPort::new().unwrap();
    let stub = StubServer::start().await.unwrap();
    let world = World::at(stub, AgentSettings::default(), &closed.base_url()).await;
    assert_is_quoted(&world.visitor().says(QUESTION).await);
    let row = world.telemetry().await;
    assert_eq!((&row["error_code"], &row["cost_micro_usd"]), (&json!("provider_unavailable"), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_were_shown_and_taken_back_are_replaced_whole() {
    let world = World::new().await;
    world.stub.script([Reply::text("Happy to help with that! Goods can be ret").in_words().cut(), good()]);
    let said = world.visitor().says(QUESTION).await;
    assert_eq!(said.streamed(), "Happy to help with that!", "the second try is silent");
    assert_eq!(said.text(), ANSWER);
    assert_eq!(world.lines(said.conversation).await.len(), 2, "one question, one answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_or_unknown_tool_call_is_told_to_the_model() {
    let world = World::new().await;
    world.stub.script([
        Reply::tool_call_raw("search_knowledge", "{\"query\": \"ret"),
        Reply::tool_call("functions.delete_everything", json!({})),
        reply("answer", &[], "You can return unused goods within 30 days of delivery."),
    ]);
    let said = world.visitor().says(QUESTION).await;
    assert_eq!(said.text(), ANSWER);
    let requests = world.requests();
    assert!(requests[1].tool_results()[0].1.contains("not a JSON object"), "{:?}", requests[1].tool_results());
    assert!(requests[2].tool_results().last().unwrap().1.contains("no such tool"));
    assert_eq!(requests[2].tool_results().last().unwrap().0, "delete_everything", "as a provider takes it back");
    let calls = said.tools.iter().filter(|(_, status)| *status == ToolStatus::Failed).count();
    assert_eq!(calls, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_never_ends_is_made_to_reply() {
    let world = World::new().await;
    world.stub.when(
        When::any().offers_tool("search_knowledge"),
        Reply::tool_call("search_knowledge", json!({ "query": "returns" })),
    );
    world.stub.when(When::any(), reply("answer", &[], "You can return unused goods within 30 days of delivery."));
    let said = world.visitor().says(QUESTION).await;
    assert_eq!(said.text(), ANSWER);
    let requests = world.requests();
    assert_eq!(requests.len(), 6);
    assert_eq!(requests[5].tool_names(), ["reply"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_megabytes_are_not_read() {
    let world = World::new().await;
    world.stub.when(When::any().model(MODEL), Reply::flood(10 * 1024 * 1024));
    world.stub.when(When::any().model(FALLBACK), good());
    assert_eq!(world.visitor().says(QUESTION).await.text(), ANSWER);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_failures_nobody_waits_for_the_provider() {
    let world = World::new().await;
    world.stub.when(When::any(), Reply::unauthorized());
    assert_is_quoted(&world.visitor().says(QUESTION).await);
    let asked = world.requests().len();
    assert_is_quoted(&world.visitor().says(QUESTION).await);
    assert_eq!(world.requests().len(), asked, "the breaker is open");
    assert_eq!(world.telemetry().await["error_code"], "provider_breaker_open");
    assert_eq!(world.providers().await, [(true, Some("provider_unauthorized".to_owned()))], "the team is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_key_ends_what_was_said_of_the_wrong_one() {
    let world = World::new().await;
    world.stub.require_key("sk-the-right-one");
    world.stub.when(When::any(), good());
    assert_is_quoted(&world.visitor().says(QUESTION).await);
    assert!(world.providers().await[0].0, "the team is told");
    world.set_with_key(world.settings().await, "sk-the-right-one").await;
    assert_eq!(world.visitor().says(QUESTION).await.text(), ANSWER);
    assert_eq!(world.providers().await, [(false, None)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_tokens_are_all_heard() {
    let world = World::new().await;
    let pieces = ["You can return unused goods ", "within 30 days ", "of delivery."];
    world.stub.push(Reply::text_in(pieces).every(Duration::from_millis(1_000)));
    assert_eq!(world.visitor().says(QUESTION).await.text(), ANSWER);
}
