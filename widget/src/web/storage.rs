//! What is kept on this device: one entry a domain, written only after the visitor did something in the panel.
//!
//! The loader reads it too: with `"live":true` it connects on the next page without waiting for a click.

use web_sys::Storage;

use super::dom::window;
use crate::json::{Json, ObjectWriter};

fn storage() -> Option<Storage> {
    // A browser that blocks storage throws here: the chat then lasts as long as the page.
    window().local_storage().ok().flatten()
}

fn key(domain: &str) -> String {
    ["omniops:", domain].concat()
}

/// The session of an earlier visit.
pub(super) fn session(domain: &str) -> Option<String> {
    let text = storage()?.get_item(&key(domain)).ok().flatten()?;
    Json::parse(&text)?.get("session").text().map(str::to_owned)
}

pub(super) fn remember(domain: &str, session: &str, live: bool) {
    if let Some(storage) = storage() {
        let text = ObjectWriter::default().text("session", session).flag("live", live).end();
        let _ = storage.set_item(&key(domain), &text);
    }
}

pub(super) fn forget(domain: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&key(domain));
    }
}
