//! Pages, a folder a domain.
//!
//! `telemetry` and the settings page of `agent` stand on no route: with both the dashboard's first load is 928 KB, beyond the 700 KB
//! that it may weigh. They go in when the view types of server and browser build are erased (`--cfg erase_components`), which is
//! some 30 % of the code.

pub mod agent;
pub mod conversations;
pub mod dashboard;
pub mod login;
pub mod not_found;
pub mod telemetry;
pub mod ui_gallery;
