//! Taking up sends whose process died between the commit and the answer.

use std::time::Duration;

use futures::{StreamExt, stream};
use tokio::time::Instant;

use super::answer;
use super::begin::prepare;
use super::queries::{self, Abandoned};
use super::turn::Listener;
use super::turns::ensure_telemetry;
use crate::{Domain, Error, Result, conversations};

/// Sends taken up at once, and answers made at the same time. Taking one up counts as an attempt, so that what makes its
/// process end is given up at last: none is taken before its turn.
const CONCURRENT: usize = 4;
/// How often to look. Together with the lease this is how long a customer waits when a process dies.
const EVERY: Duration = Duration::from_secs(5);

/// Answers every send that nobody is answering, and gives how many conversations that were.
///
/// Safe beside other processes: a send is claimed under a row lock, and whoever finishes first posts the answer.
pub async fn recover(domain: &Domain) -> Result<usize> {
    let mut taken_up = 0;
    loop {
        let mut tx = domain.database.system("take up chat messages whose process died").await?;
        let abandoned = queries::claim_abandoned(&mut tx, CONCURRENT as i64).await?;
        tx.commit().await?;
        if abandoned.is_empty() {
            return Ok(taken_up);
        }
        ensure_telemetry(domain).await?;
        taken_up += abandoned.len();
        let outcomes: Vec<Result<()>> =
            stream::iter(abandoned).map(|one| take_up(domain, one)).buffer_unordered(CONCURRENT).collect().await;
        outcomes.into_iter().collect::<Result<()>>()?;
    }
}

async fn take_up(domain: &Domain, abandoned: Abandoned) -> Result<()> {
    let mut tx = domain.database.tenant(abandoned.tenant).await?;
    let conversation = match conversations::lock_conversation(&mut tx, abandoned.conversation).await {
        // Erased since it was claimed.
        Err(Error::NotFound(_)) => return Ok(()),
        locked => locked?,
    };
    let turn = prepare(&mut tx, &conversation, Instant::now()).await?;
    tx.commit().await?;
    if let Some(turn) = turn {
        Box::pin(answer::run(domain.clone(), turn, Listener::nobody())).await;
    }
    Ok(())
}

/// Recovers at once and then for ever, every few seconds. For a task beside the server.
pub async fn keep_recovering(domain: Domain) {
    loop {
        match recover(&domain).await {
            Ok(0) => {}
            Ok(taken_up) => tracing::info!(taken_up, "answered messages whose process had died"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "abandoned messages could not be taken up");
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}
