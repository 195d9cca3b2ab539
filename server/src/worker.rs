//! What runs beside the requests.

use omniops_domain::{Domain, chat};
use tokio_util::sync::CancellationToken;

/// Works until the token is cancelled. What is cut off is taken up again: every piece of work is safe to repeat.
pub async fn run(domain: Domain, stopping: CancellationToken) {
    tokio::select! {
        () = stopping.cancelled() => {}
        () = chat::keep_recovering(domain) => {}
    }
}
