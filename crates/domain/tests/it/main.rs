//! The business against a real database, as the server's own log-in role.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod accounts;
mod alerts;
mod chat;
mod commerce;
mod conversations;
mod feedback;
mod identity;
mod maintenance;
mod recovery;
mod secrets;
mod several;
mod support;
mod telemetry;
mod undo;
mod verification;
mod widget;
