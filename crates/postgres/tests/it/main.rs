//! Tests against the real database.

mod transactions;
