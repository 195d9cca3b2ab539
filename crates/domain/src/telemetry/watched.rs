//! What alerts look at.

use chrono::TimeDelta;
use omniops_postgres::TenantTx;
use omniops_types::{Freshness, MicroUsd, TelemetryQuery};

use super::range::Span;
use super::report::{freshness, projection, spends, sum};
use super::report_queries::{self as queries, Calendar, Filter};
use crate::Result;

/// Figures of the transaction's tenant that rules compare with their limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watched {
    pub(crate) freshness: Freshness,
    pub(crate) last_hour: Watch,
    pub(crate) last_day: Watch,
    /// What the month will have cost.
    pub(crate) projection: MicroUsd,
    /// What it may cost, if that is limited.
    pub(crate) monthly_budget: Option<MicroUsd>,
}

/// Sums over a span up to now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    /// Turns but for those that were dropped.
    pub(crate) counted: i64,
    pub(crate) failed: i64,
    pub(crate) searches: i64,
    pub(crate) zero_results: i64,
}

pub(crate) async fn watched(tx: &mut TenantTx) -> Result<Watched> {
    let all = Filter { domain: None, model: None };
    let calendar = queries::calendar(tx, None).await?;
    let freshness = freshness(tx, calendar.now).await?;
    let (today, month) = spends(tx, all, &calendar).await?;
    Ok(Watched {
        freshness,
        last_hour: watch(tx, &calendar, TimeDelta::hours(1)).await?,
        last_day: watch(tx, &calendar, TimeDelta::days(1)).await?,
        projection: projection(tx, all, &calendar, today, month).await?.cost,
        monthly_budget: queries::budgets(tx).await?.monthly,
    })
}

/// The quarters of an hour that the span up to now touches.
async fn watch(tx: &mut TenantTx, calendar: &Calendar, length: TimeDelta) -> Result<Watch> {
    let query = TelemetryQuery { from: Some(calendar.now - length), ..TelemetryQuery::default() };
    let span = Span::of(&query, calendar.now)?;
    let counts = sum(&queries::figures(tx, Filter { domain: None, model: None }, span).await?).counts;
    Ok(Watch {
        counted: counts.turns - counts.dropped,
        failed: counts.failed,
        searches: counts.searches,
        zero_results: counts.zero_results,
    })
}
