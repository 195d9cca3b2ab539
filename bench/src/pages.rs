//! What a small reply costs: the widget's configuration and the log-in page, each beside a bare axum handler that sends
//! the same bytes.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use crate::figure::{Figure, number};
use crate::support::child::{Running, this_program};
use crate::support::http::{Connection, Request};
use crate::support::load::{Comparison, Endpoint, compare};
use crate::support::world::World;

/// `/api/customer/config` beside the same bytes from a handler that does nothing else.
pub async fn config(world: &World) -> Result<Vec<Figure>> {
    let tenant = world.tenant("bench-shop").await?;
    let request = Request::get(&format!("/api/customer/config?domain={}", tenant.host));
    let compared = beside_bare(world, "config", request).await?;
    Ok(figures("widget configuration", &compared, 0.6))
}

/// The log-in page beside the same bytes from a handler that does nothing else: as it is asked for, which the server
/// renders once and keeps; and leading back to another page, which it renders for each request.
pub async fn login_page(world: &World) -> Result<Vec<Figure>> {
    let kept = beside_bare(world, "login-page", Request::get("/login")).await?;
    let rendered = beside_bare(world, "login-page-rendered", Request::get("/login?next=/dashboard")).await?;
    let mut figures = figures("log-in page", &kept, 0.3);
    figures.push(ratio("log-in page, rendered for each request", &rendered));
    Ok(figures)
}

fn figures(name: &str, compared: &Comparison, target: f64) -> Vec<Figure> {
    let p95 = Figure::new(format!("{name}, p95 at 32 connections"), compared.subject_p95_ms, "ms");
    vec![ratio(name, compared).at_least(target), p95]
}

fn ratio(name: &str, compared: &Comparison) -> Figure {
    let (subject, baseline) = (number(compared.subject_per_second), number(compared.baseline_per_second));
    let against = format!("{subject} of {baseline} requests/s");
    Figure::ratio(format!("{name}, requests/s ÷ bare axum"), compared.ratio).against(against)
}

async fn beside_bare(world: &World, name: &str, request: Request) -> Result<Comparison> {
    let server = world.server(name).await?;
    let reply = Connection::open(server.addr).await?.send(&request).await?.success()?;
    ensure!(reply.body.len() > 100, "the reply is nearly empty");
    let kind = reply.header("content-type").context("the reply has no content type")?.to_owned();
    let file = world.data_dir.join(format!("{name}.body"));
    std::fs::write(&file, &reply.body)?;
    let (bare, addr) = start_bare(world, &file, &kind).await?;
    let subject = Endpoint { addr: server.addr, request };
    let compared = compare(&subject, &Endpoint { addr, request: Request::get("/") }).await;
    bare.stop().await?;
    server.stop().await?;
    compared
}

async fn start_bare(world: &World, file: &Path, kind: &str) -> Result<(Running, SocketAddr)> {
    let file = file.to_str().context("the data directory's name is no text")?;
    let mut bare = this_program(&["bare-server", file, kind], &world.log("bare-server"))?;
    let addr = bare.line("listens on ").await?.parse()?;
    Ok((bare, addr))
}

/// The other process: one handler, with the socket option without which small replies wait.
pub async fn serve_bare(file: &Path, kind: String) -> Result<()> {
    let body = Bytes::from(std::fs::read(file)?);
    let handler = move || {
        let reply = ([(axum::http::header::CONTENT_TYPE, kind.clone())], body.clone());
        async move { reply }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listens on {}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, Router::new().route("/", get(handler))).await?)
}
