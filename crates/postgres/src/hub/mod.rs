//! Bringing events and signals to everybody in this process who waits for them.
//!
//! One connection listens. What it hears is only *that* a tenant has news; a single reader then reads the new rows
//! of the log once and hands them to each subscriber's bounded queue. Nothing depends on a notification arriving:
//! after a lost connection, and every few seconds, the reader compares its positions with the log's.

mod listener;
mod reader;
mod signals;
mod subscription;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use omniops_types::{Event, Signal, TenantId};
use sqlx::postgres::{PgConnectOptions, PgPool};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use crate::transaction::TenantTx;
use crate::{Result, events};

pub use subscription::Subscription;

/// Items that may wait for a subscriber before it is cut off.
const QUEUE: usize = 1024;

/// One thing that reached a subscriber.
#[derive(Clone, Debug)]
pub enum HubItem {
    /// From the log: numbered, never lost, never twice.
    Event(Arc<Event>),
    /// Ephemeral, may be lost.
    Signal(Arc<Signal>),
}

/// Decides which items a subscriber wants. Runs for each item, so it has to be quick.
pub type Filter = Box<dyn Fn(&HubItem) -> bool + Send + Sync>;

/// The process's hub. Cheap to clone; it stops with the last clone, or by [`close`](Self::close).
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
    tasks: Arc<Mutex<JoinSet<()>>>,
    signals: mpsc::Sender<(TenantId, Signal)>,
}

struct Shared {
    pool: PgPool,
    tenants: Mutex<HashMap<TenantId, Tenant>>,
    next_subscriber: AtomicU64,
    closed: AtomicBool,
    /// Wakes the reader: a tenant has news, or a sweep is wanted.
    wake: Notify,
    sweep_wanted: AtomicBool,
}

/// A tenant with at least one subscriber.
struct Tenant {
    /// The number of the last event handed out.
    position: i64,
    has_news: bool,
    subscribers: HashMap<u64, Subscriber>,
}

struct Subscriber {
    /// It has seen the events up to this number, or reads them from the log itself.
    seen: i64,
    queue: mpsc::Sender<HubItem>,
    filter: Option<Arc<Filter>>,
}

impl Subscriber {
    /// Whether it is still there to take the next item.
    fn offer(&self, item: &HubItem) -> bool {
        if matches!(item, HubItem::Event(event) if event.seq <= self.seen) {
            return true;
        }
        if self.filter.as_ref().is_some_and(|wants| !wants(item)) {
            return true;
        }
        match self.queue.try_send(item.clone()) {
            Ok(()) => true,
            // A signal may be lost; an event may not, so the subscriber has to resume from the log.
            Err(mpsc::error::TrySendError::Full(lost)) => matches!(lost, HubItem::Signal(_)),
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        }
    }
}

impl Hub {
    /// Listens, and returns once it does: no event that commits afterwards can be missed.
    pub(crate) async fn start(pool: PgPool, listen_on: PgConnectOptions) -> Result<Self> {
        let shared = Arc::new(Shared {
            pool,
            tenants: Mutex::default(),
            next_subscriber: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            wake: Notify::new(),
            sweep_wanted: AtomicBool::new(false),
        });
        let listener = listener::connect(&listen_on).await?;
        let (signals, outbox) = mpsc::channel(signals::OUTBOX);
        let mut tasks = JoinSet::new();
        tasks.spawn(listener::run(shared.clone(), listen_on, listener));
        tasks.spawn(reader::run(shared.clone()));
        tasks.spawn(signals::run(shared.pool.clone(), outbox));
        Ok(Self { shared, tasks: Arc::new(Mutex::new(tasks)), signals })
    }

    /// Subscribes to a tenant's events and signals.
    ///
    /// With `after` the log is read from that number on, then the subscription goes live, without a gap and
    /// without anything twice; a number that the log has not reached counts as its end. Without `after` it starts
    /// with what commits from now on.
    pub async fn subscribe(&self, tenant: TenantId, after: Option<i64>) -> Result<Subscription> {
        self.subscribe_with(tenant, after, None).await
    }

    /// As [`subscribe`](Self::subscribe), but takes only what `filter` lets through. An item that is not wanted
    /// does not even wake the subscriber, so a thousand visitors do not each pay for all the others' messages.
    pub async fn subscribe_filtered(
        &self,
        tenant: TenantId,
        after: Option<i64>,
        filter: Filter,
    ) -> Result<Subscription> {
        self.subscribe_with(tenant, after, Some(Arc::new(filter))).await
    }

