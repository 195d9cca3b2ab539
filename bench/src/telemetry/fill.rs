//! A tenant with a year of turns on two domains, by three models.

use anyhow::{Context, Result};
use omniops_domain::telemetry;
use omniops_types::Timestamp;
use sqlx::PgPool;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::support::world::{Tenant, World};

/// Rows of one insert.
const BATCH: i64 = 500_000;
const ZONE: &str = "Europe/Vienna";

const PARTITIONS: &str = "
    select omniops_ensure_telemetry_partition($1 + make_interval(months => month))
    from generate_series(0, 12) as month";

/// Evenly over 365 days, three to a conversation; latencies log-normal, most with one call of a tool. Ids that ascend, as
/// the product's do, and no replies, which keeps the rows slim.
const TURNS: &str = "
    insert into chat_telemetry (tenant_id, id, created_at, conversation_id, message_id, domain_id, channel, provider, model,
                                outcome, error_code, confidence, steps, searches, zero_results, prompt_tokens,
                                cached_input_tokens, completion_tokens, cost_micro_usd, tool_calls, fallback,
                                first_delta_ms, total_ms)
    select $1, lpad(to_hex(n), 32, '0')::uuid, $2 + n * (interval '365 days' / $5::float8),
           lpad(to_hex(n / 3), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, ($6::uuid[])[1 + (roll % 100 < 30)::int],
           'widget', 'openai', (array['gpt-4.1-mini', 'gpt-4.1', 'gpt-4.1-nano'])[1 + roll % 3],
           case when roll % 100 < 80 then 'answered' when roll % 100 < 88 then 'clarified' when roll % 100 < 92 then 'declined'
                when roll % 100 < 96 then 'escalated' when roll % 100 < 98 then 'resolved' else 'failed' end,
           case when roll % 100 >= 98 then (array['timed_out', 'rate_limited'])[1 + roll % 2] end,
           0.5, 2, 1, (roll / 7 % 20 = 0)::int, 1500 + roll % 2000, 1000, 80 + roll % 300, 400 + roll % 3000,
           case roll % 4 when 0 then '[]'::jsonb
                         when 1 then '[{\"name\": \"lookup_order\", \"ok\": true, \"ms\": 180}]'::jsonb
                         when 2 then '[{\"name\": \"search_knowledge\", \"ok\": true, \"ms\": 12}]'::jsonb
                         else '[{\"name\": \"search_products\", \"ok\": false, \"ms\": 31}]'::jsonb end,
           case when roll % 50 = 0 then 'fallback_model' else 'none' end, first_ms, first_ms + 400 + roll % 1500
    from (
        select n, hashint8(n) & 2147483647 as roll, least(exp(6.2 + 0.5 * normal), 60000)::int as first_ms
        from (
            select n, sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) as normal
            from generate_series($3::bigint + 1, $4::bigint) as n
        ) numbers
    ) made";

/// Fills the tenant with `count` turns up to the quarter of an hour under way, unless an earlier run did, without triggers:
/// those would note each batch's quarters of an hour again and again. The rollups are made by the product's own rebuild,
/// day by day. Gives the end of the year that is filled.
pub async fn fill(world: &World, tenant: &Tenant, count: i64) -> Result<Timestamp> {
    let pool = &world.superuser;
    if !is_filled(pool, tenant, count).await? {
        eprintln!("  filling {} with {count} turns, once", tenant.host);
        let mut tx = pool.begin().await?;
        sqlx::query("set local session_replication_role = replica").execute(&mut *tx).await?;
        let domains = domains(&mut tx, tenant).await?;
        let begin: Timestamp =
            sqlx::query_scalar("select date_bin('15 minutes', now(), '2000-01-01') - interval '365 days'")
                .fetch_one(&mut *tx)
                .await?;
        sqlx::query(PARTITIONS).bind(begin).execute(&mut *tx).await?;
        let mut from = 0;
        while from < count {
            let to = (from + BATCH).min(count);
            sqlx::query(TURNS)
                .bind(tenant.id.uuid())
                .bind(begin)
                .bind(from)
                .bind(to)
                .bind(count as f64)
                .bind(&domains)
                .execute(&mut *tx)
                .await?;
            from = to;
        }
        tx.commit().await?;
        sqlx::query("vacuum (analyze) chat_telemetry").execute(pool).await?;
    }
    if !is_counted(pool, tenant, count).await? {
        eprintln!("  counting them into rollups, once");
        telemetry::rebuild(&world.domain, tenant.id).await?;
        for table in ["chat_telemetry_rollups", "chat_telemetry_domain_rollups", "chat_telemetry_model_rollups"] {
            sqlx::query(sqlx::AssertSqlSafe(format!("vacuum (analyze) {table}"))).execute(pool).await?;
        }
    }
    let last: Option<Timestamp> = sqlx::query_scalar("select max(created_at) from chat_telemetry where tenant_id = $1")
        .bind(tenant.id.uuid())
        .fetch_one(pool)
        .await?;
    last.context("there are no turns")
}

/// The tenant's time zone and its second domain, which all turns get that are not on the first.
async fn domains(conn: &mut PgConnection, tenant: &Tenant) -> Result<Vec<Uuid>> {
    let second = Uuid::now_v7();
    sqlx::query("update tenants set time_zone = $2 where id = $1")
        .bind(tenant.id.uuid())
        .bind(ZONE)
        .execute(&mut *conn)
        .await?;
    sqlx::query("insert into domains (tenant_id, id, host) values ($1, $2, 'second.' || $3)")
        .bind(tenant.id.uuid())
        .bind(second)
        .bind(&tenant.host)
        .execute(conn)
        .await?;
    Ok(vec![tenant.domain_id.uuid(), second])
}

/// The rows are written by one transaction: they are all there or none is.
async fn is_filled(pool: &PgPool, tenant: &Tenant, count: i64) -> Result<bool> {
    let last = sqlx::query_scalar("select exists (select from chat_telemetry where tenant_id = $1 and id = $2)")
        .bind(tenant.id.uuid())
        .bind(Uuid::from_u128(count.unsigned_abs().into()))
        .fetch_one(pool)
        .await?;
    Ok(last)
}

async fn is_counted(pool: &PgPool, tenant: &Tenant, count: i64) -> Result<bool> {
    let statement = "select coalesce(sum(turns), 0)::bigint = $2
                            and not exists (select from chat_telemetry_changes where tenant_id = $1)
                     from chat_telemetry_rollups where tenant_id = $1 and grain = 'day'";
    Ok(sqlx::query_scalar(statement).bind(tenant.id.uuid()).bind(count).fetch_one(pool).await?)
}
