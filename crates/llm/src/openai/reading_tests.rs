//! Time and connections, with a clock that stands still until everybody waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use secrecy::SecretString;
use tokio::time::{Instant, sleep};

use super::assemble::Assembler;
use super::failure::Scrubber;
use super::reading::{Framing, Patience, read};
use crate::model::{FinishReason, ModelError, ModelEvent, ModelStream, TokenUsage};

const OPENING: &str = r#"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#;
const STOP: &str = r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str = r#"data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}"#;
const DONE: &str = "data: [DONE]";

fn text(text: &str) -> String {
    format!(r#"data: {{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#)
}

/// What the connection does next, and how many milliseconds later.
enum Packet {
    Event(u64, String),
    Breaks(u64),
    Hangs,
}

fn at(after: u64, event: &str) -> Packet {
    Packet::Event(after, event.to_owned())
}

type Packets = BoxStream<'static, Result<Bytes, &'static str>>;

fn packets(packets: Vec<Packet>) -> Packets {
    stream::iter(packets)
        .then(|packet| async {
            match packet {
                Packet::Event(after, event) => {
                    sleep(Duration::from_millis(after)).await;
                    Ok(Bytes::from(format!("{event}\n\n")))
                }
                Packet::Breaks(after) => {
                    sleep(Duration::from_millis(after)).await;
                    Err("connection reset")
                }
                Packet::Hangs => std::future::pending().await,
            }
        })
        .boxed()
}

/// Reads with 5 s for the first piece and 2 s between two.
fn reading(packets: Packets, max_output_bytes: usize) -> ModelStream {
    let scrubber = Scrubber::new(SecretString::from(String::new()));
    let patience = Patience { deadline: Instant::now() + Duration::from_secs(5), idle: Duration::from_secs(2) };
    let answer = Assembler::new(max_output_bytes, scrubber);
    read(packets, Framing::events(max_output_bytes), answer, patience, |error| (*error).to_owned())
}

/// Everything that comes, and how many milliseconds it took.
async fn read_all(script: Vec<Packet>) -> (Vec<Heard>, u128) {
    let begin = Instant::now();
    let events = reading(packets(script), 1000).collect().await;
    (events, begin.elapsed().as_millis())
}

type Heard = Result<ModelEvent, ModelError>;

const STOPPED: Heard = Ok(ModelEvent::Finished(FinishReason::Stop));

fn said(words: &str) -> ModelEvent {
    ModelEvent::Text(words.to_owned())
}

#[tokio::test(start_paused = true)]
async fn tokens_a_second_apart_may_take_longer_than_the_first_one_may() {
    let mut script: Vec<Packet> = (0..10).map(|_| at(1000, &text("a"))).collect();
    script.extend([at(0, STOP), at(0, DONE)]);
    let (events, took) = read_all(script).await;
    assert_eq!(events.len(), 11);
    assert_eq!(events.last(), Some(&STOPPED));
    assert_eq!(took, 10_000);
}

#[tokio::test(start_paused = true)]
async fn an_opening_and_heartbeats_do_not_stand_in_for_the_first_piece() {
    let mut script = vec![at(0, OPENING)];
    script.extend((0..100).map(|_| at(500, ": still at work")));
    assert_eq!(read_all(script).await, (vec![Err(ModelError::TimedOut)], 5000));
}

#[tokio::test(start_paused = true)]
async fn heartbeats_do_not_stand_in_for_the_next_piece() {
    let mut script = vec![at(0, &text("a"))];
    script.extend((0..100).map(|_| at(500, ": still at work")));
    assert_eq!(read_all(script).await, (vec![Ok(said("a")), Err(ModelError::TimedOut)], 2000));
}

#[tokio::test(start_paused = true)]
async fn a_model_that_thinks_is_at_work() {
    let thought = r#"data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}"#;
    let mut script: Vec<Packet> = (0..10).map(|_| at(1500, thought)).collect();
    script.extend([at(1500, &text("a")), at(0, STOP), at(0, DONE)]);
    assert_eq!(read_all(script).await, (vec![Ok(said("a")), STOPPED], 16_500));
}

#[tokio::test(start_paused = true)]
async fn the_time_that_the_reader_takes_is_not_the_providers() {
    let (sender, receiver) = futures::channel::mpsc::unbounded();
    let send = |event: &str| sender.unbounded_send(Ok::<_, &'static str>(Bytes::from(format!("{event}\n\n")))).unwrap();
    send(&text("a"));
    let mut stream = reading(receiver.boxed(), 1000);
    assert_eq!(stream.next().await, Some(Ok(said("a"))));
    sleep(Duration::from_secs(60)).await;
    let next = tokio::spawn(async move { stream.next().await });
    sleep(Duration::from_millis(1900)).await;
    send(&text("b"));
    assert_eq!(next.await.unwrap(), Some(Ok(said("b"))));
}

#[tokio::test(start_paused = true)]
async fn once_the_model_stopped_only_the_figures_are_waited_for_and_not_long() {
    let open = vec![at(0, &text("a")), at(0, STOP), Packet::Hangs];
    assert_eq!(read_all(open).await, (vec![Ok(said("a")), STOPPED], 2000));

    let usage = Ok(ModelEvent::Usage(TokenUsage { input: 9, output: 2, ..TokenUsage::default() }));
    let late = vec![at(0, &text("a")), at(0, STOP), at(500, USAGE), Packet::Breaks(0)];
    assert_eq!(read_all(late).await, (vec![Ok(said("a")), usage, STOPPED], 500));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_stays_open_after_the_end_holds_nobody_up() {
    let script = vec![at(0, &text("a")), at(0, STOP), at(0, DONE), Packet::Hangs];
    assert_eq!(read_all(script).await, (vec![Ok(said("a")), STOPPED], 50));
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_unavailable_before_the_first_piece_and_a_cut_after_it() {
    let (events, _) = read_all(vec![at(0, OPENING), Packet::Breaks(0)]).await;
    assert_eq!(events, [Err(ModelError::Unavailable("connection reset".to_owned()))]);
    let (events, _) = read_all(vec![at(0, &text("a")), Packet::Breaks(0)]).await;
    assert_eq!(events, [Ok(said("a")), Err(ModelError::Cut)]);
}

#[tokio::test(start_paused = true)]
async fn an_end_without_a_reason_is_a_cut_unless_the_provider_says_done() {
    let (events, _) = read_all(vec![at(0, &text("a"))]).await;
    assert_eq!(events, [Ok(said("a")), Err(ModelError::Cut)]);
    let (events, _) = read_all(vec![]).await;
    assert_eq!(events, [Err(ModelError::Cut)]);
    let (events, _) = read_all(vec![at(0, &text("a")), at(0, DONE)]).await;
    assert_eq!(events, [Ok(said("a")), Ok(ModelEvent::Finished(FinishReason::Other))]);
    let (events, _) = read_all(vec![at(0, &text("a")), at(0, STOP)]).await;
    assert_eq!(events, [Ok(said("a")), STOPPED]);
}

#[tokio::test(start_paused = true)]
async fn what_came_before_an_error_in_the_same_packet_is_handed_out() {
    let script = vec![at(0, &format!("{}\n\ndata: {{oops\n\n{}", text("a"), text("b")))];
    let (events, _) = read_all(script).await;
    assert_eq!(events[0], Ok(said("a")));
    assert!(matches!(events[1..], [Err(ModelError::Malformed(_))]), "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn an_error_lets_the_connection_go_while_the_stream_is_still_held() {
    struct Connection(Arc<AtomicBool>);
    impl Drop for Connection {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let closed = Arc::new(AtomicBool::new(false));
    let connection = Connection(Arc::clone(&closed));
    let endless = stream::repeat_with(move || {
        let _held = &connection;
        Ok::<_, &'static str>(Bytes::from(format!("{}\n\n", text("0123456789"))))
    });
    let mut stream = reading(endless.boxed(), 95);
    for _ in 0..9 {
        assert_eq!(stream.next().await, Some(Ok(said("0123456789"))));
    }
    assert!(!closed.load(Ordering::SeqCst));
    assert_eq!(stream.next().await, Some(Err(ModelError::TooLong)));
    assert!(closed.load(Ordering::SeqCst));
    assert_eq!(stream.next().await, None);
}
