//! The real server over real sockets, on a database of its own for each test.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod agent;
mod auth;
mod chat;
mod connections;
mod conversations;
mod envelope;
mod health;
mod isolation;
mod openapi;
mod pages;
mod realtime;
mod slow;
mod streams;
mod support;
mod telemetry;
mod widget;
