//! `make dev`: build, serve, and do it again when a source file changes.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Child, Command},
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};

use crate::{
    fingerprint::files_below,
    layout::{Flavour, Layout},
    site,
};

const WATCHED: &[&str] = &[
    "app",
    "crates",
    "frontend",
    "migrations",
    "server",
    "style",
    "widget",
    "end2end/store",
    "Cargo.toml",
    "Cargo.lock",
];
const POLL: Duration = Duration::from_millis(400);

/// When each watched file was last written.
type Snapshot = BTreeMap<PathBuf, SystemTime>;

/// Runs until it is interrupted. A build that fails leaves the old server running.
pub fn watch(layout: &Layout, server_arguments: &[String]) -> Result<()> {
    let mut server: Option<Child> = None;
    println!("dev: building, which takes minutes the first time; then a server starts and says where");
    loop {
        let seen = snapshot(layout)?;
        match site::build(layout, Flavour::Dev).and_then(|()| site::build_server(layout, Flavour::Dev)) {
            Ok(()) => {
                if let Some(running) = server.take() {
                    stop(running)?;
                }
                server = Some(start(layout, server_arguments)?);
            }
            Err(error) => println!("dev: {error:#}; waiting for a change"),
        }
        while snapshot(layout)? == seen {
            thread::sleep(POLL);
        }
        println!("dev: a file changed, building");
    }
}

fn snapshot(layout: &Layout) -> Result<Snapshot> {
    let mut snapshot = Snapshot::new();
    for watched in WATCHED {
        let path = layout.root.join(watched);
        let files = if path.is_file() { vec![path] } else { files_below(&path)? };
        for file in files {
            // A file may vanish while an editor replaces it: the next round sees it.
            if let Ok(written) = file.metadata().and_then(|metadata| metadata.modified()) {
                snapshot.insert(file, written);
            }
        }
    }
    Ok(snapshot)
}

fn start(layout: &Layout, arguments: &[String]) -> Result<Child> {
    let program = layout.server(Flavour::Dev);
    let default = ["serve".to_owned(), "--demo".to_owned()];
    Command::new(&program)
        .current_dir(&layout.root)
        .env("OMNIOPS_SITE_DIR", layout.site(Flavour::Dev))
        .args(if arguments.is_empty() { &default } else { arguments })
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))
}

/// Asks politely, so that the server stops its database too.
fn stop(mut server: Child) -> Result<()> {
    if server.try_wait()?.is_none() {
        Command::new("kill").args(["-TERM", &server.id().to_string()]).status().context("cannot stop the server")?;
    }
    server.wait()?;
    Ok(())
}
