//! The cost ledger against a real database, as the server's own log-in role.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod booking;
mod budgets;
mod concurrency;
mod killed;
mod sequences;
mod world;
