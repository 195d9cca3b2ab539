//! What the process remembers about the answers it makes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{Datelike, Utc};
use omniops_postgres::TenantTx;
use omniops_types::{ChatResponse, ConversationId, TenantId};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::leaving::resume;
use super::queries::{self, SendKey};
use super::telemetry_queries::ensure_telemetry_partitions;
use crate::{Domain, Error, Result};

/// Bells to ring when a conversation got its answer. Two conversations may share one: a bell only says "look".
const BELLS: usize = 64;
/// How long a repeated send waits for the answer of the first one before it is told to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(95);
const FIRST_LOOK: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Who in this process waits for which answer, and which month's telemetry is sure to have a place.
#[derive(Clone, Debug)]
pub struct Turns {
    bells: Arc<[Notify]>,
    /// Months since year 0.
    telemetry_month: Arc<AtomicI64>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { bells: (0..BELLS).map(|_| Notify::new()).collect(), telemetry_month: Arc::default() }
    }
}

impl Turns {
    fn bell(&self, conversation: ConversationId) -> Option<&Notify> {
        self.bells.get((conversation.uuid().as_u128() % BELLS as u128) as usize)
    }

    /// Tells those who wait that the conversation's sends have their answer.
    pub(super) fn ring(&self, conversation: ConversationId) {
        if let Some(bell) = self.bell(conversation) {
            bell.notify_waiters();
        }
    }
}

/// Waits until the send has its answer, wherever that is being made: the bell rings for turns of this process, and the
/// row is looked at now and then for those of others. One that was set aside because the customer left is taken up again
/// while `is_wanted`.
pub(super) async fn wait_for_answer(
    domain: &Domain,
    tenant: TenantId,
    key: SendKey,
    conversation: ConversationId,
    is_wanted: impl Fn() -> bool,
) -> Result<ChatResponse> {
    let mut deadline = Instant::now() + LONGEST_WAIT;
    let mut pause = FIRST_LOOK;
    loop {
        let Some(bell) = domain.turns.bell(conversation) else {
            return Err(Error::Unavailable { retry_after: LONGEST_PAUSE });
        };
        let mut rung = std::pin::pin!(bell.notified());
        rung.as_mut().enable();
        let mut tx: TenantTx = domain.database.tenant(tenant).await?;
        let send = queries::find_send(&mut tx, key).await?;
        drop(tx);
        // A send goes only with its conversation.
        let send = send.ok_or(Error::NotFound("conversation"))?;
        if let Some(response) = send.response {
            return Ok(response.0);
        }
        if send.set_aside {
            if !is_wanted() {
                return Err(Error::Unavailable { retry_after: LONGEST_PAUSE });
            }
            resume(domain, tenant, conversation).await?;
            deadline = Instant::now() + LONGEST_WAIT;
        }
        if Instant::now() >= deadline {
            return Err(Error::Unavailable { retry_after: Duration::from_secs(2) });
        }
        drop(tokio::time::timeout(pause, rung).await);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Makes sure that this month's and the next month's telemetry have a partition; asks the database once a month.
pub(super) async fn ensure_telemetry(domain: &Domain) -> Result<()> {
    let today = Utc::now();
    let month = i64::from(today.year()) * 12 + i64::from(today.month0());
    if domain.turns.telemetry_month.load(Ordering::Relaxed) == month {
        return Ok(());
    }
    let mut tx = domain.database.system("make the month's telemetry partition").await?;
    ensure_telemetry_partitions(&mut tx).await?;
    tx.commit().await?;
    domain.turns.telemetry_month.store(month, Ordering::Relaxed);
    Ok(())
}
