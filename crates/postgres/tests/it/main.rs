//! Tests against the real database.

// A test says what it expects, its helpers too.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod catalogue;
mod cluster;
mod doctor;
mod events;
mod hub;
mod isolation;
mod migrations;
mod telemetry;
mod transactions;
mod world;
