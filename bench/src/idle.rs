//! What a visitor costs who has the panel open and says nothing.
//!
//! The server is the release build in a process of its own, and so is the client that holds the streams: ten thousand
//! visitors, each with a session of its own. The server's memory is read before and after, once all heartbeats beat.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use crate::figure::{Figure, number};
use crate::support::child::{Running, Server, this_program};
use crate::support::http::{Connection, Request};
use crate::support::world::World;

const STREAMS: usize = 10_000;
/// Opened and closed before the first reading, so that pools and caches have their size.
const WARM_UP: usize = 500;
const AT_ONCE: usize = 32;
/// A little more than the pause between two heartbeats.
const SETTLE: Duration = Duration::from_secs(20);

pub async fn idle(world: &World) -> Result<Vec<Figure>> {
    let tenant = world.tenant("bench-idle").await?;
    let server = world.server("idle").await?;
    hold(world, &server, &tenant.host, WARM_UP).await?.stop().await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = resident_kb(&server)?;
    let client = hold(world, &server, &tenant.host, STREAMS).await?;
    tokio::time::sleep(SETTLE).await;
    let after = resident_kb(&server)?;
    client.stop().await?;
    server.stop().await?;
    let each = (after - before) / STREAMS as f64;
    let whole = format!("{} MB before, {} MB with 10,000", number(before / 1024.0), number(after / 1024.0));
    Ok(vec![Figure::new("idle SSE connection, server memory each", each, "KB").at_most(20.0).against(whole)])
}

async fn hold(world: &World, server: &Server, host: &str, count: usize) -> Result<Running> {
    let (addr, count) = (server.addr.to_string(), count.to_string());
    let mut client = this_program(&["hold-streams", &addr, host, &count], &world.log("hold-streams"))?;
    client.line("all are open").await?;
    Ok(client)
}

/// The server's resident memory.
pub fn resident_kb(server: &Server) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id()?))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the kernel does not tell")?;
    Ok(line.split_whitespace().next().context("no number")?.parse()?)
}

/// The other process: opens so many visitors' streams and holds them until it is told to stop.
pub async fn hold_streams(addr: SocketAddr, host: &str, count: usize) -> Result<()> {
    let host: Arc<str> = host.into();
    let streams: Vec<Connection> = stream::iter(0..count)
        .map(|number| open(addr, Arc::clone(&host), number))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    for mut stream in streams {
        tokio::spawn(async move { while let Ok(Some(_)) = stream.read_more().await {} });
    }
    println!("all are open");
    std::future::pending::<()>().await;
    Ok(())
}

async fn open(addr: SocketAddr, host: Arc<str>, number: usize) -> Result<Connection> {
    let session = format!("bench-idle-visitor-{number:06}");
    let mut connection = Connection::open(addr).await?;
    let begin = json!({ "domain": &*host, "session_id": session });
    connection.send(&Request::post_json("/api/widget/session", &begin)?).await?.success()?;
    let events = Request::get(&format!("/api/widget/events?domain={host}&session_id={session}"));
    let (status, _) = connection.begin(&events).await?;
    ensure!(status == 200, "a stream got status {status}");
    Ok(connection)
}
