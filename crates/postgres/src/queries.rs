//! The SQL of the event log and the hub.

use chrono::{DateTime, Utc};
use omniops_types::TenantId;
use sqlx::postgres::{PgConnection, PgPool};
use uuid::Uuid;

/// One row of the log; the payload is still text, because a newer program may have written it.
#[derive(sqlx::FromRow)]
pub(crate) struct EventRow {
    pub seq: i64,
    pub created_at: DateTime<Utc>,
    pub conversation_id: Option<Uuid>,
    pub payload: String,
}

/// Counts the tenant's events on, writes the new ones under the numbers gained, and tells every listener. Gives
/// the last number. The counter's row stays locked to the commit: that is what makes numbers gap-free and in
/// commit order.
pub(crate) async fn append_events(
    conn: &mut PgConnection,
    tenant: TenantId,
    kinds: &[&str],
    conversations: &[Option<Uuid>],
    payloads: &[String],
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "with counter as (
             insert into event_positions as p (tenant_id, seq) values ($1, cardinality($2::text[]))
             on conflict (tenant_id) do update set seq = p.seq + excluded.seq
             returning seq
         ), written as (
             insert into events (tenant_id, seq, kind, conversation_id, payload)
             select $1, counter.seq - cardinality($2::text[]) + new.ordinality, new.kind, new.conversation_id,
                    new.payload::jsonb
             from counter, unnest($2::text[], $3::uuid[], $4::text[])
                 with ordinality as new (kind, conversation_id, payload, ordinality)
         )
         select seq from (select seq, pg_notify('omniops_events', $1::text || ' ' || seq::text) from counter) as told",
    )
    .bind(tenant.uuid())
    .bind(kinds)
    .bind(conversations)
    .bind(payloads)
    .fetch_one(conn)
    .await
}

/// The tenant's events after `seq`, oldest first.
pub(crate) async fn events_after(
    conn: &mut PgConnection,
    tenant: TenantId,
    seq: i64,
    limit: i64,
) -> sqlx::Result<Vec<EventRow>> {
    sqlx::query_as(
        "select seq, created_at, conversation_id, payload::text as payload
         from events where tenant_id = $1 and seq > $2 order by seq limit $3",
    )
    .bind(tenant.uuid())
    .bind(seq)
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// The number of the tenant's newest event; 0 before the first.
pub(crate) async fn event_position(conn: &mut PgConnection, tenant: TenantId) -> sqlx::Result<i64> {
    sqlx::query_scalar("select coalesce((select seq from event_positions where tenant_id = $1), 0)")
        .bind(tenant.uuid())
        .fetch_one(conn)
        .await
}

/// The newest numbers of several tenants; one without events is absent.
pub(crate) async fn event_positions(conn: &mut PgConnection, tenants: &[Uuid]) -> sqlx::Result<Vec<(Uuid, i64)>> {
    sqlx::query_as("select tenant_id, seq from event_positions where tenant_id = any($1)")
        .bind(tenants)
        .fetch_all(conn)
        .await
}

/// Sends signals to every listening process.
pub(crate) async fn notify_signals(pool: &PgPool, payloads: &[String]) -> sqlx::Result<()> {
    sqlx::query("select pg_notify('omniops_signals', payload) from unnest($1::text[]) as payload")
        .bind(payloads)
        .execute(pool)
        .await?;
    Ok(())
}
