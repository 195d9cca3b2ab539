//! The rollups hold what the turns say, however and whenever those come.

use omniops_domain::accounts::RequestMeta;
use omniops_domain::{telemetry, widget};
use omniops_types::{EraseRequest, FeedbackRequest, Rating, TelemetryQuery};
use uuid::Uuid;

use super::turn::{self, TestTurn};
use super::{administrator, months, roll_up, rollups, write};
use crate::support::{HOST, World};

const OCTOBER: &str = "2026-10-05T12:00:00Z";

async fn pending(world: &World) -> i64 {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query_scalar("select count(*) from chat_telemetry_changes").fetch_one(tx.conn()).await.unwrap()
}

async fn counted(world: &World) -> i64 {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let query = "select coalesce(sum(turns), 0)::bigint from chat_telemetry_rollups where grain = 'quarter_hour'";
    sqlx::query_scalar(query).fetch_one(tx.conn()).await.unwrap()
}

#[tokio::test]
async fn a_turn_that_commits_after_later_ones_were_counted_is_counted_too() {
    let world = World::new().await;
    months(&world, &[OCTOBER]).await;
    let domain = Uuid::now_v7();
    let mut late = world.domain.database.tenant(world.tenant).await.unwrap();
    turn::insert(&mut late, &[TestTurn::at("2026-10-05T12:01:00Z", domain)]).await;
    write(&world, world.tenant, &[TestTurn::at("2026-10-05T12:02:00Z", domain)]).await;
    assert_eq!(roll_up(&world).await, 1);
    assert_eq!(counted(&world).await, 1, "the turn that is under way is not there yet");
    late.commit().await.unwrap();
    assert_eq!(roll_up(&world).await, 1);
    assert_eq!(counted(&world).await, 2);
    assert_eq!(pending(&world).await, 0);
}

#[tokio::test]
async fn counting_again_changes_nothing_and_a_rebuild_gives_the_same() {
    let world = World::new().await;
    months(&world, &[OCTOBER]).await;
    let domain = Uuid::now_v7();
    let turns: Vec<TestTurn> = (0..200)
        .map(|n| {
            let minute = format!("2026-10-{:02}T{:02}:{:02}:00Z", 1 + n % 5, n % 24, n % 60);
            TestTurn { total_ms: n * 17, cost: i64::from(n), ..TestTurn::at(&minute, domain) }
        })
        .collect();
    // In pieces, so that quarters of an hour are counted when they are half full.
    for piece in turns.chunks(37) {
        write(&world, world.tenant, piece).await;
        roll_up(&world).await;
    }
    let incremental = rollups(&world, world.tenant).await;
    assert!(incremental.len() > 100, "{}", incremental.len());
    assert_eq!(roll_up(&world).await, 0);
    let admin = administrator(&world).await;
    sqlx::raw_sql("update chat_telemetry_rollups set turns = turns + 1; delete from chat_telemetry_domain_rollups")
        .execute(&admin)
        .await
        .unwrap();
    assert_ne!(rollups(&world, world.tenant).await, incremental);
    telemetry::rebuild(&world.domain, world.tenant).await.unwrap();
    assert_eq!(rollups(&world, world.tenant).await, incremental);
    telemetry::rebuild(&world.domain, world.tenant).await.unwrap();
    assert_eq!(rollups(&world, world.tenant).await, incremental);
}

