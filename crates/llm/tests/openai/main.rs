//! The client against a real server that does on demand what providers do.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod answers;
mod connections;
mod dialects;
mod failures;
mod limits;
mod support;
