//! The server over real HTTP: the wire as OpenAI's own types have it, the script, and what is kept of requests.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod control;
mod script;
mod support;
mod wire;
