//! Bringing the rollups up to what the turns say.
//!
//! Whatever changes turns or thumbs leaves a note in the same transaction (migration 0042). A run takes the notes of a
//! tenant and counts the quarters of an hour that they name anew, in one transaction: so a change that commits late is
//! counted when it commits, nothing is counted twice, a run that is cut off has done nothing, and running again changes
//! nothing. The watermark is the oldest note that is left.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DurationRound, TimeDelta};
use omniops_postgres::SystemTx;
use omniops_types::{TenantId, Timestamp};

use super::course::{Course, QUARTER_SECONDS, Slot};
use super::range::{month_after, month_of};
use super::resolutions;
use super::rollup_queries::{self as queries, Grain, Key, Level, Rollup};
use crate::{Domain, Result};

/// Quarters of an hour that one transaction counts: a day's. Locks are short, and a rebuild goes on day by day.
const BATCH: i64 = 96;
/// Unfinished days that one transaction sums up beside them.
const DAYS: i64 = 7;
/// Tenants that one round looks for.
const TENANTS: i64 = 1_000;
/// How old figures may get while nothing fails.
const EVERY: Duration = Duration::from_secs(10);
const DAY: TimeDelta = TimeDelta::days(1);
const LEVELS: [Level; 3] = [Level::Tenant, Level::Domain, Level::Model];

/// Looks what became of conversations, and counts everything that has changed, of all tenants; gives how many quarters of an hour those were. A tenant that
/// another process is counting, or whose count fails, is left for the next round.
pub async fn roll_up(domain: &Domain) -> Result<u64> {
    resolutions::judge(domain).await?;
    let mut tx = domain.database.system("find the tenants whose telemetry has changed").await?;
    let tenants = queries::tenants_with_changes(&mut tx, TENANTS).await?;
    tx.commit().await?;
    let mut counted = 0;
    for tenant in tenants {
        match roll_up_tenant(domain, tenant, queries::try_lock).await {
            Ok(buckets) => counted += buckets,
            Err(error) => {
                tracing::error!(%tenant, error = &error as &dyn std::error::Error, "a tenant's telemetry was not counted");
            }
        }
    }
    Ok(counted)
}

/// Counts every quarter of an hour of the tenant anew, as far back as there are turns; gives how many those were.
pub async fn rebuild(domain: &Domain, tenant: TenantId) -> Result<u64> {
    let mut tx = domain.database.system("count a tenant's telemetry anew").await?;
    // There may be years of them.
    tx.set_statement_timeout(Duration::from_secs(600)).await?;
    queries::note_everything(&mut tx, tenant).await?;
    tx.commit().await?;
    roll_up_tenant(domain, tenant, async |tx, tenant| queries::lock(tx, tenant).await.map(|()| true)).await
}

/// Batch by batch, until there is nothing left or `lock` gives way to another process.
async fn roll_up_tenant(
    domain: &Domain,
    tenant: TenantId,
    lock: impl AsyncFn(&mut SystemTx, TenantId) -> Result<bool>,
) -> Result<u64> {
    let mut counted = 0;
    loop {
        let mut tx = domain.database.system("count a tenant's telemetry").await?;
        tx.set_statement_timeout(Duration::from_secs(120)).await?;
        if !lock(&mut tx, tenant).await? {
            return Ok(counted);
        }
        let changed = queries::take_changes(&mut tx, tenant, BATCH).await?;
        let unfinished = queries::unfinished_days(&mut tx, tenant, DAYS).await?;
        count(&mut tx, tenant, &changed, &unfinished).await?;
        tx.commit().await?;
        counted += changed.len() as u64;
        if changed.len() < BATCH.unsigned_abs() as usize && unfinished.len() < DAYS.unsigned_abs() as usize {
            return Ok(counted);
        }
    }
}

/// Makes the rows of these quarters of an hour, and those of their days, of the unfinished days, and of the months of both.
async fn count(tx: &mut SystemTx, tenant: TenantId, quarters: &[Timestamp], unfinished: &[Timestamp]) -> Result<()> {
    if !quarters.is_empty() {
        queries::count_turns(tx, tenant, quarters).await?;
    }
    let changed: BTreeSet<Timestamp> = quarters.iter().copied().collect();
    let mut days: BTreeSet<Timestamp> =
        quarters.iter().filter_map(|quarter| quarter.duration_trunc(DAY).ok()).collect();
    days.extend(unfinished);
    for day in &days {
        let by_model = queries::by_model(tx, tenant, Grain::QuarterHour, (*day, *day + DAY)).await?;
        let of_day: Vec<Timestamp> = changed.range(*day..*day + DAY).copied().collect();
        let in_changed: Vec<&Rollup> = by_model.iter().filter(|rollup| changed.contains(&rollup.bucket)).collect();
        for level in [Level::Tenant, Level::Domain] {
            let quarters = sums(in_changed.iter().copied(), |rollup| (rollup.bucket, key(level, &rollup.key)));
            queries::replace(tx, tenant, (level, Grain::QuarterHour), &of_day, &quarters).await?;
        }
        for level in LEVELS {
            let whole = with_courses(sums(&by_model, |rollup| (*day, key(level, &rollup.key))), level, &by_model);
            queries::replace(tx, tenant, (level, Grain::Day), &[*day], &whole).await?;
        }
    }
    let months: BTreeSet<Timestamp> = days.iter().filter_map(|day| month_of(*day)).collect();
    for month in months {
        let Some(next) = month_after(month) else { continue };
        let by_model = queries::by_model(tx, tenant, Grain::Day, (month, next)).await?;
        for level in LEVELS {
            let whole = sums(&by_model, |rollup| (month, key(level, &rollup.key)));
            queries::replace(tx, tenant, (level, Grain::Month), &[month], &whole).await?;
        }
    }
    Ok(())
}

/// Days with what each of their quarters of an hour held.
fn with_courses(mut days: Vec<Rollup>, level: Level, quarters: &[Rollup]) -> Vec<Rollup> {
    for day in &mut days {
        let mut course = Course::default();
        for quarter in quarters.iter().filter(|quarter| key(level, &quarter.key) == day.key) {
            let place = (quarter.bucket - day.bucket).num_seconds() / QUARTER_SECONDS;
            course.add(usize::try_from(place).unwrap_or(usize::MAX), Slot::from(&quarter.figures));
        }
        day.course = Some(course);
    }
    days
}

/// The key of the row that counts this one on a level.
fn key(level: Level, key: &Key) -> Key {
    match (level, key) {
        (Level::Tenant, _) | (_, Key::Tenant {}) => Key::Tenant {},
        (Level::Domain, Key::Domain { domain_id } | Key::Model { domain_id, .. }) => {
            Key::Domain { domain_id: *domain_id }
        }
        (Level::Model, key) => key.clone(),
    }
}

fn sums<'a>(
    rollups: impl IntoIterator<Item = &'a Rollup>,
    target: impl Fn(&Rollup) -> (Timestamp, Key),
) -> Vec<Rollup> {
    let mut sums = BTreeMap::new();
    for rollup in rollups {
        let sum: &mut super::figures::Figures = sums.entry(target(rollup)).or_default();
        sum.add(&rollup.figures);
    }
    sums.into_iter().map(|((bucket, key), figures)| Rollup { bucket, key, figures, course: None }).collect()
}

/// Rolls up for ever. For a task beside the server.
pub async fn keep_rolling_up(domain: Domain) {
    loop {
        match roll_up(&domain).await {
            Ok(0) => {}
            Ok(buckets) => tracing::debug!(buckets, "counted telemetry"),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "telemetry could not be counted");
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}
