//! A database of its own for each test, in one cluster for all tests of a run.
//!
//! Tests use it as a server does: as the log-in role, which is no superuser, with row-level security in force.

use std::fmt::Write;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, SqlSafeStr};
use uuid::Uuid;

use crate::cluster::{self, testing::TestCluster};
use crate::{Database, DatabaseOptions, Result, migrate, roles};

/// A migrated, empty database, dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    cluster: &'static TestCluster,
    name: String,
    database: Database,
}

impl TestDatabase {
    /// Copies the migrated template, which the first test of a state of the schema makes.
    ///
    /// # Panics
    /// If there is no PostgreSQL to test with: a test cannot go on without.
    #[allow(clippy::panic)]
    pub async fn create() -> Self {
        match Self::try_create(|_| ()).await {
            Ok(this) => this,
            Err(error) => panic!("no test database: {}", with_sources(&error)),
        }
    }

    /// As [`create`](Self::create), with other options for the pool.
    pub async fn try_create(adjust: impl FnOnce(&mut DatabaseOptions)) -> Result<Self> {
        let cluster = TestCluster::shared().await?;
        let name = format!("{}{}_{}", cluster::testing::PREFIX, std::process::id(), Uuid::now_v7().simple());
        let mut conn = PgConnection::connect_with(&cluster.superuser).await?;
        let template = ensure_template(&mut conn, cluster).await?;
        conn.execute(AssertSqlSafe(format!("create database {name} template {template} owner omniops_owner"))).await?;
        conn.close().await?;
        let mut options = DatabaseOptions::new(cluster.login_url(&name));
        options.max_connections = 10;
        adjust(&mut options);
        let database = Database::connect(&options).await?;
        Ok(Self { cluster, name, database })
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    /// For a server under test: the log-in role's URL.
    pub fn url(&self) -> String {
        self.cluster.login_url(&self.name)
    }

    /// For what only an administrator may do, such as ending another's connection.
    pub fn superuser_url(&self) -> String {
        self.cluster.superuser_url(&self.name)
    }

    /// A pool as the owner of the tables, for looking at the catalogue.
    pub async fn owner_pool(&self) -> Result<PgPool> {
        Ok(PgPoolOptions::new()
            .max_connections(2)
            .after_connect(|conn, _| Box::pin(async move { conn.execute("set role omniops_owner").await.map(|_| ()) }))
            .connect_with(self.superuser_options())
            .await?)
    }

    /// Runs these statements as the next migration would be run.
    pub async fn run_migration(&self, sql: &'static str) -> Result<()> {
        let next = migrate::newest_migration() + 1;
        let migration = Migration::new(next, "test".into(), MigrationType::Simple, sql.into_sql_str(), false);
        let mut migrator = Migrator::with_migrations(vec![migration]);
        migrator.set_ignore_missing(true);
        let mut conn = PgConnection::connect_with(&self.superuser_options()).await?;
        migrate::run_as_owner(&mut conn, &migrator).await?;
        Ok(conn.close().await?)
    }

    /// How to connect as an administrator.
    pub fn superuser_options(&self) -> PgConnectOptions {
        self.cluster.superuser.clone().database(&self.name)
    }
}

impl Drop for TestDatabase {
    /// Does not wait for the end: this may be the thread of a runtime that is just connecting, and PostgreSQL drops no
    /// database while somebody is. What the end of the process cuts off, the next one takes care of.
    fn drop(&mut self) {
        self.database.hub().close();
        let (options, name) = (self.cluster.superuser.clone(), self.name.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let dropped =
                runtime.map_err(sqlx::Error::Io).and_then(|runtime| runtime.block_on(drop_database(options, name)));
            if let Err(error) = dropped {
                tracing::warn!(%error, "a test's database is left behind");
            }
        });
    }
}

async fn drop_database(options: PgConnectOptions, name: String) -> sqlx::Result<()> {
    let mut conn = PgConnection::connect_with(&options).await?;
    conn.execute(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await?;
    conn.close().await
}

/// The template's name carries the migrations' check sums, so that another state of the schema has another one.
async fn ensure_template(conn: &mut PgConnection, cluster: &TestCluster) -> Result<String> {
    let name = format!("{}{}", cluster::testing::TEMPLATE_PREFIX, schema_fingerprint());
    let exists = "select exists (select from pg_database where datname = $1)";
    if sqlx::query_scalar(exists).bind(&name).fetch_one(&mut *conn).await? {
        return Ok(name);
    }
    sqlx::query("select pg_advisory_lock(hashtext('omniops template'))").execute(&mut *conn).await?;
    if !sqlx::query_scalar::<_, bool>(exists).bind(&name).fetch_one(&mut *conn).await? {
        let building = format!("{}{}_{}", cluster::testing::PREFIX, std::process::id(), Uuid::now_v7().simple());
        roles::ensure_database(&cluster.superuser, &building, "omniops").await?;
        migrate::migrate(&cluster.superuser_url(&building)).await?;
        conn.execute(AssertSqlSafe(format!("alter database {building} rename to {name}"))).await?;
    }
    sqlx::query("select pg_advisory_unlock(hashtext('omniops template'))").execute(&mut *conn).await?;
    Ok(name)
}

fn schema_fingerprint() -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    for migration in migrate::MIGRATOR.iter() {
        (migration.version, &migration.checksum).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let _ = write!(text, ": {source}");
        next = source.source();
    }
    text
}
