use omniops_types::{Money, Timestamp};

use crate::Tracking;
use crate::text;

/// Where an order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderStatus {
    /// Placed, not paid.
    Pending,
    /// Paid, being packed.
    Processing,
    /// Waiting: for a bank transfer, as a rule.
    OnHold,
    Completed,
    Cancelled,
    Refunded,
    /// The payment failed.
    Failed,
    /// A status that a plugin added: `shipped`.
    Other(String),
}

impl OrderStatus {
    /// WooCommerce's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::OnHold => "on-hold",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
            Self::Other(status) => status,
        }
    }

    pub(super) fn read(status: String) -> Self {
        match status.as_str() {
            "pending" => Self::Pending,
            "processing" => Self::Processing,
            "on-hold" => Self::OnHold,
            "completed" => Self::Completed,
            "cancelled" => Self::Cancelled,
            "refunded" => Self::Refunded,
            "failed" => Self::Failed,
            _ => Self::Other(text::line(&status)),
        }
    }
}

/// One order. Amounts are exact and in the order's own currency, which need not be the store's.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub id: u64,
    /// What the customer knows it by; the id, unless a plugin counts otherwise.
    pub number: String,
    pub status: OrderStatus,
    pub created_at: Option<Timestamp>,
    pub paid_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    /// `None` for a guest, and for a customer who was deleted since.
    pub customer_id: Option<u64>,
    /// The billing e-mail, as it was typed.
    pub email: String,
    pub lines: Vec<OrderLine>,
    /// What was charged, with tax and shipping. Refunds do not lower it: see [`Order::balance`].
    pub total: Money,
    /// Part of the total.
    pub tax: Money,
    /// With its tax; part of the total.
    pub shipping: Money,
    /// With its tax; taken off already.
    pub discount: Money,
    /// Positive.
    pub refunded: Money,
    /// What is left of the total after refunds.
    pub balance: Money,
    /// `PayPal`; empty for an order of nothing.
    pub payment_method: String,
    /// `DHL Express`.
    pub shipping_methods: Vec<String>,
    pub parcels: Vec<Tracking>,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderLine {
    /// As it was at the time of the order.
    pub name: String,
    pub sku: Option<String>,
    /// `None` for a product that was deleted since.
    pub product_id: Option<u64>,
    pub variation_id: Option<u64>,
    /// A fraction in shops that sell by length or weight.
    pub quantity: f64,
    /// For the whole line, after discounts, with tax.
    pub total: Money,
    /// Choices that are not part of the name: `Engraving: Anna`.
    pub options: Vec<(String, String)>,
}
