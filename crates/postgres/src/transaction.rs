//! Transactions that know whose rows they may touch.

use std::time::Duration;

use omniops_types::{ConversationId, EventData, TenantId};
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{AssertSqlSafe, Postgres, Transaction};

use crate::begin::begin;
use crate::{Result, events};

/// One tenant's transaction. Dropped without [`commit`](Self::commit), it is rolled back.
#[must_use = "dropping a transaction rolls it back"]
pub struct TenantTx {
    transaction: Transaction<'static, Postgres>,
    tenant: TenantId,
    events: Vec<(Option<ConversationId>, EventData)>,
}

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The number of the last event that the transaction wrote, if it wrote any.
    pub last_seq: Option<i64>,
}

impl TenantTx {
    /// One round trip opens the transaction, gives up the log-in role's rights and names the tenant. Both
    /// settings end with the transaction, so the connection goes back to the pool as it came.
    pub(crate) async fn begin(pool: &PgPool, tenant: TenantId) -> Result<Self> {
        // The id is formatted from a UUID, so nothing of a caller's text reaches the statement.
        let statement = format!(
            "begin; select set_config('role', 'omniops_app', true), set_config('app.tenant_id', '{}', true)",
            tenant.uuid().hyphenated()
        );
        let transaction = begin(pool, AssertSqlSafe(statement)).await?;
        Ok(Self { transaction, tenant, events: Vec::new() })
    }

    /// Whose transaction this is.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant
    }

    /// For running queries: `sqlx::query(…).execute(tx.conn())`.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Keeps an event for the log; [`commit`](Self::commit) writes all of them, in this order.
    pub fn emit(&mut self, conversation: Option<ConversationId>, data: EventData) {
        self.events.push((conversation, data));
    }

    /// Changes how long a statement of this transaction may run.
    pub async fn set_statement_timeout(&mut self, timeout: Duration) -> Result<()> {
        set_statement_timeout(&mut self.transaction, timeout).await
    }

    /// Writes the events, as the last act because their counter is locked from then on, and commits.
    pub async fn commit(mut self) -> Result<Committed> {
        let last_seq = events::append(&mut self.transaction, self.tenant, &self.events).await?;
        self.transaction.commit().await?;
        Ok(Committed { last_seq })
    }
}

impl std::fmt::Debug for TenantTx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TenantTx").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// A transaction that crosses tenants: log-in, look-ups, maintenance. Dropped without commit, it is rolled back.
#[must_use = "dropping a transaction rolls it back"]
pub struct SystemTx {
    transaction: Transaction<'static, Postgres>,
    reason: &'static str,
}

impl SystemTx {
    pub(crate) async fn begin(pool: &PgPool, reason: &'static str) -> Result<Self> {
        tracing::debug!(reason, "crossing tenants");
        let transaction = begin(pool, "begin; select set_config('role', 'omniops_system', true)").await?;
        Ok(Self { transaction, reason })
    }

    /// Why it was opened.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// For running queries: `sqlx::query(…).execute(tx.conn())`.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Changes how long a statement of this transaction may run.
    pub async fn set_statement_timeout(&mut self, timeout: Duration) -> Result<()> {
        set_statement_timeout(&mut self.transaction, timeout).await
    }

    pub async fn commit(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }
}

impl std::fmt::Debug for SystemTx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SystemTx").field("reason", &self.reason).finish_non_exhaustive()
    }
}

async fn set_statement_timeout(conn: &mut PgConnection, timeout: Duration) -> Result<()> {
    sqlx::query("select set_config('statement_timeout', $1, true)")
        .bind(timeout.as_millis().to_string())
        .execute(conn)
        .await?;
    Ok(())
}
