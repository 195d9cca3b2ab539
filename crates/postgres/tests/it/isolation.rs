//! One tenant's transaction against another tenant's rows, in every table that there is.
//!
//! Rows are made from the catalogue: a value of its type for each column that has to have one. So a new table is
//! walked through by itself. Constraints are dropped first, because they are not what is tested here.

use omniops_postgres::{Error, TestDatabase};
use omniops_types::TenantId;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::world::add_tenant;

struct Table {
    name: String,
    /// `tenant_id`, or `id` for the table of tenants itself.
    tenant_column: String,
    /// `insert into …` with `$1` for the tenant.
    insert: String,
}

/// Every table with a tenant, partitions too.
async fn tables(admin: &mut PgConnection) -> Vec<Table> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select c.relname::text, case when c.relname = 'tenants' then 'id' else 'tenant_id' end
         from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and (c.relname = 'tenants' or exists (
               select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'))
         order by 1",
    )
    .fetch_all(&mut *admin)
    .await
    .expect("the tables");
    let mut tables = Vec::new();
    for (name, tenant_column) in rows {
        let insert = insert_statement(admin, &name, &tenant_column).await;
        tables.push(Table { name, tenant_column, insert });
    }
    tables
}

async fn insert_statement(admin: &mut PgConnection, table: &str, tenant_column: &str) -> String {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select a.attname::text, t.typname::text from pg_attribute a join pg_type t on t.oid = a.atttypid
         where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
           and a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attname <> $2",
    )
    .bind(table)
    .bind(tenant_column)
    .fetch_all(admin)
    .await
    .expect("the columns");
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let values: Vec<&str> = columns.iter().map(|(_, kind)| value(kind)).collect();
    let (names, values) = (names.join(", "), values.join(", "));
    let comma = if columns.is_empty() { "" } else { ", " };
    format!("insert into {table} ({tenant_column}{comma}{names}) values ($1{comma}{values})")
}

fn value(kind: &str) -> &'static str {
    match kind {
        "uuid" => "gen_random_uuid()",
        "text" => "md5(random()::text)",
        "bytea" => "sha256(random()::text::bytea)",
        "int2" | "int4" | "int8" | "float4" | "float8" => "1",
        "timestamptz" => "now()",
        "date" => "current_date",
        "jsonb" => "'{}'",
        "_text" => "array['x']",
        "bool" => "false",
        "tsvector" => "'x'::tsvector",
        "vector" => "'[1,2,3]'::vector",
        other => panic!("say here what a value of type {other} looks like"),
    }
}

/// Check constraints and triggers are out of the way, and each table holds a row of each tenant.
async fn world() -> (TestDatabase, TenantId, TenantId, Vec<Table>) {
    let test = TestDatabase::create().await;
    let (ours, theirs) = (add_tenant(test.database()).await, add_tenant(test.database()).await);
    let mut admin = PgConnection::connect(&test.superuser_url()).await.expect("an administrator");
    sqlx::raw_sql(
        "set session_replication_role = replica;
         do $$ declare r record; begin
             for r in select conrelid::regclass as target, conname from pg_constraint
                      where connamespace = 'public'::regnamespace and contype = 'c' and conislocal loop
                 execute format('alter table %s drop constraint %I', r.target, r.conname);
             end loop;
         end $$",
    )
    .execute(&mut admin)
    .await
    .expect("constraints out of the way");
    let tables = tables(&mut admin).await;
    for table in tables.iter().filter(|table| table.name != "tenants" && !is_partition(&table.name)) {
        for tenant in [ours, theirs] {
            let insert = sqlx::query(AssertSqlSafe(table.insert.clone())).bind(tenant.uuid());
            insert.execute(&mut admin).await.unwrap_or_else(|error| panic!("{}: {error}", table.insert));
        }
    }
    admin.close().await.expect("a good-bye");
    (test, ours, theirs, tables)
}

/// Rows come into a partition through its table.
fn is_partition(name: &str) -> bool {
    name.strip_prefix("chat_telemetry_").is_some_and(|month| month.bytes().all(|byte| byte.is_ascii_digit()))
}

