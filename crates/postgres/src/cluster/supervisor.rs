//! Keeps PostgreSQL running, and stops it in the end.

use std::process::Child;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

use super::process::{Installation, Wait};
use crate::{Error, Result};

const LOOK_EVERY: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Supervisor {
    task: JoinHandle<Result<()>>,
    stop: oneshot::Sender<()>,
}

impl Supervisor {
    pub fn watch(installation: Installation, port: u16, child: Child) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { task: tokio::spawn(run(installation, port, child, stopped)), stop }
    }

    /// Stops PostgreSQL and waits until it has.
    pub async fn stop(self) -> Result<()> {
        drop(self.stop);
        self.task.await.unwrap_or_else(|error| {
            Err(Error::Program { program: "postgres", output: format!("its watcher ended: {error}") })
        })
    }
}

/// Runs until the other side of `stopped` is gone.
async fn run(
    installation: Installation,
    port: u16,
    mut child: Child,
    mut stopped: oneshot::Receiver<()>,
) -> Result<()> {
    let mut pause = LOOK_EVERY;
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            () = tokio::time::sleep(pause) => {}
        }
        if !matches!(child.try_wait(), Ok(Some(_))) {
            pause = LOOK_EVERY;
            continue;
        }
        tracing::error!(log = %installation.directory.log().display(), "PostgreSQL ended; starting it again");
        match restart(&installation, port).await {
            Ok(started) => child = started,
            Err(error) => {
                tracing::error!(%error, "PostgreSQL could not be started");
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
    stop(installation, child).await
}

/// On the same port: the pools know no other.
async fn restart(installation: &Installation, port: u16) -> Result<Child> {
    installation.clear_up()?;
    let (child, new_port) = installation.start().await?;
    if new_port != port {
        tracing::error!(port, new_port, "the database's port was taken while it was down; restart omniops");
    }
    Ok(child)
}

async fn stop(installation: Installation, mut child: Child) -> Result<()> {
    let stopping = spawn_blocking(move || {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return Ok(());
        }
        installation.stop(Wait::ForTheEnd)?;
        child.wait().map(|_| ()).map_err(Error::file(installation.tools.program("postgres")))
    });
    stopping.await.unwrap_or_else(|error| Err(Error::Program { program: "pg_ctl", output: error.to_string() }))
}
