//! When a person takes over, and that the AI is silent then.

use std::time::Duration;

use omniops_domain::accounts::RequestMeta;
use omniops_domain::{chat, conversations};
use omniops_openai_stub::{Ended, Reply};
use omniops_types::{
    AiState, ConversationPatch, ConversationStatus, EscalationAction, EscalationRule, MessageKind, NewMessage,
};
use uuid::Uuid;

use crate::world::{World, reply};

const SAFE: &str = "What would you like to know?";

#[tokio::test(flavor = "multi_thread")]
async fn the_model_hands_over_with_a_summary_for_the_team_alone() {
    let world = World::new().await;
    world.stub.push(Reply::tool_call(
        "reply",
        serde_json::json!({ "outcome": "escalate", "sources": [], "text": "Wait.", "summary": "Tent torn, wants a repair." }),
    ));
    let said = world.visitor().says("My tent is torn").await;
    assert!(said.response.escalated);
    assert_eq!(said.response.status, ConversationStatus::Open);
    assert!(said.text().contains("a person will answer you here"), "{}", said.text());
    assert!(!said.streamed().contains("Wait."));
    let lines = world.lines(said.conversation).await;
    let note = lines.iter().find(|line| line.starts_with("ai note:")).expect("a note");
    assert!(note.contains("Tent torn, wants a repair.") && note.contains("My tent is torn"), "{note}");
    assert_eq!(world.telemetry().await["outcome"], "escalated");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_escalation_tool_does_the_same() {
    let world = World::new().await;
    world.stub.push(Reply::tool_call("escalate_to_human", serde_json::json!({ "summary": "Wants an invoice." })));
    let said = world.visitor().says("I need an invoice for my company").await;
    assert!(said.response.escalated);
    assert!(world.lines(said.conversation).await.iter().any(|line| line.contains("Wants an invoice.")));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_a_person_gets_one_without_a_model() {
    let world = World::new().await;
    let said = world.visitor().says("I want to talk to a person").await;
    assert!(said.response.escalated);
    assert_eq!(world.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn anger_gets_an_offer_once_and_yes_takes_it() {
    let world = World::new().await;
    let visitor = world.visitor();
    world.stub.script([reply("clarify", &[], SAFE), reply("clarify", &[], SAFE)]);
    let first = visitor.says("This is useless, nothing works").await;
    assert!(first.text().starts_with(SAFE) && first.text().contains("talk to a person"), "{}", first.text());
    assert_eq!(first.streamed(), first.text());
    let second = visitor.says("Still useless").await;
    assert_eq!(second.text(), SAFE, "offered once a conversation");
    assert_eq!(world.receipt(&first).await.offered_because.as_deref(), Some("frustration"));

    let visitor = world.visitor();
    world.stub.push(reply("clarify", &[], SAFE));
    visitor.says("This is useless").await;
    assert!(visitor.says("yes please").await.response.escalated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_of_the_tenant_calls_a_person_before_any_model() {
    let world = World::new().await;
    let mut settings = world.settings().await;
    let rule = |word: &str, action| EscalationRule { words: vec![word.to_owned()], action };
    settings.escalation.rules =
        vec![rule("injured", EscalationAction::Handoff), rule("press", EscalationAction::Offer)];
    world.set(settings).await;
    assert!(world.visitor().says("I was injured by the stove").await.response.escalated);
    assert_eq!(world.requests().len(), 0);
    world.stub.push(reply("clarify", &[], SAFE));
    let offered = world.visitor().says("I write for the press").await;
    assert!(!offered.response.escalated && offered.text().contains("talk to a person"));
}

#[tokio::test(flavor = "multi_thread")]
async fn resolving_needs_the_model_to_say_so_and_a_customer_who_was_answered_and_asks_nothing_more() {
    let world = World::new().await;
    let visitor = world.visitor();
    for said in ["Thanks, that is all settled now", "Is there anything else that I should know?"] {
        world.stub.push(reply("resolve", &[], "Glad that I could help!"));
        assert_eq!(visitor.says(said).await.response.status, ConversationStatus::Pending, "{said}");
        assert_eq!(world.telemetry().await["outcome"], "answered");
    }
    world.stub.push(reply("resolve", &[], "Glad that I could help!"));
    let said = visitor.says("Thanks, that is all settled now").await;
    assert_eq!(said.response.status, ConversationStatus::Resolved);
    assert_eq!(world.telemetry().await["outcome"], "resolved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_takes_over_silences_the_model_in_the_middle_of_its_answer() {
    let world = World::new().await;
    world.stub.push(Reply::text_in(["Let me see. ", "One moment. ", "Here it comes. "]).every(Duration::from_secs(5)));
    let visitor = world.visitor();
    let turn =
        chat::begin(&world.domain, visitor.request("Hello there friend"), &RequestMeta::default()).await.unwrap();
    let conversation = turn.accepted().conversation_id;
    world.stub.received(1).await;
    let patch = ConversationPatch { ai_state: Some(AiState::Silenced), ..ConversationPatch::default() };
    conversations::patch(&world.domain, &world.principal, conversation, patch).await.unwrap();
    let response = turn.response().await.unwrap();
    assert!(response.reply.is_none());
    assert_eq!(world.stub.ended(world.requests()[0].number).await, Some(Ended::ClientLeft), "the call was dropped");
    assert_eq!(world.telemetry().await["outcome"], "dropped");
    assert_eq!(world.open_reservations().await, 0);
    assert!(world.lines(conversation).await.iter().all(|line| !line.starts_with("ai reply")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_answers_first_is_the_only_one() {
    let world = World::new().await;
    world.stub.push(Reply::text("What would you like to know?").after(Duration::from_millis(800)));
    let visitor = world.visitor();
    let turn =
        chat::begin(&world.domain, visitor.request("Hello there friend"), &RequestMeta::default()).await.unwrap();
    let conversation = turn.accepted().conversation_id;
    world.stub.received(1).await;
    let message = NewMessage { kind: MessageKind::Reply, text: "I am here".into(), client_id: Uuid::now_v7() };
    conversations::send(&world.domain, &world.principal, conversation, message).await.unwrap();
    assert!(turn.response().await.unwrap().reply.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_messages_sent_quickly_are_answered_together() {
    let world = World::new().await;
    world.stub.answer_with(|request| {
        let both =
            request.last_user_text().contains("two questions") && request.last_user_text().contains("within what time");
        let reply = Reply::text(if both { "Both of you." } else { "One alone." });
        Some(if both { reply } else { reply.after(Duration::from_secs(20)) })
    });
    let visitor = world.visitor();
    let meta = RequestMeta::default();
    let first = chat::begin(&world.domain, visitor.request("I have two questions"), &meta).await.unwrap();
    world.stub.received(1).await;
    let second = chat::begin(&world.domain, visitor.request("within what time do you answer"), &meta).await.unwrap();
    let (first, second) = (first.response().await.unwrap(), second.response().await.unwrap());
    assert_eq!(first.reply.unwrap().text, "Both of you.");
    assert_eq!(second.reply.unwrap().text, "Both of you.");
    assert_eq!(world.lines(second.conversation_id).await.len(), 3);
    let mut tx = world.domain.database.tenant(world.principal.tenant_id).await.unwrap();
    let rows: Vec<(String, i64)> =
        sqlx::query_as("select outcome, cost_micro_usd from chat_telemetry order by outcome")
            .fetch_all(tx.conn())
            .await
            .unwrap();
    let [(answered, _), (dropped, cost)] = &rows[..] else { panic!("one row a turn: {rows:?}") };
    assert_eq!((answered.as_str(), dropped.as_str()), ("answered", "dropped"));
    assert!(*cost > 0, "what the dropped call may have cost is on the page");
}
