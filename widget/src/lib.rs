#![doc = include_str!("../README.md")]

pub mod backoff;
pub mod chat;
pub mod ids;
pub mod json;
pub mod locale;
pub mod plain;
pub mod problem;
pub mod rich_text;
pub mod sse;
pub mod wire;

#[cfg(target_arch = "wasm32")]
mod web;
