//! What becomes of the conversations in which the AI took part, as the days go by and customers come back.

use omniops_domain::accounts::RequestMeta;
use omniops_domain::{telemetry, widget};
use omniops_types::{
    ChatResponse, EraseRequest, FeedbackRequest, HandoffRequest, Rating, Resolution, Role, TelemetryFigures,
    TelemetryQuery, TurnFilter,
};

use super::roll_up;
use crate::support::{Answerer, HOST, World};

const VISITOR: &str = "session-of-the-first-visitor";
const QUESTION: &str = "Do you ship to Austria?";

async fn asked(world: &World) -> ChatResponse {
    world.ask(VISITOR, QUESTION).await
}

/// Makes what the AI said so many hours older.
async fn hours_pass(world: &World, hours: i32) {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query("update chat_telemetry set created_at = created_at - make_interval(hours => $1)")
        .bind(hours)
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn figures(world: &World) -> (TelemetryFigures, Option<f64>) {
    roll_up(world).await;
    let now = chrono::Utc::now();
    let query = TelemetryQuery { from: Some(now - chrono::TimeDelta::days(9)), ..TelemetryQuery::default() };
    let report = telemetry::report(&world.domain, &world.principal(Role::Owner), &query).await.unwrap();
    assert!(report.freshness.behind_seconds == 0, "something was not looked at");
    (report.figures, report.resolution_rate)
}

/// Of the only conversation, by the row behind it; the figures have to say the same.
async fn resolution(world: &World) -> Resolution {
    let (figures, rate) = figures(world).await;
    let now = chrono::Utc::now();
    let query = TelemetryQuery { from: Some(now - chrono::TimeDelta::days(9)), ..TelemetryQuery::default() };
    let filter = TurnFilter { last_in_conversation: Some(true), ..TurnFilter::default() };
    let owner = world.principal(Role::Owner);
    let rows = telemetry::turns(&world.domain, &owner, &query, &filter, None, 30).await.unwrap().items;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let resolution = rows[0].resolution.unwrap();
    let count = |of| i64::from(resolution == of);
    assert_eq!(
        (figures.conversations, figures.confirmed, figures.assumed, figures.waiting),
        (1, count(Resolution::Confirmed), count(Resolution::Assumed), count(Resolution::Waiting))
    );
    assert_eq!(rate, Some((figures.confirmed + figures.assumed) as f64));
    resolution
}

async fn rate(world: &World, answer: &ChatResponse, rating: Option<Rating>) {
    let (domain, session_id) = (HOST.to_owned(), VISITOR.to_owned());
    let message_id = answer.reply.as_ref().unwrap().id;
    let request = FeedbackRequest { domain, session_id, message_id, rating, reason: None, comment: None };
    widget::feedback(&world.domain, &request, &RequestMeta::default()).await.unwrap();
}

#[tokio::test]
async fn silence_for_a_day_after_an_answer_is_taken_for_a_resolution_until_the_customer_comes_back() {
    let world = World::new().await;
    asked(&world).await;
    assert_eq!(resolution(&world).await, Resolution::Waiting);
    hours_pass(&world, 23).await;
    assert_eq!(resolution(&world).await, Resolution::Waiting);
    hours_pass(&world, 2).await;
    assert_eq!(resolution(&world).await, Resolution::Assumed);
    asked(&world).await;
    assert_eq!(resolution(&world).await, Resolution::Waiting, "the new answer is what counts now");
    let (figures, _) = figures(&world).await;
    assert_eq!((figures.turns, figures.conversations), (2, 1));
}

#[tokio::test]
async fn a_customer_who_waits_for_an_answer_is_not_resolved() {
    let answerer = Answerer::held();
    let world = World::with(answerer.clone()).await;
    answerer.let_through(1);
    asked(&world).await;
    hours_pass(&world, 30).await;
    assert_eq!(resolution(&world).await, Resolution::Assumed);
    let chat = tokio::spawn({
        let domain = world.domain.clone();
        async move {
            let request = crate::support::request(VISITOR, "But to which address?");
            omniops_domain::chat::begin(&domain, request, &RequestMeta::default()).await.unwrap().response().await
        }
    });
    answerer.asked(2).await;
    assert_eq!(resolution(&world).await, Resolution::Unresolved);
    answerer.let_through(1);
    chat.await.unwrap().unwrap();
    assert_eq!(resolution(&world).await, Resolution::Waiting);
}

#[tokio::test]
async fn a_person_who_is_asked_for_or_writes_ends_an_assumed_resolution() {
    let world = World::new().await;
    let answer = asked(&world).await;
    hours_pass(&world, 30).await;
    assert_eq!(resolution(&world).await, Resolution::Assumed);
    let (domain, session_id) = (HOST.to_owned(), VISITOR.to_owned());
    let handoff = HandoffRequest { domain, session_id, conversation_id: None, locale: None };
    widget::handoff(&world.domain, handoff, &RequestMeta::default()).await.unwrap();
    assert_eq!(resolution(&world).await, Resolution::Unresolved);

    let world = World::new().await;
    let other = asked(&world).await;
    assert_ne!(other.conversation_id, answer.conversation_id);
    hours_pass(&world, 30).await;
    assert_eq!(resolution(&world).await, Resolution::Assumed);
    world.reply(&world.ana, other.conversation_id, "We do!").await;
    assert_eq!(resolution(&world).await, Resolution::Unresolved);
}

#[tokio::test]
async fn a_thumb_says_more_than_silence_and_can_be_taken_back() {
    let world = World::new().await;
    let answer = asked(&world).await;
    rate(&world, &answer, Some(Rating::Up)).await;
    assert_eq!(resolution(&world).await, Resolution::Confirmed);
    rate(&world, &answer, Some(Rating::Down)).await;
    assert_eq!(resolution(&world).await, Resolution::Unresolved);
    hours_pass(&world, 30).await;
    assert_eq!(resolution(&world).await, Resolution::Unresolved, "silence after a thumb down");
    rate(&world, &answer, None).await;
    assert_eq!(resolution(&world).await, Resolution::Assumed);
}

#[tokio::test]
async fn an_i_do_not_know_is_no_resolution_however_long_the_customer_is_silent() {
    let world = World::with(Answerer::declining()).await;
    asked(&world).await;
    assert_eq!(resolution(&world).await, Resolution::Unresolved);
    hours_pass(&world, 30).await;
    assert_eq!(resolution(&world).await, Resolution::Unresolved);
}

#[tokio::test]
async fn what_was_known_of_an_erased_visitor_stays_and_nothing_is_assumed_of_one() {
    let world = World::new().await;
    let erase = async || {
        let request = EraseRequest { domain: HOST.to_owned(), session_id: VISITOR.to_owned() };
        widget::erase(&world.domain, &request, &RequestMeta::default()).await.unwrap();
    };
    asked(&world).await;
    hours_pass(&world, 30).await;
    assert_eq!(resolution(&world).await, Resolution::Assumed);
    erase().await;
    assert_eq!(resolution(&world).await, Resolution::Assumed);

    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query("delete from chat_telemetry").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    asked(&world).await;
    erase().await;
    hours_pass(&world, 30).await;
    assert_eq!(resolution(&world).await, Resolution::Unresolved);
}
