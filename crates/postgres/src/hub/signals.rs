//! Signals travel through the database's notifications, so that they reach the other server processes too.

use omniops_types::{Signal, TenantId};
use sqlx::postgres::PgPool;
use tokio::sync::mpsc;

use crate::queries;

/// Signals that may wait to be sent.
pub(super) const OUTBOX: usize = 256;
/// Signals sent with one statement.
const BATCH: usize = 64;
/// A notification's payload has to be shorter than 8000 bytes.
const LONGEST_PAYLOAD: usize = 7999;

/// Sends what comes in until the hub is gone.
pub(super) async fn run(pool: PgPool, mut outbox: mpsc::Receiver<(TenantId, Signal)>) {
    let mut batch = Vec::new();
    while outbox.recv_many(&mut batch, BATCH).await > 0 {
        let payloads: Vec<String> = batch.drain(..).filter_map(|(tenant, signal)| encode(tenant, &signal)).collect();
        if let Err(error) = queries::notify_signals(&pool, &payloads).await {
            tracing::debug!(%error, count = payloads.len(), "signals were lost");
        }
    }
}

/// `<tenant> <json>`
fn encode(tenant: TenantId, signal: &Signal) -> Option<String> {
    let payload = format!("{tenant} {}", serde_json::to_string(signal).ok()?);
    (payload.len() <= LONGEST_PAYLOAD).then_some(payload)
}

pub(super) fn decode(payload: &str) -> Option<(TenantId, Signal)> {
    let (tenant, signal) = payload.split_once(' ')?;
    Some((tenant.parse().ok()?, serde_json::from_str(signal).ok()?))
}
