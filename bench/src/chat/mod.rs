//! What a question costs beside the database work and the embedding that it cannot do without.
//!
//! The shop is the demo store, crawled. The server runs in a process of its own; customers ask over HTTP, each in a
//! conversation of its own. For the baseline a few turns of each customer are taken from Postgres's log, statement by
//! statement with their parameters, and a raw sqlx loop does them again and again: the same transactions, roles,
//! statements and order, plus one embedding of a question by the bare model. Nothing is copied by hand, so the baseline
//! cannot drift away from the product.

mod capture;
mod replay;
mod value;

use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use omniops_domain::knowledge;
use omniops_embedding::{Embedder, LocalEmbedder, model_dir};
use omniops_types::{ChatResponse, JobStatus, SourceKind};
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use uuid::Uuid;

use crate::figure::{Figure, number};
use crate::search::Site;
use crate::support::http::{Connection, Request};
use crate::support::stats::{Sorted, median};
use crate::support::world::{Tenant, World};
use capture::Capture;
use replay::{Replay, Turn};

const CUSTOMERS: usize = 4;
/// Turns of each customer that are captured.
const CAPTURED: usize = 5;
const ROUND: Duration = Duration::from_secs(6);
const ROUNDS: usize = 5;
/// Far from every other number of a statement, so that it can be told apart in the log.
const FIRST_SEQ: i64 = 1_000_000_000;

/// What customers of the demo store ask.
const QUESTIONS: [&str; 16] = [
    "How much is shipping to Austria?",
    "How long do I have to return something that I do not like?",
    "Do you ship to Norway?",
    "What is the warranty on the tents?",
    "How do I wash the merino base layer?",
    "Which payment methods do you take?",
    "Is the Skog 50 backpack waterproof?",
    "How heavy is the two-person tent?",
    "Can I pick up my order in one of your stores?",
    "What do I do when a zip of my jacket breaks?",
    "How long does a gift card stay valid?",
    "Which boot size should I take for thick socks?",
    "What is the temperature rating of the sleeping bag?",
    "Do you sell to companies on invoice?",
    "How long does the battery of the headlamp last?",
    "What do you do with the parcels that come back?",
];

/// A customer with a conversation.
struct Customer {
    connection: Connection,
    host: String,
    session: String,
}

pub async fn chat(world: &World) -> Result<Vec<Figure>> {
    let shop = crawled_store(world).await?;
    let server = world.server("chat").await?;
    let asked = AtomicUsize::new(0);
    let mut customers = Vec::with_capacity(CUSTOMERS);
    for _ in 0..CUSTOMERS {
        customers.push(Customer::new(server.addr, &shop).await?);
    }
    let first = customers.first_mut().context("no customer")?;
    let cold = Sorted::new(first.ask_all(&asked).await?);
    let mut warm = Vec::new();
    for _ in 0..3 {
        warm.extend(first.ask_all(&asked).await?);
    }
    let warm = Sorted::new(warm);

    let (mut loops, statements) = captured(world, &mut customers, &asked).await?;
    let embedder: Arc<dyn Embedder> = Arc::new(LocalEmbedder::load(&model_dir())?);
    raw(&mut loops, &embedder, &asked, ROUND / 2).await?;
    ask(&mut customers, &asked, ROUND / 2).await?;
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let raw = raw(&mut loops, &embedder, &asked, ROUND).await?;
        rounds.push((ask(&mut customers, &asked, ROUND).await?, raw));
    }
    server.stop().await?;

    let ratio = median(rounds.iter().map(|(chat, raw)| chat / raw));
    let (chat, raw) = (median(rounds.iter().map(|round| round.0)), median(rounds.iter().map(|round| round.1)));
    let against =
        format!("{} of {} turns/s at {CUSTOMERS} customers; {statements} statements", number(chat), number(raw));
    Ok(vec![
        Figure::ratio("chat turns/s ÷ the same statements and one embedding", ratio).at_least(0.6).against(against),
        Figure::new("chat turn, one customer, p50", warm.median(), "ms"),
        Figure::new("chat turn, one customer, p95", warm.percentile(95), "ms"),
        Figure::new("chat turn, first time a question is asked, p50", cold.median(), "ms"),
        Figure::new("chat turn, first time a question is asked, p95", cold.percentile(95), "ms"),
    ])
}

impl Customer {
    async fn new(addr: SocketAddr, shop: &Tenant) -> Result<Self> {
        let session = format!("bench-chat-{}", Uuid::now_v7().simple());
        Ok(Self { connection: Connection::open(addr).await?, host: shop.host.clone(), session })
    }

    /// Asks the number-th question, with an order's number so that no two are the same.
    async fn ask(&mut self, number: usize) -> Result<ChatResponse> {
        let body = json!({
            "domain": self.host,
            "session_id": self.session,
            "message": question(number),
            "client_id": Uuid::now_v7(),
        });
        let reply = self.connection.send(&Request::post_json("/api/chat", &body)?).await?;
        let response: ChatResponse = reply.json()?;
        ensure!(response.reply.is_some(), "a question got no answer");
        Ok(response)
    }

