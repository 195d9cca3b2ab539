//! What the model says reaches the customer only as far as something supports it.

use omniops_openai_stub::{Reply, When};
use omniops_types::ConversationStatus;
use serde_json::json;

use crate::world::{MODEL, World, number_of, reply};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_streams_with_its_sources_and_leaves_a_receipt() {
    let world = World::new().await;
    world.stub.answer_with(|request| {
        let shipping = number_of(request, "/shipping");
        Some(reply(
            "answer",
            &[shipping],
            &format!("Shipping to Austria costs €6.90 [{shipping}]. It takes 3 to 4 working days [{shipping}]."),
        ))
    });
    let said = world.visitor().says("What does shipping to Austria cost?").await;
    assert_eq!(said.text(), "Shipping to Austria costs €6.90 [1]. It takes 3 to 4 working days [1].");
    assert_eq!(said.streamed(), said.text());
    assert!(said.deltas.len() >= 2, "a delta for each sentence: {:?}", said.deltas);
    assert_eq!(said.pages(), ["shipping"]);
    assert!(said.reply().sources[0].quote.contains("Standard shipping to Austria costs €6.90"));

    let receipt = world.receipt(&said).await;
    assert_eq!((receipt.model.as_str(), receipt.outcome.as_deref()), (MODEL, Some("answer")));
    assert_eq!((receipt.prompt_version, receipt.prompt_hash.len()), (2, 64));
    assert_eq!(receipt.calls.len(), 1);
    assert!(receipt.cost.micros() > 0 && receipt.calls[0].usage_known);
    assert!(receipt.claims.iter().all(|claim| claim.passed) && !receipt.claims.is_empty());
    assert_eq!(receipt.passages.iter().filter(|passage| passage.cited).count(), 1);
    let row = world.telemetry().await;
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["cost_micro_usd"], json!(receipt.cost.micros()));
    assert_eq!(world.open_reservations().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_text_is_an_answer_too_and_gets_the_source_that_supports_it() {
    let world = World::new().await;
    world.stub.push(Reply::text("You can return unused goods within 30 days of delivery.").in_words());
    let said = world.visitor().says("How long can I return goods?").await;
    assert_eq!(said.text(), "You can return unused goods within 30 days of delivery. [1]");
    assert_eq!(said.pages(), ["returns"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invented_price_is_never_shown() {
    let world = World::new().await;
    world.stub.answer_with(|request| {
        let tarn = number_of(request, "/tarn");
        Some(reply(
            "answer",
            &[tarn],
            &format!("The Tarn 2 weighs 1.9 kg [{tarn}]. Today it costs only €299.00 [{tarn}]."),
        ))
    });
    let said = world.visitor().says("What does the Tarn 2 tent cost and weigh?").await;
    assert_eq!(said.text(), "The Tarn 2 weighs 1.9 kg [1].");
    assert!(!said.streamed().contains("299"), "it was streamed: {}", said.streamed());
    let receipt = world.receipt(&said).await;
    let removed: Vec<_> = receipt.claims.iter().filter(|claim| !claim.passed).collect();
    assert!(removed.len() == 1 && removed[0].sentence.contains("299"), "{removed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nothing_is_supported_a_person_is_offered_and_the_second_time_called() {
    let world = World::new().await;
    for _ in 0..2 {
        world.stub.push(reply("answer", &[], "We give you 50 % off until 3 March 2027."));
    }
    let visitor = world.visitor();
    let first = visitor.says("Is there a discount on tents?").await;
    assert!(!first.text().contains("50") && first.text().contains("person"), "{}", first.text());
    assert!(first.pages().is_empty() && !first.response.escalated);
    assert_eq!(world.telemetry().await["outcome"], "declined");
    let second = visitor.says("But is there a discount on boots?").await;
    assert!(second.response.escalated);
    assert_eq!(second.response.status, ConversationStatus::Open);
    assert_eq!(world.telemetry().await["outcome"], "escalated");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_model_gets_wrong_and_a_page_answers_is_quoted() {
    let world = World::new().await;
    world.stub.push(reply("answer", &[], "Shipping to Austria costs €9.90."));
    let said = world.visitor().says("What does standard shipping to Austria cost?").await;
    assert!(said.text().contains("Standard shipping to Austria costs €6.90"), "{}", said.text());
    assert!(!said.streamed().contains("9.90"));
    assert_eq!(said.pages(), ["shipping"]);
    let receipt = world.receipt(&said).await;
    assert_eq!((receipt.fallback.as_deref(), receipt.error_code.as_deref()), (Some("extractive"), None));
    assert!(!receipt.offered && receipt.claims.iter().any(|claim| !claim.passed));
    let row = world.telemetry().await;
    assert_eq!((&row["outcome"], &row["fallback"]), (&json!("answered"), &json!("extractive")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_does_not_support_its_opposite() {
    let world = World::new().await;
    world.stub.answer_with(|request| {
        let shipping = number_of(request, "/shipping");
        Some(reply("answer", &[shipping], &format!("Yes, we ship to Norway [{shipping}].")))
    });
    let said = world.visitor().says("Do you ship to Norway?").await;
    assert!(
        !said.streamed().contains("we ship to Norway") && !said.text().contains("we ship to Norway"),
        "{}",
        said.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn text_of_a_page_is_data_and_cannot_close_its_fence() {
    let world = World::new().await;
    world.stub.push(reply("clarify", &[], "What would you like to know about gift vouchers?"));
    let said = world.visitor().says("Tell me stories about gift vouchers").await;
    assert_eq!(said.text(), "What would you like to know about gift vouchers?");
    assert_eq!(world.telemetry().await["outcome"], "clarified");
    let request = &world.requests()[0];
    let sent = request.last_user_text();
    assert!(sent.contains("developer mode"), "the page is among the sources");
    assert!(!sent.contains("<<<END SOURCE 1>>> You"), "the page closed its own fence:\n{sent}");
    assert!(!request.system_text().contains("developer mode"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_searches_again_and_cites_what_it_finds() {
    let world = World::new().await;
    world.stub.when(
        When::any().tool_result(false),
        Reply::tool_call("search_knowledge", json!({ "query": "refund the price within days" })),
    );
    world.stub.answer_with(|request| {
        let (_, found) = request.tool_results().pop()?;
        assert!(found.contains("We refund the price within 5 days"), "{found}");
        let returns = number_of(request, "/returns");
        Some(reply("answer", &[returns], &format!("We refund the price within 5 days [{returns}].")))
    });
    let said = world.visitor().says("Hello, a question about my money").await;
    assert_eq!(said.text(), "We refund the price within 5 days [1].");
    assert_eq!(said.pages(), ["returns"]);
    let row = world.telemetry().await;
    assert_eq!((&row["steps"], &row["searches"]), (&json!(2), &json!(2)));
    assert_eq!(row["tool_calls"][0]["name"], "search_knowledge");
}
