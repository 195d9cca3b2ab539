//! The scripted server on its own: `openai-stub --addr 127.0.0.1:8089 --script replies.json`.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use omniops_openai_stub::StubServer;

/// A scripted OpenAI-compatible server. Its script can be changed while it runs: `PUT /_script`.
#[derive(Debug, Parser)]
#[command(name = "openai-stub")]
struct Options {
    /// Where it listens; port 0 is any free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    addr: SocketAddr,
    /// A file with the script, as the README describes it.
    #[arg(long)]
    script: Option<PathBuf>,
    /// The only key that is let in; any key without it.
    #[arg(long)]
    key: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let server =
        StubServer::start_at(options.addr).await.with_context(|| format!("cannot listen on {}", options.addr))?;
    if let Some(path) = options.script {
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        server.load(serde_json::from_slice(&text).with_context(|| format!("{} is no script", path.display()))?);
    }
    if let Some(key) = options.key {
        server.require_key(key);
    }
    println!("listening on {}", server.base_url());
    tokio::signal::ctrl_c().await?;
    server.stop().await;
    Ok(())
}
