//! Nothing is lost and nothing comes twice, whatever breaks on the way.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::{self, FuturesUnordered};
use omniops_domain::accounts::RequestMeta;
use omniops_domain::{chat, conversations};
use omniops_types::{ChatRequest, ConversationId, Event, EventData, MessageKind, NewMessage, VisitorEvent};
use rand::Rng;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::support::{HOST, ServerProcess, SseStream, World};

const CONVERSATIONS: usize = 50;
const AGENTS: usize = 3;
const WRITERS: usize = 8;
/// However slow the machine is, by then it is stuck.
const LONGEST: Duration = Duration::from_secs(600);

/// `OMNIOPS_TEST_MESSAGES` makes a shorter or a longer run.
fn messages() -> usize {
    std::env::var("OMNIOPS_TEST_MESSAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000)
}

fn session_of(conversation: usize) -> String {
    format!("session-of-visitor-{conversation:04}")
}

/// What all parts of the run share.
struct Run {
    key: String,
    /// Where the server is now; it moves when it is killed.
    base: Mutex<String>,
    http: reqwest::Client,
    start: i64,
    /// The log's last number, once everything is written.
    end: AtomicI64,
    written: AtomicUsize,
    connections: AtomicUsize,
    done: AtomicBool,
}

impl Run {
    fn base(&self) -> String {
        self.base.lock().unwrap().clone()
    }

    /// Connects anew after every break, and breaks the connection itself now and then, until `seen` has had the last event.
    async fn follow(&self, path: &str, mut seen: impl FnMut(i64, &str, &str) -> bool) {
        let mut last = self.start;
        loop {
            self.connections.fetch_add(1, Ordering::Relaxed);
            let request =
                self.http.get(format!("{}{path}", self.base())).bearer_auth(&self.key).header("last-event-id", last);
            let Ok(response) = request.send().await else {
                tokio::task::yield_now().await;
                continue;
            };
            let Ok(response) = response.error_for_status() else { continue };
            let mut stream = SseStream::new(response);
            let until_break = rand::rng().random_range(20..600);
            for _ in 0..until_break {
                let Some(event) = stream.next().await else { break };
                let Some(id) = event.id else { continue };
                assert!(id >= last, "went back from {last} to {id}");
                if event.name != "heartbeat" {
                    assert!(id > last, "{id} came twice");
                }
                last = id;
                if seen(id, &event.name, &event.data) {
                    return;
                }
            }
        }
    }
}

/// An agent sees the whole log: every number once, in order.
async fn agent(run: &Run) -> usize {
    let mut expected = run.start + 1;
    let mut texts = 0;
    run.follow("/api/dashboard/events", |id, name, data| {
        if name == "event" {
            assert_eq!(id, expected, "a gap in an agent's stream");
            expected += 1;
            let event: Event = serde_json::from_str(data).unwrap();
            assert_eq!(event.seq, id);
            texts += usize::from(matches!(event.data, EventData::MessageCreated { .. }));
        }
        let end = run.end.load(Ordering::SeqCst);
        end > 0 && expected > end
    })
    .await;
    texts
}

/// A visitor sees the messages of the own conversation: every one once, in order.
async fn visitor(run: &Run, conversation: usize, count: usize) {
    let path = format!("/api/widget/events?domain={HOST}&session_id={}", session_of(conversation));
    let mut next = 0;
    run.follow(&path, |_, name, data| {
        if name == "message" {
            let VisitorEvent::Message { message } = serde_json::from_str(data).unwrap() else { panic!("{data}") };
            assert_eq!(message.text, format!("{conversation}: {next}"));
            next += 1;
        }
        next == count
    })
    .await;
}

/// Opens the conversations and takes each over, so that what follows is written by agents alone.
async fn open_conversations(world: &World) -> Vec<ConversationId> {
    let open = async |n: usize| {
        let request = ChatRequest {
            domain: HOST.to_owned(),
            session_id: session_of(n),
            message: "I want to talk to a person".to_owned(),
            client_id: Uuid::now_v7(),
            conversation_id: None,
            page_url: None,
            locale: None,
            identity_token: None,
        };
        let turn = chat::begin(&world.domain, request, &RequestMeta::default()).await.unwrap();
        turn.response().await.unwrap().conversation_id
    };
    stream::iter(0..CONVERSATIONS).map(open).buffered(WRITERS).collect().await
}

/// Writes the messages: in order within a conversation, several conversations at a time.
async fn write(world: &World, run: &Run, ids: &[ConversationId], each: usize) {
    let conversation = async |(n, id): (usize, ConversationId)| {
        for number in 0..each {
            let message =
                NewMessage { kind: MessageKind::Reply, text: format!("{n}: {number}"), client_id: Uuid::now_v7() };
            conversations::send(&world.domain, &world.ana, id, message).await.unwrap();
            run.written.fetch_add(1, Ordering::Relaxed);
        }
    };
    let work = ids.iter().copied().enumerate();
    stream::iter(work).map(conversation).buffer_unordered(WRITERS).collect::<Vec<()>>().await;
}

/// Ends the listening connections again and again, and once, half-way, kills the server.
async fn break_things(world: &World, server: ServerProcess, run: &Run, total: usize) -> (usize, ServerProcess) {
    let mut admin = PgConnection::connect_with(&world.test.superuser_options()).await.unwrap();
    let mut ended = 0;
    let mut server = Some(server);
    let mut killed = false;
    let mut next_at = 0;
    while !run.done.load(Ordering::SeqCst) {
        let written = run.written.load(Ordering::Relaxed);
        if written >= next_at {
            next_at = written + total / 20;
            let listeners = sqlx::query_scalar::<_, bool>(
                "select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and application_name = 'omniops listener'",
            );
            ended += listeners.fetch_all(&mut admin).await.unwrap().len();
        }
        if !killed && written >= total / 2 {
            killed = true;
            drop(server.take());
            let fresh = ServerProcess::start(world.test.url(), &[]).await;
            fresh.base().clone_into(&mut run.base.lock().unwrap());
            server = Some(fresh);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(killed, "the server was never killed");
    (ended, server.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_subscriber_that_resumes_sees_each_event_once_and_in_order() {
    let begun = Instant::now();
    let mut world = World::new().await;
    let each = messages().div_ceil(CONVERSATIONS);
    let total = each * CONVERSATIONS;
    let ids = open_conversations(&world).await;
    let start = log_end(&world).await;
    let first = ServerProcess::start(world.test.url(), &[]).await;
    let server = std::mem::replace(&mut world.server, first);
    let run = Arc::new(Run {
        key: world.key.clone(),
        base: Mutex::new(server.base().to_owned()),
        http: reqwest::Client::new(),
        start,
        end: AtomicI64::new(0),
        written: AtomicUsize::new(0),
        connections: AtomicUsize::new(0),
        done: AtomicBool::new(false),
    });
    let agents: FuturesUnordered<_> = (0..AGENTS)
        .map(|_| {
            let run = run.clone();
            tokio::spawn(async move { agent(&run).await })
        })
        .collect();
    let visitors: FuturesUnordered<_> = (0..CONVERSATIONS)
        .map(|conversation| {
            let run = run.clone();
            tokio::spawn(async move { visitor(&run, conversation, each).await })
        })
        .collect();
    let everything = async {
        let writing = async {
            write(&world, &run, &ids, each).await;
            run.end.store(log_end(&world).await, Ordering::SeqCst);
            // Agents that had everything already wait for one more event.
            world.reply(ids[0], "the end").await;
            let seen: Vec<_> = agents.collect().await;
            let visited: Vec<_> = visitors.collect().await;
            run.done.store(true, Ordering::SeqCst);
            (seen, visited)
        };
        tokio::join!(writing, break_things(&world, server, &run, total))
    };
    let ((seen, visited), (ended, _server)) =
        tokio::time::timeout(LONGEST, everything).await.expect("somebody waits for an event that never comes");
    for texts in seen {
        assert!(texts.unwrap() >= total);
    }
    for outcome in visited {
        outcome.unwrap();
    }
    assert!(ended > 0, "the listener was never ended");
    println!(
        "{total} messages to {AGENTS} agents and {CONVERSATIONS} visitors over {} connections, {ended} listeners ended, in {:.1} s",
        run.connections.load(Ordering::Relaxed),
        begun.elapsed().as_secs_f64()
    );
}

async fn log_end(world: &World) -> i64 {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    omniops_postgres::event_position(&mut tx).await.unwrap()
}
