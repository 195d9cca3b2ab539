//! All SQL of the maintenance. Each deletion takes at most `limit` rows, passes over those that somebody has locked, and
//! gives how many it took.

use std::time::Duration;

use omniops_postgres::SystemTx;

use crate::Result;

pub(super) async fn delete_expired_sessions(tx: &mut SystemTx, age: Duration, limit: i64) -> Result<u64> {
    let done = sqlx::query(
        "delete from sessions where token_hash in (
             select token_hash from sessions
             where expires_at < now() - make_interval(secs => $1)
             limit $2
             for update skip locked)",
    )
    .bind(age.as_secs_f64())
    .bind(limit)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Those without an answer stay: they are still being worked on.
pub(super) async fn delete_answered_requests(tx: &mut SystemTx, age: Duration, limit: i64) -> Result<u64> {
    let done = sqlx::query(
        "delete from chat_requests where (tenant_id, customer_id, client_id) in (
             select tenant_id, customer_id, client_id from chat_requests
             where response is not null and created_at < now() - make_interval(secs => $1)
             limit $2
             for update skip locked)",
    )
    .bind(age.as_secs_f64())
    .bind(limit)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn delete_searches(tx: &mut SystemTx, age: Duration, limit: i64) -> Result<u64> {
    let done = sqlx::query(
        "delete from search_log where (tenant_id, id) in (
             select tenant_id, id from search_log
             where created_at < now() - make_interval(secs => $1)
             limit $2
             for update skip locked)",
    )
    .bind(age.as_secs_f64())
    .bind(limit)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn delete_email_codes(tx: &mut SystemTx, age: Duration, limit: i64) -> Result<u64> {
    let done = sqlx::query(
        "delete from email_verifications where (tenant_id, id) in (
             select tenant_id, id from email_verifications
             where created_at < now() - make_interval(secs => $1)
             limit $2
             for update skip locked)",
    )
    .bind(age.as_secs_f64())
    .bind(limit)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// How many codes an address got is asked for an hour.
pub(super) async fn delete_email_counts(tx: &mut SystemTx, age: Duration, limit: i64) -> Result<u64> {
    let done = sqlx::query(
        "delete from email_code_sends where (tenant_id, address_hash) in (
             select tenant_id, address_hash from email_code_sends
             where began_at < now() - make_interval(secs => $1)
             limit $2
             for update skip locked)",
    )
    .bind(age.as_secs_f64())
    .bind(limit)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Makes the partitions of this month and of so many after it.
pub(super) async fn ensure_telemetry(tx: &mut SystemTx, months_ahead: i32) -> Result<()> {
    sqlx::query(
        "select omniops_ensure_telemetry_partition(now() + make_interval(months => month))
         from generate_series(0, $1) as month",
    )
    .bind(months_ahead)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Drops the partitions of the months that ended more than so many months ago; gives how many those were.
pub(super) async fn drop_telemetry(tx: &mut SystemTx, months_kept: i32) -> Result<u64> {
    let dropped =
        sqlx::query_scalar::<_, i32>("select omniops_drop_telemetry_before(now() - make_interval(months => $1))")
            .bind(months_kept)
            .fetch_one(tx.conn())
            .await?;
    Ok(u64::from(dropped.unsigned_abs()))
}
