//! The telemetry page's query over ten million turns: through the service, from the rollups, and beside it the same figures
//! from the turns themselves.

mod fill;
mod raw;

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use omniops_domain::telemetry;
use omniops_types::{TelemetryQuery, Timestamp};

use crate::figure::{Figure, number};
use crate::support::stats::{Sorted, median};
use crate::support::world::{Tenant, World};

const TURNS: i64 = 10_000_000;
/// Fewer, to try the benchmark itself out.
const TURNS_VARIABLE: &str = "OMNIOPS_BENCH_TURNS";
const ROUNDS: usize = 100;
const WARM_UP: usize = 10;

pub async fn telemetry(world: &World) -> Result<Vec<Figure>> {
    let turns = match std::env::var(TURNS_VARIABLE) {
        Ok(turns) => turns.parse().with_context(|| format!("{TURNS_VARIABLE} is not a number"))?,
        Err(_) => TURNS,
    };
    let tenant = world.tenant(&format!("bench-telemetry-{turns}")).await?;
    let end = fill::fill(world, &tenant, turns).await?;
    let mut figures = Vec::new();
    // As often as takes some seconds.
    for (name, days, raw_rounds) in [("last 24 hours", 1, 20), ("last 30 days", 30, 5), ("last 12 months", 365, 2)] {
        let (from, to) = (end - TimeDelta::days(days), end);
        let query = TelemetryQuery { from: Some(from), to: Some(to), ..TelemetryQuery::default() };
        let mut rollups = Vec::with_capacity(ROUNDS);
        let mut raw = Vec::with_capacity(raw_rounds);
        for _ in 0..WARM_UP {
            report(world, &tenant, &query, end).await?;
        }
        for round in 0..raw_rounds {
            let rounds = ROUNDS * (round + 1) / raw_rounds - ROUNDS * round / raw_rounds;
            let mut told = (0, 0);
            for _ in 0..rounds {
                let begun = Instant::now();
                told = report(world, &tenant, &query, end).await?;
                rollups.push(milliseconds(begun));
            }
            let (from, to) = whole_quarters(from, to);
            let begun = Instant::now();
            let counted = raw::figures(&world.superuser, tenant.id.uuid(), from, to).await?;
            raw.push(milliseconds(begun));
            ensure!(told == counted, "{name}: {told:?} turns and cost from the rollups, {counted:?} from the turns");
        }
        let rollups = Sorted::new(rollups);
        let raw = median(raw);
        let million = number(turns as f64 / 1e6);
        figures.push(Figure::new(
            format!("telemetry page's query, {million} M turns, {name}, p50"),
            rollups.median(),
            "ms",
        ));
        figures.push(
            Figure::new(
                format!("telemetry page's query, {million} M turns, {name}, p95"),
                rollups.percentile(95),
                "ms",
            )
            .at_most(50.0),
        );
        let beside = format!("{} ms from the turns, {} ms from the rollups", number(raw), number(rollups.median()));
        figures.push(
            Figure::ratio(format!("the same from the turns ÷ from the rollups, {name}"), raw / rollups.median())
                .against(beside),
        );
    }
    Ok(figures)
}

/// As the page asks for it; gives turns and micro-dollars.
async fn report(world: &World, tenant: &Tenant, query: &TelemetryQuery, now: Timestamp) -> Result<(i64, i64)> {
    let report = telemetry::report_at(&world.domain, &tenant.principal(), query, Some(now)).await?;
    Ok((report.figures.turns, report.figures.cost.micros()))
}

/// A report is of whole quarters of an hour.
fn whole_quarters(from: Timestamp, to: Timestamp) -> (Timestamp, Timestamp) {
    let quarter = 900;
    let at = |seconds: i64| Timestamp::from_timestamp(seconds, 0).unwrap_or_default();
    let floor = from.timestamp().div_euclid(quarter) * quarter;
    let ceil =
        (to.timestamp() + i64::from(to.timestamp_subsec_nanos() > 0) + quarter - 1).div_euclid(quarter) * quarter;
    (at(floor), at(ceil))
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}
