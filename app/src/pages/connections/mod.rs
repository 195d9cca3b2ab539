//! What the shop is connected to: its store, and the keys with which it signs who its visitors are.

mod confirm;
mod connections_page;
mod keys;
mod keys_section;
mod store_form;
#[cfg(test)]
mod store_form_tests;
mod store_section;
mod store_state;

pub use connections_page::ConnectionsPage;
