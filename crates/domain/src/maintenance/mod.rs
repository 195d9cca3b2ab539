//! What has to be done every day so that tables do not grow for ever: what is old goes, and next month has its place.
//!
//! Nothing is remembered between runs. Each batch is a transaction of its own, so a run that is cut off has done a part
//! and the next one does the rest; two processes at once take different rows.

mod queries;

use std::time::Duration;

use omniops_postgres::SystemTx;

use self::queries::Level;
use crate::{Domain, Result};

/// A sign-in is of no use after it has expired, and holds an address and a browser's name.
const SESSIONS_AFTER_EXPIRY: Duration = DAY;
/// How long a send may be repeated and still get the answer of the first: far beyond what a client retries.
const CHAT_REQUESTS: Duration = days(30);
/// Searches hold customers' words. A season is enough to see what is asked and not found.
const SEARCH_LOG: Duration = days(90);
/// Proofs of an e-mail address hold for a day, and codes for minutes.
const EMAIL_CODES: Duration = days(2);
/// Telemetry holds figures and no words: a year, to compare with, and the month under way.
const TELEMETRY_MONTHS: i32 = 13;
/// Figures of whole days and months are small, and three years tell a trend.
const DAILY_FIGURES_MONTHS: i32 = 37;
/// Alerts that are over, with their notices: as long as the turns that they were about.
const ENDED_ALERTS_MONTHS: i32 = 13;
/// Months that have their partition before they begin.
const MONTHS_AHEAD: i32 = 2;

/// Rows that one transaction deletes: locks are short, and other work comes between.
const BATCH: i64 = 1_000;
const EVERY: Duration = DAY;
/// After a failure: the database may have been restarting.
const AGAIN_AFTER: Duration = Duration::from_secs(600);

const DAY: Duration = days(1);

const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 60 * 60)
}

/// What a run took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub sessions: u64,
    pub chat_requests: u64,
    pub searches: u64,
    /// Codes and what they proved, and counts of how many an address got.
    pub email_codes: u64,
    pub telemetry_months: u64,
    /// What became of conversations whose turns are gone.
    pub resolutions: u64,
    /// Figures of quarters of an hour, days and months.
    pub rollups: u64,
    pub alerts: u64,
}

/// Does all of it once.
pub async fn run(domain: &Domain) -> Result<Swept> {
    // Before the turns that they are about: nothing asks anew what became of these conversations.
    let resolutions =
        in_batches(domain, async |tx| queries::delete_resolutions(tx, TELEMETRY_MONTHS, BATCH).await).await?;
    let mut tx = domain.database.system("make and drop the months of all tenants' telemetry").await?;
    queries::ensure_telemetry(&mut tx, MONTHS_AHEAD).await?;
    let telemetry_months = queries::drop_telemetry(&mut tx, TELEMETRY_MONTHS).await?;
    tx.commit().await?;
    Ok(Swept {
        telemetry_months,
        resolutions,
        rollups: old_rollups(domain).await?,
        alerts: in_batches(domain, async |tx| queries::delete_ended_alerts(tx, ENDED_ALERTS_MONTHS, BATCH).await)
            .await?,
        sessions: in_batches(domain, async |tx| {
            queries::delete_expired_sessions(tx, SESSIONS_AFTER_EXPIRY, BATCH).await
        })
        .await?,
        chat_requests: in_batches(domain, async |tx| queries::delete_answered_requests(tx, CHAT_REQUESTS, BATCH).await)
            .await?
            + in_batches(domain, async |tx| queries::delete_requests_set_aside(tx, CHAT_REQUESTS, BATCH).await).await?,
        searches: in_batches(domain, async |tx| queries::delete_searches(tx, SEARCH_LOG, BATCH).await).await?,
        email_codes: in_batches(domain, async |tx| queries::delete_email_codes(tx, EMAIL_CODES, BATCH).await).await?
            + in_batches(domain, async |tx| queries::delete_email_counts(tx, DAY, BATCH).await).await?,
    })
}

async fn old_rollups(domain: &Domain) -> Result<u64> {
    const QUARTERS: i32 = TELEMETRY_MONTHS;
    const DAYS: i32 = DAILY_FIGURES_MONTHS;
    let models =
        in_batches(domain, async |tx| queries::delete_rollups(tx, Level::Model, QUARTERS, DAYS, BATCH).await).await?;
    let domains =
        in_batches(domain, async |tx| queries::delete_rollups(tx, Level::Domain, QUARTERS, DAYS, BATCH).await).await?;
    let tenants =
        in_batches(domain, async |tx| queries::delete_rollups(tx, Level::Tenant, QUARTERS, DAYS, BATCH).await).await?;
    Ok(models + domains + tenants)
}

/// Runs `delete`, which gives how many rows it took, until a batch is not full.
async fn in_batches(domain: &Domain, delete: impl AsyncFn(&mut SystemTx) -> Result<u64>) -> Result<u64> {
    let mut deleted = 0;
    loop {
        let mut tx = domain.database.system("take away what is old of all tenants").await?;
        let batch = delete(&mut tx).await?;
        tx.commit().await?;
        deleted += batch;
        if batch < BATCH.unsigned_abs() {
            return Ok(deleted);
        }
    }
}

/// Maintains at once and then for ever, every day. For a task beside the server.
pub async fn keep_running(domain: Domain) {
    loop {
        let pause = match run(&domain).await {
            Ok(swept) => {
                tracing::info!(?swept, "took away what is old");
                EVERY
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the daily maintenance failed");
                AGAIN_AFTER
            }
        };
        tokio::time::sleep(pause).await;
    }
}
