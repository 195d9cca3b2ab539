//! All SQL about alerts, their settings and notices and the health of providers.

use chrono::TimeDelta;
use omniops_postgres::{SystemTx, TenantTx};
use omniops_types::{AlertId, AlertKind, AlertSettings, TenantId, Timestamp};
use sqlx::types::Json;
use uuid::Uuid;

use super::measure::Finding;
use crate::{Error, Result};

/// Each provider whose breaker was ever heard of, and whether it is open: one that was not heard of for `heard_of` is
/// taken for closed, because whoever opened it is gone.
pub(super) async fn providers(tx: &mut TenantTx, heard_of: TimeDelta) -> Result<Vec<(String, bool)>> {
    let rows = sqlx::query_as(
        "select provider, open and updated_at > now() - make_interval(secs => $2)
         from provider_health where tenant_id = $1 order by provider",
    )
    .bind(tx.tenant_id().uuid())
    .bind(heard_of.num_seconds() as f64)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

pub(super) async fn save_provider(tx: &mut TenantTx, provider: &str, open: bool, problem: Option<&str>) -> Result<()> {
    sqlx::query(
        "insert into provider_health as h (tenant_id, provider, open, problem) values ($1, $2, $3, $4)
         on conflict (tenant_id, provider) do update
         set open = excluded.open, problem = excluded.problem, updated_at = now(),
             since = case when h.open = excluded.open then h.since else now() end",
    )
    .bind(tx.tenant_id().uuid())
    .bind(provider)
    .bind(open)
    .bind(problem)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The tenant's settings and their version; `None` where nobody ever changed any.
pub(super) async fn settings(tx: &mut TenantTx) -> Result<Option<(AlertSettings, i64)>> {
    let row = sqlx::query_as::<_, (Json<AlertSettings>, i64)>(
        "select settings, version from alert_settings where tenant_id = $1",
    )
    .bind(tx.tenant_id().uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(settings, version)| (settings.0, version)))
}

/// Makes sure of a row and locks it against other writers; gives what [`settings`] does.
pub(super) async fn lock_settings(tx: &mut TenantTx, default: &AlertSettings) -> Result<(AlertSettings, i64)> {
    sqlx::query("insert into alert_settings (tenant_id, settings) values ($1, $2) on conflict do nothing")
        .bind(tx.tenant_id().uuid())
        .bind(Json(default))
        .execute(tx.conn())
        .await?;
    let (settings, version) = sqlx::query_as::<_, (Json<AlertSettings>, i64)>(
        "select settings, version from alert_settings where tenant_id = $1 for no key update",
    )
    .bind(tx.tenant_id().uuid())
    .fetch_one(tx.conn())
    .await?;
    Ok((settings.0, version))
}

/// Replaces the settings; gives their new version.
pub(super) async fn save_settings(tx: &mut TenantTx, settings: &AlertSettings) -> Result<i64> {
    let version = sqlx::query_scalar::<_, i64>(
        "update alert_settings set settings = $2, version = version + 1 where tenant_id = $1 returning version",
    )
    .bind(tx.tenant_id().uuid())
    .bind(Json(settings))
    .fetch_one(tx.conn())
    .await?;
    Ok(version)
}

pub(super) async fn tenants(tx: &mut SystemTx) -> Result<Vec<(TenantId, String)>> {
    let rows =
        sqlx::query_as::<_, (Uuid, String)>("select id, slug from tenants order by slug").fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(|(id, slug)| (TenantId(id), slug)).collect())
}

/// An alert as it stands in the database.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct AlertRow {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) value: f64,
    pub(super) threshold: f64,
    pub(super) opened_at: Timestamp,
    pub(super) resolved_at: Option<Timestamp>,
}

