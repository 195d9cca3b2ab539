//! Telemetry's monthly partitions.

use omniops_postgres::{Database, Error};
use omniops_types::TenantId;

use crate::world::{add_tenant, new_id, one_tenant};

const INSERT: &str =
    "insert into chat_telemetry (tenant_id, id, created_at, conversation_id, message_id, domain_id, channel,
        provider, model, outcome, total_ms)
    values ($1, $2, '2031-05-17T12:00:00Z', $2, $2, $2, 'widget', 'extractive', 'none', 'answered', 5)";

async fn ensure_partition(database: &Database) {
    let mut tx = database.system("make next month's partition").await.expect("a transaction");
    sqlx::query("select omniops_ensure_telemetry_partition('2031-05-31T23:59:59Z')")
        .execute(tx.conn())
        .await
        .expect("a partition");
    tx.commit().await.expect("a commit");
}

async fn insert(database: &Database, tenant: TenantId) -> Result<(), Error> {
    let mut tx = database.tenant(tenant).await?;
    sqlx::query(INSERT).bind(tenant.uuid()).bind(new_id()).execute(tx.conn()).await?;
    tx.commit().await.map(|_| ())
}

#[tokio::test]
async fn a_new_months_partition_holds_each_tenants_rows_apart() {
    let (test, ours) = one_tenant().await;
    let theirs = add_tenant(test.database()).await;
    insert(test.database(), ours).await.expect_err("no partition yet");
    ensure_partition(test.database()).await;
    insert(test.database(), ours).await.expect("a row");
    insert(test.database(), theirs).await.expect("a row");
    let mut tx = test.database().tenant(ours).await.expect("a transaction");
    for statement in ["select count(*) from chat_telemetry", "select count(*) from chat_telemetry_203105"] {
        let seen: i64 = sqlx::query_scalar(statement).fetch_one(tx.conn()).await.expect(statement);
        assert_eq!(seen, 1, "{statement}");
    }
}

#[tokio::test]
async fn making_a_partition_twice_or_at_once_makes_one() {
    let (test, _) = one_tenant().await;
    let database = test.database();
    tokio::join!(ensure_partition(database), ensure_partition(database), ensure_partition(database));
    ensure_partition(database).await;
}

#[tokio::test]
async fn a_tenants_transaction_may_not_make_partitions() {
    let (test, tenant) = one_tenant().await;
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    let error: Error = sqlx::query("select omniops_ensure_telemetry_partition('2031-05-31T23:59:59Z')")
        .execute(tx.conn())
        .await
        .expect_err("a refusal")
        .into();
    assert_eq!(error.sqlstate().as_deref(), Some("42501"));
}