#[tokio::test]
async fn a_turn_that_is_moved_or_deleted_leaves_nothing_behind() {
    let world = World::new().await;
    months(&world, &[OCTOBER]).await;
    write(&world, world.tenant, &[TestTurn::at("2026-10-05T12:01:00Z", Uuid::now_v7())]).await;
    roll_up(&world).await;
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query("update chat_telemetry set created_at = created_at - interval '3 days'")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    roll_up(&world).await;
    let moved = rollups(&world, world.tenant).await;
    assert_eq!(moved.len(), 9, "{moved:?}");
    let is_new = |row: &String| row.contains("2026-10-02") || row.contains("month,\"2026-10-01");
    assert!(moved.iter().all(is_new), "{moved:?}");
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query("delete from chat_telemetry").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    roll_up(&world).await;
    assert_eq!(rollups(&world, world.tenant).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_processes_that_count_at_once_count_once() {
    let world = World::new().await;
    months(&world, &[OCTOBER]).await;
    let domain = Uuid::now_v7();
    for minute in 0..30 {
        let turn = [TestTurn::at(&format!("2026-10-05T12:{minute:02}:30Z"), domain)];
        let (a, b, c, ()) = tokio::join!(
            telemetry::roll_up(&world.domain),
            telemetry::roll_up(&world.domain),
            telemetry::roll_up(&world.domain),
            write(&world, world.tenant, &turn),
        );
        a.unwrap();
        b.unwrap();
        c.unwrap();
    }
    roll_up(&world).await;
    assert_eq!(counted(&world).await, 30);
    assert_eq!(pending(&world).await, 0);
}

#[tokio::test]
async fn tenants_are_counted_apart() {
    let world = World::new().await;
    let other = world.stranger().await;
    months(&world, &[OCTOBER]).await;
    write(&world, world.tenant, &[TestTurn::at(OCTOBER, Uuid::now_v7())]).await;
    write(&world, other.tenant_id, &[TestTurn::at(OCTOBER, Uuid::now_v7()), TestTurn::at(OCTOBER, Uuid::now_v7())])
        .await;
    roll_up(&world).await;
    let query = TelemetryQuery {
        from: Some("2026-10-05T00:00:00Z".parse().unwrap()),
        to: Some("2026-10-06T00:00:00Z".parse().unwrap()),
        ..TelemetryQuery::default()
    };
    let of_ours = telemetry::report(&world.domain, &world.principal(omniops_types::Role::Owner), &query).await.unwrap();
    assert_eq!(of_ours.figures.turns, 1);
}

/// The sum over all rollups of a grain and table.
async fn thumbs(world: &World) -> Vec<(i64, i64)> {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let query = "select sum(thumbs_up)::bigint, sum(thumbs_down)::bigint from chat_telemetry_rollups group by grain";
    sqlx::query_as(query).fetch_all(tx.conn()).await.unwrap()
}

#[tokio::test]
async fn a_thumb_counts_with_its_turn_changes_with_it_and_goes_with_the_visitor() {
    let world = World::new().await;
    let visitor = "session-of-the-first-visitor";
    let message_id = world.ask(visitor, "Do you ship to Austria?").await.reply.unwrap().id;
    let rate = async |rating| {
        let (domain, session_id) = (HOST.to_owned(), visitor.to_owned());
        let request = FeedbackRequest { domain, session_id, message_id, rating, reason: None, comment: None };
        widget::feedback(&world.domain, &request, &RequestMeta::default()).await.unwrap();
        roll_up(&world).await;
    };
    rate(Some(Rating::Up)).await;
    assert_eq!(thumbs(&world).await, [(1, 0); 3]);
    rate(Some(Rating::Down)).await;
    assert_eq!(thumbs(&world).await, [(0, 1); 3]);
    rate(None).await;
    assert_eq!(thumbs(&world).await, [(0, 0); 3]);
    rate(Some(Rating::Down)).await;
    let request = EraseRequest { domain: HOST.to_owned(), session_id: visitor.to_owned() };
    widget::erase(&world.domain, &request, &RequestMeta::default()).await.unwrap();
    roll_up(&world).await;
    assert_eq!(thumbs(&world).await, [(0, 0); 3], "the erased visitor's thumb is still counted");
}

#[tokio::test]
async fn a_deleted_tenant_takes_turns_and_rollups_along() {
    let world = World::new().await;
    let answered = world.ask("session-of-the-first-visitor", "Do you ship to Austria?").await;
    assert!(answered.reply.is_some());
    roll_up(&world).await;
    let mut tx = world.domain.database.system("delete a test's tenant").await.unwrap();
    for table in ["conversations", "customers"] {
        let delete = format!("delete from {table} where tenant_id = $1");
        sqlx::query(sqlx::AssertSqlSafe(delete)).bind(world.tenant.uuid()).execute(tx.conn()).await.unwrap();
    }
    sqlx::query("delete from tenants where id = $1").bind(world.tenant.uuid()).execute(tx.conn()).await.unwrap();
    for query in [
        "select count(*) from chat_telemetry",
        "select count(*) from chat_telemetry_changes",
        "select count(*) from chat_telemetry_rollups",
    ] {
        let left: i64 = sqlx::query_scalar(query).fetch_one(tx.conn()).await.unwrap();
        assert_eq!(left, 0, "{query}");
    }
}

/// What the previous release writes, which knows nothing of the newer columns.
#[tokio::test]
async fn the_previous_release_goes_on_writing_and_is_counted() {
    let world = World::new().await;
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query(
        "insert into chat_telemetry (tenant_id, id, conversation_id, message_id, reply_id, domain_id, channel, provider,
                                     model, outcome, error_code, confidence, searches, zero_results, prompt_tokens,
                                     completion_tokens, embed_ms, search_ms, first_delta_ms, total_ms)
         values ($1, $2, $2, $2, $2, $2, 'widget', 'extractive', 'none', 'answered', null, 0.5, 1, 0, 0, 0, 1, 2, 3, 4)",
    )
    .bind(world.tenant.uuid())
    .bind(Uuid::now_v7())
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    roll_up(&world).await;
    assert_eq!(counted(&world).await, 1);
}

/// The previous release replaces a day's rows by ones that lack the course, and leaves the month as it was.
#[tokio::test]
async fn days_that_the_previous_release_counted_are_finished() {
    let world = World::new().await;
    months(&world, &[OCTOBER]).await;
    let domain = Uuid::now_v7();
    let turns: Vec<TestTurn> =
        (1..=20).map(|day| TestTurn::at(&format!("2026-10-{day:02}T12:01:00Z"), domain)).collect();
    write(&world, world.tenant, &turns).await;
    roll_up(&world).await;
    let finished = rollups(&world, world.tenant).await;
    let admin = administrator(&world).await;
    for table in ["chat_telemetry_rollups", "chat_telemetry_domain_rollups", "chat_telemetry_model_rollups"] {
        let statement = format!(
            "update {table} set course = null where grain = 'day'; update {table} set turns = 0 where grain = 'month'"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&admin).await.unwrap();
    }
    assert_ne!(rollups(&world, world.tenant).await, finished);
    assert_eq!(roll_up(&world).await, 0, "no turn has changed");
    assert_eq!(rollups(&world, world.tenant).await, finished);
}

#[tokio::test]
async fn the_database_puts_every_latency_into_the_bin_whose_middle_is_within_one_percent() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    let (values, wrong): (i64, i64) = sqlx::query_as(
        "with ms as (
             select generate_series(0, 200000) as ms
             union all select (1.003 ^ n)::integer from generate_series(4100, 7170) as n
             union all select 2147483647
         ), middles as (
             select ms, case bin when -1 then 0 else 2 * (1.01 / 0.99) ^ bin / (1.01 / 0.99 + 1) end as middle
             from (select ms, omniops_sketch_bin(ms)::float8 as bin from ms) b
         )
         select count(*), count(*) filter (where abs(middle - ms) > ms * 0.010001) from middles",
    )
    .fetch_one(&admin)
    .await
    .unwrap();
    assert!(values > 200_000);
    assert_eq!(wrong, 0);
}