async fn count(test: &TestDatabase, tenant: TenantId, statement: String, bind: TenantId) -> i64 {
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    let query = sqlx::query_scalar(AssertSqlSafe(statement.clone())).bind(bind.uuid());
    query.fetch_one(tx.conn()).await.unwrap_or_else(|error| panic!("{statement}: {error}"))
}

#[tokio::test]
async fn no_table_shows_another_tenants_rows() {
    let (test, ours, theirs, tables) = world().await;
    assert!(tables.len() > 20, "the walk found only {}", tables.len());
    for Table { name, tenant_column, .. } in &tables {
        let theirs_seen = format!("select count(*) from {name} where {tenant_column} = $1");
        assert_eq!(count(&test, ours, theirs_seen.clone(), theirs).await, 0, "{name} shows another tenant's rows");
        if !is_partition(name) {
            assert_eq!(count(&test, ours, theirs_seen, ours).await, 1, "{name} hides the tenant's own rows");
        }
    }
}

#[tokio::test]
async fn no_table_lets_another_tenants_rows_be_changed_or_deleted() {
    let (test, ours, theirs, tables) = world().await;
    for Table { name, tenant_column, .. } in &tables {
        for statement in [
            format!("update {name} set {tenant_column} = {tenant_column} where {tenant_column} = $1"),
            format!("delete from {name} where {tenant_column} = $1"),
        ] {
            let mut tx = test.database().tenant(ours).await.expect("a transaction");
            match sqlx::query(AssertSqlSafe(statement.clone())).bind(theirs.uuid()).execute(tx.conn()).await {
                Ok(done) => assert_eq!(done.rows_affected(), 0, "{statement}"),
                Err(error) => assert_eq!(sqlstate(error), "42501", "{statement}"),
            }
        }
    }
}

#[tokio::test]
async fn no_table_takes_a_row_for_another_tenant() {
    let (test, ours, theirs, tables) = world().await;
    for table in &tables {
        let mut tx = test.database().tenant(ours).await.expect("a transaction");
        let insert = sqlx::query(AssertSqlSafe(table.insert.clone())).bind(theirs.uuid());
        let error = insert.execute(tx.conn()).await.expect_err(&table.insert);
        assert_eq!(sqlstate(error), "42501", "{}", table.insert);
    }
}

#[tokio::test]
async fn no_row_can_be_given_to_another_tenant() {
    let (test, ours, theirs, tables) = world().await;
    for Table { name, tenant_column, .. } in tables.iter().filter(|table| !is_partition(&table.name)) {
        let mut tx = test.database().tenant(ours).await.expect("a transaction");
        let statement = format!("update {name} set {tenant_column} = $1");
        let error = sqlx::query(AssertSqlSafe(statement.clone())).bind(theirs.uuid()).execute(tx.conn()).await;
        assert_eq!(sqlstate(error.expect_err(&statement)), "42501", "{statement}");
    }
}

#[tokio::test]
async fn without_a_tenant_or_a_role_nothing_is_visible() {
    let (test, _, _, tables) = world().await;
    let mut login = PgConnection::connect(&test.url()).await.expect("the log-in role");
    for Table { name, .. } in &tables {
        let statement = format!("select count(*) from {name}");
        let error = sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut login).await.expect_err(&statement);
        assert_eq!(sqlstate(error), "42501", "{statement} as the log-in role");
    }
    sqlx::query("set role omniops_app").execute(&mut login).await.expect("the app role");
    for Table { name, .. } in &tables {
        let statement = format!("select count(*) from {name}");
        let seen: i64 =
            sqlx::query_scalar(AssertSqlSafe(statement.clone())).fetch_one(&mut login).await.expect(&statement);
        assert_eq!(seen, 0, "{statement} without a tenant");
    }
}

#[tokio::test]
async fn the_log_in_role_cannot_become_the_owner() {
    let test = TestDatabase::create().await;
    let mut login = PgConnection::connect(&test.url()).await.expect("the log-in role");
    let error = sqlx::query("set role omniops_owner").execute(&mut login).await.expect_err("a refusal");
    assert_eq!(sqlstate(error), "42501");
}

fn sqlstate(error: sqlx::Error) -> String {
    Error::from(error).sqlstate().expect("an answer of the database")
}
