//! Asks before a page is left whose changes are not saved: by a link, by the browser's buttons, or by closing the tab.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlAnchorElement, MouseEvent};

use super::button::{Button, ButtonVariant};
use super::dialog::Dialog;
use crate::i18n::use_messages;
use crate::state::browser::{current_path, use_go};

#[component]
pub fn LeaveGuard(
    /// Something would be lost.
    #[prop(into)]
    dirty: Signal<bool>,
) -> impl IntoView {
    let words = &use_messages().common;
    let open = RwSignal::new(false);
    let wanted = StoredValue::new(String::new());
    // Whoever decided to leave is not asked again.
    let leaving = StoredValue::new(false);
    let go = use_go();
    let location = use_location();
    let here = move || {
        let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
        if search.is_empty() { path } else { format!("{path}?{}", search.trim_start_matches('?')) }
    };
    let guards = move || !leaving.get_value() && dirty.try_get_untracked().unwrap_or_default();
    let ask = move |address: String| {
        wanted.set_value(address);
        open.set(true);
    };
    Effect::new(move || watch(guards, here, ask));
    let actions = move || {
        view! {
            <Button on_click=move |_| open.set(false)>{words.stay}</Button>
            <Button
                variant=ButtonVariant::Danger
                on_click=move |_| {
                    leaving.set_value(true);
                    open.set(false);
                    go(&wanted.get_value());
                }
            >
                {words.leave}
            </Button>
        }
    };
    view! {
        <Dialog id="leave" title=words.leave_title open=open actions=actions>
            <p>{words.leave_hint}</p>
        </Dialog>
    }
}

type Back = Rc<dyn Fn() -> bool>;

thread_local! {
    /// Of the page that is shown, if it has something to lose: whether it keeps the browser where it is.
    static BACK: RefCell<Option<Back>> = const { RefCell::new(None) };
}

/// Hears of the browser's back and forward buttons before the router does, which cannot be stopped once it has. To be
/// called before the router is made; on the server there are no buttons.
pub fn watch_browser_buttons() {
    if cfg!(feature = "ssr") {
        return;
    }
    let _ = window_event_listener_untyped("popstate", |event| {
        let back = BACK.with_borrow(Clone::clone);
        if back.is_some_and(|stays| stays()) {
            event.stop_immediate_propagation();
        }
    });
}

/// Watches all ways out of the page until the calling owner goes.
fn watch(
    guards: impl Fn() -> bool + Copy + 'static,
    here: impl Fn() -> String + 'static,
    ask: impl Fn(String) + Copy + 'static,
) {
    let closing = window_event_listener(leptos::ev::beforeunload, move |event| {
        if guards() {
            event.prevent_default();
        }
    });
    // On its way down to the link: the router listens on the way up.
    let click = Closure::<dyn FnMut(MouseEvent)>::new(move |event: MouseEvent| {
        if let Some(address) = way_out(&event).filter(|_| guards()) {
            event.prevent_default();
            event.stop_propagation();
            ask(address);
        }
    });
    let click = SendWrapper::new(click.into_js_value());
    // Fails for no event that a window knows.
    let _ = window().add_event_listener_with_callback_and_bool("click", click.unchecked_ref(), true);
    let stays = move || {
        let (here, there) = (here(), current_path());
        if !guards() || path_of(&there) == path_of(&here) {
            return false;
        }
        // The browser shows the other address already: back to ours. Cannot fail for a path of our own.
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&here));
        }
        ask(there);
        true
    };
    BACK.set(Some(Rc::new(stays)));
    on_cleanup(move || {
        closing.remove();
        let _ = window().remove_event_listener_with_callback_and_bool("click", click.unchecked_ref(), true);
        BACK.set(None);
    });
}

/// The address to which a click leads, if it leads to another page in this tab.
fn way_out(event: &MouseEvent) -> Option<String> {
    let plain = event.button() == 0 && !event.meta_key() && !event.ctrl_key() && !event.shift_key() && !event.alt_key();
    let target = event.target().filter(|_| plain)?.dyn_into::<web_sys::Element>().ok()?;
    let anchor = target.closest("a[href]").ok().flatten()?.dyn_into::<HtmlAnchorElement>().ok()?;
    let location = window().location();
    let elsewhere = location.origin().is_ok_and(|origin| origin == anchor.origin())
        && anchor.target().is_empty()
        && location.pathname().is_ok_and(|path| path != anchor.pathname());
    elsewhere.then(|| format!("{}{}", anchor.pathname(), anchor.search()))
}

fn path_of(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}
