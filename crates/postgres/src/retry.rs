//! Running a transaction again when the database gave it up for the sake of another.

use std::error::Error as StdError;
use std::future::Future;
use std::time::Duration;

use rand::Rng;

use crate::error::{DatabaseError, sqlstate};

/// Attempts in all. Each waits longer than the one before; the last one's error is the caller's.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// Runs `op` again when it failed of a serialization failure or a deadlock, with pauses that grow and jitter.
///
/// `op` has to be a whole transaction: begin, work, commit. Any other error, and the one of the last attempt, is
/// given back as it is. The database's error is looked for in the whole chain of sources, so `E` may be the
/// error of any layer.
pub async fn retrying<T, E, F, Fut>(mut op: F) -> Result<T, E>
where
    E: StdError + 'static,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    let mut attempt = 1;
    loop {
        match op().await {
            Err(error) if attempt < ATTEMPTS && is_worth_repeating(&error) => {
                tracing::debug!(attempt, "the database asked to repeat a transaction");
                tokio::time::sleep(pause(attempt)).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

/// Between half and all of 5, 10, 20, … ms: those who collided should not meet again.
fn pause(attempt: u32) -> Duration {
    let longest = FIRST_PAUSE * 2_u32.saturating_pow(attempt - 1);
    longest.mul_f64(rand::rng().random_range(0.5..=1.0))
}

/// 40001: serialization failure, 40P01: deadlock.
fn is_worth_repeating(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let code = error.downcast_ref::<DatabaseError>().and_then(|error| sqlstate(&error.0));
        if matches!(code.as_deref(), Some("40001" | "40P01")) {
            return true;
        }
        next = error.source();
    }
    false
}
