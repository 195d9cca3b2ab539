//! What a turn may cost, and what is done when that is gone.

use omniops_domain::ledger;
use omniops_openai_stub::{Reply, Usage};
use omniops_types::{AgentSettings, BudgetSettings, BudgetStage, MicroUsd};
use serde_json::json;

use crate::world::{FALLBACK, MODEL, World, reply};

const QUESTION: &str = "How long can I return goods?";

fn good() -> Reply {
    reply("answer", &[], "You can return unused goods within 30 days of delivery.")
}

async fn with_budget(daily: i64) -> World {
    let budgets = BudgetSettings { daily: Some(MicroUsd(daily)), ..BudgetSettings::default() };
    World::with(AgentSettings { budgets, ..AgentSettings::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_in_the_budget_answers_are_quoted_and_nobody_is_frightened() {
    let world = with_budget(1).await;
    let said = world.visitor().says(QUESTION).await;
    assert!(said.text().contains("within 30 days of delivery"), "{}", said.text());
    for word in ["budget", "cost", "limit", "sorry"] {
        assert!(!said.text().to_lowercase().contains(word), "{}", said.text());
    }
    assert_eq!(world.requests().len(), 0, "nothing was asked");
    let row = world.telemetry().await;
    assert_eq!((&row["error_code"], &row["fallback"]), (&json!("budget_day"), &json!("extractive")));
}

#[tokio::test(flavor = "multi_thread")]
async fn near_its_end_the_cheaper_model_answers_and_then_none() {
    // The price of models that nobody priced: $30 and $120 for a million tokens.
    let world = with_budget(4_000_000).await;
    let spend = |tokens: u32| good().usage(Usage { prompt_tokens: tokens, ..Usage::default() });
    world.stub.script([spend(121_000), good(), spend(20_000)]);
    let visitor = world.visitor();
    visitor.says(QUESTION).await;
    assert_eq!(world.requests().last().unwrap().model(), MODEL);
    let budgets = world.settings().await.budgets;
    let state = ledger::state(&world.domain, world.principal.tenant_id, &budgets).await.unwrap();
    assert_eq!(state.stage, BudgetStage::Fallback);
    visitor.says(QUESTION).await;
    assert_eq!(world.requests().last().unwrap().model(), FALLBACK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_price_is_counted_and_told() {
    let world = World::new().await;
    world.stub.push(good());
    let said = world.visitor().says(QUESTION).await;
    let receipt = world.receipt(&said).await;
    assert!(!receipt.calls[0].price_known && receipt.cost.micros() > 0);
    assert_eq!(world.telemetry().await["price_known"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_that_is_never_told_is_charged_at_most_and_marked() {
    let world = World::new().await;
    world.stub.push(good().without_usage());
    let said = world.visitor().says(QUESTION).await;
    let call = world.receipt(&said).await.calls.remove(0);
    assert!(!call.usage_known && call.cost.micros() > 0);
    let state = ledger::state(&world.domain, world.principal.tenant_id, &BudgetSettings::default()).await.unwrap();
    assert_eq!(state.day.unconfirmed, call.cost);
    assert_eq!(world.open_reservations().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_has_a_budget_of_its_own() {
    let budgets = BudgetSettings { per_conversation: Some(MicroUsd(1_200_000)), ..BudgetSettings::default() };
    let world = World::with(AgentSettings { budgets, ..AgentSettings::default() }).await;
    world.stub.script([good().usage(Usage { prompt_tokens: 35_000, ..Usage::default() }), good()]);
    let visitor = world.visitor();
    visitor.says(QUESTION).await;
    visitor.says(QUESTION).await;
    assert_eq!(world.telemetry().await["error_code"], "budget_conversation");
    world.visitor().says(QUESTION).await;
    assert_eq!(world.requests().len(), 2, "another conversation has its own");
}