    async fn subscribe_with(
        &self,
        tenant: TenantId,
        after: Option<i64>,
        filter: Option<Arc<Filter>>,
    ) -> Result<Subscription> {
        // The log has to be asked where it ends, unless the hub already knows it reaches beyond `after`.
        let known = self.shared.tenants().get(&tenant).map(|tenant| tenant.position);
        let (start, log_end) = match (after, known) {
            (Some(after), Some(position)) if after <= position => (after, position),
            (after, _) => {
                let mut tx = TenantTx::begin(&self.shared.pool, tenant).await?;
                let log_end = events::event_position(&mut tx).await?;
                tx.commit().await?;
                (after.map_or(log_end, |after| after.min(log_end)), log_end)
            }
        };
        Ok(self.shared.register(tenant, start.max(0), log_end, filter))
    }

    /// Sends a signal to the tenant's subscribers in every server process. It is never waited for, and lost when
    /// the database or a subscriber cannot keep up.
    pub fn signal(&self, tenant: TenantId, signal: Signal) {
        if self.signals.try_send((tenant, signal)).is_err() {
            tracing::debug!(%tenant, "dropping a signal: too many wait to be sent");
        }
    }

    /// Subscribers at this moment, of all tenants.
    pub fn subscriber_count(&self) -> usize {
        self.shared.tenants().values().map(|tenant| tenant.subscribers.len()).sum()
    }

    /// Ends every subscription, once its queue is read, and stops listening.
    pub fn close(&self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        self.shared.tenants().clear();
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("subscribers", &self.subscriber_count()).finish_non_exhaustive()
    }
}

impl Shared {
    fn tenants(&self) -> MutexGuard<'_, HashMap<TenantId, Tenant>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on the subscriber gets what is handed out; what came between `start` and that is replayed.
    fn register(
        self: &Arc<Self>,
        tenant: TenantId,
        start: i64,
        log_end: i64,
        filter: Option<Arc<Filter>>,
    ) -> Subscription {
        let (queue, receiver) = mpsc::channel(QUEUE);
        let id = self.next_subscriber.fetch_add(1, Ordering::Relaxed);
        let mut tenants = self.tenants();
        let live_from = if self.closed.load(Ordering::SeqCst) {
            start
        } else {
            let entry = tenants.entry(tenant).or_insert_with(|| {
                // Nobody listened for this tenant until now: look once for what came in the meantime.
                self.wake.notify_one();
                Tenant { position: log_end, has_news: true, subscribers: HashMap::new() }
            });
            entry.subscribers.insert(id, Subscriber { seen: start, queue, filter: filter.clone() });
            entry.position
        };
        drop(tenants);
        Subscription::new(self.clone(), tenant, id, receiver, filter, start..live_from)
    }

    fn unregister(&self, tenant: TenantId, id: u64) {
        let mut tenants = self.tenants();
        if let Some(entry) = tenants.get_mut(&tenant) {
            entry.subscribers.remove(&id);
            if entry.subscribers.is_empty() {
                tenants.remove(&tenant);
            }
        }
    }

    /// Remembers that the tenant's log reaches `seq`; the reader looks if that is news to somebody here.
    fn announce(&self, tenant: TenantId, seq: i64) {
        if let Some(entry) = self.tenants().get_mut(&tenant)
            && seq > entry.position
        {
            entry.has_news = true;
            self.wake.notify_one();
        }
    }

    /// Has the reader compare all positions with the log's.
    fn request_sweep(&self) {
        self.sweep_wanted.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }

    /// Offers items to the tenant's subscribers and lets go of those who did not keep up. `last_seq` is the new
    /// position, for items from the log.
    fn hand_out(&self, tenant: TenantId, items: impl IntoIterator<Item = HubItem>, last_seq: Option<i64>) {
        let mut tenants = self.tenants();
        let Some(entry) = tenants.get_mut(&tenant) else { return };
        for item in items {
            entry.subscribers.retain(|_, subscriber| subscriber.offer(&item));
        }
        if let Some(seq) = last_seq {
            entry.position = entry.position.max(seq);
        }
        if entry.subscribers.is_empty() {
            tenants.remove(&tenant);
        }
    }
}
