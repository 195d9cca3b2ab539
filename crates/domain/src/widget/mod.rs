//! The widget's side: its configuration, and what a visitor may do with the session that only the visitor holds.
//!
//! Public functions: no principal, no cookie. What they check instead is the domain, the origin and the session.

mod config;
mod events;
mod feedback;
mod queries;
mod session;
mod settings;
mod sites;
mod texts;
mod theme;
mod visitor;

pub use config::{RenderedConfig, config, rendered_config, settings, update_config};
pub use events::{VisitorFilter, visitor_view};
pub use feedback::feedback;
pub use session::{consent, erase, handoff, messages, open as session, presence, read, typing};
pub use sites::{Site, Sites, is_remembered, site, site_of};
pub use visitor::{Visitor, embedding_origins, visitor};

pub(crate) use session::{conversation_for, require_consent};
pub(crate) use texts::{fallback_text, handoff_text};
pub(crate) use visitor::{check_optional, check_origin, check_session_id};

/// The longest message that a customer may send, in characters.
pub const MAX_CUSTOMER_MESSAGE_CHARS: usize = 4_000;
