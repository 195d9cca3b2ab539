use omniops_types::{Money, Timestamp};
use url::Url;

use super::ShownPrice;

/// How one product is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductKey {
    /// A product's or a variation's.
    Id(u64),
    /// The last part of its address.
    Slug(String),
    /// A product's or a variation's.
    Sku(String),
}

/// Whether it can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockStatus {
    InStock,
    OutOfStock,
    /// Not there, but can be ordered.
    OnBackorder,
    /// A status that a plugin added.
    Unknown,
}

/// What the store has of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    pub status: StockStatus,
    /// Negative when more was ordered than there was. `None` where the store does not count.
    pub quantity: Option<i64>,
    /// Whether more may be ordered than there is.
    pub backorders: bool,
}

/// A property and what there is to choose from: `Size: S, M, L`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub name: String,
    pub options: Vec<String>,
}

/// A product that the shop shows. Texts are plain; prices are exact, in the store's currency.
///
/// `price` is as the store's owner entered it, with or without tax; what a visitor reads on the page is `shown_price`.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    pub id: u64,
    /// The product of which this is a variation.
    pub parent_id: Option<u64>,
    pub name: String,
    pub slug: String,
    /// Its page; http or https.
    pub url: Option<Url>,
    pub sku: Option<String>,
    /// What it costs now; of a product with variations the least. `None` for one without a price.
    pub price: Option<Money>,
    /// Without the sale.
    pub regular_price: Option<Money>,
    pub on_sale: bool,
    /// As the shop's page shows it, in the shop's own way with tax. `None` where it shows none.
    pub shown_price: Option<ShownPrice>,
    pub stock: Stock,
    /// Several lines.
    pub description: String,
    /// Several lines.
    pub short_description: String,
    pub categories: Vec<String>,
    pub choices: Vec<Choice>,
    /// Filled by [`Client::product`](crate::Client::product) alone: a search does not ask for them.
    pub variations: Vec<Variation>,
    pub updated_at: Option<Timestamp>,
}

/// One of the forms in which a product is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variation {
    pub id: u64,
    pub sku: Option<String>,
    /// `[("Size", "M"), ("Colour", "Moss")]`; a property that is missing may be chosen freely.
    pub options: Vec<(String, String)>,
    pub price: Option<Money>,
    pub regular_price: Option<Money>,
    pub on_sale: bool,
    pub stock: Stock,
}
