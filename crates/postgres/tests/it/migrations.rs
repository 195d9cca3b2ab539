//! Migrations at start.

use futures::future::join_all;
use omniops_postgres::{Error, TestDatabase, migrate, newest_migration};
use sqlx::migrate::MigrateError;
use sqlx::{Connection, PgConnection};

use crate::world::{add_tenant, one_tenant};

#[tokio::test]
async fn a_database_that_is_up_to_date_needs_no_right_to_migrate() {
    let test = TestDatabase::create().await;
    assert_eq!(migrate(&test.url()).await.expect("nothing to do"), Vec::<i64>::new());
}

#[tokio::test]
async fn programs_that_start_at_once_migrate_once() {
    let test = TestDatabase::create().await;
    let url = test.superuser_url();
    empty(&test).await;
    let outcomes = join_all((0..4).map(|_| migrate(&url))).await;
    for outcome in outcomes {
        outcome.expect("migrated, by this one or another");
    }
    let mut conn = PgConnection::connect(&url).await.expect("an administrator");
    let applied: i64 =
        sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(&mut conn).await.expect("a number");
    assert_eq!(applied, newest_migration());
}

/// Takes the schema away again.
async fn empty(test: &TestDatabase) {
    let mut conn = PgConnection::connect(&test.superuser_url()).await.expect("an administrator");
    sqlx::raw_sql("drop schema public cascade; create schema public authorization omniops_owner; grant usage on schema public to public;
                   create extension vector; create extension pg_trgm; create extension unaccent;
                   create extension btree_gin;")
        .execute(&mut conn)
        .await
        .expect("an empty schema");
}

#[tokio::test]
async fn a_newer_database_is_refused_and_told_so() {
    let test = TestDatabase::create().await;
    let mut conn = PgConnection::connect(&test.superuser_url()).await.expect("an administrator");
    sqlx::query("insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'x', true, '', 0)")
        .execute(&mut conn)
        .await
        .expect("a migration of the future");
    let error = migrate(&test.url()).await.expect_err("a refusal");
    assert!(matches!(error, Error::DatabaseIsNewer { version: 9999, .. }), "{error}");
}

#[tokio::test]
async fn migrating_without_the_right_to_says_what_is_missing() {
    let test = TestDatabase::create().await;
    empty(&test).await;
    let error = migrate(&test.url()).await.expect_err("a refusal");
    assert!(matches!(error, Error::NotSetUp(_)), "{error}");
}

#[tokio::test]
async fn setting_up_again_changes_nothing_and_asks_for_no_rights() {
    let test = TestDatabase::create().await;
    omniops_postgres::set_up(&test.url()).await.expect("nothing to do");
}

#[tokio::test]
async fn setting_up_makes_what_a_bare_database_lacks() {
    let test = TestDatabase::create().await;
    let mut conn = PgConnection::connect(&test.superuser_url()).await.expect("an administrator");
    sqlx::raw_sql("drop schema public cascade; create schema public")
        .execute(&mut conn)
        .await
        .expect("a bare database");
    let error = omniops_postgres::set_up(&test.url()).await.expect_err("not with the log-in role's rights");
    assert!(error.to_string().contains("create extension if not exists vector"), "{error}");
    omniops_postgres::set_up(&test.superuser_url()).await.expect("set up");
    assert_eq!(migrate(&test.superuser_url()).await.expect("migrated").last(), Some(&newest_migration()));
}

async fn names(test: &TestDatabase) -> Vec<String> {
    let mut tx = test.database().system("look at all tenants").await.expect("a transaction");
    sqlx::query_scalar("select name from tenants order by id").fetch_all(tx.conn()).await.expect("names")
}

#[tokio::test]
async fn a_data_step_changes_the_rows_of_all_tenants_and_the_owner_goes_on_after_it() {
    let (test, _) = one_tenant().await;
    add_tenant(test.database()).await;
    test.run_migration(
        "alter table tenants add column motto text;
         set local role omniops_system;
         set local row_security = on;
         update tenants set motto = 'new', name = 'Changed';
         set local role omniops_owner;
         set local row_security = off;
         alter table tenants alter column motto set not null",
    )
    .await
    .expect("migrated");
    assert_eq!(names(&test).await, ["Changed", "Changed"]);
}

#[tokio::test]
async fn a_data_step_that_would_see_no_rows_is_refused_instead_of_doing_nothing() {
    let (test, _) = one_tenant().await;
    assert_refused(&test, "update tenants set name = 'Changed'", "row-level security").await;
    assert_eq!(names(&test).await, ["Test"]);
}

#[tokio::test]
async fn a_foreign_key_is_held_against_the_rows_that_are_there() {
    let (test, tenant) = one_tenant().await;
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    sqlx::query("insert into domains (tenant_id, id, host) values ($1, $1, 'shop.example')")
        .bind(tenant.uuid())
        .execute(tx.conn())
        .await
        .expect("a domain");
    tx.commit().await.expect("a commit");
    let blind = "alter table domains add column page_id uuid default gen_random_uuid();
                 alter table domains add foreign key (tenant_id, page_id) references scraped_pages (tenant_id, id)";
    assert_refused(&test, blind, "row-level security").await;
    let seeing = "alter table domains add column page_id uuid default gen_random_uuid();
                  alter table domains no force row level security;
                  alter table scraped_pages no force row level security;
                  alter table domains add foreign key (tenant_id, page_id) references scraped_pages (tenant_id, id);
                  alter table domains force row level security;
                  alter table scraped_pages force row level security";
    assert_refused(&test, seeing, "violates foreign key constraint").await;
}

async fn assert_refused(test: &TestDatabase, migration: &'static str, reason: &str) {
    match test.run_migration(migration).await.expect_err("a refusal") {
        Error::Migration(MigrateError::ExecuteMigration(refusal, _)) => {
            assert!(refusal.to_string().contains(reason), "{refusal}");
        }
        error => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn deleting_a_tenant_takes_everything_of_it_along() {
    let (test, tenant) = one_tenant().await;
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    for statement in [
        "insert into domains (tenant_id, id, host) values ($1, $1, 'shop.example')",
        "insert into customers (tenant_id, id) values ($1, $1)",
        "insert into conversations (tenant_id, id, number, customer_id, domain_id, channel, status, ai_state)
         values ($1, $1, 1, $1, $1, 'widget', 'open', 'active')",
        "insert into messages (tenant_id, id, conversation_id, seq, author_kind, kind, text)
         values ($1, $1, $1, 1, 'customer', 'reply', 'hello')",
        "update conversations set status = 'resolved' where tenant_id = $1",
    ] {
        sqlx::query(statement).bind(tenant.uuid()).execute(tx.conn()).await.expect(statement);
    }
    let counts: Vec<(String, i64)> =
        sqlx::query_as("select status, sum(count)::bigint from conversation_counts group by status order by status")
            .fetch_all(tx.conn())
            .await
            .expect("counts");
    assert_eq!(counts, [("open".to_owned(), 0), ("resolved".to_owned(), 1)]);
    tx.emit(None, crate::world::event("x"));
    tx.commit().await.expect("a commit");

    let mut tx = test.database().system("delete a tenant").await.expect("a transaction");
    sqlx::query("delete from tenants where id = $1").bind(tenant.uuid()).execute(tx.conn()).await.expect("a deletion");
    let left: i64 = sqlx::query_scalar(
        "select (select count(*) from conversations) + (select count(*) from messages) + (select count(*) from events)
              + (select count(*) from conversation_counts) + (select count(*) from event_positions)",
    )
    .fetch_one(tx.conn())
    .await
    .expect("a count");
    assert_eq!(left, 0);
}
