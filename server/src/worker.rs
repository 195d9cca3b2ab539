//! What runs beside the requests.

use omniops_domain::alerts::{self, Channels};
use omniops_domain::{Domain, chat, knowledge, ledger, maintenance, telemetry};
use tokio_util::sync::CancellationToken;

/// Works until the token is cancelled. What is cut off is taken up again: every piece of work is safe to repeat.
pub async fn run(domain: Domain, channels: Channels, stopping: CancellationToken) {
    let recovering = chat::keep_recovering(domain.clone());
    let maintaining = maintenance::keep_running(domain.clone());
    let expiring = ledger::keep_expiring(domain.clone());
    let counting = telemetry::keep_rolling_up(domain.clone());
    let watching = alerts::keep_watching(domain.clone(), channels);
    let crawling = knowledge::run_worker(domain, stopping.cancelled());
    tokio::pin!(crawling);
    tokio::select! {
        () = recovering => {}
        () = maintaining => {}
        () = expiring => {}
        () = counting => {}
        () = watching => {}
        // Ends by itself when the token is cancelled, after it has put back what it had not finished.
        () = &mut crawling => {}
    }
}
