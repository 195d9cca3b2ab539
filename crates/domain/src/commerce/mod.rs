//! The store behind a domain: products for everybody, orders for whoever has proven to own the e-mail that was billed.
//!
//! The AI's tools know the [`Commerce`] trait alone. Everything that it gives is data for a model: plain text, cut to
//! a length, without addresses, telephone numbers or e-mails.

mod model;
mod prices;
mod queries;
mod service;
mod settings;
mod stores;
mod text;
mod woocommerce;

use async_trait::async_trait;

pub use model::{Availability, CommerceError, Order, OrderLine, Parcel, Product, ProductOption, ProductVariation};
pub use service::{NewConnection, StoreKeys, check_connection, connection, remove_connection, set_connection};
pub use settings::{check_store, remove_store, store_settings, update_store};
pub use stores::connect;

pub(crate) use stores::Stores;

/// The most products or orders that one call gives.
pub const MAX_ITEMS: usize = 20;

/// One store, read. Who calls this has checked that the store is of the tenant that they work for.
#[async_trait]
pub trait Commerce: Send + Sync {
    /// Products that the shop shows and that match the words, the best or newest first, at most `limit` and at most
    /// [`MAX_ITEMS`], without their variations.
    async fn search_products(&self, query: &str, limit: usize) -> Result<Vec<Product>, CommerceError>;

    /// One product that the shop shows, with its variations. `reference` is the store's id, an SKU or the last part of the
    /// product's address, tried in this order.
    async fn get_product(&self, reference: &str) -> Result<Option<Product>, CommerceError>;

    /// The order with exactly this number, if exactly this e-mail was billed. `verified_email` has been proven: by
    /// a signed token or a code. An order of somebody else is answered like no order at all.
    async fn order_by_number(&self, number: &str, verified_email: &str) -> Result<Option<Order>, CommerceError>;

    /// The orders for which exactly this e-mail was billed, newest first, at most `limit` and at most [`MAX_ITEMS`].
    /// `verified_email` has been proven.
    async fn orders_of(&self, verified_email: &str, limit: usize) -> Result<Vec<Order>, CommerceError>;
}
