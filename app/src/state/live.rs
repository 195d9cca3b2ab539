//! The agents' event stream. One connection a page; it comes back by itself and resumes after the last event seen, so
//! that nothing is missed and nothing comes twice.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use omniops_types::{Event, Signal as LiveSignal};
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use crate::rpc::conversations as rpc;
use crate::state::session::leave_if_signed_out;

/// After this many failures in a row the session itself may be the reason.
const ATTEMPTS_BEFORE_DOUBT: u32 = 2;

/// How the connection is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectionStatus {
    #[default]
    Connecting,
    Live,
    Offline,
}

impl ConnectionStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Offline => "offline",
        }
    }
}

/// What a subscriber is told.
#[derive(Clone, Debug)]
pub enum LiveItem {
    /// The stream begins anew without a position: what was loaded before may be out of date, so load it again.
    Fresh,
    Event(Arc<Event>),
    Signal(LiveSignal),
}

type Listener = Arc<dyn Fn(&LiveItem) + Send + Sync>;

/// The page's connection. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Live {
    status: RwSignal<ConnectionStatus>,
    listeners: StoredValue<Vec<(u32, Listener)>>,
    next_listener: StoredValue<u32>,
    /// The newest event seen.
    position: StoredValue<Option<i64>>,
    attempts: StoredValue<u32>,
    stopped: StoredValue<bool>,
    /// Made in the browser only: the wrapper may not leave its thread, and the server's pages do.
    source: StoredValue<Option<SendWrapper<Source>>>,
}

/// An open stream with the callbacks that must live as long as it does.
struct Source {
    events: EventSource,
    _callbacks: [Closure<dyn FnMut(MessageEvent)>; 5],
}

impl Drop for Source {
    fn drop(&mut self) {
        self.events.close();
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("status", &self.status.get_untracked()).finish_non_exhaustive()
    }
}

impl Live {
    /// Called once, by the dashboard's layout. Connects when the page is live and stops when it goes.
    pub fn provide() -> Self {
        let live = Self {
            status: RwSignal::new(ConnectionStatus::Connecting),
            listeners: StoredValue::new(Vec::new()),
            next_listener: StoredValue::new(0),
            position: StoredValue::new(None),
            attempts: StoredValue::new(0),
            stopped: StoredValue::new(false),
            source: StoredValue::new(None),
        };
        provide_context(live);
        Effect::new(move || {
            live.connect();
            let online = window_event_listener(leptos::ev::online, move |_| live.reconnect_now());
            on_cleanup(move || {
                online.remove();
                live.stopped.set_value(true);
                live.source.set_value(None);
            });
        });
        live
    }

    pub fn status(self) -> Signal<ConnectionStatus> {
        self.status.into()
    }

    /// Calls `listener` with everything that comes, until the calling component goes. Call it from an effect.
    pub fn listen(self, listener: impl Fn(&LiveItem) + Send + Sync + 'static) {
        let id = self.next_listener.get_value();
        self.next_listener.set_value(id.wrapping_add(1));
        self.listeners.update_value(|all| all.push((id, Arc::new(listener))));
        on_cleanup(move || {
            // The connection itself may have gone before its listener.
            let _ = self.listeners.try_update_value(|all| all.retain(|(other, _)| *other != id));
        });
    }

    fn tell(self, item: &LiveItem) {
        let listeners = self.listeners.get_value();
        for (_, listener) in &listeners {
            listener(item);
        }
    }

