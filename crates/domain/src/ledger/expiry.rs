//! Reservations whose process died.

use std::time::Duration;

use super::queries;
use crate::{Domain, Result};

/// Reservations that one transaction books.
const BATCH: i64 = 500;
/// How often to look. Nothing waits for it: a tenant's next reservation does the same for that tenant.
const EVERY: Duration = Duration::from_secs(60);

/// Books every reservation whose time is over as unconfirmed at its worst case, and gives how many those were.
///
/// Safe beside other processes and beside calls that are just being booked: each takes other rows.
pub async fn expire_reservations(domain: &Domain) -> Result<u64> {
    let mut expired = 0;
    loop {
        let mut tx = domain.database.system("book model calls of all tenants whose process died").await?;
        let batch = queries::expire(tx.conn(), None, None, Some(BATCH)).await?;
        tx.commit().await?;
        expired += batch.unsigned_abs();
        if batch < BATCH {
            return Ok(expired);
        }
    }
}

/// Expires at once and then for ever, every minute. For a task beside the server.
pub async fn keep_expiring(domain: Domain) {
    loop {
        match expire_reservations(&domain).await {
            Ok(0) => {}
            Ok(expired) => tracing::warn!(expired, "model calls were never booked; they count at their worst case"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "reservations could not be expired");
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}
