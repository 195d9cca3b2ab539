//! Who is there: customers whose browser is connected to this process.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use omniops_types::CustomerId;
use tokio::time::Instant;

/// How often an absence is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The customers who wait for an answer or have an event stream open, and how many connections each has.
///
/// It knows this process alone: who is connected to another server is absent here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Audience(Arc<Mutex<HashMap<CustomerId, usize>>>);

/// One connection of a customer; they are there for as long as it lives.
#[derive(Debug)]
pub(crate) struct Present {
    audience: Audience,
    customer: CustomerId,
}

impl Audience {
    /// The customer is there until what is given back is dropped.
    pub(crate) fn enter(&self, customer: CustomerId) -> Present {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(customer).or_default() += 1;
        Present { audience: self.clone(), customer }
    }

    pub(crate) fn is_present(&self, customer: CustomerId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&customer)
    }

    /// Comes back when the customer was away for so long without a break.
    pub(crate) async fn left(&self, customer: CustomerId, grace: Duration) {
        let mut since = Instant::now();
        while since.elapsed() < grace {
            tokio::time::sleep(LOOK_EVERY.min(grace)).await;
            if self.is_present(customer) {
                since = Instant::now();
            }
        }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut audience = self.audience.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut connections) = audience.entry(self.customer) {
            *connections.get_mut() -= 1;
            if *connections.get() == 0 {
                connections.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const GRACE: Duration = Duration::from_secs(20);

    fn customer() -> CustomerId {
        CustomerId(Uuid::now_v7())
    }

    #[test]
    fn a_customer_is_there_while_one_connection_is() {
        let audience = Audience::default();
        let (anna, ben) = (customer(), customer());
        let first = audience.enter(anna);
        let second = audience.clone().enter(anna);
        drop(first);
        assert!(audience.is_present(anna) && !audience.is_present(ben));
        drop(second);
        assert!(!audience.is_present(anna));
        assert!(audience.0.lock().unwrap().is_empty(), "nobody is remembered");
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_back_in_time_has_not_left() {
        let audience = Audience::default();
        let anna = customer();
        let begun = Instant::now();
        let (visits, away, present) = (3, GRACE / 2, GRACE * 2);
        let coming_and_going = async {
            for _ in 0..visits {
                tokio::time::sleep(away).await;
                let here = audience.enter(anna);
                tokio::time::sleep(present).await;
                drop(here);
            }
        };
        tokio::join!(audience.left(anna, GRACE), coming_and_going);
        let until_last = (away + present) * visits;
        let left = begun.elapsed() + LOOK_EVERY;
        assert!((until_last + GRACE..until_last + GRACE + LOOK_EVERY * 3).contains(&left), "{left:?}");
    }
}
