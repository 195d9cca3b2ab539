//! Politeness: how many requests a host gets at once, and how far apart.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// The paces of all hosts that are being fetched from.
#[derive(Debug, Default)]
pub(crate) struct Paces(Mutex<HashMap<String, Arc<Pace>>>);

impl Paces {
    /// The host's pace; crawls of the same host share it.
    pub(crate) fn of(&self, host: &str, concurrency: usize) -> Arc<Pace> {
        let mut paces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Hosts that nobody fetches from any more.
        paces.retain(|_, pace| Arc::strong_count(pace) > 1);
        Arc::clone(paces.entry(host.to_owned()).or_insert_with(|| Arc::new(Pace::new(concurrency))))
    }
}

/// One host's pace.
#[derive(Debug)]
pub(crate) struct Pace {
    slots: Arc<Semaphore>,
    next_start: Mutex<Instant>,
}

impl Pace {
    fn new(concurrency: usize) -> Self {
        Self { slots: Arc::new(Semaphore::new(concurrency.max(1))), next_start: Mutex::new(Instant::now()) }
    }

    /// Waits for a slot, and until `delay` has passed since the last start. The slot is free again when the answer
    /// is dropped. None when the program is shutting down.
    pub(crate) async fn turn(&self, delay: Duration) -> Option<OwnedSemaphorePermit> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.ok()?;
        let start = {
            let mut next = self.next_start.lock().unwrap_or_else(PoisonError::into_inner);
            let start = (*next).max(Instant::now());
            *next = start + delay;
            start
        };
        tokio::time::sleep_until(start).await;
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn starts_are_a_delay_apart_even_with_free_slots() {
        let pace = Pace::new(4);
        let begin = Instant::now();
        for _ in 0..4 {
            drop(pace.turn(Duration::from_secs(1)).await);
        }
        assert_eq!(begin.elapsed(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_the_slots_run_at_once() {
        let pace = Pace::new(1);
        let first = pace.turn(Duration::ZERO).await;
        assert!(tokio::time::timeout(Duration::from_secs(5), pace.turn(Duration::ZERO)).await.is_err());
        drop(first);
        assert!(pace.turn(Duration::ZERO).await.is_some());
    }

    #[test]
    fn crawls_of_one_host_share_a_pace() {
        let paces = Paces::default();
        let first = paces.of("shop.example", 2);
        assert!(Arc::ptr_eq(&first, &paces.of("shop.example", 2)));
        assert!(!Arc::ptr_eq(&first, &paces.of("other.example", 2)));
    }
}
