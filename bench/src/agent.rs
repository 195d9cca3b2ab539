//! What a turn of the AI agent costs beside its model: a provider on loopback answers by script, so that what is left of a
//! turn's time is ours.
//!
//! The times are those that the server writes into its telemetry, in whole milliseconds: the whole turn without the time of
//! the provider and of the embedding; and from the provider's first token, which here is a whole sentence, to the first
//! words that the customer is sent.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use omniops_openai_stub::{Reply, Rule, StubServer, When};
use omniops_types::{ChatResponse, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::chat::crawled_store;
use crate::figure::{Figure, number};
use crate::idle::resident_kb;
use crate::support::http::{Connection, Request};
use crate::support::stats::Sorted;
use crate::support::world::{Tenant, World};

/// Turns of one customer after the other.
const TURNS: usize = 200;
/// Customers at once.
const CROWD: usize = 300;
const QUESTION: &str = "What does standard shipping to Austria cost?";
/// Claims nothing, so that it passes whatever was found; each piece is a sentence.
const PIECES: [&str; 6] = [
    "Let me help you with that. ",
    "I would like to understand what you need. ",
    "Which of our pages did you look at? ",
    "What would you like to do next? ",
    "Tell me a little more about it. ",
    "I am glad to help.",
];

pub async fn agent(world: &World) -> Result<Vec<Figure>> {
    let shop = crawled_store(world).await?;
    let stub = StubServer::start().await?;
    let base_url = stub.base_url();
    let variables =
        [("OPENAI_BASE_URL", base_url.as_str()), ("OPENAI_API_KEY", "sk-bench"), ("OMNIOPS_LLM_MODEL", "scripted")];
    let server = world.server_with("agent", &variables).await?;

    stub.rule(Rule::always(When::any(), Reply::text_in(PIECES)));
    let begun = now(world).await?;
    for _ in 0..TURNS {
        ask(server.addr, &shop).await?;
    }
    let alone = Times::since(world, &shop, begun).await?;
    ensure!(alone.overhead.len() == TURNS, "{} of {TURNS} turns were answered by the model", alone.overhead.len());

    // Two seconds of tokens, so that all are under way at once.
    stub.load(omniops_openai_stub::Script::default());
    stub.rule(Rule::always(When::any(), Reply::text_in(PIECES).every(Duration::from_millis(350))));
    let before = resident_kb(&server)?;
    let begun = now(world).await?;
    let mut most = before;
    let crowd = try_join_all((0..CROWD).map(|_| ask(server.addr, &shop)));
    tokio::pin!(crowd);
    loop {
        tokio::select! {
            done = &mut crowd => { done?; break; }
            () = tokio::time::sleep(Duration::from_millis(200)) => most = most.max(resident_kb(&server)?),
        }
    }
    let together = Times::since(world, &shop, begun).await?;
    server.stop().await?;

    let memory = format!("{} MB before, {} MB at most", number(before / 1024.0), number(most / 1024.0));
    let answered = format!("{} of {CROWD} answered by the model", together.overhead.len());
    Ok(vec![
        Figure::new("agent, turn without provider and embedding, p50", alone.overhead.median(), "ms"),
        Figure::new("agent, turn without provider and embedding, p95", alone.overhead.percentile(95), "ms")
            .at_most(15.0),
        Figure::new("agent, first words after the provider's first token, p95", alone.delta.percentile(95), "ms")
            .at_most(30.0),
        Figure::new(
            "agent, 300 conversations at once, turn without provider and embedding, p95",
            together.overhead.percentile(95),
            "ms",
        )
        .against(answered),
        Figure::new("agent, 300 conversations at once, memory each", (most - before) / CROWD as f64, "KB")
            .against(memory),
    ])
}

/// A customer of their own asks.
async fn ask(addr: SocketAddr, shop: &Tenant) -> Result<()> {
    let body = json!({
        "domain": shop.host,
        "session_id": format!("bench-agent-{}", Uuid::now_v7().simple()),
        "message": QUESTION,
        "client_id": Uuid::now_v7(),
    });
    let reply = Connection::open(addr).await?.send(&Request::post_json("/api/chat", &body)?).await?;
    let response: ChatResponse = reply.json()?;
    ensure!(response.reply.is_some(), "a question got no answer");
    Ok(())
}

async fn now(world: &World) -> Result<Timestamp> {
    Ok(sqlx::query_scalar("select clock_timestamp()").fetch_one(&world.superuser).await?)
}

/// Milliseconds of the turns that the model answered.
struct Times {
    overhead: Sorted,
    delta: Sorted,
}

impl Times {
    async fn since(world: &World, shop: &Tenant, begun: Timestamp) -> Result<Self> {
        let rows: Vec<(i32, i32)> = sqlx::query_as(
            "select total_ms - model_ms - embed_ms, coalesce(first_delta_ms - first_token_ms, 0)
             from chat_telemetry
             where tenant_id = $1 and created_at >= $2 and model = 'scripted' and fallback = 'none'",
        )
        .bind(shop.id.uuid())
        .bind(begun)
        .fetch_all(&world.superuser)
        .await?;
        let sorted = |times: Vec<i32>| Sorted::new(times.into_iter().map(f64::from).collect());
        let (overhead, delta) = rows.into_iter().unzip();
        Ok(Self { overhead: sorted(overhead), delta: sorted(delta) })
    }
}
