//! What can go wrong between OmniOps and its database.

use std::io;
use std::path::PathBuf;

use sqlx::postgres::PgDatabaseError;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// `Display` says what failed and, where the operator can do something, what the next step is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("the database could not do that")]
    Database(#[source] DatabaseError),
    #[error("the database URL is not usable: {0}")]
    Url(String),
    #[error("a migration failed")]
    Migration(#[source] sqlx::migrate::MigrateError),
    #[error(
        "the database is newer than this program: it knows migration {version}, this program ends at {newest}; \
         start the newer omniops, or restore a backup made before the upgrade"
    )]
    DatabaseIsNewer { version: i64, newest: i64 },
    #[error("migration {0} in the database differs from the one in this program; landed migrations must not be edited")]
    MigrationEdited(i64),
    #[error("the database is not set up: {0}")]
    NotSetUp(String),
    #[error(
        "no PostgreSQL programs in {}; run `make setup`, or set OMNIOPS_TOOLS_DIR to where it put them, \
         or DATABASE_URL to a database of your own",
        .0.display()
    )]
    ToolsMissing(PathBuf),
    #[error("{} is in use by another omniops; stop that one first, or set OMNIOPS_DATA_DIR to another directory", .0.display())]
    InUse(PathBuf),
    #[error(
        "{} was made by PostgreSQL {found}, but this program brings PostgreSQL {expected}; \
         dump it with the old version and restore it into a fresh OMNIOPS_DATA_DIR",
        directory.display()
    )]
    OtherMajorVersion { directory: PathBuf, found: String, expected: String },
    #[error(
        "the operating-system user {user:?}, which runs PostgreSQL because root may not, cannot reach {}; \
         set {variable} to a directory below one that everybody may enter, such as /var/lib/omniops, \
         or run `chmod o+x` on it",
        path.display()
    )]
    Unreachable { user: String, path: PathBuf, variable: &'static str },
    #[error(
        "PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as; add one with `useradd --system postgres`"
    )]
    NoUserForRoot,
    #[error("{program} failed: {output}")]
    Program { program: &'static str, output: String },
    #[error("PostgreSQL did not start; the end of {}:\n{tail}", log.display())]
    DidNotStart { log: PathBuf, tail: String },
    #[error("cannot use {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("an event in the log could not be read")]
    Event(#[source] serde_json::Error),
}

/// What the driver or the server said, told without the values that it was about.
///
/// PostgreSQL's messages quote what it was given, the row that a constraint refused or the text that is no number, and
/// so a customer's words would stand in the log. `Display` and `Debug` give what finds the statement instead: the
/// SQLSTATE, and the table, column and constraint that it failed on. It has no source, which would tell all again.
#[derive(thiserror::Error)]
#[error("{}", without_values(.0))]
pub struct DatabaseError(pub(crate) sqlx::Error);

impl std::fmt::Debug for DatabaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DatabaseError").field(&without_values(&self.0)).finish()
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(DatabaseError(error))
    }
}

fn without_values(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => place_of(error),
            None => "the database refused".to_owned(),
        },
        sqlx::Error::ColumnDecode { index, .. } => format!("column {index} holds something else than expected"),
        sqlx::Error::Decode(_) => "a value is something else than expected".to_owned(),
        sqlx::Error::Encode(_) => "a value could not be sent".to_owned(),
        // About connections, the pool and the shape of rows.
        error => error.to_string(),
    }
}

fn place_of(error: &PgDatabaseError) -> String {
    let place = [
        ("table", error.table()),
        ("column", error.column()),
        ("constraint", error.constraint()),
        ("in", error.routine()),
    ];
    let named = place.iter().filter_map(|(kind, name)| name.map(|name| format!(", {kind} {name}")));
    format!("SQLSTATE {}{}", error.code(), named.collect::<String>())
}

impl Error {
    /// Whether waiting may help: the database is down, starting, stopping, full of work, or took too long.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(DatabaseError(error)) => is_unavailable(error),
            _ => false,
        }
    }

    /// The name of the constraint that a write violated, if that is what went wrong.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Database(DatabaseError(sqlx::Error::Database(error))) => error.constraint(),
            _ => None,
        }
    }

    /// Whether a unique constraint or index was violated.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(DatabaseError(sqlx::Error::Database(error))) if error.is_unique_violation())
    }

    /// The five-character SQLSTATE, if the database answered with an error.
    pub fn sqlstate(&self) -> Option<String> {
        match self {
            Self::Database(DatabaseError(error)) => sqlstate(error),
            _ => None,
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        // 08: connection, 53: out of resources, 57: operator intervention and statement time-out,
        // 55P03: lock time-out, 25P03: idle in a transaction for too long.
        sqlx::Error::Database(_) => sqlstate(error).is_some_and(|code| {
            ["08", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "55P03" || code == "25P03"
        }),
        _ => false,
    }
}

pub(crate) fn sqlstate(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}
