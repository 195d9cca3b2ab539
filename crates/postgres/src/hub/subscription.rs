//! One subscriber's side of the hub.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use omniops_types::TenantId;
use tokio::sync::mpsc;

use super::{Filter, HubItem, Shared};
use crate::transaction::TenantTx;
use crate::{Result, events};

/// Rows read at once while catching up.
const PAGE: u16 = 256;

/// A tenant's events and signals, from a position on. Ends its place in the hub when dropped.
pub struct Subscription {
    shared: Arc<Shared>,
    tenant: TenantId,
    id: u64,
    live: mpsc::Receiver<HubItem>,
    filter: Option<Arc<Filter>>,
    /// Read from the log and not yet given out.
    replay: VecDeque<HubItem>,
    /// What is still to be read from the log: numbers greater than `start`, up to `end`.
    missing: Range<i64>,
    /// The number of the last event given out, or looked at and not wanted.
    last: i64,
}

impl Subscription {
    pub(super) fn new(
        shared: Arc<Shared>,
        tenant: TenantId,
        id: u64,
        live: mpsc::Receiver<HubItem>,
        filter: Option<Arc<Filter>>,
        missing: Range<i64>,
    ) -> Self {
        Self { shared, tenant, id, live, filter, replay: VecDeque::new(), last: missing.start, missing }
    }

    /// The next item. `None` means that the subscriber fell behind, that the log could not be read, or that the
    /// hub was closed: end the client's connection, and it resumes from the log with the last number it saw.
    ///
    /// Dropping the future loses nothing, so it may stand in a `select!`.
    pub async fn next(&mut self) -> Option<HubItem> {
        loop {
            if let Some(item) = self.replay.pop_front() {
                return Some(item);
            }
            if !self.missing.is_empty() {
                // Boxed, so that every subscriber who only waits does not carry the room that a query takes.
                if let Err(error) = Box::pin(self.read_missing()).await {
                    tracing::warn!(tenant = %self.tenant, %error, "a subscriber could not catch up");
                    return None;
                }
                continue;
            }
            let item = self.live.recv().await?;
            match &item {
                HubItem::Event(event) if event.seq <= self.last => {}
                HubItem::Event(event) => {
                    self.last = event.seq;
                    return Some(item);
                }
                HubItem::Signal(_) => return Some(item),
            }
        }
    }

    /// Whether everything from the log has been given out, so that what comes now comes as it happens.
    pub fn is_live(&self) -> bool {
        self.missing.is_empty() && self.replay.is_empty()
    }

    async fn read_missing(&mut self) -> Result<()> {
        let mut tx = TenantTx::begin(&self.shared.pool, self.tenant).await?;
        let page = events::read_page(&mut tx, self.missing.start, PAGE).await?;
        tx.commit().await?;
        let end = self.missing.end;
        self.missing.start = match page.last_seq {
            Some(last) if page.is_full => last.min(end),
            _ => end,
        };
        self.last = self.missing.start;
        self.replay.extend(
            page.events
                .into_iter()
                .filter(|event| event.seq <= end)
                .map(|event| HubItem::Event(Arc::new(event)))
                .filter(|item| self.filter.as_ref().is_none_or(|wants| wants(item))),
        );
        Ok(())
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.shared.unregister(self.tenant, self.id);
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("tenant", &self.tenant).field("last", &self.last).finish_non_exhaustive()
    }
}
