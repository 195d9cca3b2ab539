//! Mails over real SMTP on loopback.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod delivery;
mod refusals;
mod sink;
