//! Tenant and system transactions.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use omniops_postgres::{Database, DatabaseOptions, Error, TestDatabase, retrying};
use omniops_types::TenantId;
use sqlx::{Connection, PgConnection};

use crate::world::{add_tenant, new_id, one_tenant};

#[tokio::test]
async fn a_test_database_is_not_used_as_a_superuser() {
    let test = TestDatabase::create().await;
    let mut tx = test.database().system("look at the session").await.expect("a transaction");
    let (login, role, is_superuser): (String, String, bool) = sqlx::query_as(
        "select session_user::text, current_user::text, rolsuper from pg_roles where rolname = session_user",
    )
    .fetch_one(tx.conn())
    .await
    .expect("the session's roles");
    assert_eq!((login.as_str(), role.as_str(), is_superuser), ("omniops", "omniops_system", false));
}

#[tokio::test]
async fn a_tenants_transaction_runs_as_the_app_role_even_for_a_superuser() {
    let (test, tenant) = one_tenant().await;
    let other = add_tenant(test.database()).await;
    let database = Database::connect(&DatabaseOptions::new(test.superuser_url())).await.expect("a database");
    let mut tx = database.tenant(tenant).await.expect("a transaction");
    let (role, visible): (String, Vec<uuid::Uuid>) =
        sqlx::query_as("select current_user::text, array(select id from tenants)")
            .fetch_one(tx.conn())
            .await
            .expect("a row");
    assert_eq!(role, "omniops_app");
    assert_eq!(visible, [tenant.uuid()], "and not {other}");
}

#[tokio::test]
async fn a_pooled_connection_keeps_neither_tenant_nor_role() {
    let test = TestDatabase::try_create(|options| options.max_connections = 1).await.expect("a database");
    let tenant = add_tenant(test.database()).await;
    for how in ["commit", "drop", "fail"] {
        let mut tx = test.database().tenant(tenant).await.expect("a transaction");
        match how {
            "commit" => drop(tx.commit().await.expect("a commit")),
            "drop" => drop(tx),
            _ => {
                sqlx::query("select 1 / 0").execute(tx.conn()).await.expect_err("a division by zero");
                drop(tx);
            }
        }
        let mut tx = test.database().system("look what is left").await.expect("a transaction");
        let (setting, role): (Option<String>, String) =
            sqlx::query_as("select nullif(current_setting('app.tenant_id', true), ''), current_user::text")
                .fetch_one(tx.conn())
                .await
                .expect("the settings");
        assert_eq!((setting, role.as_str()), (None, "omniops_system"), "after {how}");
    }
}

/// However far opening a transaction had come when its caller left, the next one on that connection is a new one.
#[tokio::test]
async fn a_caller_who_leaves_while_a_transaction_opens_leaves_no_transaction_behind() {
    let test = TestDatabase::try_create(|options| options.max_connections = 1).await.expect("a database");
    let tenant = add_tenant(test.database()).await;
    let mut clock = PgConnection::connect(&test.superuser_url()).await.expect("an administrator");
    for polls in 1..=4 {
        let mut opening = Box::pin(test.database().tenant(tenant));
        for _ in 0..polls {
            if futures::poll!(&mut opening).is_ready() {
                break;
            }
        }
        drop(opening);
        let left_at: DateTime<Utc> =
            sqlx::query_scalar("select clock_timestamp()").fetch_one(&mut clock).await.expect("the time");
        let mut tx = test.database().system("look what is left").await.expect("a transaction");
        let begun_at: DateTime<Utc> =
            sqlx::query_scalar("select now()").fetch_one(tx.conn()).await.expect("when it was begun");
        assert!(begun_at >= left_at, "after {polls} polls: begun at {begun_at}, left at {left_at}");
    }
}

