//! The connection that hears notifications.

use std::sync::Arc;
use std::time::Duration;

use omniops_types::{Signal, TenantId};
use sqlx::postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions};

use super::{HubItem, Shared, signals};
use crate::Result;

const EVENTS: &str = "omniops_events";
const SIGNALS: &str = "omniops_signals";
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A connection of its own, because it never comes back to a pool.
pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgListener> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_with(options.clone().application_name("omniops listener"))
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.ignore_pool_close_event(true);
    listener.listen_all([EVENTS, SIGNALS]).await?;
    Ok(listener)
}

/// Listens for ever. Whenever the connection was lost, positions are compared with the log's, because what was
/// said in the meantime was said to nobody.
pub(super) async fn run(shared: Arc<Shared>, options: PgConnectOptions, mut listener: PgListener) {
    loop {
        loop {
            match listener.try_recv().await {
                Ok(Some(notification)) => hear(&shared, &notification),
                Ok(None) => shared.request_sweep(),
                Err(error) => {
                    tracing::warn!(%error, "the listening connection is lost; connecting again");
                    break;
                }
            }
        }
        listener = reconnect(&options).await;
        shared.request_sweep();
    }
}

async fn reconnect(options: &PgConnectOptions) -> PgListener {
    let mut pause = SHORTEST_PAUSE;
    loop {
        match connect(options).await {
            Ok(listener) => return listener,
            Err(error) => tracing::warn!(%error, ?pause, "cannot listen for events; trying again"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn hear(shared: &Shared, notification: &PgNotification) {
    let payload = notification.payload();
    let understood = match notification.channel() {
        EVENTS => event(payload).map(|(tenant, seq)| shared.announce(tenant, seq)),
        SIGNALS => signals::decode(payload).map(|(tenant, signal)| hand_out_signal(shared, tenant, signal)),
        _ => None,
    };
    if understood.is_none() {
        tracing::warn!(channel = notification.channel(), "a notification could not be read");
    }
}

fn hand_out_signal(shared: &Shared, tenant: TenantId, signal: Signal) {
    shared.hand_out(tenant, [HubItem::Signal(Arc::new(signal))], None);
}

/// `<tenant> <seq>`
fn event(payload: &str) -> Option<(TenantId, i64)> {
    let (tenant, seq) = payload.split_once(' ')?;
    Some((tenant.parse().ok()?, seq.parse().ok()?))
}
