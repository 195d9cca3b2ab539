//! The wasm entry of the dashboard: hydrate and nothing else.

// The type of a whole page is one deep type; the compiler walks it when it computes layouts.
#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the wasm is there.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(omniops_app::App);
}