impl AlertRow {
    pub(super) fn into_alert(self) -> Result<omniops_types::Alert> {
        Ok(omniops_types::Alert {
            id: AlertId(self.id),
            kind: kind(&self.kind)?,
            subject: self.subject,
            value: self.value,
            threshold: self.threshold,
            opened_at: self.opened_at,
            resolved_at: self.resolved_at,
        })
    }
}

fn kind(text: &str) -> Result<AlertKind> {
    AlertKind::parse(text).ok_or_else(|| Error::internal(format!("unknown alert kind {text} in the database")))
}

/// Opens the alert unless it is open already; gives its id if this call opened it.
pub(super) async fn open(tx: &mut TenantTx, finding: &Finding) -> Result<Option<AlertId>> {
    let id = sqlx::query_scalar::<_, Uuid>(
        "insert into alerts (tenant_id, id, kind, subject, value, threshold) values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, kind, subject) where resolved_at is null do nothing
         returning id",
    )
    .bind(tx.tenant_id().uuid())
    .bind(Uuid::now_v7())
    .bind(finding.kind.as_str())
    .bind(&finding.subject)
    .bind(finding.value)
    .bind(finding.threshold)
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(AlertId))
}

/// Keeps what was measured last of an open alert.
pub(super) async fn update(tx: &mut TenantTx, finding: &Finding) -> Result<()> {
    sqlx::query(
        "update alerts set value = $4, threshold = $5
         where tenant_id = $1 and kind = $2 and subject = $3 and resolved_at is null",
    )
    .bind(tx.tenant_id().uuid())
    .bind(finding.kind.as_str())
    .bind(&finding.subject)
    .bind(finding.value)
    .bind(finding.threshold)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends the open alert; gives its id if there was one and this call ended it.
pub(super) async fn resolve(tx: &mut TenantTx, kind: AlertKind, subject: &str) -> Result<Option<AlertId>> {
    let id = sqlx::query_scalar::<_, Uuid>(
        "update alerts set resolved_at = now()
         where tenant_id = $1 and kind = $2 and subject = $3 and resolved_at is null
         returning id",
    )
    .bind(tx.tenant_id().uuid())
    .bind(kind.as_str())
    .bind(subject)
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(AlertId))
}

