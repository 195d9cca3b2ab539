//! What the pages share: the live connection, the inbox, a conversation's thread, the clock, the session.
//! The stores are plain Rust and know no browser, so that they are tested natively.

pub mod browser;
pub mod clock;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod inbox;
pub mod live;
pub mod session;
pub mod shared;
pub mod thread;
