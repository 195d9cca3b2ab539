//! The chat widget: a small wasm panel and its loader.
