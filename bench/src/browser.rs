//! What browsers have to download, and how long a slow one takes to open the panel.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::figure::{Figure, number};
use crate::support::child::target_dir;
use crate::support::stats::Sorted;
use crate::support::world::World;

const KB: f64 = 1024.0;
/// The first run, which also warms the system's file cache, is not counted.
const RUNS: usize = 12;

/// `widget/manifest.json`, as the build writes it.
#[derive(Deserialize)]
struct Manifest {
    loader: String,
    glue: String,
    wasm: String,
}

/// Bytes with brotli, as they lie in the built site.
pub fn weight() -> Result<Vec<Figure>> {
    let site = target_dir()?.join("site");
    let widget = site.join("widget");
    let manifest = fs::read(widget.join("manifest.json")).context("the site is not built; `make build` makes it")?;
    let Manifest { loader, glue, wasm } = serde_json::from_slice(&manifest)?;
    let loader = brotli_kb(&widget.join(loader))?;
    let (glue, wasm) = (brotli_kb(&widget.join(glue))?, brotli_kb(&widget.join(wasm))?);
    let parts = format!("loader {}, glue {}, wasm {}", number(loader), number(glue), number(wasm));
    let dashboard = dashboard_files(&site)?;
    let sizes = dashboard.iter().map(|file| brotli_kb(file)).collect::<Result<Vec<_>>>()?;
    let of = |extension: &str| {
        let parts = dashboard.iter().zip(&sizes);
        parts.filter(|(file, _)| file.extension().is_some_and(|is| is == extension)).map(|(_, kb)| kb).sum::<f64>()
    };
    let dashboard_parts =
        format!("wasm {}, script {}, styles {}", number(of("wasm")), number(of("js")), number(of("css")));
    Ok(vec![
        Figure::new("widget loader, brotli", loader, "KB").at_most(3.0),
        Figure::new("widget to an open panel, brotli", loader + glue + wasm, "KB").at_most(55.0).against(parts),
        Figure::new("dashboard first load, brotli", sizes.iter().sum(), "KB").at_most(700.0).against(dashboard_parts),
    ])
}

/// The files that every page of the dashboard names: those with the hashes of `hash.txt`.
fn dashboard_files(site: &Path) -> Result<Vec<PathBuf>> {
    let hashes = fs::read_to_string(site.join("hash.txt")).context("the site is not built; `make build` makes it")?;
    let file = |line: &str| {
        let (extension, hash) = line.split_once(':')?;
        Some(site.join(format!("pkg/omniops.{}.{}", hash.trim(), extension.trim())))
    };
    Ok(hashes.lines().filter_map(file).collect())
}

fn brotli_kb(file: &Path) -> Result<f64> {
    let compressed = PathBuf::from(format!("{}.br", file.display()));
    let bytes = compressed.metadata().with_context(|| format!("cannot read {}", compressed.display()))?.len();
    Ok(bytes as f64 / KB)
}

/// A shop's page with the widget on it, opened in Chromium with a quarter of the processor's speed.
pub async fn panel(world: &World) -> Result<Vec<Figure>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/panel.mjs");
    let chromium = std::env::var("OMNIOPS_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let tenant = world.tenant("bench-panel").await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let shop = format!("http://{}", listener.local_addr()?);
    // Before the server starts, which remembers origins for a while.
    sqlx::query("update domains set allowed_origins = array[$2] where tenant_id = $1")
        .bind(tenant.id.uuid())
        .bind(&shop)
        .execute(&world.superuser)
        .await?;
    let server = world.server("panel").await?;
    let page = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>A shop</title></head><body><h1>A shop</h1>\
         <script async src=\"http://{}/embed.js?domain={}\"></script></body></html>",
        server.addr, tenant.host
    );
    let shop_page = Router::new().route("/", get(move || std::future::ready(Html(page.clone()))));
    let host = tokio::spawn(async move { axum::serve(listener, shop_page).await });
    let output = Command::new("node").arg(script).args([&shop, &chromium, &RUNS.to_string()]).output().await;
    host.abort();
    server.stop().await?;

    let output = output.context("node cannot be started")?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("the browser script failed: {}", errors.lines().take(8).collect::<Vec<_>>().join(" | "));
    }
    let runs: Vec<f64> = serde_json::from_slice(&output.stdout)?;
    let times = Sorted::new(runs.into_iter().skip(1).collect());
    Ok(vec![
        Figure::new("click → usable panel, 4× slower processor, median", times.median(), "ms"),
        Figure::new("click → usable panel, 4× slower processor, slowest", times.percentile(100), "ms"),
    ])
}
