//! Server functions: typed calls from a page to the services, under `/rpc/<domain>/<verb>`.
//! Each authenticates, calls one service and maps the error; the rules live in the services.

pub mod agent;
pub mod alerts;
pub mod auth;
pub mod connections;
pub mod conversations;
pub mod telemetry;
