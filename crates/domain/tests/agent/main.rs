//! Conversations with a scripted provider over real HTTP: what the customer sees, what the database holds, what was sent.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod embedder;
mod failures;
mod grounding;
mod languages;
mod leaving;
mod money;
mod orders;
mod people;
mod preview;
mod prompt;
mod world;
