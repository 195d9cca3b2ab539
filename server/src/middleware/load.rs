//! Better to tell some to come back than to let everybody wait: beyond a number of requests at once, new ones get 503
//! right away; and no request is worked on for longer than [`LONGEST`]. A request counts once it is read whole, and a
//! stream until its first byte only.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use omniops_domain::Error;
use tokio::sync::Semaphore;

use crate::ApiError;

const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Longer than the slowest honest request: a turn of a language model, which has 90 seconds, sent as JSON.
const LONGEST: Duration = Duration::from_secs(100);

/// Room for requests.
#[derive(Debug)]
pub struct Room(Semaphore);

impl Room {
    pub fn new(requests: usize) -> Self {
        Self(Semaphore::new(requests))
    }

    /// Does the work if there is room for it, and refuses it otherwise.
    pub async fn work(&self, work: impl Future<Output = Response>) -> Response {
        let Ok(_place) = self.0.try_acquire() else {
            metrics::counter!("omniops_http_shed_total").increment(1);
            return unavailable(RETRY_AFTER).into_response();
        };
        match tokio::time::timeout(LONGEST, work).await {
            Ok(response) => response,
            Err(_) => unavailable(RETRY_AFTER).into_response(),
        }
    }
}

fn unavailable(retry_after: Duration) -> ApiError {
    Error::Unavailable { retry_after }.into()
}
