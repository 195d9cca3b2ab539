//! What is old goes, what is not stays.

use omniops_domain::maintenance::{self, Swept};
use sqlx::AssertSqlSafe;

use crate::support::World;

/// As many as several batches hold, each of this age.
const SEARCHES: &str = "
    insert into search_log (tenant_id, id, query, results, result_count, duration_ms, created_at)
    select $1, gen_random_uuid(), 'boots', '[]', 0, 1, now() - make_interval(days => $2)
    from generate_series(1, $3)";

async fn system(world: &World, statement: &'static str) {
    let mut tx = world.domain.database.system("build a test's world").await.unwrap();
    sqlx::raw_sql(statement).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn searches(world: &World, days_old: i32, count: i32) {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let insert = sqlx::query(SEARCHES).bind(world.tenant.uuid()).bind(days_old).bind(count);
    insert.execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn count(world: &World, of: &str) -> i64 {
    let mut tx = world.domain.database.system("look at a test's world").await.unwrap();
    let statement = AssertSqlSafe(format!("select count(*) from {of}"));
    sqlx::query_scalar(statement).fetch_one(tx.conn()).await.unwrap()
}

#[tokio::test]
async fn old_searches_go_batch_by_batch_and_younger_ones_stay() {
    let world = World::new().await;
    searches(&world, 91, 2_500).await;
    searches(&world, 89, 3).await;
    assert_eq!(maintenance::run(&world.domain).await.unwrap(), Swept { searches: 2_500, ..Swept::default() });
    assert_eq!(count(&world, "search_log").await, 3);
    assert_eq!(maintenance::run(&world.domain).await.unwrap(), Swept::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_cut_off_is_finished_by_the_next() {
    let world = World::new().await;
    searches(&world, 91, 5_000).await;
    searches(&world, 1, 1).await;
    let cut_off = tokio::spawn({
        let domain = world.domain.clone();
        async move { maintenance::run(&domain).await }
    });
    while count(&world, "search_log").await > 4_001 {
        tokio::task::yield_now().await;
    }
    cut_off.abort();
    maintenance::run(&world.domain).await.unwrap();
    assert_eq!(count(&world, "search_log").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_at_once_take_each_row_once() {
    let world = World::new().await;
    searches(&world, 91, 3_000).await;
    let other = world.another_process(crate::support::Answerer::ready()).await;
    let (one, two) = tokio::join!(maintenance::run(&world.domain), maintenance::run(&other));
    assert!(one.unwrap().searches + two.unwrap().searches <= 3_000);
    maintenance::run(&world.domain).await.unwrap();
    assert_eq!(count(&world, "search_log").await, 0);
}

#[tokio::test]
async fn expired_sessions_go_and_live_ones_stay() {
    let world = World::new().await;
    let session = "insert into sessions (token_hash, user_id, tenant_id, expires_at)
                   select sha256(gen_random_uuid()::text::bytea), user_id, tenant_id, now() + expiry
                   from team_members, unnest(array[interval '-2 days', interval '-1 hour', interval '1 hour']) as expiry";
    system(&world, session).await;
    assert_eq!(maintenance::run(&world.domain).await.unwrap(), Swept { sessions: 2, ..Swept::default() });
    assert_eq!(count(&world, "sessions").await, 4);
}

#[tokio::test]
async fn sends_that_are_answered_or_set_aside_go_after_a_month_and_those_under_way_never() {
    let world = World::new().await;
    for visitor in 0..5 {
        world.ask(&format!("session-of-visitor-number-{visitor}"), "Hello").await;
    }
    system(
        &world,
        "with numbered as (select client_id, row_number() over () as n from chat_requests)
         update chat_requests r
         set created_at = now() - make_interval(days => case when n in (3, 5) then 29 else 31 end),
             response = case when n in (2, 4, 5) then null else response end,
             leased_until = case when n in (4, 5) then '-infinity' else leased_until end
         from numbered where numbered.client_id = r.client_id",
    )
    .await;
    assert_eq!(maintenance::run(&world.domain).await.unwrap(), Swept { chat_requests: 2, ..Swept::default() });
    assert_eq!(count(&world, "chat_requests where response is null").await, 2);
    assert_eq!(count(&world, "chat_requests").await, 3);
    assert_eq!(count(&world, "messages").await, 10, "messages are the tenant's to keep");
}

#[tokio::test]
async fn telemetry_has_the_coming_months_and_loses_those_of_the_year_before_last() {
    let world = World::new().await;
    let owner = world.database.owner_pool().await.unwrap();
    sqlx::raw_sql(
        "do $$ begin
             execute format('drop table chat_telemetry_%s', to_char(now() + interval '2 months', 'YYYYMM'));
         end $$;
         select omniops_ensure_telemetry_partition(now() - make_interval(months => m)) from generate_series(12, 15) as m",
    )
    .execute(&owner)
    .await
    .unwrap();
    let months = "select relname::text from pg_class
                  where relname ~ '^chat_telemetry_[0-9]+$' order by relname";
    let before: Vec<String> = sqlx::query_scalar(months).fetch_all(&owner).await.unwrap();
    assert_eq!(maintenance::run(&world.domain).await.unwrap(), Swept { telemetry_months: 2, ..Swept::default() });
    let after: Vec<String> = sqlx::query_scalar(months).fetch_all(&owner).await.unwrap();
    assert_eq!(after[..after.len() - 1], before[2..]);
    let coming: String =
        sqlx::query_scalar("select 'chat_telemetry_' || to_char(now() + interval '2 months', 'YYYYMM')")
            .fetch_one(&owner)
            .await
            .unwrap();
    assert_eq!(after.last(), Some(&coming));
}

#[tokio::test]
async fn figures_go_after_thirteen_months_those_of_days_after_three_years_and_resolutions_with_their_turns() {
    let world = World::new().await;
    let mut tx = world.domain.database.system("build a test's world").await.unwrap();
    for (table, columns, values) in [
        ("chat_telemetry_rollups", "", ""),
        ("chat_telemetry_domain_rollups", ", domain_id", ", gen_random_uuid()"),
        ("chat_telemetry_model_rollups", ", domain_id, provider, model", ", gen_random_uuid(), 'p', 'm'"),
    ] {
        // 1,500 quarters of an hour too old, and one each just young enough.
        let statement = AssertSqlSafe(format!(
            "insert into {table} (tenant_id, grain, bucket, turns, course{columns})
             select $1, grain, bucket, 1, 'x'{values}
             from (
                 select 'quarter_hour', date_trunc('month', now() - interval '13 months', 'UTC') - n * interval '15 minutes'
                 from generate_series(0, 1500) as n
                 union all
                 select grain, date_trunc('month', now() - interval '37 months', 'UTC') - n * interval '1 day'
                 from unnest(array['day', 'month']) as grain, generate_series(0, 2) as n
             ) old (grain, bucket)"
        ));
        sqlx::query(statement).bind(world.tenant.uuid()).execute(tx.conn()).await.unwrap();
    }
    sqlx::query(
        "insert into ai_resolutions (tenant_id, conversation_id, turn_id, turn_at, state)
         select $1, gen_random_uuid(), gen_random_uuid(), age, 'assumed'
         from (select date_trunc('month', now() - interval '13 months', 'UTC') as kept) k,
              unnest(array[kept, kept - interval '1 second']) as age",
    )
    .bind(world.tenant.uuid())
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let swept = maintenance::run(&world.domain).await.unwrap();
    assert_eq!(swept, Swept { rollups: 3 * (1_500 + 4), resolutions: 1, ..Swept::default() });
    assert_eq!(maintenance::run(&world.domain).await.unwrap(), Swept::default());
    for table in ["chat_telemetry_rollups", "chat_telemetry_domain_rollups", "chat_telemetry_model_rollups"] {
        assert_eq!(count(&world, table).await, 3, "{table}");
    }
    assert_eq!(count(&world, "ai_resolutions").await, 1);
    assert_eq!(
        count(&world, "chat_telemetry_changes").await,
        0,
        "what is taken away because it is old is not counted anew"
    );
}

#[tokio::test]
async fn alerts_that_are_long_over_go_with_their_notices_and_open_ones_never() {
    let world = World::new().await;
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    for statement in [
        "insert into alerts (tenant_id, id, kind, subject, value, threshold, opened_at, resolved_at)
         select $1, gen_random_uuid(), 'error_rate', coalesce(ended::text, ''), 1, 0.03, now() - interval '3 years',
                now() - make_interval(months => ended)
         from unnest(array[14, 12, null]) as ended",
        "insert into alert_notices (tenant_id, alert_id, event, channel)
         select tenant_id, id, 'opened', 'email' from alerts where tenant_id = $1",
    ] {
        sqlx::query(statement).bind(world.tenant.uuid()).execute(tx.conn()).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(maintenance::run(&world.domain).await.unwrap(), Swept { alerts: 1, ..Swept::default() });
    assert_eq!(count(&world, "alerts where resolved_at is null").await, 1);
    assert_eq!((count(&world, "alerts").await, count(&world, "alert_notices").await), (2, 2));
}
