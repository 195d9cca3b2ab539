//! Whether the inbox stays as quick at a million conversations as at ten thousand.
//!
//! Two tenants in one database, filled alike; an agent logged in to each. The list is read through its route with
//! every filter, from the first page to the thirtieth, and the whole page is rendered; small and large take turns.

mod fill;

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use omniops_types::ConversationPage;
use serde_json::json;

use crate::figure::{Figure, number};
use crate::support::http::{Connection, Request};
use crate::support::stats::Sorted;
use crate::support::world::World;

const SMALL: i64 = 10_000;
const LARGE: i64 = 1_000_000;
const PASSWORD: &str = "correct-horse-battery";
/// What the inbox can show; each list also below its first page.
const LISTS: [&str; 7] = [
    "view=all",
    "view=all&status=open",
    "view=all&status=pending",
    "view=all&status=resolved",
    "view=unassigned",
    "view=mine",
    "view=mine&status=open",
];
const PAGES_DEEP: usize = 30;
const ROUNDS: usize = 8;
const PAGE_ROUNDS: usize = 200;
const PAGE: &str = "/dashboard/conversations";

/// One tenant's agent: an open connection and what it asks for.
struct Agent {
    connection: Connection,
    cookie: String,
    lists: Vec<Request>,
    page: Request,
}

pub async fn inbox(world: &World) -> Result<Vec<Figure>> {
    // Filled before anybody connects: the server closes a connection that is silent for as long as this takes.
    let small = filled(world, "bench-inbox-10k", SMALL).await?;
    let large = filled(world, "bench-inbox-1m", LARGE).await?;
    let server = world.server("inbox").await?;
    let mut small = agent(server.addr, &small).await?;
    let mut large = agent(server.addr, &large).await?;

    let (mut small_lists, mut large_lists) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (small_times, large_times) = (small.read_lists().await?, large.read_lists().await?);
        // The first round warms up.
        if round > 0 {
            small_lists.extend(small_times);
            large_lists.extend(large_times);
        }
    }
    let (mut small_pages, mut large_pages) = (Vec::new(), Vec::new());
    for round in 0..PAGE_ROUNDS {
        let (small_time, large_time) = (small.read_page().await?, large.read_page().await?);
        if round >= PAGE_ROUNDS / 10 {
            small_pages.push(small_time);
            large_pages.push(large_time);
        }
    }
    server.stop().await?;
    let lists = figures("inbox list", Sorted::new(small_lists), Sorted::new(large_lists));
    let pages = figures("inbox page, rendered", Sorted::new(small_pages), Sorted::new(large_pages));
    Ok(lists.into_iter().chain(pages).collect())
}

fn figures(name: &str, small: Sorted, large: Sorted) -> [Figure; 2] {
    let (at_small, at_large) = (small.percentile(95), large.percentile(95));
    let against = format!("p95 {} ms and {} ms", number(at_large), number(at_small));
    [
        Figure::ratio(format!("{name}, p95 at 1 M ÷ at 10 k conversations"), at_large / at_small)
            .at_most(1.5)
            .against(against),
        Figure::new(format!("{name}, p50 at 1 M"), large.median(), "ms"),
    ]
}

/// A tenant with as many conversations; gives its agent's e-mail address.
async fn filled(world: &World, slug: &str, conversations: i64) -> Result<String> {
    let tenant = world.tenant(slug).await?;
    let email = format!("ana@{slug}.example");
    world.agent(&tenant, &email, PASSWORD).await?;
    fill::fill(&world.superuser, &tenant, &email, conversations).await?;
    Ok(email)
}

async fn agent(addr: SocketAddr, email: &str) -> Result<Agent> {
    let mut connection = Connection::open(addr).await?;
    let log_in = Request::post_json("/api/auth/login", &json!({ "email": email, "password": PASSWORD }))?;
    let reply = connection.send(&log_in).await?.success()?;
    let cookie = reply.header("set-cookie").and_then(|cookie| cookie.split(';').next());
    let cookie = cookie.context("log-in set no cookie")?.to_owned();
    let page = Request::get(PAGE).with("cookie", &cookie);
    let mut agent = Agent { connection, cookie, lists: Vec::new(), page };
    for list in LISTS {
        agent.walk(list).await?;
    }
    Ok(agent)
}

impl Agent {
    /// Goes down a list page by page and keeps the requests.
    async fn walk(&mut self, list: &str) -> Result<()> {
        let mut cursor = None;
        for _ in 0..PAGES_DEEP {
            let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let request = Request::get(&format!("/api/dashboard/conversations?{list}{after}"));
            let request = request.with("cookie", &self.cookie);
            let page: ConversationPage = self.connection.send(&request).await?.json()?;
            ensure!(!page.items.is_empty(), "the list {list} is empty");
            self.lists.push(request);
            cursor = page.next_cursor.map(|cursor| cursor.0);
            if cursor.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn read_lists(&mut self) -> Result<Vec<f64>> {
        let mut times = Vec::with_capacity(self.lists.len());
        for request in &self.lists {
            times.push(timed(&mut self.connection, request).await?);
        }
        Ok(times)
    }

    async fn read_page(&mut self) -> Result<f64> {
        timed(&mut self.connection, &self.page).await
    }
}

/// Milliseconds to the last byte.
async fn timed(connection: &mut Connection, request: &Request) -> Result<f64> {
    let begun = Instant::now();
    connection.send(request).await?.success()?;
    Ok(begun.elapsed().as_secs_f64() * 1_000.0)
}
