//! Opening, resolving and listing alerts.

use std::time::Duration;

use omniops_types::{Alert, AlertId, Cursor, Page, Permission, TenantId};

use super::deliver::{Channels, deliver};
use super::measure::{Finding, Standing, measure};
use super::queries;
use crate::{Domain, Error, Principal, Result, paging};

const EVERY: Duration = Duration::from_secs(60);
/// The longest problem of a provider that is kept, in characters.
const PROBLEM_CHARS: usize = 500;

/// Measures everything that is watched of a tenant, opens what has become an alert and resolves what is none any more.
/// `channels` tells where that is announced. Processes that check at once open one alert.
pub async fn check(domain: &Domain, tenant: TenantId, channels: &Channels) -> Result<Vec<Finding>> {
    let mut tx = domain.database.tenant(tenant).await?;
    let findings = measure(&mut tx).await?;
    for finding in &findings {
        match finding.standing {
            Standing::Alerting => match queries::open(&mut tx, finding).await? {
                Some(alert) => {
                    tracing::warn!(%tenant, kind = finding.kind.as_str(), subject = finding.subject, "an alert opened");
                    queries::notice_opened(&mut tx, alert, &channels.names(domain)).await?;
                }
                None => queries::update(&mut tx, finding).await?,
            },
            Standing::Between => queries::update(&mut tx, finding).await?,
            Standing::Fine => {
                if let Some(alert) = queries::resolve(&mut tx, finding.kind, &finding.subject).await? {
                    tracing::info!(%tenant, kind = finding.kind.as_str(), subject = finding.subject, "an alert is over");
                    queries::notice_resolved(&mut tx, alert).await?;
                }
            }
            Standing::Unknown => {}
        }
    }
    tx.commit().await?;
    Ok(findings)
}

/// Checks every tenant; gives each one's slug with what was found. A tenant whose check fails comes with the error.
pub async fn check_all(domain: &Domain, channels: &Channels) -> Result<Vec<(String, Result<Vec<Finding>>)>> {
    let mut tx = domain.database.system("find all tenants, to check their alerts").await?;
    let tenants = queries::tenants(&mut tx).await?;
    tx.commit().await?;
    let mut outcomes = Vec::with_capacity(tenants.len());
    for (tenant, slug) in tenants {
        outcomes.push((slug, check(domain, tenant, channels).await));
    }
    Ok(outcomes)
}

/// Checks and delivers for ever, every minute. For a task beside the server; any number of processes may do so.
pub async fn keep_watching(domain: Domain, channels: Channels) {
    loop {
        if let Err(error) = watch(&domain, &channels).await {
            tracing::error!(error = &error as &dyn std::error::Error, "alerts could not be checked");
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn watch(domain: &Domain, channels: &Channels) -> Result<()> {
    for (tenant, outcome) in check_all(domain, channels).await? {
        if let Err(error) = outcome {
            tracing::error!(tenant, error = &error as &dyn std::error::Error, "a tenant's alerts could not be checked");
        }
    }
    deliver(domain, channels).await.map(|_| ())
}

/// Notes whether a provider's breaker is open for a tenant, and why; `problem` must hold no secret. For whoever keeps the
/// breaker: when it opens, again every few minutes while it stays open, and when it closes.
pub async fn report_provider(
    domain: &Domain,
    tenant: TenantId,
    provider: &str,
    open: bool,
    problem: Option<&str>,
) -> Result<()> {
    let problem: Option<String> = problem.map(|problem| problem.chars().take(PROBLEM_CHARS).collect());
    let mut tx = domain.database.tenant(tenant).await?;
    queries::save_provider(&mut tx, provider, open, problem.as_deref()).await?;
    tx.commit().await?;
    Ok(())
}

/// The tenant's alerts, the newest first; only those that are open, if so asked.
pub async fn list(
    domain: &Domain,
    principal: &Principal,
    only_open: bool,
    cursor: Option<Cursor>,
    limit: u16,
) -> Result<Page<Alert>> {
    principal.require(Permission::AnalyticsRead)?;
    let before: Option<AlertId> = cursor
        .map(|cursor| cursor.0.parse().map_err(|_| Error::Malformed("the cursor is not one of ours")))
        .transpose()?;
    let limit = paging::limit(limit)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let mut rows = queries::alerts(&mut tx, only_open, before, limit as i64 + 1).await?;
    tx.commit().await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| Cursor(row.id.to_string()));
    Ok(Page { items: rows.into_iter().map(queries::AlertRow::into_alert).collect::<Result<_>>()?, next_cursor })
}
