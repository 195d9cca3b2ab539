//! What the loader does for the panel.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The loader's side, or in an iframe what speaks with it.
    pub type Host;

    /// Hands an event to the page's listeners.
    #[wasm_bindgen(method)]
    pub(super) fn emit(this: &Host, name: &str, detail: &JsValue);

    /// The address of the page that the visitor is on, now.
    #[wasm_bindgen(method)]
    pub(super) fn page(this: &Host) -> String;

    /// Hides the panel and gives the focus back to the launcher.
    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Host);

    /// Whether the panel covers the whole screen.
    #[wasm_bindgen(method)]
    pub(super) fn full(this: &Host) -> bool;

    /// Adds a style sheet to the shadow root, in the way that a strict content security policy allows.
    #[wasm_bindgen(method)]
    pub(super) fn style(this: &Host, css: &str);
}
