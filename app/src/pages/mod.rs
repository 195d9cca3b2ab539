//! Pages, a folder a domain.

pub mod agent;
pub mod connections;
pub mod conversations;
pub mod dashboard;
pub mod login;
pub mod not_found;
pub mod telemetry;
pub mod ui_gallery;
