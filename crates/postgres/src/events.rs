//! The event log: writing at commit, reading after a position.

use omniops_types::{ConversationId, Event, EventData, TenantId};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::queries::{self, EventRow};
use crate::transaction::TenantTx;
use crate::{Error, Result};

/// Writes `events` and gives the number of the last one.
pub(crate) async fn append(
    conn: &mut PgConnection,
    tenant: TenantId,
    events: &[(Option<ConversationId>, EventData)],
) -> Result<Option<i64>> {
    if events.is_empty() {
        return Ok(None);
    }
    let kinds: Vec<&str> = events.iter().map(|(_, data)| data.kind()).collect();
    let conversations: Vec<Option<Uuid>> = events.iter().map(|(id, _)| id.map(ConversationId::uuid)).collect();
    let payloads: Vec<String> =
        events.iter().map(|(_, data)| serde_json::to_string(data)).collect::<Result<_, _>>().map_err(Error::Event)?;
    Ok(Some(queries::append_events(conn, tenant, &kinds, &conversations, &payloads).await?))
}

/// The number of the newest event that this transaction sees; 0 before the first.
///
/// Read it before the rows that it shall stand for: a change between the two is then seen twice, never missed.
pub async fn event_position(tx: &mut TenantTx) -> Result<i64> {
    let tenant = tx.tenant_id();
    Ok(queries::event_position(tx.conn(), tenant).await?)
}

/// The transaction's tenant's events with a number greater than `seq`, oldest first, at most `limit`.
pub async fn events_after(tx: &mut TenantTx, seq: i64, limit: u16) -> Result<Vec<Event>> {
    Ok(read_page(tx, seq, limit).await?.events)
}

/// A stretch of the log.
pub(crate) struct LogPage {
    pub events: Vec<Event>,
    /// The number of the last row, readable or not.
    pub last_seq: Option<i64>,
    /// Whether the log may go on after it.
    pub is_full: bool,
}

pub(crate) async fn read_page(tx: &mut TenantTx, seq: i64, limit: u16) -> Result<LogPage> {
    let tenant = tx.tenant_id();
    let rows = queries::events_after(tx.conn(), tenant, seq, i64::from(limit)).await?;
    Ok(LogPage {
        last_seq: rows.last().map(|row| row.seq),
        is_full: rows.len() == usize::from(limit),
        events: rows.into_iter().filter_map(|row| readable(tenant, row)).collect(),
    })
}

/// A kind that this program does not know was written by a newer one during an upgrade; readers skip it.
fn readable(tenant: TenantId, row: EventRow) -> Option<Event> {
    match serde_json::from_str(&row.payload) {
        Ok(data) => Some(Event {
            seq: row.seq,
            at: row.created_at,
            conversation_id: row.conversation_id.map(ConversationId),
            data,
        }),
        Err(error) => {
            tracing::warn!(%tenant, seq = row.seq, %error, "skipping an event that this program cannot read");
            None
        }
    }
}