    fn connect(self) {
        if self.stopped.try_get_value() != Some(false) {
            return;
        }
        let position = self.position.get_value();
        let address = match position {
            Some(seq) => format!("/api/dashboard/events?after={seq}"),
            None => "/api/dashboard/events".to_owned(),
        };
        let Ok(events) = EventSource::new(&address) else {
            self.retry_later();
            return;
        };
        let on_open = Closure::<dyn FnMut(MessageEvent)>::new(move |_| self.opened(position.is_none()));
        let on_event = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(event) = parse::<Event>(&message) {
                self.position.set_value(Some(event.seq));
                self.tell(&LiveItem::Event(Arc::new(event)));
            } else if let Ok(seq) = message.last_event_id().parse() {
                // A kind that this build does not know: skip it, but do not ask for it again.
                self.position.set_value(Some(seq));
            }
        });
        let on_signal = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(signal) = parse::<LiveSignal>(&message) {
                self.tell(&LiveItem::Signal(signal));
            }
        });
        // Names the log's position, so that a quiet stream can be resumed too.
        let on_heartbeat = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            if let Ok(seq) = message.last_event_id().parse() {
                self.position.update_value(|position| *position = (*position).max(Some(seq)));
            }
        });
        let on_error = Closure::<dyn FnMut(MessageEvent)>::new(move |_| self.retry_later());
        let callbacks = [
            ("open", on_open),
            ("event", on_event),
            ("signal", on_signal),
            ("heartbeat", on_heartbeat),
            ("error", on_error),
        ];
        for (name, callback) in &callbacks {
            // Cannot fail: the target is an EventSource.
            let _ = events.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        }
        self.source
            .set_value(Some(SendWrapper::new(Source { events, _callbacks: callbacks.map(|(_, callback)| callback) })));
    }

    fn opened(self, fresh: bool) {
        self.attempts.set_value(0);
        self.status.set(ConnectionStatus::Live);
        if fresh {
            self.tell(&LiveItem::Fresh);
        }
    }

    /// The browser's own retry would ask for a position only after the first event; ours always does.
    fn retry_later(self) {
        let Some(attempt) = self.attempts.try_get_value() else { return };
        self.attempts.set_value(attempt.saturating_add(1));
        self.status.set(ConnectionStatus::Offline);
        self.source.with_value(|source| {
            if let Some(source) = source {
                source.events.close();
            }
        });
        if attempt == ATTEMPTS_BEFORE_DOUBT {
            find_out_whether_signed_out();
        }
        let delay = backoff(attempt, js_sys::Math::random());
        set_timeout(move || self.reconnect(attempt + 1), delay);
    }

    /// Connects unless something else has since.
    fn reconnect(self, attempt: u32) {
        if self.attempts.try_get_value() == Some(attempt) {
            self.connect();
        }
    }

    /// The network is back: no need to wait.
    fn reconnect_now(self) {
        if self.status.get_untracked() == ConnectionStatus::Offline {
            self.connect();
        }
    }
}

/// The connection of this page. Outside the dashboard there is none, and nothing ever comes.
pub fn use_live() -> Live {
    use_context().unwrap_or_else(Live::provide)
}

/// An EventSource does not say why it was refused; an ordinary call does.
fn find_out_whether_signed_out() {
    spawn_local(async {
        if let Err(error) = rpc::counts().await {
            leave_if_signed_out(&error);
        }
    });
}

fn parse<T: DeserializeOwned>(message: &MessageEvent) -> Option<T> {
    serde_json::from_str(&message.data().as_string()?).ok()
}

/// How long to wait before the next attempt: 0.5 s, 1 s, 2 s … 30 s, each ± 50 % so that a restarted server is not met
/// by everyone at once. `random` is in 0..1.
fn backoff(attempt: u32, random: f64) -> Duration {
    let base = 0.5 * f64::from(2_u32.saturating_pow(attempt.min(6)));
    Duration::from_secs_f64(base.min(30.0) * (0.5 + random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_half_a_minute_and_is_spread() {
        assert_eq!(backoff(0, 0.5), Duration::from_millis(500));
        assert_eq!(backoff(3, 0.5), Duration::from_secs(4));
        assert_eq!(backoff(40, 0.5), Duration::from_secs(30));
        assert!(backoff(3, 0.0) < backoff(3, 0.9));
    }
}
