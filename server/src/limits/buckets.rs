//! The token buckets of one limit.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use governor::clock::DefaultClock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::{Quota, RateLimiter};

/// Keys of one limit that are counted each for itself.
pub(super) const CAPACITY: usize = 100_000;
/// Buckets that the keys beyond share.
pub(super) const OVERFLOW_BUCKETS: u64 = 1024;

pub(super) type Buckets = RateLimiter<u64, Store, DefaultClock, StateInformationMiddleware>;

/// As many at once as a minute allows, refilled evenly; `None` for 0, which switches the limit off.
pub(super) fn per_minute(requests: u32) -> Option<Buckets> {
    let requests = NonZeroU32::new(requests)?;
    Some(RateLimiter::new(Quota::per_minute(requests), Store::default(), DefaultClock::default()))
}

/// When each bucket is full again. A key that has a bucket keeps it; beyond [`CAPACITY`] a new key gets one of those
/// that such keys share.
#[derive(Debug, Default)]
pub(super) struct Store(Mutex<HashMap<u64, Nanos>>);

impl Store {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Nanos>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Store {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut buckets = self.lock();
        let is_new = !buckets.contains_key(key);
        let key = if is_new && buckets.len() >= CAPACITY { key % OVERFLOW_BUCKETS } else { *key };
        let (outcome, full_at) = measure(buckets.get(&key).copied())?;
        buckets.insert(key, full_at);
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<u64> for Store {
    fn retain_recent(&self, drop_below: Nanos) {
        self.lock().retain(|_, full_at| *full_at >= drop_below);
    }

    fn shrink_to_fit(&self) {
        self.lock().shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}
