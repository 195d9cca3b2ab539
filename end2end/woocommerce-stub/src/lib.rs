#![doc = include_str!("../README.md")]

mod answer;
mod auth;
mod builders;
mod fault;
mod params;
mod recorded;
mod routes;
mod server;
mod store;

pub use auth::{CONSUMER_KEY, CONSUMER_SECRET};
pub use builders::{OrderBuilder, ProductBuilder, order, product, variation};
pub use fault::Fault;
pub use server::{Seen, Stub};
pub use store::Store;
