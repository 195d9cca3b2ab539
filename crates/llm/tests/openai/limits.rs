//! Answers that break off, never come, or never end.

use std::time::Duration;

use omniops_llm::{ModelError, ModelEvent, ModelRequest};
use omniops_openai_stub::{Ended, Reply};
use serde_json::json;

use crate::support::{answered_with, ask, model, outcome, server};

#[tokio::test]
async fn an_answer_that_breaks_off_in_a_sentence_is_cut() {
    for reply in [
        Reply::text("Your parcel left our warehouse on Monday and").in_pieces(4).cut_after(2),
        Reply::text("Your parcel left our").in_pieces(2).torn(),
        Reply::text("Your parcel left our").in_pieces(2).without_finish(),
    ] {
        let outcome = answered_with(reply).await;
        assert_eq!(outcome.events.len(), 2, "{outcome:?}");
        assert!(outcome.text().starts_with("Your parcel"));
        assert_eq!(outcome.error, Some(ModelError::Cut));
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_in_the_arguments_of_a_call_is_cut() {
    let arguments = json!({"outcome": "answer", "sources": [1], "text": "Within 30 days."});
    let outcome = answered_with(Reply::tool_call("reply", arguments).in_pieces(12).cut_after(5)).await;
    let calls = outcome.calls();
    assert!(calls[0].arguments.starts_with(r#"{"outcome":"#) && !calls[0].arguments.ends_with('}'));
    assert_eq!(outcome.error, Some(ModelError::Cut));
    assert!(ModelError::Cut.is_transient() && !ModelError::Cut.is_free());
}

#[tokio::test]
async fn tokens_that_come_slowly_still_come() {
    let reply = Reply::text("It leaves on Monday.").in_words().every(Duration::from_millis(20));
    let outcome = answered_with(reply).await;
    assert_eq!((outcome.text().as_str(), outcome.error), ("It leaves on Monday.", None));
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_given_up() {
    for reply in [Reply::hang(), Reply::hang_after_headers()] {
        let server = server([reply]).await;
        let request = ModelRequest { first_token_timeout: Duration::from_millis(500), ..ask("Hi") };
        assert_eq!(outcome(&model(&server), request).await.error, Some(ModelError::TimedOut));
        assert_eq!(server.ended(1).await, Some(Ended::ClientLeft), "and the connection is closed");
    }
}

#[tokio::test]
async fn a_provider_that_falls_silent_is_given_up() {
    let server = server([Reply::text("Your parcel").then_hang()]).await;
    let request = ModelRequest { idle_timeout: Duration::from_millis(50), ..ask("Hi") };
    let outcome = outcome(&model(&server), request).await;
    assert_eq!(outcome.events, [ModelEvent::Text("Your parcel".to_owned())]);
    assert_eq!(outcome.error, Some(ModelError::TimedOut));
    assert_eq!(server.ended(1).await, Some(Ended::ClientLeft));
}

#[tokio::test]
async fn ten_megabytes_are_too_long_in_many_chunks_and_in_one_line() {
    for reply in [Reply::flood(10_000_000), Reply::flood_in_one_line(10_000_000)] {
        let server = server([reply]).await;
        let outcome = outcome(&model(&server), ask("Hi")).await;
        assert_eq!(outcome.error, Some(ModelError::TooLong));
        assert!(outcome.text().len() <= 64 * 1024);
        assert_eq!(server.ended(1).await, Some(Ended::ClientLeft), "the rest was not read");
    }
}

#[tokio::test]
async fn a_model_that_repeats_itself_without_end_is_stopped() {
    let server = server([Reply::repeating("and again ")]).await;
    let request = ModelRequest { max_output_bytes: 1000, ..ask("Hi") };
    let outcome = outcome(&model(&server), request).await;
    assert_eq!(outcome.text(), "and again ".repeat(100));
    assert_eq!(outcome.error, Some(ModelError::TooLong));
    assert_eq!(server.ended(1).await, Some(Ended::ClientLeft));
}

#[tokio::test]
async fn arguments_without_end_are_too_long_too() {
    let server = server([Reply::tool_call_raw("reply", "[".repeat(5000)).in_pieces(50)]).await;
    let request = ModelRequest { max_output_bytes: 1000, ..ask("Hi") };
    let outcome = outcome(&model(&server), request).await;
    assert!(outcome.calls()[0].arguments.len() <= 1000);
    assert_eq!(outcome.error, Some(ModelError::TooLong));
}

#[tokio::test]
async fn an_answer_that_just_fits_is_whole() {
    let text = "\u{1}é\"\\".repeat(200);
    let server = server([Reply::text(text.clone())]).await;
    let request = ModelRequest { max_output_bytes: text.len(), ..ask("Hi") };
    let outcome = outcome(&model(&server), request).await;
    assert_eq!((outcome.text(), outcome.error), (text, None));
}
