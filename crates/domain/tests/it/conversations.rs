//! The inbox and the transcript.

use futures::future::join_all;
use omniops_domain::{Error, Principal, conversations};
use omniops_types::{
    AiState, ConversationCounts, ConversationFilter, ConversationId, ConversationPatch, ConversationStatus,
    ConversationView, EventData, MessageKind, NewMessage, Priority, Role, UserId,
};
use uuid::Uuid;

use crate::support::World;

fn filter(view: ConversationView) -> ConversationFilter {
    ConversationFilter { view, status: None, assignee: None }
}

async fn ids(world: &World, principal: &Principal, filter: ConversationFilter) -> Vec<ConversationId> {
    let page = conversations::list(&world.domain, principal, filter, None, 100).await.unwrap();
    page.items.iter().map(|conversation| conversation.id).collect()
}

async fn begin(world: &World, visitor: usize) -> ConversationId {
    world.ask(&format!("session-of-visitor-{visitor}"), &format!("Question {visitor}")).await.conversation_id
}

async fn patch(world: &World, id: ConversationId, patch: ConversationPatch) {
    conversations::patch(&world.domain, &world.ana, id, patch).await.unwrap();
}

fn status(status: ConversationStatus) -> ConversationPatch {
    ConversationPatch { status: Some(status), ..Default::default() }
}

fn reply(text: &str) -> NewMessage {
    NewMessage { kind: MessageKind::Reply, text: text.to_owned(), client_id: Uuid::now_v7() }
}

