//! How many connections may be open at once, and what one too many is told.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Descriptors that are left for the database, files and requests of our own.
const KEPT_BACK: usize = 256;
/// Connections that may be told at the same time that there is no place; those beyond are closed without a word.
const TOLD_AT_ONCE: usize = 128;
/// How long one may take to hear it.
const LONGEST_FAREWELL: Duration = Duration::from_secs(1);

/// The widget reads it from pages of other origins.
const NO_PLACE: &str = concat!(
    "HTTP/1.1 503 Service Unavailable\r\n",
    "content-type: application/json\r\n",
    "retry-after: 5\r\n",
    "access-control-allow-origin: *\r\n",
    "access-control-expose-headers: retry-after\r\n",
    "connection: close\r\n",
    "content-length: 139\r\n",
    "\r\n",
    r#"{"error":{"code":"unavailable","message":"the service has too many connections right now; try again soon","request_id":"","retry_after":5}}"#,
);

/// How many connections the process can hold: as many as were asked for, if it may open as many files.
pub fn possible(wanted: usize) -> usize {
    open_files().map_or(wanted, |files| wanted.min(files.saturating_sub(KEPT_BACK)).max(1))
}

/// The soft limit of open files, where the system tells it.
fn open_files() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    // "unlimited" is none.
    line.split_whitespace().next()?.parse().ok()
}

/// The places of one listener.
#[derive(Clone, Debug)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    farewells: Arc<Semaphore>,
}

impl Places {
    pub(super) fn new(places: usize) -> Self {
        let places = Semaphore::new(places.min(Semaphore::MAX_PERMITS));
        Self { free: Arc::new(places), farewells: Arc::new(Semaphore::new(TOLD_AT_ONCE)) }
    }

    /// A place for one more connection, given back when dropped.
    pub(super) fn enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).try_acquire_owned().ok()
    }

    /// Closes a connection for which there is no place, and tells it so unless many are being told.
    pub(super) fn turn_away(&self, mut socket: TcpStream) {
        metrics::counter!("omniops_connections_refused_total").increment(1);
        let Ok(farewell) = Arc::clone(&self.farewells).try_acquire_owned() else { return };
        tokio::spawn(async move {
            drop(tokio::time::timeout(LONGEST_FAREWELL, say_no(&mut socket)).await);
            drop(farewell);
        });
    }
}

/// What the client is sending has to be read: closing over it would take back what we said.
async fn say_no(socket: &mut TcpStream) -> std::io::Result<()> {
    socket.write_all(NO_PLACE.as_bytes()).await?;
    socket.shutdown().await?;
    let mut ignored = [0; 1024];
    while socket.read(&mut ignored).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_is_the_envelope_and_as_long_as_it_says() {
        let (head, body) = NO_PLACE.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{}", body.len());
        let error: omniops_types::ErrorBody = serde_json::from_str(body).unwrap();
        assert_eq!((error.error.code, error.error.retry_after), (omniops_types::ErrorCode::Unavailable, Some(5)));
    }

    #[test]
    fn no_more_connections_are_taken_than_files_may_be_open() {
        assert_eq!(possible(1), 1);
        if let Some(files) = open_files() {
            assert!(possible(usize::MAX) < files || files <= KEPT_BACK);
        }
    }
}
