//! Tenant and system transactions.

use omniops_postgres::TestDatabase;

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
