//! What a database lacks, for `omniops doctor`.

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::database::connect_options;
use crate::roles::EXTENSIONS;
use crate::{Result, migrate};

/// Older ones lack what the schema uses.
const OLDEST_VERSION: i32 = 15;

/// The outcome of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: `version`, `extension vector`, …
    pub check: String,
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do, unless all is well.
    pub next_step: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Good,
    /// OmniOps works, but less safely than it could.
    Doubtful,
    /// OmniOps does not work like this.
    Bad,
}

impl Finding {
    fn good(check: impl Into<String>, found: impl Into<String>) -> Self {
        Self { check: check.into(), verdict: Verdict::Good, found: found.into(), next_step: None }
    }

    fn not_good(
        check: impl Into<String>,
        verdict: Verdict,
        found: impl Into<String>,
        next_step: impl Into<String>,
    ) -> Self {
        Self { check: check.into(), verdict, found: found.into(), next_step: Some(next_step.into()) }
    }
}

/// Looks at the database of `url` and changes nothing. One that cannot be reached gives one finding.
pub async fn diagnose(url: &str) -> Vec<Finding> {
    let attempt = async { Ok::<_, crate::Error>(PgConnection::connect_with(&connect_options(url)?).await?) };
    let mut conn = match attempt.await {
        Ok(conn) => conn,
        Err(error) => {
            let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            let next_step = "start the database, or correct DATABASE_URL; unset it to use the embedded one";
            return vec![Finding::not_good("connection", Verdict::Bad, reason, next_step)];
        }
    };
    let mut findings = vec![Finding::good("connection", "the database answers")];
    if let Err(error) = look(&mut conn, &mut findings).await {
        let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        findings.push(Finding::not_good("catalogue", Verdict::Bad, reason, "look at the database's log"));
    }
    findings
}

async fn look(conn: &mut PgConnection, findings: &mut Vec<Finding>) -> Result<()> {
    findings.push(version(conn).await?);
    findings.push(encoding(conn).await?);
    for name in EXTENSIONS {
        findings.push(extension(conn, name).await?);
    }
    for name in ["omniops_owner", "omniops_app", "omniops_system"] {
        findings.push(role(conn, name).await?);
    }
    findings.push(login(conn).await?);
    findings.push(migrations(conn).await?);
    Ok(())
}

async fn version(conn: &mut PgConnection) -> Result<Finding> {
    let version: String = sqlx::query_scalar("select current_setting('server_version')").fetch_one(&mut *conn).await?;
    let number: i32 =
        sqlx::query_scalar("select current_setting('server_version_num')::int / 10000").fetch_one(conn).await?;
    Ok(if number >= OLDEST_VERSION {
        Finding::good("version", format!("PostgreSQL {version}"))
    } else {
        let next_step = format!("upgrade to PostgreSQL {OLDEST_VERSION} or newer");
        Finding::not_good("version", Verdict::Bad, format!("PostgreSQL {version}"), next_step)
    })
}

async fn encoding(conn: &mut PgConnection) -> Result<Finding> {
    let encoding: String = sqlx::query_scalar("select current_setting('server_encoding')").fetch_one(conn).await?;
    Ok(if encoding == "UTF8" {
        Finding::good("encoding", encoding)
    } else {
        Finding::not_good("encoding", Verdict::Bad, encoding, "create the database with `encoding 'UTF8'`")
    })
}

async fn extension(conn: &mut PgConnection, name: &str) -> Result<Finding> {
    let check = format!("extension {name}");
    let row: Option<(String, Option<String>)> =
        sqlx::query_as("select default_version, installed_version from pg_available_extensions where name = $1")
            .bind(name)
            .fetch_optional(conn)
            .await?;
    Ok(match row {
        Some((_, Some(version))) => Finding::good(check, format!("version {version}")),
        Some((_, None)) => {
            let next_step = format!("in this database: create extension {name};");
            Finding::not_good(check, Verdict::Bad, "on the server, but not in this database", next_step)
        }
        None => {
            let package = if name == "vector" { "pgvector" } else { "PostgreSQL's contrib modules" };
            Finding::not_good(check, Verdict::Bad, "not on the server", format!("install {package} on the server"))
        }
    })
}

async fn role(conn: &mut PgConnection, name: &str) -> Result<Finding> {
    let check = format!("role {name}");
    let is_above_rls: Option<bool> =
        sqlx::query_scalar("select rolsuper or rolbypassrls from pg_roles where rolname = $1")
            .bind(name)
            .fetch_optional(conn)
            .await?;
    Ok(match is_above_rls {
        Some(false) => Finding::good(check, "there"),
        Some(true) => Finding::not_good(
            check,
            Verdict::Bad,
            "row-level security does not hold for it",
            format!("alter role {name} nosuperuser nobypassrls;"),
        ),
        None => Finding::not_good(
            check,
            Verdict::Bad,
            "missing",
            "run `omniops migrate` with a DATABASE_URL whose role may create roles",
        ),
    })
}

async fn login(conn: &mut PgConnection) -> Result<Finding> {
    let (name, is_above_rls): (String, bool) =
        sqlx::query_as("select rolname::text, rolsuper or rolbypassrls from pg_roles where rolname = current_user")
            .fetch_one(&mut *conn)
            .await?;
    let out_of_reach: Vec<String> = sqlx::query_scalar(
        "select rolname::text from pg_roles
         where rolname in ('omniops_app', 'omniops_system') and not pg_has_role(current_user, oid,
             case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)
         order by rolname",
    )
    .fetch_all(conn)
    .await?;
    let check = "log-in role";
    Ok(if !out_of_reach.is_empty() {
        let roles = out_of_reach.join(", ");
        let next_step = format!("grant {roles} to {name};");
        Finding::not_good(check, Verdict::Bad, format!("{name} may not become {roles}"), next_step)
    } else if is_above_rls {
        Finding::not_good(
            check,
            Verdict::Doubtful,
            format!("row-level security does not hold for {name} outside of transactions"),
            "use a log-in role without superuser and bypassrls that is a member of omniops_app and omniops_system",
        )
    } else {
        Finding::good(check, name)
    })
}

async fn migrations(conn: &mut PgConnection) -> Result<Finding> {
    let check = "migrations";
    let applied = match migrate::applied(conn).await {
        Ok(applied) => applied.into_iter().max(),
        Err(error) => {
            let next_step = "let the role of DATABASE_URL become omniops_system";
            return Ok(Finding::not_good(check, Verdict::Bad, format!("cannot be read: {error}"), next_step));
        }
    };
    let newest = migrate::newest_migration();
    Ok(match applied {
        Some(applied) if applied == newest => Finding::good(check, format!("up to date at {applied}")),
        Some(applied) if applied > newest => Finding::not_good(
            check,
            Verdict::Bad,
            format!("the database is at {applied}, this program ends at {newest}"),
            "use the newer omniops",
        ),
        Some(applied) => Finding::not_good(
            check,
            Verdict::Bad,
            format!("the database is at {applied} of {newest}"),
            "run `omniops migrate`",
        ),
        None => Finding::not_good(check, Verdict::Bad, "the database is empty", "run `omniops migrate`"),
    })
}
