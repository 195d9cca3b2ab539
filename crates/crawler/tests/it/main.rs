//! Crawls and pages as a caller of the crate sees them.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod crawl;
mod extraction;
mod guard;
mod hostile;
mod site;
