//! Thumbs: whose, on what, and that the last word counts.

use omniops_domain::accounts::RequestMeta;
use omniops_domain::{Error, Result, widget};
use omniops_types::{
    EraseRequest, FeedbackReason, FeedbackRequest, MessageFeedback, MessageId, Rating, SessionRequest, Transcript,
};

use crate::support::{HOST, World};

const VISITOR: &str = "session-of-the-first-visitor";
const OTHER: &str = "session-of-another-visitor";

fn thumb(session: &str, message_id: MessageId, rating: Option<Rating>) -> FeedbackRequest {
    let (domain, session_id) = (HOST.to_owned(), session.to_owned());
    FeedbackRequest { domain, session_id, message_id, rating, reason: None, comment: None }
}

async fn send(world: &World, request: FeedbackRequest) -> Result<()> {
    widget::feedback(&world.domain, &request, &RequestMeta::default()).await
}

async fn thumbs(world: &World) -> Vec<(String, Option<String>, Option<String>)> {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let query = "select rating, reason, comment from message_feedback order by created_at";
    sqlx::query_as(query).fetch_all(tx.conn()).await.unwrap()
}

async fn answer(world: &World) -> MessageId {
    world.ask(VISITOR, "Do you ship to Austria?").await.reply.unwrap().id
}

#[tokio::test]
async fn the_last_thumb_on_an_answer_counts_and_can_be_taken_back() {
    let world = World::new().await;
    let message = answer(&world).await;
    send(&world, thumb(VISITOR, message, Some(Rating::Up))).await.unwrap();
    assert_eq!(thumbs(&world).await, [("up".to_owned(), None, None)]);
    let down = FeedbackRequest {
        reason: Some(FeedbackReason::Outdated),
        comment: Some("  The price is from last year.\n".to_owned()),
        ..thumb(VISITOR, message, Some(Rating::Down))
    };
    send(&world, down).await.unwrap();
    let expected = ("down".to_owned(), Some("outdated".to_owned()), Some("The price is from last year.".to_owned()));
    assert_eq!(thumbs(&world).await, [expected]);
    send(&world, thumb(VISITOR, message, None)).await.unwrap();
    assert_eq!(thumbs(&world).await, []);
}

#[tokio::test]
async fn only_answers_of_the_ai_to_this_visitor_can_be_rated() {
    let world = World::new().await;
    let answered = world.ask(VISITOR, "Do you ship to Austria?").await;
    world.ask(OTHER, "Do you ship to Norway?").await;
    let reply = answered.reply.unwrap().id;
    for (session, message) in [(OTHER, reply), (VISITOR, answered.message_id), (VISITOR, MessageId(uuid::Uuid::nil()))]
    {
        let error = send(&world, thumb(session, message, Some(Rating::Up))).await.unwrap_err();
        assert!(matches!(error, Error::NotFound("message")), "{error:?}");
    }
    assert_eq!(thumbs(&world).await, []);
}

/// It is written by the AI, but answers nothing: a thumb on it would count against no turn's answer.
#[tokio::test]
async fn a_notice_that_a_person_takes_over_cannot_be_rated() {
    let world = World::new().await;
    let handed_over = world.ask(VISITOR, "Can I talk to a person?").await;
    assert!(handed_over.escalated);
    let notice = handed_over.reply.unwrap().id;
    for rating in [Some(Rating::Up), Some(Rating::Down), None] {
        let error = send(&world, thumb(VISITOR, notice, rating)).await.unwrap_err();
        assert!(matches!(error, Error::NotFound("message")), "{error:?}");
    }
    assert_eq!(thumbs(&world).await, []);
}

#[tokio::test]
async fn a_reason_goes_with_a_thumb_down_and_a_comment_has_an_end() {
    let world = World::new().await;
    let message = answer(&world).await;
    let with_reason =
        FeedbackRequest { reason: Some(FeedbackReason::Slow), ..thumb(VISITOR, message, Some(Rating::Up)) };
    let too_long = FeedbackRequest { comment: Some("ü".repeat(1_001)), ..thumb(VISITOR, message, Some(Rating::Up)) };
    for (request, field) in [(with_reason, "reason"), (too_long, "comment")] {
        match send(&world, request).await.unwrap_err() {
            Error::InvalidFields(fields) => assert!(fields.contains_key(field), "{fields:?}"),
            other => panic!("{other:?}"),
        }
    }
    let longest = FeedbackRequest { comment: Some("ü".repeat(1_000)), ..thumb(VISITOR, message, Some(Rating::Down)) };
    send(&world, longest).await.unwrap();
}

#[tokio::test]
async fn erasing_a_visitor_takes_their_thumbs_along_and_nobody_elses() {
    let world = World::new().await;
    let message = answer(&world).await;
    send(&world, thumb(VISITOR, message, Some(Rating::Up))).await.unwrap();
    let others = world.ask(OTHER, "Do you ship to Norway?").await.reply.unwrap().id;
    send(&world, thumb(OTHER, others, Some(Rating::Down))).await.unwrap();
    let request = EraseRequest { domain: HOST.to_owned(), session_id: VISITOR.to_owned() };
    widget::erase(&world.domain, &request, &RequestMeta::default()).await.unwrap();
    assert_eq!(thumbs(&world).await, [("down".to_owned(), None, None)]);
}

async fn resumed(world: &World, session: &str) -> Transcript {
    let (domain, session_id) = (HOST.to_owned(), Some(session.to_owned()));
    let request = SessionRequest { domain, session_id, page_url: None, locale: None };
    let response = widget::session(&world.domain, request, &RequestMeta::default()).await.unwrap();
    response.transcript.unwrap()
}

#[tokio::test]
async fn a_visitor_who_comes_back_finds_their_thumb_and_so_does_the_team() {
    let world = World::new().await;
    let answered = world.ask(VISITOR, "Do you ship to Austria?").await;
    let message_id = answered.reply.unwrap().id;
    world.ask(OTHER, "Do you ship to Norway?").await;
    assert_eq!(resumed(&world, VISITOR).await.feedback, []);

    let (rating, reason, comment) = (Rating::Down, Some(FeedbackReason::Outdated), Some("Last year's.".to_owned()));
    let given = FeedbackRequest { reason, comment: comment.clone(), ..thumb(VISITOR, message_id, Some(rating)) };
    send(&world, given).await.unwrap();
    let expected = [MessageFeedback { message_id, rating, reason, comment }];
    assert_eq!(resumed(&world, VISITOR).await.feedback, expected);
    assert_eq!(world.conversation(answered.conversation_id).await.transcript.feedback, expected);
    let visitor = widget::visitor(&world.domain, HOST, VISITOR, &RequestMeta::default()).await.unwrap();
    let page = widget::messages(&world.domain, &visitor, answered.conversation_id, None, 50).await.unwrap();
    assert_eq!(page.feedback, expected);
    assert_eq!(resumed(&world, OTHER).await.feedback, []);
}

#[tokio::test]
async fn what_hands_over_to_a_person_is_told_apart_from_an_answer() {
    let world = World::new().await;
    let answered = world.ask(VISITOR, "Do you ship to Austria?").await;
    let handed_over = world.ask(VISITOR, "Can I talk to a person?").await;
    assert!(answered.reply.unwrap().confidence.is_some());
    assert_eq!(handed_over.reply.unwrap().confidence, None);
    let messages = resumed(&world, VISITOR).await.messages;
    let sure: Vec<bool> = messages.iter().map(|message| message.confidence.is_some()).collect();
    assert_eq!(sure, [false, true, false, false]);
}
