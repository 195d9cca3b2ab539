//! How many model calls a second the cost ledger takes: each is reserved and then settled, in two transactions.
//!
//! Beside it the least that keeping books could be: one transaction of a raw sqlx pool that inserts an entry and adds to a
//! sum, in the same tables and as the same role. So the ratio cannot come near one.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use omniops_domain::Domain;
use omniops_domain::ledger::{self, Actual, Purpose, ReserveRequest};
use omniops_types::{BudgetSettings, MicroUsd, TenantId};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::figure::{Figure, number};
use crate::support::stats::median;
use crate::support::world::World;

const MANY: usize = 32;
const WARM_UP: Duration = Duration::from_secs(1);
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;
/// As many connections as the services have.
const CONNECTIONS: u32 = 20;

const WORST_CASE: MicroUsd = MicroUsd(20_000);
const COST: MicroUsd = MicroUsd(1_500);
/// Checked for each call, and never reached.
const BUDGETS: BudgetSettings = BudgetSettings {
    daily: Some(MicroUsd(i64::MAX)),
    monthly: Some(MicroUsd(i64::MAX)),
    per_conversation: Some(MicroUsd(i64::MAX)),
    soft_alert_percent: 80,
    fallback_percent: 90,
};

pub async fn ledger(world: &World) -> Result<Vec<Figure>> {
    let raw = PgPoolOptions::new().max_connections(CONNECTIONS).connect(&world.login_url).await?;
    let mut tenants = Vec::with_capacity(MANY);
    for number in 0..MANY {
        tenants.push(world.tenant(&format!("bench-ledger-{number}")).await?.id);
    }
    // The sums that the baseline adds to have to be there.
    for tenant in &tenants {
        call(&world.domain, *tenant).await?;
    }
    let one = tenants.get(..1).unwrap_or_default();
    let mut figures = Vec::new();
    for (tasks, tenants, name) in [
        (1, one, "1 task, 1 tenant"),
        (1, &tenants, "1 task, 32 tenants"),
        (MANY, one, "32 tasks, 1 tenant"),
        (MANY, &tenants, "32 tasks, 32 tenants"),
    ] {
        let Rates { ledger, baseline, ratio } = compare(&world.domain, &raw, tasks, tenants).await?;
        figures.push(Figure::new(format!("model calls reserved and settled, {name}"), ledger, "/s"));
        let beside = format!("{} /s of {} /s", number(ledger), number(baseline));
        let name = format!("the same ÷ raw inserts and updates, {name}");
        figures.push(Figure::ratio(name, ratio).against(beside));
    }
    raw.close().await;
    Ok(figures)
}

/// Medians of the rounds.
struct Rates {
    ledger: f64,
    baseline: f64,
    ratio: f64,
}

/// Warms both up, then measures them by turns, so that what else the machine does falls on both.
async fn compare(domain: &Domain, raw: &PgPool, tasks: usize, tenants: &[TenantId]) -> Result<Rates> {
    let ledger = async |duration| {
        let domain = domain.clone();
        per_second(tasks, tenants, duration, move |tenant| {
            let domain = domain.clone();
            async move { call(&domain, tenant).await }
        })
        .await
    };
    let baseline = async |duration| {
        let raw = raw.clone();
        per_second(tasks, tenants, duration, move |tenant| {
            let raw = raw.clone();
            async move { raw_entry(&raw, tenant).await }
        })
        .await
    };
    baseline(WARM_UP).await?;
    ledger(WARM_UP).await?;
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let baseline = baseline(ROUND).await?;
        rounds.push((ledger(ROUND).await?, baseline));
    }
    Ok(Rates {
        ledger: median(rounds.iter().map(|(ledger, _)| *ledger)),
        baseline: median(rounds.iter().map(|(_, baseline)| *baseline)),
        ratio: median(rounds.iter().map(|(ledger, baseline)| ledger / baseline)),
    })
}

/// A closed loop of so many tasks, which go round the tenants.
async fn per_second<W, F>(tasks: usize, tenants: &[TenantId], duration: Duration, work: W) -> Result<f64>
where
    W: Fn(TenantId) -> F + Clone + Send + 'static,
    F: Future<Output = Result<()>> + Send,
{
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for task in 0..tasks {
        let (work, tenants) = (work.clone(), tenants.to_vec());
        running.spawn(async move {
            let mut done = 0_usize;
            while begun.elapsed() < duration {
                let place = (task + done * tasks).checked_rem(tenants.len()).context("no tenants")?;
                work(*tenants.get(place).context("no such tenant")?).await?;
                done += 1;
            }
            anyhow::Ok(done)
        });
    }
    let mut done = 0;
    while let Some(task) = running.join_next().await {
        done += task??;
    }
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}

async fn call(domain: &Domain, tenant: TenantId) -> Result<()> {
    let request = ReserveRequest {
        tenant,
        conversation: None,
        purpose: Purpose::Replay,
        provider: "bench",
        model: "bench",
        worst_case: WORST_CASE,
        budgets: &BUDGETS,
        now: None,
    };
    let reservation = ledger::reserve(domain, request).await?;
    let settled = ledger::settle(domain, &reservation, Actual::Cost(COST)).await?;
    if settled.cost.micro_usd == COST { Ok(()) } else { Err(anyhow!("settled at {}", settled.cost.micro_usd)) }
}

async fn raw_entry(raw: &PgPool, tenant: TenantId) -> Result<()> {
    // The id is formatted from a UUID, as the services do it.
    let begin = format!(
        "begin; select set_config('role', 'omniops_app', true), set_config('app.tenant_id', '{}', true)",
        tenant.uuid().hyphenated()
    );
    let mut transaction = raw.begin_with(AssertSqlSafe(begin)).await?;
    sqlx::query(
        "insert into llm_ledger (tenant_id, call_id, kind, day, purpose, provider, model, micro_usd, reserved_micro_usd,
                                 price_known)
         values ($1, $2, 'settled', current_date, 'replay', 'raw', 'raw', $3, $4, true)",
    )
    .bind(tenant.uuid())
    .bind(Uuid::now_v7())
    .bind(COST.micros())
    .bind(WORST_CASE.micros())
    .execute(&mut *transaction)
    .await?;
    let updated = sqlx::query(
        "update llm_spend set settled = settled + $2
         where tenant_id = $1 and period = 'month' and starts_on = date_trunc('month', now() at time zone 'UTC')::date",
    )
    .bind(tenant.uuid())
    .bind(COST.micros())
    .execute(&mut *transaction)
    .await?;
    if updated.rows_affected() != 1 {
        return Err(anyhow!("there is no sum to add to"));
    }
    transaction.commit().await?;
    Ok(())
}
