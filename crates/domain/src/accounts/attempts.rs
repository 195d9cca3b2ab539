//! How often somebody may fail to log in within any sixty seconds.
//!
//! An attempt counts from its start, so that parallel ones cannot slip through; a success is taken back, so that an
//! office behind one address can begin its day. Counted in this process; memory is bounded by the cache's capacity.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use moka::future::Cache;

const WINDOW: Duration = Duration::from_secs(60);
const MOST_KEYS: u64 = 100_000;

type Window = Arc<Mutex<VecDeque<Instant>>>;

/// The attempts of the last minute.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    most: usize,
    windows: Cache<u64, Window>,
    hasher: RandomState,
}

/// One attempt that counts until it is forgiven.
pub(super) struct Attempt {
    window: Window,
    at: Instant,
}

impl Attempts {
    /// `most` failures a minute for each key.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            windows: Cache::builder().max_capacity(MOST_KEYS).time_to_idle(WINDOW).build(),
            hasher: RandomState::new(),
        }
    }

    /// Counts an attempt, or says how long to wait before the next.
    pub(super) async fn begin(&self, key: impl Hash, now: Instant) -> Result<Attempt, Duration> {
        let window = self.windows.get_with(self.hasher.hash_one(key), async { Window::default() }).await;
        {
            let mut times = lock(&window);
            while times.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
                times.pop_front();
            }
            if times.len() >= self.most {
                let first = times.front().copied().unwrap_or(now);
                return Err(WINDOW.saturating_sub(now.duration_since(first)));
            }
            times.push_back(now);
        }
        Ok(Attempt { window, at: now })
    }
}

impl Attempt {
    /// It was the right person: the attempt does not count.
    pub(super) fn forgive(self) {
        let mut times = lock(&self.window);
        if let Some(position) = times.iter().position(|time| *time == self.at) {
            times.remove(position);
        }
    }
}

fn lock(window: &Window) -> MutexGuard<'_, VecDeque<Instant>> {
    window.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_sixth_failure_of_a_minute_has_to_wait() {
        let attempts = Attempts::new(5);
        let start = Instant::now();
        for second in 0..5 {
            assert!(attempts.begin("ana", start + Duration::from_secs(second)).await.is_ok());
        }
        let wait = attempts.begin("ana", start + Duration::from_secs(10)).await.err();
        assert_eq!(wait, Some(Duration::from_secs(50)));
        assert!(attempts.begin("ben", start + Duration::from_secs(10)).await.is_ok());
        assert!(attempts.begin("ana", start + Duration::from_secs(60)).await.is_ok());
    }

    #[tokio::test]
    async fn successes_do_not_count() {
        let attempts = Attempts::new(5);
        let now = Instant::now();
        for _ in 0..20 {
            attempts.begin("office", now).await.ok().unwrap().forgive();
        }
    }
}