    /// Milliseconds of each of the questions.
    async fn ask_all(&mut self, asked: &AtomicUsize) -> Result<Vec<f64>> {
        let mut times = Vec::with_capacity(QUESTIONS.len());
        for _ in QUESTIONS {
            let begun = Instant::now();
            self.ask(asked.fetch_add(1, Ordering::Relaxed)).await?;
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        Ok(times)
    }
}

fn question(number: usize) -> String {
    let question = QUESTIONS.get(number % QUESTIONS.len()).copied().unwrap_or_default();
    format!("{question} My order is {}.", 100_000 + number)
}

/// Captures turns of each customer; gives a raw loop for each, and how many statements a turn has.
async fn captured(
    world: &World,
    customers: &mut [Customer],
    asked: &AtomicUsize,
) -> Result<(Vec<(Replay, Vec<Turn>)>, usize)> {
    let options = PgConnectOptions::from_str(&world.login_url)?;
    let mut loops = Vec::with_capacity(customers.len());
    let mut statements = 0;
    for customer in customers.iter_mut() {
        let conversation = customer.ask(asked.fetch_add(1, Ordering::Relaxed)).await?.conversation_id;
        sqlx::query("update conversations set message_seq = $2 where id = $1")
            .bind(conversation.uuid())
            .bind(FIRST_SEQ)
            .execute(&world.superuser)
            .await?;
        let mut replay = Replay::connect(&options).await?;
        let mut turns = Vec::with_capacity(CAPTURED);
        let capture = Capture::open(world).await?;
        for turn in 0..CAPTURED {
            let since = Uuid::now_v7();
            let asking = customer.ask(asked.fetch_add(1, Ordering::Relaxed));
            let (_, transactions) = capture.during(asking).await?;
            // Each turn adds a question and an answer.
            let seq = FIRST_SEQ + 1 + 2 * turn as i64;
            turns.push(replay.prepare(transactions, since, seq).await?);
        }
        capture.close().await?;
        statements = turns.iter().map(Turn::statement_count).max().unwrap_or(0);
        loops.push((replay, turns));
    }
    Ok((loops, statements))
}

/// Turns per second of all raw loops together.
async fn raw(
    loops: &mut [(Replay, Vec<Turn>)],
    embedder: &Arc<dyn Embedder>,
    asked: &AtomicUsize,
    duration: Duration,
) -> Result<f64> {
    let begun = Instant::now();
    let each = loops.iter_mut().map(|(replay, turns)| async move {
        let mut done = 0;
        for turn in turns.iter().cycle() {
            if begun.elapsed() >= duration {
                break;
            }
            let embed = async {
                embedder.embed_query(&question(asked.fetch_add(1, Ordering::Relaxed))).await?;
                Ok(())
            };
            replay.run(turn, embed).await?;
            done += 1;
        }
        anyhow::Ok(done)
    });
    let done: Vec<usize> = futures::future::try_join_all(each).await?;
    Ok(done.iter().sum::<usize>() as f64 / begun.elapsed().as_secs_f64())
}

/// Turns per second of all customers together.
async fn ask(customers: &mut [Customer], asked: &AtomicUsize, duration: Duration) -> Result<f64> {
    let begun = Instant::now();
    let each = customers.iter_mut().map(|customer| async move {
        let mut done = 0;
        while begun.elapsed() < duration {
            customer.ask(asked.fetch_add(1, Ordering::Relaxed)).await?;
            done += 1;
        }
        anyhow::Ok(done)
    });
    let done: Vec<usize> = futures::future::try_join_all(each).await?;
    Ok(done.iter().sum::<usize>() as f64 / begun.elapsed().as_secs_f64())
}

/// The demo store's pages as the knowledge of a tenant, crawled by an earlier run or now.
/// The demo store's tenant, crawled by an earlier run or now.
pub async fn crawled_store(world: &World) -> Result<Tenant> {
    let shop = world.tenant("bench-shop").await?;
    let domain = &world.domain;
    let mut tx = domain.database.tenant(shop.id).await?;
    let crawled: bool =
        sqlx::query_scalar("select exists (select from content_refresh_jobs where status = 'succeeded')")
            .fetch_one(tx.conn())
            .await?;
    drop(tx);
    if crawled {
        return Ok(shop);
    }
    let site = Site::serve(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/store")).await?;
    let principal = shop.principal();
    let options = knowledge::SourceOptions::default();
    let source =
        knowledge::add_source(domain, &principal, shop.domain_id, SourceKind::Site, &site.start(), options).await?;
    let job = knowledge::start_own_crawl(domain, &principal, source).await?;
    let done = knowledge::crawl_now(domain, &principal, job, |_| ()).await?;
    ensure!(done.status == JobStatus::Succeeded, "the store's crawl ended {:?}: {:?}", done.status, done.error);
    Ok(shop)
}
