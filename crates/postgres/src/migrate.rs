//! The schema's migrations, compiled into the program.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};

use crate::database::connect_options;
use crate::{Error, Result};

pub(crate) static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// The newest migration that this program knows.
pub fn newest_migration() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Brings the schema up to date and gives the numbers of the migrations that it ran, none when it was.
///
/// Runs as `omniops_owner`, under an advisory lock that lets one program migrate at a time. The URL's role has to be
/// allowed to become the owner only when there is something to do.
pub async fn migrate(url: &str) -> Result<Vec<i64>> {
    let mut conn = PgConnection::connect_with(&connect_options(url)?.application_name("omniops migrate")).await?;
    let before = applied(&mut conn).await?;
    refuse_newer(&before)?;
    let pending: Vec<i64> =
        MIGRATOR.iter().map(|migration| migration.version).filter(|version| !before.contains(version)).collect();
    if !pending.is_empty() {
        run_as_owner(&mut conn, &MIGRATOR).await?;
        tracing::info!(?pending, "migrated the database");
    }
    conn.close().await?;
    Ok(pending)
}

/// The migrations that the database has seen. Those who may not read the list themselves ask as the system role.
pub(crate) async fn applied(conn: &mut PgConnection) -> Result<Vec<i64>> {
    let exists: bool =
        sqlx::query_scalar("select to_regclass('public._sqlx_migrations') is not null").fetch_one(&mut *conn).await?;
    if !exists {
        return Ok(Vec::new());
    }
    let may_read: bool = sqlx::query_scalar("select has_table_privilege('public._sqlx_migrations', 'select')")
        .fetch_one(&mut *conn)
        .await?;
    let mut tx = conn.begin().await?;
    if !may_read {
        tx.execute("set local role omniops_system").await?;
    }
    let versions =
        sqlx::query_scalar("select version from public._sqlx_migrations order by version").fetch_all(&mut *tx).await?;
    tx.commit().await?;
    Ok(versions)
}

fn refuse_newer(applied: &[i64]) -> Result<()> {
    let newest = newest_migration();
    match applied.iter().max() {
        Some(&version) if version > newest => Err(Error::DatabaseIsNewer { version, newest }),
        _ => Ok(()),
    }
}

/// Runs what is pending of `migrator`.
///
/// Forced row-level security holds for the owner too, who has no policy and so would change no row and hear of no
/// error. With `row_security` off the database refuses such a statement instead; how a data step takes the rights it
/// needs is told in `migrations/README.md`.
pub(crate) async fn run_as_owner(conn: &mut PgConnection, migrator: &Migrator) -> Result<()> {
    conn.execute("set role omniops_owner").await.map_err(|error| {
        Error::NotSetUp(format!("there are migrations to run, but this role cannot become omniops_owner: {error}"))
    })?;
    // A migration may well take longer than a request.
    conn.execute("set statement_timeout = 0").await?;
    conn.execute("set row_security = off").await?;
    migrator.run_direct(None, conn, false).await.map_err(explain)?;
    conn.execute("grant select on public._sqlx_migrations to omniops_system").await?;
    Ok(())
}

fn explain(error: MigrateError) -> Error {
    match error {
        MigrateError::VersionMissing(version) => Error::DatabaseIsNewer { version, newest: newest_migration() },
        MigrateError::VersionMismatch(version) => Error::MigrationEdited(version),
        error => Error::Migration(error),
    }
}
