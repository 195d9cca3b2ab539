//! Talking to the agent before customers do: it counts as the chat counts, and leaves nothing behind but its cost.

use omniops_domain::{agent, ledger};
use omniops_types::{BudgetSettings, PreviewLine, PreviewReply, PreviewRequest};

use crate::world::{HOST, World, reply};

/// What is answered to `message`, after what was said before: the customer first, then by turns.
pub async fn preview(world: &World, before: &[&str], message: &str) -> PreviewReply {
    let lines = before.iter().enumerate();
    let history = lines.map(|(place, text)| PreviewLine { by_customer: place % 2 == 0, text: (*text).into() });
    let request = PreviewRequest {
        domain: HOST.into(),
        settings: None,
        message: message.into(),
        history: history.collect(),
        verified_email: None,
        locale: None,
    };
    agent::preview(&world.domain, &world.principal, request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_settled_before_an_answer_nor_while_something_is_asked() {
    let world = World::new().await;
    let asked = ["How long can I return goods?", "Within 30 days of delivery."];
    for (before, message, outcome) in [
        (&asked[..0], "Thanks, that is all.", "answer"),
        (&asked[..], "Thanks, and is that so everywhere?", "answer"),
        (&asked[..], "Thanks, that is all.", "resolve"),
    ] {
        world.stub.push(reply("resolve", &[], "You are welcome."));
        let told = preview(&world, before, message).await;
        assert_eq!(told.receipt.outcome.as_deref(), Some(outcome), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_costs_is_in_the_budget_and_in_no_turn() {
    let world = World::new().await;
    world.stub.push(reply("answer", &[], "You can return unused goods within 30 days of delivery."));
    let told = preview(&world, &[], "How long can I return goods?").await;
    assert_eq!(told.receipt.verdict.as_deref(), Some("answered"));
    let budgets = BudgetSettings::default();
    let state = ledger::state(&world.domain, world.principal.tenant_id, &budgets).await.unwrap();
    assert!(told.receipt.cost.micros() > 0);
    assert_eq!((state.day.spent, state.month.spent), (told.receipt.cost, told.receipt.cost));
    let mut tx = world.domain.database.tenant(world.principal.tenant_id).await.unwrap();
    let turns: i64 = sqlx::query_scalar("select count(*) from chat_telemetry").fetch_one(tx.conn()).await.unwrap();
    assert_eq!(turns, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_supports_is_told_as_no_answer() {
    let world = World::new().await;
    world.stub.push(reply("answer", &[], "A submarine costs €9,000.00."));
    let told = preview(&world, &[], "How much is a yellow submarine?").await;
    assert!(!told.text.contains("9,000"), "{}", told.text);
    assert_eq!((told.receipt.verdict.as_deref(), told.receipt.offered), (Some("declined"), true), "{}", told.text);
    assert_eq!(told.sources, []);
}
