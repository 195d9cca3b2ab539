//! The wasm entry of the dashboard: hydrate and nothing else.
