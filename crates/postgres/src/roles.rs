//! The roles of `migrations/README.md`. They belong to the cluster, not to a database, so they are made before the
//! first migration; every step may be repeated.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::database::connect_options;
use crate::error::DatabaseError;
use crate::{Error, Result};

/// The extensions that the schema needs.
pub(crate) const EXTENSIONS: [&str; 4] = ["vector", "pg_trgm", "unaccent", "btree_gin"];

/// Makes the three roles that nobody logs in with.
const CREATE_ROLES: &str = "do $$
declare
    name text;
begin
    -- Two programs that start at once would both find the role missing.
    perform pg_advisory_xact_lock(hashtext('omniops roles'));
    foreach name in array array['omniops_owner', 'omniops_app', 'omniops_system'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I nologin noinherit', name);
        end if;
    end loop;
end $$";

/// Lets the log-in role become others. Without inheritance it has no rights of its own: a statement outside a
/// tenant's or a system transaction can read nothing.
const GRANT_TO_LOGIN: &str = "do $$
declare
    options constant text := case when current_setting('server_version_num')::int >= 160000
                                  then ' with inherit false, set true' else '' end;
begin
    execute format('grant %s to %I', current_setting('omniops.roles'), current_setting('omniops.login')) || options;
end $$";

/// What an administrator has to run once where OmniOps may not do so itself. `LOGIN` stands for the log-in role.
const BY_AN_ADMINISTRATOR: &str = "create role omniops_owner nologin; create role omniops_app nologin; \
    create role omniops_system nologin; grant omniops_owner, omniops_app, omniops_system to LOGIN; \
    grant create, usage on schema public to omniops_owner; grant usage on schema public to omniops_app, omniops_system; \
    create extension if not exists vector; create extension if not exists pg_trgm; \
    create extension if not exists unaccent; create extension if not exists btree_gin;";

/// Prepares a database that OmniOps did not start itself, as far as the URL's role may: roles, extensions, and the
/// owner's right to create tables. Where nothing is missing, nothing is needed.
///
/// The error names what an administrator has to run.
pub async fn set_up(url: &str) -> Result<()> {
    let mut conn = PgConnection::connect_with(&connect_options(url)?).await?;
    let outcome = set_up_on(&mut conn).await;
    conn.close().await?;
    outcome.map_err(|error| match &error {
        Error::Database(DatabaseError(sqlx::Error::Database(refusal))) => Error::NotSetUp(format!(
            "the role of DATABASE_URL may not do it ({refusal}); have an administrator run, in this database: \
             {BY_AN_ADMINISTRATOR}"
        )),
        _ => error,
    })
}

async fn set_up_on(conn: &mut PgConnection) -> Result<()> {
    let (login, is_superuser): (String, bool) =
        sqlx::query_as("select rolname::text, rolsuper from pg_roles where rolname = current_user")
            .fetch_one(&mut *conn)
            .await?;
    let missing: i64 = sqlx::query_scalar(
        "select 3 - count(*) from pg_roles where rolname in ('omniops_owner', 'omniops_app', 'omniops_system')",
    )
    .fetch_one(&mut *conn)
    .await?;
    if missing > 0 {
        conn.execute(CREATE_ROLES).await?;
        // A superuser may become any role; somebody with CREATEROLE alone has to be given what it made.
        if !is_superuser {
            grant_to_login(conn, "omniops_owner, omniops_app, omniops_system", &login).await?;
        }
    }
    ensure_extensions(conn).await?;
    let owner_may_create: bool = sqlx::query_scalar("select has_schema_privilege('omniops_owner', 'public', 'create')")
        .fetch_one(&mut *conn)
        .await?;
    if !owner_may_create {
        conn.execute("grant create, usage on schema public to omniops_owner").await?;
        // Everybody may look into a schema that came with the database; into one that was made anew, nobody.
        conn.execute("grant usage on schema public to omniops_app, omniops_system").await?;
    }
    Ok(())
}

/// Makes the roles and the log-in role with this password. `conn` is a superuser's.
pub(crate) async fn ensure_roles(conn: &mut PgConnection, login: &str, password: &str) -> Result<()> {
    conn.execute(CREATE_ROLES).await?;
    let statement: String = sqlx::query_scalar(
        "select case when exists (select from pg_roles where rolname = $1)
                then format('alter role %I login noinherit nosuperuser nobypassrls password %L', $1, $2)
                else format('create role %I login noinherit nosuperuser nobypassrls password %L', $1, $2) end",
    )
    .bind(login)
    .bind(password)
    .fetch_one(&mut *conn)
    .await?;
    conn.execute(AssertSqlSafe(statement)).await?;
    grant_to_login(conn, "omniops_app, omniops_system", login).await
}

async fn grant_to_login(conn: &mut PgConnection, roles: &str, login: &str) -> Result<()> {
    sqlx::query("select set_config('omniops.roles', $1, false), set_config('omniops.login', $2, false)")
        .bind(roles)
        .bind(login)
        .execute(&mut *conn)
        .await?;
    conn.execute(GRANT_TO_LOGIN).await?;
    Ok(())
}

/// Makes a database that `omniops_owner` owns and nobody else may connect to but `login`. `admin` is a
/// superuser's way to the cluster.
pub(crate) async fn ensure_database(admin: &PgConnectOptions, name: &str, login: &str) -> Result<()> {
    let mut conn = PgConnection::connect_with(&admin.clone().database("postgres")).await?;
    let statements: Option<String> = sqlx::query_scalar(
        "select format('create database %I owner omniops_owner', $1)
         where not exists (select from pg_database where datname = $1)",
    )
    .bind(name)
    .fetch_optional(&mut conn)
    .await?;
    if let Some(create) = statements {
        conn.execute(AssertSqlSafe(create)).await?;
    }
    let grant: String = sqlx::query_scalar(
        "select format('revoke all on database %1$I from public; grant connect on database %1$I to %2$I', $1, $2)",
    )
    .bind(name)
    .bind(login)
    .fetch_one(&mut conn)
    .await?;
    conn.execute(AssertSqlSafe(grant)).await?;
    conn.close().await?;

    let mut conn = PgConnection::connect_with(&admin.clone().database(name)).await?;
    ensure_extensions(&mut conn).await?;
    conn.close().await?;
    Ok(())
}

async fn ensure_extensions(conn: &mut PgConnection) -> Result<()> {
    for name in EXTENSIONS {
        conn.execute(AssertSqlSafe(format!("create extension if not exists {name}"))).await?;
    }
    Ok(())
}
