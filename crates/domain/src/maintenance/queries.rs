//! All SQL of the maintenance. Each deletion takes at most `limit` rows, passes over those that somebody has locked, and
//! gives how many it took.

use std::time::Duration;

use omniops_postgres::SystemTx;
use sqlx::{Encode, Postgres, Type};

use crate::Result;

/// Deletes rows of a table that are `old`, by the columns of its key. `$1` is how old, `$2` how many at most.
macro_rules! delete_old {
    ($table:literal, $key:literal, $old:literal) => {
        concat!(
            "delete from ",
            $table,
            " where (",
            $key,
            ") in (
                 select ",
            $key,
            " from ",
            $table,
            "
                 where ",
            $old,
            "
                 limit $2
                 for update skip locked)"
        )
    };
}

/// Runs a statement of [`delete_old`].
async fn deleted<Age>(tx: &mut SystemTx, statement: &'static str, age: Age, limit: i64) -> Result<u64>
where
    Age: for<'q> Encode<'q, Postgres> + Type<Postgres> + Send,
{
    let done = sqlx::query(statement).bind(age).bind(limit).execute(tx.conn()).await?;
    Ok(done.rows_affected())
}

pub(super) async fn delete_expired_sessions(tx: &mut SystemTx, age: Duration, limit: i64) -> Result<u64> {
    let statement = delete_old!("sessions", "token_hash", "expires_at < now() - make_interval(secs => $1)");
    deleted(tx, statement, age.as_secs_f64(), limit).await
}

/// Those without an answer stay: they are still being worked on.
pub(super) async fn delete_answered_requests(tx: &mut SystemTx, age: Duration, limit: i64) -> Result<u64> {
    let statement = delete_old!(
        "chat_requests",
        "tenant_id, customer_id, client_id",
        "response is not null and created_at < now() - make_interval(secs => $1)"
    );
    deleted(tx, statement, age.as_secs_f64(), limit).await
}

/// Those whose customers left before they were answered, and have not come back.
pub(super) async fn delete_requests_set_aside(tx: &mut SystemTx, age: Duration, limit: i64) -> Result<u64> {
    let statement = delete_old!(
        "chat_requests",
        "tenant_id, customer_id, client_id",
        "response is null and leased_until = '-infinity' and created_at < now() - make_interval(secs => $1)"
    );
    deleted(tx, statement, age.as_secs_f64(), limit).await
}

pub(super) async fn delete_searches(tx: &mut SystemTx, age: Duration, limit: i64) -> Result<u64> {
    let statement = delete_old!("search_log", "tenant_id, id", "created_at < now() - make_interval(secs => $1)");
    deleted(tx, statement, age.as_secs_f64(), limit).await
}

pub(super) async fn delete_email_codes(tx: &mut SystemTx, age: Duration, limit: i64) -> Result<u64> {
    let statement =
        delete_old!("email_verifications", "tenant_id, id", "created_at < now() - make_interval(secs => $1)");
    deleted(tx, statement, age.as_secs_f64(), limit).await
}

/// How many codes an address got is asked for an hour.
pub(super) async fn delete_email_counts(tx: &mut SystemTx, age: Duration, limit: i64) -> Result<u64> {
    let statement =
        delete_old!("email_code_sends", "tenant_id, address_hash", "began_at < now() - make_interval(secs => $1)");
    deleted(tx, statement, age.as_secs_f64(), limit).await
}

/// Deletes what became of conversations in which the AI last spoke before the month that was so many months ago.
pub(super) async fn delete_resolutions(tx: &mut SystemTx, months_kept: i32, limit: i64) -> Result<u64> {
    let statement = delete_old!(
        "ai_resolutions",
        "tenant_id, conversation_id",
        "turn_at < date_trunc('month', now() - make_interval(months => $1), 'UTC')"
    );
    deleted(tx, statement, months_kept, limit).await
}

/// Deletes alerts that ended so many months ago; their notices go with them. Open ones stay, however old.
pub(super) async fn delete_ended_alerts(tx: &mut SystemTx, months_kept: i32, limit: i64) -> Result<u64> {
    let statement = delete_old!("alerts", "tenant_id, id", "resolved_at < now() - make_interval(months => $1)");
    deleted(tx, statement, months_kept, limit).await
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

/// One of the three tables of telemetry figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Tenant,
    Domain,
    Model,
}

/// The keys of old rows, tenant by tenant and grain by grain: an index tells at once where there are none.
macro_rules! delete_rollups {
    ($table:literal, $columns:literal) => {
        concat!(
            "delete from ",
            $table,
            " where (",
            $columns,
            ") in (
                 select old.* from tenants t
                 cross join (values ('quarter_hour', $1), ('day', $2), ('month', $2)) as kept (grain, months)
                 cross join lateral (
                     select ",
            $columns,
            " from ",
            $table,
            " r
                     where r.tenant_id = t.id and r.grain = kept.grain
                       and r.bucket < date_trunc('month', now() - make_interval(months => kept.months), 'UTC')
                     limit $3
                 ) old
                 limit $3)"
        )
    };
}

/// Deletes figures of quarters of an hour from before the month that was `quarters_kept` months ago, and those of days and
/// months from before the one that was `days_kept` months ago.
pub(super) async fn delete_rollups(
    tx: &mut SystemTx,
    level: Level,
    quarters_kept: i32,
    days_kept: i32,
    limit: i64,
) -> Result<u64> {
    let statement = match level {
        Level::Tenant => delete_rollups!("chat_telemetry_rollups", "tenant_id, grain, bucket"),
        Level::Domain => delete_rollups!("chat_telemetry_domain_rollups", "tenant_id, grain, bucket, domain_id"),
        Level::Model => {
            delete_rollups!("chat_telemetry_model_rollups", "tenant_id, grain, bucket, domain_id, provider, model")
        }
    };
    let done = sqlx::query(statement).bind(quarters_kept).bind(days_kept).bind(limit).execute(tx.conn()).await?;
    Ok(done.rows_affected())
}
