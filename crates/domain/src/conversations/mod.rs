//! The inbox and the transcript: lists, one conversation, replies and notes, state.
//!
//! [`list`], [`counts`], [`get`] and [`transcript`] read; [`patch`], [`send`], [`mark_read`] and [`typing`] write.
//! What may follow on what is in `state`, as pure functions; every write locks the conversation's row first.

mod changes;
mod cursor;
mod posting;
mod queries;
mod rewrite_queries;
mod rows;
mod service;
mod state;
mod words;

pub use changes::{mark_read, patch, send, typing};
pub(crate) use service::window;
pub use service::{counts, get, list, transcript};
pub(crate) use state::State;

pub(crate) use posting::{Draft, News, add_message, announce, author_of_customer, rewrite_customer_text};
pub(crate) use queries::{
    LockedConversation, NewConversation, insert_conversation, lock_conversation, mark_customer_read, messages_before,
    save_state,
};

#[cfg(test)]
mod list_plan_test;

/// The longest text that an agent may send, in characters.
pub const MAX_AGENT_MESSAGE_CHARS: usize = 10_000;
/// How many messages [`get`] brings along.
pub const TRANSCRIPT_WINDOW: u16 = 50;
