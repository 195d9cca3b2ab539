#![doc = include_str!("../README.md")]

pub mod config;
pub mod error;
pub mod extract;
pub mod limits;
pub mod middleware;
pub mod routes;
pub mod session_cookie;
pub mod state;

pub use error::{ApiError, ApiResult};
pub use state::AppState;
