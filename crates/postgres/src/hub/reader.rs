//! The one reader of the log for all subscribers of this process.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::{StreamExt, stream};
use omniops_types::TenantId;
use uuid::Uuid;

use super::{HubItem, Shared};
use crate::transaction::{SystemTx, TenantTx};
use crate::{Result, events, queries};

/// Rows read at once.
const PAGE: u16 = 500;
/// Tenants read at the same time.
const CONCURRENT_TENANTS: usize = 4;
/// How long an event whose notification was lost waits at most.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// Pause after a failed read: the database is likely restarting.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(250);

pub(super) async fn run(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shared.wake.notified() => {}
            _ = ticks.tick() => shared.sweep_wanted.store(true, Ordering::SeqCst),
        }
        if let Err(error) = catch_up(&shared).await {
            tracing::warn!(%error, "the event log could not be read; trying again");
            tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
            shared.request_sweep();
        }
    }
}

/// Reads until no tenant has news.
async fn catch_up(shared: &Shared) -> Result<()> {
    loop {
        if shared.sweep_wanted.swap(false, Ordering::SeqCst) {
            sweep(shared).await?;
        }
        let news = shared.take_news();
        if news.is_empty() {
            return Ok(());
        }
        let outcomes: Vec<Result<()>> = stream::iter(news)
            .map(|(tenant, position)| read_tenant(shared, tenant, position))
            .buffer_unordered(CONCURRENT_TENANTS)
            .collect()
            .await;
        outcomes.into_iter().collect::<Result<()>>()?;
    }
}

/// Finds tenants whose log is further than what was handed out.
async fn sweep(shared: &Shared) -> Result<()> {
    let tenants: Vec<Uuid> = shared.tenants().keys().map(|tenant| tenant.uuid()).collect();
    if tenants.is_empty() {
        return Ok(());
    }
    let mut tx = SystemTx::begin(&shared.pool, "compare the hub's positions with the log").await?;
    let positions = queries::event_positions(tx.conn(), &tenants).await?;
    tx.commit().await?;
    for (tenant, seq) in positions {
        shared.announce(TenantId(tenant), seq);
    }
    Ok(())
}

/// Hands out the tenant's events after `position`.
async fn read_tenant(shared: &Shared, tenant: TenantId, mut position: i64) -> Result<()> {
    loop {
        let mut tx = TenantTx::begin(&shared.pool, tenant).await?;
        let page = events::read_page(&mut tx, position, PAGE).await?;
        tx.commit().await?;
        let items = page.events.into_iter().map(|event| HubItem::Event(Arc::new(event)));
        shared.hand_out(tenant, items, page.last_seq);
        match page.last_seq {
            Some(last) if page.is_full => position = last,
            _ => return Ok(()),
        }
    }
}

impl Shared {
    /// Tenants with news and the position to read on from. A failed read is found again by the next sweep.
    fn take_news(&self) -> Vec<(TenantId, i64)> {
        let mut tenants = self.tenants();
        let news = tenants.iter_mut().filter(|(_, entry)| entry.has_news);
        news.map(|(tenant, entry)| {
            entry.has_news = false;
            (*tenant, entry.position)
        })
        .collect()
    }
}
