//! What became of the conversations in which the AI took part.
//!
//! One row a conversation is about the AI's last turn in it that posted something (migration 0045). Triggers make it due
//! when a turn, a message, a thumb or a hand-over commits, and an answer makes it due a day later; here it is looked at
//! anew each time. A change notes the quarters of an hour of the turns that it is about, so the rollups follow.

use super::resolution_queries as queries;
use crate::{Domain, Result};

/// Conversations that one transaction looks at.
const BATCH: i64 = 500;

/// Looks at all conversations that are due, of all tenants; gives how many those were. Those that another process looks at,
/// or that something is happening to, are left for the next round.
pub(super) async fn judge(domain: &Domain) -> Result<u64> {
    let mut looked_at = 0;
    loop {
        let mut tx = domain.database.system("find out what became of conversations with the AI").await?;
        let (tenants, conversations) = queries::take_due(&mut tx, BATCH).await?;
        if !tenants.is_empty() {
            queries::forget_turnless(&mut tx, &tenants, &conversations).await?;
            queries::judge(&mut tx, &tenants, &conversations).await?;
        }
        tx.commit().await?;
        looked_at += tenants.len() as u64;
        if tenants.len() < BATCH.unsigned_abs() as usize {
            return Ok(looked_at);
        }
    }
}
