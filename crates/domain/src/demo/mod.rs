//! The demo tenant: a shop with a team and a month of conversations.
//!
//! Nothing here inserts a row of its own: tenant, team and conversations come about through the services that everybody
//! uses. The conversations are then moved into the past, so that they spread over thirty days.

mod dialogue;
mod history;
mod queries;
mod tenant;

pub use history::play;
pub use tenant::{DEMO_SLUG, DemoAccess, DemoTenant, ensure};