#[tokio::test]
async fn what_is_not_committed_is_gone() {
    let (test, tenant) = one_tenant().await;
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    sqlx::query("update tenants set name = 'Changed'").execute(tx.conn()).await.expect("an update");
    drop(tx);
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    let name: String = sqlx::query_scalar("select name from tenants").fetch_one(tx.conn()).await.expect("a name");
    assert_eq!(name, "Test");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended_and_told_as_unavailable() {
    let test = TestDatabase::try_create(|options| options.statement_timeout = Duration::from_millis(50)).await;
    let test = test.expect("a database");
    let mut tx = test.database().system("wait").await.expect("a transaction");
    let error: Error = sqlx::query("select pg_sleep(60)").execute(tx.conn()).await.expect_err("a time-out").into();
    assert_eq!(error.sqlstate().as_deref(), Some("57014"));
    assert!(error.is_unavailable());
}

#[tokio::test]
async fn one_transaction_may_allow_its_statements_less_time() {
    let test = TestDatabase::create().await;
    let mut tx = test.database().system("wait").await.expect("a transaction");
    tx.set_statement_timeout(Duration::from_millis(50)).await.expect("a shorter limit");
    let error: Error = sqlx::query("select pg_sleep(60)").execute(tx.conn()).await.expect_err("a time-out").into();
    assert_eq!(error.sqlstate().as_deref(), Some("57014"));
}

#[tokio::test]
async fn a_full_pool_is_told_as_unavailable() {
    let test = TestDatabase::try_create(|options| {
        options.max_connections = 1;
        options.acquire_timeout = Duration::from_secs(2);
    })
    .await
    .expect("a database");
    let _busy = test.database().system("keep the connection").await.expect("a transaction");
    let error = test.database().system("want it too").await.expect_err("no connection");
    assert!(error.is_unavailable(), "{error:?}");
}

#[tokio::test]
async fn a_violated_unique_constraint_is_known_by_its_name() {
    let (test, tenant) = one_tenant().await;
    let mut tx = test.database().system("add a tenant twice").await.expect("a transaction");
    let error: Error =
        sqlx::query("insert into tenants (id, slug, name) select id, slug || 'x', name from tenants where id = $1")
            .bind(tenant.uuid())
            .execute(tx.conn())
            .await
            .expect_err("a violation")
            .into();
    assert!(error.is_unique_violation());
    assert_eq!(error.constraint(), Some("tenants_pkey"));
}

/// Locks two rows in the order given; two of these with opposite orders deadlock.
async fn lock_both(
    database: &Database,
    first: TenantId,
    second: TenantId,
    meet: &tokio::sync::Barrier,
    tries: &AtomicU32,
) -> Result<(), Error> {
    let mut tx = database.system("lock two rows").await?;
    let lock = "update tenants set name = name where id = $1";
    sqlx::query(lock).bind(first.uuid()).execute(tx.conn()).await?;
    // Only the first two attempts wait for each other: that is the deadlock.
    if tries.fetch_add(1, Ordering::SeqCst) < 2 {
        meet.wait().await;
    }
    sqlx::query(lock).bind(second.uuid()).execute(tx.conn()).await?;
    tx.commit().await
}

#[tokio::test]
async fn a_deadlock_is_repeated_until_both_are_through() {
    let test = TestDatabase::create().await;
    let (a, b) = (add_tenant(test.database()).await, add_tenant(test.database()).await);
    let (meet, tries) = (tokio::sync::Barrier::new(2), AtomicU32::new(0));
    let one = retrying(|| lock_both(test.database(), a, b, &meet, &tries));
    let other = retrying(|| lock_both(test.database(), b, a, &meet, &tries));
    let (one, other) = tokio::join!(one, other);
    one.expect("the first is through");
    other.expect("the second is through");
    assert_eq!(tries.load(Ordering::SeqCst), 3, "one of the two had to begin again");
}

#[tokio::test]
async fn an_error_that_repeating_cannot_mend_is_given_back_at_once() {
    let test = TestDatabase::create().await;
    let tries = AtomicU32::new(0);
    let outcome: Result<(), Error> = retrying(|| async {
        tries.fetch_add(1, Ordering::SeqCst);
        let mut tx = test.database().system("break").await?;
        sqlx::query("insert into domains (tenant_id, id, host) values ($1, $1, 'x')")
            .bind(new_id())
            .execute(tx.conn())
            .await?;
        tx.commit().await
    })
    .await;
    assert_eq!(outcome.expect_err("a violation").constraint(), Some("domains_tenant_id_fkey"));
    assert_eq!(tries.load(Ordering::SeqCst), 1);
}
