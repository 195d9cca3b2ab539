//! The browser's clock. `None` on the server and in the first render, so that both write the same page.

use std::time::Duration;

use leptos::prelude::*;
use omniops_types::Timestamp;
use wasm_bindgen::JsValue;

const TICK: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
pub struct Clock(RwSignal<Option<Timestamp>>);

impl Clock {
    /// Called once, by the app.
    pub fn provide() -> Self {
        let clock = Self(RwSignal::new(None));
        provide_context(clock);
        Effect::new(move || {
            clock.0.set(browser_now());
            if let Ok(handle) = set_interval_with_handle(move || clock.0.set(browser_now()), TICK) {
                on_cleanup(move || handle.clear());
            }
        });
        clock
    }

    /// The time, to within [`TICK`]. Reactive.
    pub fn now(self) -> Option<Timestamp> {
        self.0.get()
    }

    /// How far the reader's zone was from UTC at that moment, in minutes east. 0 until the page is live.
    pub fn offset_minutes(self, at: Timestamp) -> i32 {
        if self.0.get().is_none() {
            return 0;
        }
        let date = js_sys::Date::new(&JsValue::from_f64(at.timestamp_millis() as f64));
        -(date.get_timezone_offset() as i32)
    }
}

fn browser_now() -> Option<Timestamp> {
    Timestamp::from_timestamp_millis(js_sys::Date::now() as i64)
}

/// The app's clock.
pub fn use_clock() -> Clock {
    use_context().unwrap_or_else(Clock::provide)
}
