//! The visitor's event stream. The browser's own reconnecting is not used: it gives up on any answer but 200,
//! and it cannot be told to wait longer each time.

use wasm_bindgen::prelude::*;
use web_sys::{Event, EventSource, MessageEvent};

/// What the stream reports.
pub(super) enum StreamNews {
    Opened,
    /// Closed already; nothing more comes.
    Lost,
    /// The id and the data of an event. The id is empty for ephemeral events before the first logged one.
    Event {
        id: String,
        data: String,
    },
}

/// An open stream; closed when dropped.
pub(super) struct EventStream {
    source: EventSource,
    _on_open: Closure<dyn FnMut()>,
    _on_error: Closure<dyn FnMut()>,
    _on_event: Closure<dyn FnMut(Event)>,
}

impl EventStream {
    pub(super) fn open(url: &str, report: impl Fn(StreamNews) + Clone + 'static) -> Option<Self> {
        let source = EventSource::new(url).ok()?;
        let (opened, lost, failing) = (report.clone(), report.clone(), source.clone());
        let on_open = Closure::<dyn FnMut()>::new(move || opened(StreamNews::Opened));
        let on_error = Closure::<dyn FnMut()>::new(move || {
            failing.close();
            lost(StreamNews::Lost);
        });
        let on_event = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let event: MessageEvent = event.unchecked_into();
            let data = event.data().as_string().unwrap_or_default();
            report(StreamNews::Event { id: event.last_event_id(), data });
        });
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        for name in ["message", "conversation", "typing", "heartbeat"] {
            let _ = source.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref());
        }
        Some(Self { source, _on_open: on_open, _on_error: on_error, _on_event: on_event })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.source.ready_state() == EventSource::CLOSED
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.source.set_onopen(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}