#[tokio::test]
async fn each_list_holds_its_own_and_the_counts_agree() {
    let world = World::new().await;
    let mut all = Vec::new();
    for visitor in 0..5 {
        all.push(begin(&world, visitor).await);
    }
    world.reply(&world.ana, all[0], "Hi").await;
    world.reply(&world.ben, all[1], "Hi").await;
    world.ask("session-of-visitor-2", "I want to talk to a person").await;
    world.reply(&world.ana, all[3], "Hi").await;
    patch(&world, all[3], status(ConversationStatus::Resolved)).await;

    assert_eq!(ids(&world, &world.ana, filter(ConversationView::Mine)).await, [all[0]]);
    assert_eq!(ids(&world, &world.ana, filter(ConversationView::Unassigned)).await, [all[2]]);
    assert_eq!(ids(&world, &world.ana, filter(ConversationView::All)).await, [all[3], all[2], all[1], all[0], all[4]]);
    let with = |view, status| ConversationFilter { view, status: Some(status), assignee: None };
    let resolved = ConversationStatus::Resolved;
    assert_eq!(ids(&world, &world.ana, with(ConversationView::Mine, resolved)).await, [all[3]]);
    assert_eq!(ids(&world, &world.ana, with(ConversationView::All, ConversationStatus::Pending)).await, [all[4]]);
    let bens = ConversationFilter { assignee: world.ben.user_id(), ..filter(ConversationView::All) };
    assert_eq!(ids(&world, &world.ana, bens).await, [all[1]]);
    let anas = ConversationFilter { assignee: world.ana.user_id(), ..filter(ConversationView::All) };
    assert_eq!(ids(&world, &world.ben, anas).await, [all[3], all[0]]);

    let counts = conversations::counts(&world.domain, &world.ana).await.unwrap();
    let expected = ConversationCounts { mine: 1, unassigned: 1, all: 5, open: 3, pending: 1, snoozed: 0, resolved: 1 };
    assert_eq!(counts, expected);
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_or_a_repetition() {
    let world = World::new().await;
    let mut expected = Vec::new();
    for visitor in 0..7 {
        expected.insert(0, begin(&world, visitor).await);
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page =
            conversations::list(&world.domain, &world.ana, filter(ConversationView::All), cursor, 3).await.unwrap();
        assert!(page.items.len() <= 3);
        seen.extend(page.items.iter().map(|conversation| conversation.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn unread_counts_what_the_customer_wrote_since_this_agent_read() {
    let world = World::new().await;
    let id = begin(&world, 1).await;
    world.ask("session-of-visitor-1", "Another question").await;
    let unread =
        async |agent: &Principal| conversations::get(&world.domain, agent, id).await.unwrap().conversation.unread;
    assert_eq!((unread(&world.ana).await, unread(&world.ben).await), (2, 2));
    conversations::mark_read(&world.domain, &world.ana, id, 1).await.unwrap();
    assert_eq!((unread(&world.ana).await, unread(&world.ben).await), (1, 2));
    conversations::mark_read(&world.domain, &world.ana, id, 99).await.unwrap();
    conversations::mark_read(&world.domain, &world.ana, id, 1).await.unwrap();
    assert_eq!(unread(&world.ana).await, 0, "a mark went back");
    world.ask("session-of-visitor-1", "One more").await;
    assert_eq!(unread(&world.ana).await, 1, "a mark beyond the end hides later messages");
}

#[tokio::test]
async fn a_reply_silences_the_ai_assigns_and_opens() {
    let world = World::new().await;
    let id = begin(&world, 1).await;
    assert_eq!(world.conversation(id).await.conversation.preview, "Question 1", "the AI's answer hides the question");
    world.reply(&world.ana, id, "Hi, this is Ana.").await;
    let conversation = world.conversation(id).await.conversation;
    assert_eq!(conversation.status, ConversationStatus::Open);
    assert_eq!(conversation.ai_state, AiState::Silenced);
    assert_eq!(conversation.assignee.unwrap().name, "Ana");
    assert_eq!(conversation.preview, "Hi, this is Ana.");
    let last_two: Vec<_> = world.events().await.iter().rev().take(2).map(|event| event.data.kind()).collect();
    assert_eq!(last_two, ["conversation.updated", "message.created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_tries_of_one_reply_make_one_message() {
    let world = World::new().await;
    let id = begin(&world, 1).await;
    let message = reply("Hi");
    let sends = (0..100).map(|_| conversations::send(&world.domain, &world.ana, id, message.clone()));
    let sent: Vec<_> = join_all(sends).await.into_iter().map(Result::unwrap).collect();
    assert!(sent.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(world.lines(id).await.len(), 3);
    let other = NewMessage { text: "Something else".to_owned(), ..message };
    let error = conversations::send(&world.domain, &world.ana, id, other).await.unwrap_err();
    assert!(matches!(error, Error::IdempotencyMismatch), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_sent_at_once_are_numbered_without_gaps_in_the_order_of_the_log() {
    let world = World::new().await;
    let id = begin(&world, 1).await;
    let (domain, ana, ben) = (&world.domain, &world.ana, &world.ben);
    let sends = (0..60).map(|n| {
        let agent = if n % 2 == 0 { ana } else { ben };
        let kind = if n % 3 == 0 { MessageKind::Note } else { MessageKind::Reply };
        let message = NewMessage { kind, text: format!("Message {n}"), client_id: Uuid::now_v7() };
        conversations::send(domain, agent, id, message)
    });
    for sent in join_all(sends).await {
        sent.unwrap();
    }
    let events = world.events().await;
    assert!(events.iter().map(|event| event.seq).eq(1..=events.len() as i64), "the log has gaps");
    let logged: Vec<i64> = events
        .iter()
        .filter_map(|event| match &event.data {
            EventData::MessageCreated { message, .. } => Some(message.seq),
            _ => None,
        })
        .collect();
    assert_eq!(logged, (1..=62).collect::<Vec<i64>>());
    let transcript = conversations::transcript(domain, ana, id, None, 100).await.unwrap();
    assert!(transcript.messages.windows(2).all(|pair| pair[0].created_at <= pair[1].created_at));
}

#[tokio::test]
async fn what_happens_is_told_in_the_transcript() {
    let world = World::new().await;
    let id = begin(&world, 1).await;
    patch(&world, id, ConversationPatch { ai_state: Some(AiState::Silenced), ..Default::default() }).await;
    patch(&world, id, ConversationPatch { assignee: Some(world.ben.user_id()), ..Default::default() }).await;
    patch(&world, id, status(ConversationStatus::Resolved)).await;
    patch(&world, id, status(ConversationStatus::Open)).await;
    patch(&world, id, ConversationPatch { ai_state: Some(AiState::Active), ..Default::default() }).await;
    patch(&world, id, ConversationPatch { priority: Some(Priority::Urgent), ..Default::default() }).await;
    let lines = world.lines(id).await;
    assert_eq!(
        lines[2..],
        [
            "system: Ana took over",
            "agent: Ana asked Ben to look after this",
            "agent: Resolved by Ana",
            "agent: Reopened by Ana",
            "system: Ana handed back to the assistant",
        ]
    );
    let conversation = world.conversation(id).await.conversation;
    assert_eq!((conversation.status, conversation.priority), (ConversationStatus::Pending, Priority::Urgent));
    assert!(world.ask("session-of-visitor-1", "And now?").await.reply.is_some(), "the AI is still silent");
}

#[tokio::test]
async fn a_stale_patch_is_refused_and_an_empty_one_changes_nothing() {
    let world = World::new().await;
    let id = begin(&world, 1).await;
    let version = world.conversation(id).await.conversation.version;
    let resolve = ConversationPatch { version: Some(version), ..status(ConversationStatus::Resolved) };
    patch(&world, id, resolve).await;
    let events = world.events().await.len();
    let error = conversations::patch(&world.domain, &world.ana, id, resolve).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    patch(&world, id, status(ConversationStatus::Resolved)).await;
    assert_eq!(world.events().await.len(), events);
}

async fn make_analyst(world: &World, member: &Principal) {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query("update team_members set role = 'analyst' where user_id = $1")
        .bind(member.user_id().unwrap().uuid())
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn only_members_of_the_team_who_may_write_can_be_assigned() {
    let world = World::new().await;
    let id = begin(&world, 1).await;
    let stranger = world.stranger().await;
    make_analyst(&world, &world.ben).await;
    for nobody in [stranger.user_id(), Some(UserId(Uuid::now_v7())), world.ben.user_id()] {
        let assign = ConversationPatch { assignee: Some(nobody), ..Default::default() };
        let error = conversations::patch(&world.domain, &world.ana, id, assign).await.unwrap_err();
        assert!(matches!(error, Error::InvalidFields(_)), "{error:?}");
    }
}

#[tokio::test]
async fn another_tenants_conversation_is_not_there() {
    let world = World::new().await;
    let id = begin(&world, 1).await;
    let eve = world.stranger().await;
    let domain = &world.domain;
    let missing = |error: Error| assert!(matches!(error, Error::NotFound("conversation")), "{error:?}");
    missing(conversations::get(domain, &eve, id).await.unwrap_err());
    missing(conversations::transcript(domain, &eve, id, None, 10).await.unwrap_err());
    missing(conversations::patch(domain, &eve, id, status(ConversationStatus::Resolved)).await.unwrap_err());
    missing(conversations::send(domain, &eve, id, reply("Hi")).await.unwrap_err());
    missing(conversations::mark_read(domain, &eve, id, 1).await.unwrap_err());
    missing(conversations::typing(domain, &eve, id, true).await.unwrap_err());
    assert!(ids(&world, &eve, filter(ConversationView::All)).await.is_empty());
}

#[tokio::test]
async fn an_analyst_reads_and_does_not_write() {
    let world = World::new().await;
    let id = begin(&world, 1).await;
    let analyst = world.principal(Role::Analyst);
    conversations::get(&world.domain, &analyst, id).await.unwrap();
    let error = conversations::send(&world.domain, &analyst, id, reply("Hi")).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    let error =
        conversations::patch(&world.domain, &analyst, id, status(ConversationStatus::Resolved)).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
}

#[tokio::test]
async fn a_message_has_to_say_something_and_not_too_much() {
    let world = World::new().await;
    let id = begin(&world, 1).await;
    for wrong in ["", "  \n", "a\0b"] {
        let error = conversations::send(&world.domain, &world.ana, id, reply(wrong)).await.unwrap_err();
        assert!(matches!(error, Error::InvalidFields(_)), "{error:?}");
    }
    let error = conversations::send(&world.domain, &world.ana, id, reply(&"x".repeat(10_001))).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 10_000, .. }), "{error:?}");
    conversations::send(&world.domain, &world.ana, id, reply(&"ü".repeat(10_000))).await.unwrap();
}

#[tokio::test]
async fn a_long_transcript_is_read_window_by_window() {
    let world = World::new().await;
    let id = begin(&world, 1).await;
    for n in 0..68 {
        world.reply(&world.ana, id, &format!("Reply {n}")).await;
    }
    let detail = world.conversation(id).await;
    assert_eq!(detail.transcript.messages.len(), 50);
    assert!(detail.transcript.has_older);
    assert_eq!(detail.event_seq, world.events().await.len() as i64);
    let before = detail.transcript.messages[0].seq;
    let older = conversations::transcript(&world.domain, &world.ana, id, Some(before), 100).await.unwrap();
    assert_eq!(older.messages.iter().map(|message| message.seq).collect::<Vec<_>>(), (1..before).collect::<Vec<_>>());
    assert!(!older.has_older);
}

#[tokio::test]
async fn a_customer_who_waited_before_a_conversation_was_resolved_waits_when_it_is_opened_again() {
    let world = World::new().await;
    let id = world.ask("session-of-visitor-1", "I want to talk to a person").await.conversation_id;
    let waiting_since = async || world.conversation(id).await.conversation.waiting_since;
    let resolve_and_undo = async || {
        patch(&world, id, status(ConversationStatus::Resolved)).await;
        assert_eq!(waiting_since().await, None);
        patch(&world, id, status(ConversationStatus::Open)).await;
    };
    let asked = waiting_since().await;
    assert!(asked.is_some());
    resolve_and_undo().await;
    assert_eq!(waiting_since().await, asked);

    world.reply(&world.ana, id, "Here I am.").await;
    resolve_and_undo().await;
    assert_eq!(waiting_since().await, None, "nobody waits for what was answered");

    world.ask("session-of-visitor-1", "And how long does it take?").await;
    world.ask("session-of-visitor-1", "Hello?").await;
    let wrote = world.conversation(id).await.transcript.messages.iter().rev().nth(1).unwrap().created_at;
    resolve_and_undo().await;
    assert_eq!(waiting_since().await, Some(wrote));
}
