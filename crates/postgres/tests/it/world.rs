//! What the tests' worlds are built of.

use omniops_postgres::{Database, HubItem, Subscription, TestDatabase};
use omniops_types::{EventData, TenantId};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// No test waits longer than this for what has to come.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_mins(1);

pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// A tenant with nothing in it.
pub async fn add_tenant(database: &Database) -> TenantId {
    let id = new_id();
    let mut tx = database.system("add a tenant for a test").await.expect("a transaction");
    sqlx::query("insert into tenants (id, slug, name) values ($1, $2, 'Test')")
        .bind(id)
        .bind(format!("t{}", id.simple()))
        .execute(tx.conn())
        .await
        .expect("a tenant");
    tx.commit().await.expect("a commit");
    TenantId(id)
}

/// A database with one tenant.
pub async fn one_tenant() -> (TestDatabase, TenantId) {
    let test = TestDatabase::create().await;
    let tenant = add_tenant(test.database()).await;
    (test, tenant)
}

/// An event that says `text`.
pub fn event(text: impl Into<String>) -> EventData {
    EventData::WidgetConfigUpdated { domain: text.into() }
}

/// Commits one event and gives its number.
pub async fn say(database: &Database, tenant: TenantId, text: impl Into<String>) -> i64 {
    let mut tx = database.tenant(tenant).await.expect("a transaction");
    tx.emit(None, event(text));
    tx.commit().await.expect("a commit").last_seq.expect("a number")
}

/// The next event's number; signals are passed over.
pub async fn next_seq(subscription: &mut Subscription) -> Option<i64> {
    loop {
        let item = tokio::time::timeout(PATIENCE, subscription.next()).await.expect("something in time");
        match item {
            Some(HubItem::Event(event)) => return Some(event.seq),
            Some(HubItem::Signal(_)) => {}
            None => return None,
        }
    }
}

/// Ends the connections that listen for this database's notifications; gives how many those were.
pub async fn cut_listeners(test: &TestDatabase) -> i64 {
    let mut conn = PgConnection::connect(&test.superuser_url()).await.expect("an administrator");
    sqlx::query_scalar(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity
         where datname = current_database() and application_name = 'omniops listener'",
    )
    .fetch_one(&mut conn)
    .await
    .expect("listeners to cut")
}
