//! The pool, and the two ways to open a transaction on it.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use omniops_types::TenantId;
use sqlx::Connection;
use sqlx::pool::PoolConnectionMetadata;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};

use crate::transaction::{SystemTx, TenantTx};
use crate::{Error, Hub, Result};

const ASK_AFTER_IDLE: Duration = Duration::from_secs(1);

/// How to reach the database, and how long to wait for it.
#[derive(Clone)]
pub struct DatabaseOptions {
    /// `postgres://…` of the log-in role, which may set the roles `omniops_app` and `omniops_system`.
    pub url: String,
    /// Connections of the pool; the hub's listener has one of its own beside them.
    pub max_connections: u32,
    /// How long a request waits for a free connection before it is told that the database is unavailable.
    pub acquire_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
    /// How long one statement may wait for a lock.
    pub lock_timeout: Duration,
    /// How long a transaction may stay open without doing anything.
    pub idle_in_transaction_timeout: Duration,
}

impl DatabaseOptions {
    /// Defaults for a server process.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 20,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(15),
            lock_timeout: Duration::from_secs(10),
            idle_in_transaction_timeout: Duration::from_mins(1),
        }
    }

    /// What each connection starts with. The time-outs belong to the session, so that opening a transaction
    /// does not have to send them.
    fn connect_options(&self) -> Result<PgConnectOptions> {
        let milliseconds = |duration: Duration| duration.as_millis().to_string();
        Ok(connect_options(&self.url)?.options([
            ("statement_timeout", milliseconds(self.statement_timeout)),
            ("lock_timeout", milliseconds(self.lock_timeout)),
            ("idle_in_transaction_session_timeout", milliseconds(self.idle_in_transaction_timeout)),
        ]))
    }
}

impl std::fmt::Debug for DatabaseOptions {
    /// Leaves the URL out: it holds a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseOptions").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

/// A connection that was used a moment ago is taken to be good, which saves a round trip for every transaction of a
/// busy server; one that lay idle is asked first.
async fn is_usable(conn: &mut PgConnection, meta: PoolConnectionMetadata) -> sqlx::Result<bool> {
    if meta.idle_for > ASK_AFTER_IDLE {
        conn.ping().await?;
    }
    Ok(true)
}

/// Parses a database URL; the error does not repeat it, because it may hold a password.
pub(crate) fn connect_options(url: &str) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url).map_err(|error| Error::Url(error.to_string()))?;
    Ok(options.application_name("omniops"))
}

/// The database as services see it. Cheap to clone; all clones share one pool and one [`Hub`].
#[derive(Clone, Debug)]
pub struct Database {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    pool: PgPool,
    hub: Hub,
}

impl Database {
    /// Opens the pool and starts the hub's listener.
    ///
    /// Fails if the database cannot be reached or does not let the log-in role take the roles that
    /// transactions run in.
    pub async fn connect(options: &DatabaseOptions) -> Result<Self> {
        let connect_options = options.connect_options()?;
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(|conn, meta| Box::pin(is_usable(conn, meta)))
            .connect_with(connect_options.clone())
            .await?;
        let hub = Hub::start(pool.clone(), connect_options).await?;
        Ok(Self { inner: Arc::new(Inner { pool, hub }) })
    }

    /// Begins a transaction that sees and writes the rows of `tenant` and no others.
    pub async fn tenant(&self, tenant: TenantId) -> Result<TenantTx> {
        TenantTx::begin(&self.inner.pool, tenant).await
    }

    /// Begins a transaction that crosses tenants. `reason` says in a few words why it has to.
    pub async fn system(&self, reason: &'static str) -> Result<SystemTx> {
        SystemTx::begin(&self.inner.pool, reason).await
    }

    /// Where events and signals arrive.
    pub fn hub(&self) -> &Hub {
        &self.inner.hub
    }

    /// Connections of the pool: open ones, and those of them that are idle.
    pub fn pool_usage(&self) -> (u32, usize) {
        (self.inner.pool.size(), self.inner.pool.num_idle())
    }

    /// Ends every subscription, then closes the pool once its transactions are done. For shutting down.
    pub async fn close(&self) {
        self.inner.hub.close();
        self.inner.pool.close().await;
    }
}
