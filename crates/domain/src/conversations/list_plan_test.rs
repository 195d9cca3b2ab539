//! The lists of the inbox stay quick however many conversations there are: each is read from an index, in order.

use omniops_postgres::{TenantTx, TestDatabase};
use omniops_types::TenantId;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::cursor::ActivityPosition;
use super::queries::{ALL_SHAPES, ListShape};

/// As the assignee of [`ALL_SHAPES`].
const AGENT: Uuid = Uuid::from_u128(7);

const CONVERSATIONS: &str = "
    insert into conversations (tenant_id, id, number, customer_id, domain_id, channel, status, ai_state, assignee_id,
                               created_at, last_activity_at)
    select $1, gen_random_uuid(), n, $1, $1, 'widget',
           (array['open', 'pending', 'snoozed', 'resolved', 'resolved', 'resolved', 'resolved'])[1 + n % 7], 'silenced',
           case when n % 50 = 0 then '00000000-0000-0000-0000-000000000007'::uuid end,
           now() - make_interval(mins => n), now() - make_interval(mins => n)
    from generate_series($2 + 1, $2 + 500) as n";

/// Six thousand conversations, most of them resolved, a hundred and twenty of them the agent's.
async fn crowd(test: &TestDatabase) -> TenantId {
    let tenant = Uuid::now_v7();
    let pool = test.owner_pool().await.unwrap();
    let mut tx = test.database().system("build a test's world").await.unwrap();
    for statement in [
        "insert into tenants (id, slug, name) values ($1, 'crowd', 'Crowd')",
        "insert into users (id, email, name, password_hash)
         select '00000000-0000-0000-0000-000000000007', 'ana@crowd.example', 'Ana', 'none' where $1::uuid is not null",
        "insert into team_members (tenant_id, user_id, role, display_name, email)
         values ($1, '00000000-0000-0000-0000-000000000007', 'agent', 'Ana', 'ana@crowd.example')",
        "insert into domains (tenant_id, id, host) values ($1, $1, 'crowd.example')",
        "insert into customers (tenant_id, id) values ($1, $1)",
    ] {
        sqlx::query(statement).bind(tenant).execute(tx.conn()).await.unwrap();
    }
    tx.commit().await.unwrap();
    // In transactions of a sane size: the trigger that counts updates the same few rows again and again.
    for batch in 0..12 {
        let mut tx = test.database().tenant(TenantId(tenant)).await.unwrap();
        sqlx::query(CONVERSATIONS).bind(tenant).bind(batch * 500).execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
    }
    sqlx::query("analyze conversations").execute(&pool).await.unwrap();
    TenantId(tenant)
}

async fn plan_of(tx: &mut TenantTx, shape: ListShape) -> String {
    let start = ActivityPosition::start();
    let explain =
        AssertSqlSafe(format!("explain (analyze, costs off, timing off, summary off, buffers off) {}", shape.sql()));
    let query = sqlx::query_scalar::<_, String>(explain)
        .bind(tx.tenant_id().uuid())
        .bind(start.last_activity_at)
        .bind(start.id.uuid())
        .bind(31_i64)
        .bind(AGENT);
    let query = match shape {
        ListShape::All | ListShape::Unassigned => query,
        ListShape::WithStatus(status) => query.bind(status.as_str()),
        ListShape::AssignedWithStatus(agent, status) => query.bind(agent.uuid()).bind(status.as_str()),
        ListShape::AssignedUnresolved(agent) | ListShape::Assigned(agent) => query.bind(agent.uuid()),
    };
    query.fetch_all(tx.conn()).await.unwrap().join("\n")
}

/// The index that serves each list.
fn index_of(shape: ListShape) -> &'static str {
    match shape {
        ListShape::All => "conversations_activity",
        ListShape::WithStatus(_) => "conversations_status",
        ListShape::Unassigned => "conversations_unassigned",
        ListShape::AssignedWithStatus(..) | ListShape::AssignedUnresolved(_) | ListShape::Assigned(_) => {
            "conversations_assignee"
        }
    }
}

#[tokio::test]
async fn every_list_reads_one_page_from_its_index() {
    let test = TestDatabase::create().await;
    let tenant = crowd(&test).await;
    let mut tx = test.database().tenant(tenant).await.unwrap();
    for shape in ALL_SHAPES {
        let plan = plan_of(&mut tx, shape).await;
        let scans: Vec<&str> = plan.lines().filter(|line| line.contains(" on conversations ")).collect();
        assert!(!scans.is_empty(), "{shape:?}:\n{plan}");
        for scan in scans {
            assert!(scan.contains(&format!("Scan using {}", index_of(shape))), "{shape:?}:\n{plan}");
            let rows = scan.split("rows=").nth(1).and_then(|rest| rest.split(['.', ' ', ')']).next());
            assert!(rows.unwrap().parse::<u32>().unwrap() <= 31, "reads more than a page, {shape:?}:\n{plan}");
        }
    }
}
