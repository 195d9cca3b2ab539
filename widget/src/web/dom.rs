//! Small steps over the DOM. Text only ever goes into text nodes and attributes, never through markup.

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, Window};

/// The browser's window. A widget has no life outside of one.
pub(super) fn window() -> Window {
    js_sys::global().unchecked_into()
}

pub(super) fn document() -> Document {
    js_sys::Reflect::get(&window(), &"document".into()).unwrap_or_default().unchecked_into()
}

/// A new element with a class (none when empty).
pub(super) fn element(tag: &str, class: &str) -> HtmlElement {
    // The tag names are ours and valid, so this cannot fail.
    let element = document().create_element(tag).unwrap_throw();
    if !class.is_empty() {
        element.set_class_name(class);
    }
    element.unchecked_into()
}

/// A new element with a text in it.
pub(super) fn text_element(tag: &str, class: &str, text: &str) -> HtmlElement {
    let element = element(tag, class);
    element.set_text_content(Some(text));
    element
}

/// A `<button>` that does not submit anything.
pub(super) fn button(class: &str, label: &str) -> HtmlElement {
    let button = text_element("button", class, label);
    set(&button, "type", "button");
    button
}

/// A `<button>` that shows a drawing and is named for those who do not see it.
pub(super) fn icon_button(class: &str, label: &str, path: &str) -> HtmlElement {
    let button = button(class, "");
    set(&button, "aria-label", label);
    set(&button, "title", label);
    append(&button, &icon(path));
    button
}

/// A line drawing of 24 by 24.
pub(super) fn icon(path: &str) -> Element {
    let namespace = Some("http://www.w3.org/2000/svg");
    let svg = document().create_element_ns(namespace, "svg").unwrap_throw();
    set(&svg, "viewBox", "0 0 24 24");
    set(&svg, "aria-hidden", "true");
    let line = document().create_element_ns(namespace, "path").unwrap_throw();
    set(&line, "d", path);
    append(&svg, &line);
    svg
}

/// A link that leads out of the page, safely. The address must be checked by the caller.
pub(super) fn outbound_link(class: &str, url: &str) -> HtmlElement {
    let link = element("a", class);
    set(&link, "href", url);
    set(&link, "target", "_blank");
    set(&link, "rel", "noopener");
    link
}

pub(super) fn append(parent: &Element, child: &Element) {
    let _ = parent.append_child(child);
}

pub(super) fn append_text(parent: &Element, text: &str) {
    let _ = parent.append_child(&document().create_text_node(text));
}

pub(super) fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

/// Sets or removes an attribute without a value.
pub(super) fn toggle(element: &Element, name: &str, on: bool) {
    let _ = element.toggle_attribute_with_force(name, on);
}

pub(super) fn show(element: &Element, shown: bool) {
    toggle(element, "hidden", !shown);
}

/// Sets the text if it is another one, so that live regions do not repeat themselves.
pub(super) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

pub(super) fn clear(element: &Element) {
    element.set_text_content(None);
}

/// Listens for as long as the page lives.
pub(super) fn listen(target: &EventTarget, name: &str, handler: impl FnMut(Event) + 'static) {
    let handler = Closure::<dyn FnMut(Event)>::new(handler);
    let _ = target.add_event_listener_with_callback(name, handler.as_ref().unchecked_ref());
    handler.forget();
}

/// Runs something once, later.
pub(super) fn after(milliseconds: u32, run: impl FnOnce() + 'static) {
    let run = Closure::once_into_js(run);
    let milliseconds = i32::try_from(milliseconds).unwrap_or(i32::MAX);
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(run.unchecked_ref(), milliseconds);
}

/// Random bytes from the browser's cryptographic source. Throws where there is none: an id of zeros would be every
/// visitor's.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    match window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes)) {
        Ok(_) => bytes,
        Err(error) => wasm_bindgen::throw_val(error),
    }
}
