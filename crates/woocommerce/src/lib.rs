#![doc = include_str!("../README.md")]

mod address;
mod client;
mod error;
mod http;
mod keys;
mod lenient;
mod oauth;
mod orders;
mod products;
mod text;
mod tracking;

pub use address::StoreAddress;
pub use client::{Client, Options, StoreInfo};
pub use error::{Error, Result};
pub use http::builder as http_client;
pub use keys::Keys;
pub use orders::{Order, OrderLine, OrderStatus, same_email};
pub use products::{Choice, Product, ProductKey, ShownPrice, Stock, StockStatus, Variation};
pub use tracking::Tracking;
