//! How long an event takes from the agent who causes it to everybody who watches.
//!
//! Fifty replies a second are posted to the real route; two hundred subscribers hold the agents' event stream. What is
//! timed goes from just before a reply is sent to its arrival at each subscriber: the request, the commit, the
//! notification, the reading of the log and the fan-out are all in it. Subscribers run in this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use omniops_types::{ConversationId, HandoffResponse, SessionResponse};
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::figure::Figure;
use crate::support::http::{Connection, Request, find};
use crate::support::stats::Sorted;
use crate::support::world::World;

const SUBSCRIBERS: usize = 200;
const PER_SECOND: usize = 50;
const SECONDS: usize = 20;
/// Sent before the measured ones.
const WARM_UP: usize = 2 * PER_SECOND;
const MESSAGES: usize = WARM_UP + SECONDS * PER_SECOND;
/// Each sends one after the other, so that a slow reply delays only its own.
const SENDERS: usize = 10;
/// What the messages begin with, as it stands in an event.
const MARK: &[u8] = b"\"text\":\"bench#";
const LONGEST: Duration = Duration::from_secs(60);

/// When each message was sent, in microseconds after the start.
type Sent = Arc<Vec<AtomicU64>>;

/// When times begin to be counted, and when the first message is due.
#[derive(Clone, Copy, Debug)]
struct Clock {
    begun: Instant,
    first: Instant,
}

pub async fn delivery(world: &World) -> Result<Vec<Figure>> {
    let server = world.server("delivery").await?;
    let tenant = world.tenant("bench-delivery").await?;
    let key = format!("Bearer {}", world.api_key(&tenant).await?);
    let conversations = conversations(server.addr, &tenant.host).await?;
    let sent: Sent = Arc::new((0..MESSAGES).map(|_| AtomicU64::new(0)).collect());
    let begun = Instant::now();

    let mut subscribers = JoinSet::new();
    for _ in 0..SUBSCRIBERS {
        let mut stream = Connection::open(server.addr).await?;
        let request = Request::get("/api/dashboard/events").with("authorization", &key);
        let (status, _) = stream.begin(&request).await?;
        ensure!(status == 200, "a subscriber got status {status}");
        subscribers.spawn(tokio::time::timeout(LONGEST, receive(stream, begun, Arc::clone(&sent))));
    }
    let clock = Clock { begun, first: Instant::now() + Duration::from_secs(1) };
    let mut senders = JoinSet::new();
    for (number, conversation) in conversations.into_iter().enumerate() {
        senders.spawn(send(server.addr, key.clone(), conversation, number, clock, Arc::clone(&sent)));
    }
    while let Some(sender) = senders.join_next().await {
        sender??;
    }
    let mut milliseconds = Vec::with_capacity(SUBSCRIBERS * MESSAGES);
    while let Some(subscriber) = subscribers.join_next().await {
        milliseconds.extend(subscriber?.context("a subscriber missed an event")??);
    }
    server.stop().await?;

    let delivered = Sorted::new(milliseconds);
    ensure!(delivered.len() == SUBSCRIBERS * (MESSAGES - WARM_UP), "{} deliveries", delivered.len());
    let name = |what: &str| format!("event → SSE, 200 subscribers, 50 messages/s, {what}");
    Ok(vec![
        Figure::new(name("p50"), delivered.median(), "ms"),
        Figure::new(name("p95"), delivered.percentile(95), "ms").at_most(250.0),
        Figure::new(name("p99"), delivered.percentile(99), "ms"),
    ])
}

/// One conversation for each sender, waiting for a person, so that no AI answers.
async fn conversations(addr: SocketAddr, host: &str) -> Result<Vec<ConversationId>> {
    let mut connection = Connection::open(addr).await?;
    let mut conversations = Vec::with_capacity(SENDERS);
    for _ in 0..SENDERS {
        let open = Request::post_json("/api/widget/session", &json!({ "domain": host }))?;
        let session: SessionResponse = connection.send(&open).await?.json()?;
        let ask = json!({ "domain": host, "session_id": session.session_id });
        let asked = connection.send(&Request::post_json("/api/widget/handoff", &ask)?).await?;
        conversations.push(asked.json::<HandoffResponse>()?.conversation_id);
    }
    Ok(conversations)
}

async fn send(
    addr: SocketAddr,
    key: String,
    conversation: ConversationId,
    sender: usize,
    clock: Clock,
    sent: Sent,
) -> Result<()> {
    let mut connection = Connection::open(addr).await?;
    let path = format!("/api/conversations/{conversation}/messages");
    for number in (sender..MESSAGES).step_by(SENDERS) {
        let due = clock.first + Duration::from_secs_f64(number as f64 / PER_SECOND as f64);
        tokio::time::sleep_until(due.into()).await;
        let text =
            format!("bench#{number:06} Your parcel left our house this morning and should be with you on Thursday.");
        let body = json!({ "kind": "reply", "text": text, "client_id": Uuid::now_v7() });
        let request = Request::post_json(&path, &body)?.with("authorization", &key);
        let slot = sent.get(number).context("more messages than slots")?;
        // What is due and not yet sent waits already: timing from then hides no queue.
        slot.store(due.saturating_duration_since(clock.begun).as_micros() as u64, Ordering::Release);
        connection.send(&request).await?.success()?;
    }
    Ok(())
}

/// Reads until every message has come; gives the milliseconds of those after the warm-up.
async fn receive(mut stream: Connection, begun: Instant, sent: Sent) -> Result<Vec<f64>> {
    let mut milliseconds = Vec::with_capacity(MESSAGES);
    let mut received = 0;
    let mut text: Vec<u8> = Vec::new();
    while received < MESSAGES {
        let piece = stream.read_more().await?.context("the server ended a stream")?;
        let now = begun.elapsed().as_micros() as u64;
        text.extend(piece);
        let mut rest = text.as_slice();
        while let Some(at) = find(rest, MARK) {
            let after = rest.get(at + MARK.len()..).unwrap_or_default();
            let Some((digits, next)) = after.split_at_checked(6) else { break };
            let number: usize = std::str::from_utf8(digits)?.parse()?;
            let sent = sent.get(number).context("an event of another run")?.load(Ordering::Acquire);
            if number >= WARM_UP {
                milliseconds.push(now.saturating_sub(sent) as f64 / 1_000.0);
            }
            received += 1;
            rest = next;
        }
        // A mark that has only half arrived stays.
        let keep = find(rest, MARK).map_or(rest.len().min(MARK.len() - 1), |at| rest.len() - at);
        text = rest.get(rest.len() - keep..).unwrap_or_default().to_vec();
    }
    Ok(milliseconds)
}
