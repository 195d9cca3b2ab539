//! What an agent does and takes back at once.

use std::time::Duration;

use omniops_domain::accounts::RequestMeta;
use omniops_domain::conversations;
use omniops_domain::widget::{self, VisitorFilter};
use omniops_types::{
    AiState, Conversation, ConversationFilter, ConversationId, ConversationPatch, ConversationStatus, ConversationView,
    SessionRequest, SessionResponse, VisitorEvent,
};

use crate::support::{HOST, World};

const VISITOR: &str = "session-of-the-first-visitor";
const OTHER: &str = "session-of-another-visitor";

async fn panel(world: &World) -> SessionResponse {
    let request =
        SessionRequest { domain: HOST.to_owned(), session_id: Some(VISITOR.to_owned()), page_url: None, locale: None };
    widget::session(&world.domain, request, &RequestMeta::default()).await.unwrap()
}

async fn set_status(world: &World, id: ConversationId, status: ConversationStatus) {
    let patch = ConversationPatch { status: Some(status), ..Default::default() };
    conversations::patch(&world.domain, &world.ana, id, patch).await.unwrap();
}

async fn list(world: &World) -> Vec<Conversation> {
    let all = ConversationFilter { view: ConversationView::All, status: None, assignee: None };
    let rows = conversations::list(&world.domain, &world.ana, all, None, 100).await.unwrap().items;
    // The version counts writes, which there were.
    rows.into_iter().map(|row| Conversation { version: 0, ..row }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn resolving_taken_back_leaves_the_customer_and_the_list_with_what_was_there() {
    let world = World::new().await;
    let id = world.ask(VISITOR, "Do you ship to Austria?").await.conversation_id;
    world.reply(&world.ana, id, "We do.").await;
    world.ask(OTHER, "A newer conversation").await;
    let (before, listed) = (panel(&world).await, list(&world).await);
    let visitor = widget::visitor(&world.domain, HOST, VISITOR, &RequestMeta::default()).await.unwrap();
    let (filter, mut live) = VisitorFilter::subscribe(&world.domain, &visitor, Some(before.event_seq)).await.unwrap();

    set_status(&world, id, ConversationStatus::Resolved).await;
    assert_eq!(list(&world).await[1].id, id, "resolving moved the conversation");
    set_status(&world, id, ConversationStatus::Open).await;

    let mut told = Vec::new();
    while told.len() < 2 {
        let item = tokio::time::timeout(Duration::from_secs(20), live.next()).await.unwrap().unwrap();
        told.extend(filter.translate(&item));
    }
    let statuses: Vec<_> = told
        .iter()
        .map(|(_, event)| match event {
            VisitorEvent::Conversation { status, .. } => *status,
            VisitorEvent::Message { .. } | VisitorEvent::Typing { .. } => panic!("a line that stays: {event:?}"),
        })
        .collect();
    assert_eq!(statuses, [ConversationStatus::Resolved, ConversationStatus::Open]);

    let after = panel(&world).await;
    assert_eq!((&after.transcript, after.status, after.unread), (&before.transcript, before.status, before.unread));
    assert_eq!(list(&world).await, listed);
    let events = world.events().await;
    assert!(events.iter().map(|event| event.seq).eq(1..=events.len() as i64), "the log has gaps");
    let lines = world.lines(id).await;
    assert_eq!(lines[lines.len() - 2..], ["agent: Resolved by Ana", "agent: Reopened by Ana"], "the team's own record");
}

#[tokio::test]
async fn a_conversation_of_the_ai_that_is_resolved_and_taken_back_is_the_ais_and_keeps_its_assignee() {
    let world = World::new().await;
    let id = world.ask(VISITOR, "Do you ship to Austria?").await.conversation_id;
    let assign = ConversationPatch { assignee: Some(world.ben.user_id()), ..Default::default() };
    conversations::patch(&world.domain, &world.ana, id, assign).await.unwrap();
    let (before, transcript) = (list(&world).await, panel(&world).await.transcript);

    set_status(&world, id, ConversationStatus::Resolved).await;
    set_status(&world, id, ConversationStatus::Pending).await;

    assert_eq!(list(&world).await, before);
    assert_eq!((before[0].ai_state, before[0].status), (AiState::Active, ConversationStatus::Pending));
    assert_eq!(panel(&world).await.transcript, transcript);
    assert!(world.ask(VISITOR, "And to Norway?").await.reply.is_some(), "the AI is silent");
}
