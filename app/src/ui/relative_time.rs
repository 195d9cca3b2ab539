//! A time as people say it, with the exact one on hover. The server and the first render write the UTC time, which
//! never depends on when or where it is rendered; the browser's clock takes over after hydration.

use leptos::prelude::*;
use omniops_types::Timestamp;

use crate::i18n::use_messages;
use crate::state::clock::use_clock;
use crate::time;

/// In how many words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// "5 minutes ago".
    #[default]
    Ago,
    /// "5 min": for lists, where room is short.
    Short,
    /// "14:03", in the reader's zone.
    Clock,
}

#[component]
pub fn RelativeTime(at: Timestamp, #[prop(optional)] style: TimeStyle) -> impl IntoView {
    let messages = use_messages();
    let clock = use_clock();
    let text = move || match (clock.now(), style) {
        (None, TimeStyle::Clock) => time::clock(at, 0),
        (None, _) => time::absolute(&messages.time, at, 0),
        (Some(now), TimeStyle::Ago) => time::ago(&messages.time, now, at),
        (Some(now), TimeStyle::Short) => time::short(&messages.time, now, at),
        (Some(_), TimeStyle::Clock) => time::clock(at, clock.offset_minutes(at)),
    };
    let exact = move || match clock.now() {
        None => format!("{} UTC", time::absolute(&messages.time, at, 0)),
        Some(_) => time::absolute(&messages.time, at, clock.offset_minutes(at)),
    };
    view! {
        <time datetime=at.to_rfc3339() title=exact class="whitespace-nowrap tabular-nums">
            {text}
        </time>
    }
}
