//! What a store has, in our own words. Serialised as a tool hands it to a model: what is not there is left out.

use std::time::Duration;

use omniops_types::{Money, Timestamp};
use serde::Serialize;

/// Whether a product can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    InStock,
    OutOfStock,
    /// Not there, but can be ordered.
    OnBackorder,
    /// The store does not say.
    Unknown,
}

/// A product that the shop shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Product {
    /// The store's id.
    pub id: String,
    pub name: String,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// What the customer pays, with tax where the store adds it; of a product with variations the least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// What it costs without the sale; only while there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regular_price: Option<Money>,
    /// The same as `price` without the tax, where the store or its page calculates without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_without_tax: Option<Money>,
    /// As the shop's page words it. Names no other price than `price` and those of the variations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_on_page: Option<String>,
    pub availability: Availability,
    /// How many there are; never negative. Absent where the store does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<u64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// What there is to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ProductOption>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variations: Vec<ProductVariation>,
}

/// `Size: S, M, L`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProductOption {
    pub name: String,
    pub values: Vec<String>,
}

/// One of the forms in which a product is sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProductVariation {
    /// `Size: M, Colour: Moss`.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// What the customer pays. Absent where only a price without tax is known, or the page alone tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Only while there is a sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regular_price: Option<Money>,
    /// Before the tax that the store adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_without_tax: Option<Money>,
    pub availability: Availability,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<u64>,
}

/// An order of a customer who has proven that it is theirs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Order {
    pub number: String,
    /// The store's word: `processing`, `on-hold`, `completed`, or one that a plugin added.
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    pub lines: Vec<OrderLine>,
    /// What was charged, with tax and shipping.
    pub total: Money,
    /// Part of the total.
    pub tax: Money,
    /// With its tax; part of the total.
    pub shipping: Money,
    /// With its tax; taken off already.
    pub discount: Money,
    /// What was given back; positive.
    pub refunded: Money,
    /// The total less what was given back.
    pub total_after_refunds: Money,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub payment_method: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shipping_methods: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parcels: Vec<Parcel>,
    /// Lines that are not shown: an order of hundreds is cut.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_lines: usize,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrderLine {
    /// With what was chosen: `Jacket - M (Engraving: Anna)`.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// A fraction in shops that sell by length or weight.
    pub quantity: f64,
    /// For the whole line, after discounts, with tax.
    pub total: Money,
}

/// A parcel on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parcel {
    pub number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands a reference
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Why a store gave nothing. What a customer or a model may know is the message; the cause is for the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommerceError {
    #[error("the store does not accept the keys that were set up")]
    Refused(#[source] Source),
    #[error("the store is busy")]
    Busy {
        retry_after: Option<Duration>,
        #[source]
        source: Source,
    },
    #[error("the store does not answer")]
    Unavailable(#[source] Source),
    #[error("the store's answer cannot be used")]
    Unusable(#[source] Source),
}

type Source = Box<dyn std::error::Error + Send + Sync>;

impl CommerceError {
    /// A stable word for telemetry.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) => "store_refused",
            Self::Busy { .. } => "store_busy",
            Self::Unavailable(_) => "store_unavailable",
            Self::Unusable(_) => "store_unusable",
        }
    }
}
