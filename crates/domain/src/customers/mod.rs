//! Who writes to a tenant, and how they are recognised.

mod audience;
mod doors;
mod erasure;
mod language;
mod queries;
mod service;

pub use language::Language;
pub use service::{display_name, session_hash};

pub(crate) use audience::{Audience, Present};
pub(crate) use doors::Doors;
pub(crate) use erasure::erase;
pub(crate) use queries::{lock_session, touch};
pub(crate) use service::{find_by_session, get_or_create_by_session};
