//! Where requests of one session wait for each other without a connection.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard};

/// Two sessions may share one: then they wait for each other a moment, and nothing else happens.
const DOORS: usize = 256;

/// Doors through which the requests that change something come in, one at a time through each.
///
/// The lock of the database that keeps a session's requests in order would do, but each of them would hold a
/// connection while it waits: whoever sends a hundred requests of one session at once could empty the pool.
#[derive(Clone, Debug)]
pub(crate) struct Doors(Arc<[Mutex<()>]>);

impl Default for Doors {
    fn default() -> Self {
        Self((0..DOORS).map(|_| Mutex::new(())).collect())
    }
}

impl Doors {
    /// Waits for the session's turn in this process; it lasts as long as what is given back. Enter before asking the
    /// pool for a connection, and take [`lock_session`](super::lock_session) behind the door, for other processes.
    pub(crate) async fn enter(&self, session: &[u8; 32]) -> Option<MutexGuard<'_, ()>> {
        let [first, ..] = session;
        match self.0.get(usize::from(*first)) {
            Some(door) => Some(door.lock().await),
            None => None,
        }
    }
}