/// Asks for a notice of the opening on each of these channels.
pub(super) async fn notice_opened(tx: &mut TenantTx, alert: AlertId, channels: &[&str]) -> Result<()> {
    sqlx::query(
        "insert into alert_notices (tenant_id, alert_id, event, channel)
         select $1, $2, 'opened', channel from unnest($3::text[]) as channel",
    )
    .bind(tx.tenant_id().uuid())
    .bind(alert.uuid())
    .bind(channels)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Asks for a notice of the end wherever the opening was told, and takes back what nobody has begun to tell.
pub(super) async fn notice_resolved(tx: &mut TenantTx, alert: AlertId) -> Result<()> {
    sqlx::query(
        "delete from alert_notices
         where tenant_id = $1 and alert_id = $2 and event = 'opened' and sent_at is null and attempts = 0",
    )
    .bind(tx.tenant_id().uuid())
    .bind(alert.uuid())
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "insert into alert_notices (tenant_id, alert_id, event, channel)
         select tenant_id, alert_id, 'resolved', channel from alert_notices
         where tenant_id = $1 and alert_id = $2 and event = 'opened'",
    )
    .bind(tx.tenant_id().uuid())
    .bind(alert.uuid())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Alerts that are open, or all of them, the newest first; before the one with this id, if one is named.
pub(super) async fn alerts(
    tx: &mut TenantTx,
    only_open: bool,
    before: Option<AlertId>,
    limit: i64,
) -> Result<Vec<AlertRow>> {
    let rows = sqlx::query_as(
        "select a.id, a.kind, a.subject, a.value, a.threshold, a.opened_at, a.resolved_at
         from alerts a
         left join alerts before on before.tenant_id = a.tenant_id and before.id = $3
         where a.tenant_id = $1 and (not $2 or a.resolved_at is null)
           and ($3::uuid is null or (a.opened_at, a.id) < (before.opened_at, before.id))
         order by a.opened_at desc, a.id desc
         limit $4",
    )
    .bind(tx.tenant_id().uuid())
    .bind(only_open)
    .bind(before.map(AlertId::uuid))
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A notice that this process is to send.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct NoticeRow {
    pub(super) tenant_id: Uuid,
    pub(super) alert_id: Uuid,
    pub(super) event: String,
    pub(super) channel: String,
    pub(super) attempts: i32,
    pub(super) tenant: String,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) value: f64,
    pub(super) threshold: f64,
    pub(super) opened_at: Timestamp,
}

/// Takes up the notice that is due longest on one of these channels, and keeps it from others for `lease`. The end of an
/// alert is not told before its opening on the same channel, and after `most` attempts neither.
pub(super) async fn take_notice(
    tx: &mut SystemTx,
    channels: &[&str],
    lease: TimeDelta,
    most: i32,
) -> Result<Option<NoticeRow>> {
    let row = sqlx::query_as(
        "with due as (
             select n.tenant_id, n.alert_id, n.event, n.channel
             from alert_notices n
             where n.sent_at is null and n.due_at <= now() and n.attempts < $3 and n.channel = any($1)
               and not (n.event = 'resolved' and exists (
                   select from alert_notices o
                   where o.tenant_id = n.tenant_id and o.alert_id = n.alert_id and o.channel = n.channel
                     and o.event = 'opened' and o.sent_at is null and o.attempts < $3))
             order by n.due_at
             limit 1
             for update skip locked
         )
         update alert_notices n
         set attempts = n.attempts + 1, due_at = now() + make_interval(secs => $2)
         from due, alerts a, tenants t
         where n.tenant_id = due.tenant_id and n.alert_id = due.alert_id and n.event = due.event
           and n.channel = due.channel
           and a.tenant_id = n.tenant_id and a.id = n.alert_id and t.id = n.tenant_id
         returning n.tenant_id, n.alert_id, n.event, n.channel, n.attempts, t.name as tenant, a.kind, a.subject,
                   a.value, a.threshold, a.opened_at",
    )
    .bind(channels)
    .bind(lease.num_seconds() as f64)
    .bind(most)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

pub(super) async fn notice_sent(tx: &mut SystemTx, notice: &NoticeRow) -> Result<()> {
    sqlx::query(
        "with sent as (
             update alert_notices set sent_at = now(), problem = null
             where tenant_id = $1 and alert_id = $2 and event = $3 and channel = $4
         )
         update alerts set last_notified_at = now() where tenant_id = $1 and id = $2",
    )
    .bind(notice.tenant_id)
    .bind(notice.alert_id)
    .bind(&notice.event)
    .bind(&notice.channel)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Tries again after a pause.
pub(super) async fn notice_failed(
    tx: &mut SystemTx,
    notice: &NoticeRow,
    problem: &str,
    pause: TimeDelta,
) -> Result<()> {
    sqlx::query(
        "update alert_notices set problem = $5, due_at = now() + make_interval(secs => $6)
         where tenant_id = $1 and alert_id = $2 and event = $3 and channel = $4",
    )
    .bind(notice.tenant_id)
    .bind(notice.alert_id)
    .bind(&notice.event)
    .bind(&notice.channel)
    .bind(problem)
    .bind(pause.num_seconds() as f64)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Addresses of those who run the tenant.
pub(super) async fn recipients(tx: &mut SystemTx, tenant: Uuid) -> Result<Vec<String>> {
    let addresses = sqlx::query_scalar(
        "select m.email from team_members m
         join users u on u.id = m.user_id and u.disabled_at is null
         where m.tenant_id = $1 and m.role in ('owner', 'admin')
         order by m.email
         limit 20",
    )
    .bind(tenant)
    .fetch_all(tx.conn())
    .await?;
    Ok(addresses)
}
