use omniops_types::{
    AuthorKind, ErrorCode, MessageFeedback, MessageKind, NewMessage, Rating, Signal, Transcript, TypingParty,
};
use uuid::Uuid;

use super::{TYPING_LASTS_MS, Thread};
use crate::error::AppError;
use crate::state::fixtures::{conversation, conversation_id, message, posted, user};

fn transcript(seqs: std::ops::RangeInclusive<i64>, has_older: bool) -> Transcript {
    Transcript {
        messages: seqs.map(|seq| message(1, seq, AuthorKind::Customer)).collect(),
        has_older,
        feedback: vec![],
    }
}

fn thread(seqs: std::ops::RangeInclusive<i64>) -> Thread {
    Thread::new(conversation_id(1), transcript(seqs, true))
}

fn seqs(thread: &Thread) -> Vec<i64> {
    thread.rows().iter().map(|row| row.message.seq).collect()
}

fn outgoing(client_id: Uuid) -> NewMessage {
    NewMessage { kind: MessageKind::Reply, text: "hello".into(), client_id }
}

#[test]
fn each_message_is_shown_once_and_in_order_whatever_the_order_of_arrival() {
    let mut thread = thread(5..=6);
    assert!(thread.apply(&posted(1, message(1, 8, AuthorKind::Ai), conversation(1, 8))));
    assert!(thread.apply(&posted(2, message(1, 7, AuthorKind::Customer), conversation(1, 7))));
    assert!(!thread.apply(&posted(2, message(1, 7, AuthorKind::Customer), conversation(1, 7))));
    thread.prepend(transcript(3..=5, false));
    assert_eq!(seqs(&thread), [3, 4, 5, 6, 7, 8]);
    assert!(!thread.has_older());
}

#[test]
fn a_thumb_stays_with_its_answer_until_the_server_knows_another_or_none() {
    let answer = message(1, 6, AuthorKind::Ai).id;
    let rated = |rating| {
        let thumb = MessageFeedback { message_id: answer, rating, reason: None, comment: None };
        Transcript { feedback: vec![thumb], ..transcript(5..=6, true) }
    };
    let mut thread = Thread::new(conversation_id(1), rated(Rating::Up));
    let rating = |thread: &Thread| thread.feedback_on(answer).map(|feedback| feedback.rating);
    assert_eq!(rating(&thread), Some(Rating::Up));
    thread.prepend(transcript(3..=4, false));
    assert_eq!(rating(&thread), Some(Rating::Up), "older messages say nothing about it");
    thread.refresh(rated(Rating::Down));
    assert_eq!(rating(&thread), Some(Rating::Down));
    thread.refresh(transcript(5..=6, true));
    assert_eq!(rating(&thread), None);
}

#[test]
fn another_conversations_messages_stay_out() {
    let mut thread = thread(1..=2);
    assert!(!thread.apply(&posted(1, message(2, 3, AuthorKind::Customer), conversation(2, 3))));
    assert_eq!(seqs(&thread), [1, 2]);
}

#[test]
fn a_sent_message_replaces_its_optimistic_self() {
    let mut thread = thread(1..=1);
    let client_id = Uuid::from_u128(77);
    thread.begin(&outgoing(client_id));
    assert_eq!(thread.outgoing().len(), 1);
    let mut stored = message(1, 2, AuthorKind::Agent);
    stored.client_id = Some(client_id);
    // The event and the reply to the request carry the same message, in either order.
    thread.apply(&posted(1, stored.clone(), conversation(1, 2)));
    thread.insert(stored);
    assert!(thread.outgoing().is_empty());
    assert_eq!(seqs(&thread), [1, 2]);
}

#[test]
fn a_failed_send_is_tried_again_under_the_same_client_id() {
    let mut thread = thread(1..=1);
    let client_id = Uuid::from_u128(77);
    thread.begin(&outgoing(client_id));
    thread.fail(client_id, AppError::local(ErrorCode::Unavailable, "no network"));
    assert!(thread.outgoing()[0].error.is_some());
    assert_eq!(thread.retry(client_id), Some(outgoing(client_id)));
    assert!(thread.outgoing()[0].error.is_none());
    thread.fail(client_id, AppError::local(ErrorCode::Unavailable, "no network"));
    assert_eq!(thread.discard(client_id).map(|taken_back| taken_back.text), Some("hello".into()));
    assert!(thread.outgoing().is_empty());
}

#[test]
fn a_failure_that_arrives_after_the_message_itself_is_no_failure() {
    let mut thread = thread(1..=1);
    let client_id = Uuid::from_u128(77);
    thread.begin(&outgoing(client_id));
    let mut stored = message(1, 2, AuthorKind::Agent);
    stored.client_id = Some(client_id);
    thread.apply(&posted(1, stored, conversation(1, 2)));
    thread.fail(client_id, AppError::local(ErrorCode::Unavailable, "the answer was cut off"));
    assert!(thread.outgoing().is_empty());
}

#[test]
fn a_refresh_that_does_not_reach_back_replaces_what_is_held() {
    let mut thread = thread(1..=5);
    thread.refresh(transcript(4..=8, true));
    assert_eq!(seqs(&thread), [1, 2, 3, 4, 5, 6, 7, 8]);
    thread.refresh(transcript(20..=21, true));
    assert_eq!(seqs(&thread), [20, 21]);
    assert!(thread.has_older());
}

#[test]
fn typing_ends_with_the_message_or_by_itself() {
    let mut thread = thread(1..=1);
    let typing = Signal::Typing { conversation_id: conversation_id(1), by: TypingParty::Customer, typing: true };
    thread.signal(&typing, user(1), 0);
    assert_eq!(thread.typing().count(), 1);
    thread.apply(&posted(1, message(1, 2, AuthorKind::Customer), conversation(1, 2)));
    assert_eq!(thread.typing().count(), 0);
    thread.signal(&typing, user(1), 1_000);
    assert!(!thread.expire_typing(1_000 + TYPING_LASTS_MS - 1));
    assert!(thread.expire_typing(1_000 + TYPING_LASTS_MS));
    assert_eq!(thread.typing().count(), 0);
}

#[test]
fn ones_own_typing_is_not_shown_to_oneself() {
    let mut thread = thread(1..=1);
    let own = TypingParty::Agent { user_id: user(1), name: "Me".into() };
    thread.signal(&Signal::Typing { conversation_id: conversation_id(1), by: own, typing: true }, user(1), 0);
    assert_eq!(thread.typing().count(), 0);
}

#[test]
fn messages_of_one_author_within_five_minutes_stand_together() {
    let mut thread = thread(1..=2);
    thread.insert(message(1, 3, AuthorKind::Ai));
    thread.insert(message(1, 20, AuthorKind::Ai));
    let continued: Vec<bool> = thread.rows().iter().map(|row| row.continued).collect();
    assert_eq!(continued, [false, true, false, false]);
}
