//! A circuit breaker for each provider and key: after repeated failures nobody waits for it for a while.

use std::sync::Mutex;
use std::time::Duration;

use omniops_llm::ModelError;
use tokio::time::Instant;

/// Failures in a row that open it.
const FAILURES: u32 = 5;
/// How long it stays open before one call may try again.
const OPEN_FOR: Duration = Duration::from_secs(30);
/// A trial that never came back is given up after this, so that another may try.
const TRIAL: Duration = Duration::from_secs(90);

/// Counts what became of calls; [`allows`](Self::allows) before each.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// No call before this time, once it is open.
    closed_until: Option<Instant>,
    /// A call has succeeded since it was made, or since it last closed without one.
    is_known_good: bool,
}

impl Breaker {
    /// Whether a call may be made now. Of those who ask when an open breaker's time is over, the first may try.
    pub fn allows(&self) -> bool {
        let mut state = self.lock();
        match state.closed_until {
            None => true,
            Some(until) if Instant::now() < until => false,
            Some(_) => {
                state.closed_until = Some(Instant::now() + TRIAL);
                true
            }
        }
    }

    /// Closes it; gives whether that is news: it was open, or this is the first success, which ends what was reported of an
    /// earlier key or process.
    pub fn succeeded(&self) -> bool {
        let now = State { is_known_good: true, ..State::default() };
        let before = std::mem::replace(&mut *self.lock(), now);
        before.closed_until.is_some() || !before.is_known_good
    }

    /// Takes a failure down; gives whether the breaker is open now. What is wrong with one request says nothing about the
    /// provider, and a wrong key fails at once for everybody who uses it.
    pub fn failed(&self, error: &ModelError) -> bool {
        let counts = match error {
            ModelError::Rejected { .. } | ModelError::TooLong | ModelError::Malformed(_) => 0,
            ModelError::Unauthorized(_) => FAILURES,
            _ => 1,
        };
        let mut state = self.lock();
        if counts == 0 {
            // It answered: a trial that ends so has shown that it is there.
            if state.closed_until.is_some() {
                *state = State::default();
            }
            return false;
        }
        let was_open = state.closed_until.is_some();
        state.failures = state.failures.saturating_add(counts);
        if state.failures >= FAILURES || was_open {
            state.closed_until = Some(Instant::now() + OPEN_FOR);
        }
        state.closed_until.is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down() -> ModelError {
        ModelError::Unavailable("made to fail".to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_five_failures_and_lets_one_call_try_later() {
        let breaker = Breaker::default();
        for _ in 1..FAILURES {
            assert!(!breaker.failed(&down()));
            assert!(breaker.allows());
        }
        assert!(breaker.failed(&down()));
        assert!(!breaker.allows());
        tokio::time::advance(OPEN_FOR).await;
        assert!(breaker.allows());
        assert!(!breaker.allows(), "one tries at a time");
        assert!(breaker.succeeded(), "it was open");
        assert!(breaker.allows() && breaker.allows());
    }

    #[test]
    fn the_first_success_is_news_and_the_next_is_none() {
        let breaker = Breaker::default();
        assert!(breaker.succeeded());
        assert!(!breaker.succeeded());
        breaker.failed(&down());
        assert!(!breaker.succeeded(), "it did not open");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_trial_opens_it_again() {
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            breaker.failed(&down());
        }
        tokio::time::advance(OPEN_FOR).await;
        assert!(breaker.allows());
        assert!(breaker.failed(&down()));
        assert!(!breaker.allows());
        tokio::time::advance(OPEN_FOR).await;
        assert!(breaker.allows());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wrong_key_opens_it_at_once_and_a_wrong_request_never() {
        let breaker = Breaker::default();
        for _ in 0..20 {
            breaker.failed(&ModelError::Rejected { status: 400, detail: String::new() });
        }
        assert!(breaker.allows());
        assert!(breaker.failed(&ModelError::Unauthorized(String::new())));
        assert!(!breaker.allows());
    }
}
