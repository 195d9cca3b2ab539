//! Better to tell some to come back than to let everybody wait: beyond a number of requests at once, new ones get 503
//! right away; and no request is worked on for longer than [`LONGEST`]. A request counts once it is read whole, and a
//! stream until its first byte only.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use omniops_domain::Error;
use tokio::sync::Semaphore;

use crate::ApiError;

const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Longer than the slowest honest request: an answer by a language model, sent as JSON.
const LONGEST: Duration = Duration::from_secs(60);

/// Room for requests.
#[derive(Clone, Debug)]
pub struct Room(Arc<Semaphore>);

impl Room {
    pub fn new(requests: usize) -> Self {
        Self(Arc::new(Semaphore::new(requests)))
    }
}

/// Refuses what there is no room for.
pub async fn shed(State(room): State<Room>, request: Request, next: Next) -> Response {
    let Ok(_place) = room.0.try_acquire() else {
        metrics::counter!("omniops_http_shed_total").increment(1);
        return unavailable(RETRY_AFTER).into_response();
    };
    match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => unavailable(RETRY_AFTER).into_response(),
    }
}

fn unavailable(retry_after: Duration) -> ApiError {
    Error::Unavailable { retry_after }.into()
}
