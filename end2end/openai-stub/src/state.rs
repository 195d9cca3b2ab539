//! What the server knows: the script, and everything that it was asked.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::received::{Ended, NOTHING_SCRIPTED, Received, now};
use crate::reply::Reply;
use crate::script::Playbook;

/// How long a test waits for something to happen before it is told what there is.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) playbook: Playbook,
    pub(crate) received: Vec<Received>,
    pub(crate) models: Vec<String>,
    /// The only key that is let in; any key without it.
    pub(crate) required_key: Option<String>,
    last_number: u64,
}

/// The state, shared by all connections, and a bell that rings at each change of it.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

impl Shared {
    pub(crate) fn new() -> Self {
        let state = State { models: vec!["stub-model".to_owned()], ..State::default() };
        Self { state: Mutex::new(state), changed: watch::Sender::new(()) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and tells those who wait.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.send_replace(());
        result
    }

    /// Waits until `found` finds something; `None` when it does not within 20 s.
    pub(crate) async fn wait<T>(&self, found: impl Fn(&State) -> Option<T>) -> Option<T> {
        let mut changed = self.changed.subscribe();
        let search = async {
            loop {
                let result = found(&self.lock());
                if result.is_some() || changed.changed().await.is_err() {
                    return result;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.unwrap_or_default()
    }
}

impl State {
    /// Gives the request its number and its reply, and keeps it. Without a reply, nothing is scripted for it.
    pub(crate) fn record(&mut self, request: Received, refusal: Option<String>) -> (Received, Option<Reply>) {
        let mut request = self.number(request);
        let reply = match refusal {
            Some(why) => {
                request.answered_by = format!("refused: {why}");
                None
            }
            None => {
                let answer = self.playbook.answer(&request);
                let (reply, by) = answer.map_or((None, NOTHING_SCRIPTED.to_owned()), |(reply, by)| (Some(reply), by));
                request.answered_by = by;
                reply
            }
        };
        self.received.push(request.clone());
        (request, reply)
    }

    /// Keeps a request that no script answers.
    pub(crate) fn keep(&mut self, request: Received) {
        let request = self.number(request);
        self.received.push(request);
    }

    fn number(&mut self, request: Received) -> Received {
        self.last_number += 1;
        Received { number: self.last_number, ..request }
    }

    fn update(&mut self, number: u64, update: impl FnOnce(&mut Received)) {
        // A request that was forgotten meanwhile is not kept again.
        if let Some(request) = self.received.iter_mut().rfind(|request| request.number == number) {
            update(request);
        }
    }
}

/// An answer on its way. When it is dropped, it is told how it ended: unless somebody said otherwise, the client left.
#[derive(Debug)]
pub(crate) struct Answering {
    shared: std::sync::Arc<Shared>,
    number: u64,
    begun: bool,
    ended: Ended,
}

impl Answering {
    pub(crate) fn new(shared: std::sync::Arc<Shared>, number: u64) -> Self {
        Self { shared, number, begun: false, ended: Ended::ClientLeft }
    }

    /// Notes that a piece goes out now.
    pub(crate) fn piece(&mut self) {
        if !self.begun {
            self.begun = true;
            self.shared.change(|state| state.update(self.number, |request| request.first_piece_at = Some(now())));
        }
    }

    pub(crate) fn ends(&mut self, ended: Ended) {
        self.ended = ended;
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let ended = self.ended;
        self.shared.change(|state| {
            state.update(self.number, |request| {
                request.ended = Some(ended);
                request.ended_at = Some(now());
            });
        });
    }
}
