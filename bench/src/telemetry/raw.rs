//! The page's figures from the turns themselves, as they would be asked for without rollups.

use anyhow::Result;
use omniops_types::Timestamp;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// What every filter of the page could show: by domain and model, by both, and for the whole tenant, percentiles too.
const FIGURES: &str = "
    select domain_id, provider, model, count(*) as turns,
           count(*) filter (where outcome = 'answered'), count(*) filter (where outcome = 'clarified'),
           count(*) filter (where outcome = 'resolved'), count(*) filter (where outcome = 'declined'),
           count(*) filter (where outcome = 'escalated'), count(*) filter (where outcome = 'dropped'),
           count(*) filter (where outcome = 'failed'), sum(prompt_tokens), sum(cached_input_tokens),
           sum(completion_tokens), sum(reasoning_tokens), sum(cost_micro_usd)::bigint as cost,
           count(*) filter (where not price_known), sum(steps), sum(searches), sum(zero_results),
           percentile_disc(array[0.5, 0.95, 0.99]) within group (order by total_ms),
           percentile_disc(array[0.5, 0.95, 0.99]) within group (order by first_delta_ms)
    from chat_telemetry
    where tenant_id = $1 and created_at >= $2 and created_at < $3
    group by grouping sets ((), (domain_id), (provider, model))";
const SERIES: &str = "
    select date_trunc('day', created_at, 'Europe/Vienna'), count(*), count(*) filter (where outcome = 'failed'),
           sum(cost_micro_usd)::bigint, sum(prompt_tokens), sum(completion_tokens), sum(searches), sum(zero_results)
    from chat_telemetry
    where tenant_id = $1 and created_at >= $2 and created_at < $3
    group by 1";
const HEAT_MAP: &str = "
    select extract(isodow from created_at at time zone 'Europe/Vienna'),
           extract(hour from created_at at time zone 'Europe/Vienna'), count(*), sum(searches), sum(zero_results),
           sum(jsonb_array_length(tool_calls))
    from chat_telemetry
    where tenant_id = $1 and created_at >= $2 and created_at < $3
    group by 1, 2";
const TOOLS: &str = "
    select call ->> 'name', count(*), count(*) filter (where not (call ->> 'ok')::boolean), avg((call ->> 'ms')::bigint)
    from chat_telemetry cross join lateral jsonb_array_elements(tool_calls) as call
    where tenant_id = $1 and created_at >= $2 and created_at < $3
    group by 1";
const ERRORS: &str = "
    select error_code, fallback, count(*)
    from chat_telemetry
    where tenant_id = $1 and created_at >= $2 and created_at < $3 and (error_code is not null or fallback <> 'none')
    group by 1, 2";

/// Asks for all of them; gives turns and micro-dollars. As the superuser, whom no policy holds up.
pub async fn figures(pool: &PgPool, tenant: Uuid, from: Timestamp, to: Timestamp) -> Result<(i64, i64)> {
    let mut sums = (0, 0);
    for statement in [FIGURES, SERIES, HEAT_MAP, TOOLS, ERRORS] {
        let rows = sqlx::query(statement).bind(tenant).bind(from).bind(to).fetch_all(pool).await?;
        if statement == FIGURES {
            let whole = |row: &&sqlx::postgres::PgRow| {
                row.try_get::<Option<Uuid>, _>("domain_id").is_ok_and(|id| id.is_none())
                    && row.try_get::<Option<String>, _>("model").is_ok_and(|model| model.is_none())
            };
            if let Some(row) = rows.iter().find(whole) {
                sums = (row.try_get("turns")?, row.try_get("cost")?);
            }
        }
    }
    Ok(sums)
}
