//! Small things that only a browser can do: in effects and event handlers, never while rendering.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};

/// Loads this address anew: the whole page, with what the server now knows.
pub fn open(address: &str) {
    // Fails only for an address that cannot be parsed; ours are paths.
    let _ = window().location().set_href(address);
}

/// Goes to another address of the dashboard without loading the page, from an event handler. On the server there is
/// nowhere to go, and the router's own function must not be held there: it may not leave the thread that made it.
pub fn use_go() -> impl Fn(&str) + Copy + Send + Sync {
    let navigate = StoredValue::new((!cfg!(feature = "ssr")).then(|| SendWrapper::new(use_navigate())));
    move |address| {
        navigate.with_value(|navigate| {
            if let Some(navigate) = navigate {
                navigate(address, NavigateOptions { scroll: false, ..NavigateOptions::default() });
            }
        });
    }
}

pub fn reload() {
    // Cannot fail in a page that is loaded.
    let _ = window().location().reload();
}

/// Keeps a preference that the server reads when it renders. Lives a year; no secret goes in here.
pub fn set_cookie(name: &str, value: &str) {
    let text = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
    // `document.cookie` is an accessor of HtmlDocument; setting it never throws in a page of our own.
    let _ = js_sys::Reflect::set(&document(), &JsValue::from_str("cookie"), &JsValue::from_str(&text));
}

/// What this tab keeps until it is closed. A browser that blocks storage keeps nothing.
pub fn tab_storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// Notes in this browser who works where, and calls `on_change` when another tab notes something else.
pub fn share_presence(presence: &str, on_change: impl Fn() + 'static) {
    const KEY: &str = "omniops:working";
    let Some(storage) = window().local_storage().ok().flatten() else { return };
    // Fails when the storage is full: then other tabs do not hear of it.
    let _ = storage.set_item(KEY, presence);
    let own = presence.to_owned();
    let handle = window_event_listener(leptos::ev::storage, move |_| {
        if storage.get_item(KEY).ok().flatten().is_some_and(|other| other != own) {
            on_change();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Whether the page is in front of the user.
pub fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// The address behind the host: path and query.
pub fn current_path() -> String {
    let location = window().location();
    format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

/// Whether what the user types goes into a field, so that single-key actions must keep still.
pub fn is_typing(event: &web_sys::Event) -> bool {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return false;
    };
    matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || element.is_content_editable()
}

/// Whether a modal dialog covers the page.
pub fn has_open_dialog() -> bool {
    document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some())
}

/// Moves focus to an element by its id, if it is there.
pub fn focus_by_id(id: &str) {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element {
        // An element that left the page cannot take focus.
        let _ = element.focus();
    }
}

/// Scrolls to the part of the page that the address names behind `#`: for parts that were not there yet when the router
/// went to it.
pub fn scroll_to_named_part() {
    let name = window().location().hash().unwrap_or_default();
    if let Some(part) = document().get_element_by_id(name.trim_start_matches('#')) {
        part.scroll_into_view();
    }
}

/// Moves focus to the first element that the selector finds.
pub fn focus_first(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
