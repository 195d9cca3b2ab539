#![doc = include_str!("../README.md")]
// The views of whole pages are deeply nested types.
#![recursion_limit = "512"]

pub mod application;
pub mod boot;
pub mod cli;
pub mod config;
pub mod connections;
pub mod demo;
pub mod error;
pub mod extract;
pub mod limits;
pub mod master_key;
pub mod middleware;
pub mod pages;
pub mod routes;
pub mod site;
pub mod state;
pub mod telemetry;
pub mod worker;

pub use application::Application;
pub use error::{ApiError, ApiResult};
pub use state::AppState;
