//! The business against a real database, as the server's own log-in role.

mod chat;
mod conversations;
mod support;
mod widget;
