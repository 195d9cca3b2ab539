//! The JSON of an order, read.

use omniops_types::{Currency, Money};
use serde::Deserialize;
use serde_json::Value;

use super::order::{Order, OrderLine, OrderStatus};
use crate::error::{Error, Result};
use crate::tracking::{RawMeta, parcels};
use crate::{lenient, text};

/// What is asked of an order. No addresses, no telephone, no IP address: what is not fetched cannot leak. A field inside a
/// list cannot be picked.
pub const FIELDS: &str = "id,number,status,currency,date_created_gmt,date_paid_gmt,date_completed_gmt,customer_id,\
                      total,total_tax,shipping_total,shipping_tax,discount_total,discount_tax,billing.email,\
                      payment_method_title,line_items,shipping_lines,refunds,meta_data";

#[derive(Default, Deserialize)]
pub struct RawBilling {
    #[serde(default, deserialize_with = "lenient::text")]
    pub email: String,
}

/// Enough to know whose an order is.
#[derive(Deserialize)]
pub struct RawOwner {
    #[serde(default, deserialize_with = "lenient::id")]
    pub id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub number: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub billing: RawBilling,
}

#[derive(Deserialize)]
pub struct RawOrder {
    id: u64,
    #[serde(default, deserialize_with = "lenient::text")]
    number: String,
    #[serde(default, deserialize_with = "lenient::text")]
    status: String,
    #[serde(default, deserialize_with = "lenient::text")]
    currency: String,
    date_created_gmt: Option<String>,
    date_paid_gmt: Option<String>,
    date_completed_gmt: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    customer_id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    total: String,
    #[serde(default, deserialize_with = "lenient::text")]
    total_tax: String,
    #[serde(default, deserialize_with = "lenient::text")]
    shipping_total: String,
    #[serde(default, deserialize_with = "lenient::text")]
    shipping_tax: String,
    #[serde(default, deserialize_with = "lenient::text")]
    discount_total: String,
    #[serde(default, deserialize_with = "lenient::text")]
    discount_tax: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    billing: RawBilling,
    #[serde(default, deserialize_with = "lenient::text")]
    payment_method_title: String,
    #[serde(default)]
    line_items: Vec<RawLine>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    shipping_lines: Vec<RawShipping>,
    #[serde(default)]
    refunds: Vec<RawRefund>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    meta_data: Vec<RawMeta>,
}

/// The float `price` is not read: it is the total without tax divided by the quantity, and no amount that anybody paid.
#[derive(Deserialize)]
struct RawLine {
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, deserialize_with = "lenient::id")]
    product_id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::id")]
    variation_id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::float")]
    quantity: f64,
    #[serde(default, deserialize_with = "lenient::text")]
    total: String,
    #[serde(default, deserialize_with = "lenient::text")]
    total_tax: String,
    #[serde(default, deserialize_with = "lenient::text")]
    sku: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    meta_data: Vec<RawLineMeta>,
}

#[derive(Deserialize)]
struct RawLineMeta {
    #[serde(default, deserialize_with = "lenient::text")]
    key: String,
    #[serde(default, deserialize_with = "lenient::text")]
    display_key: String,
    #[serde(default)]
    display_value: Value,
}

#[derive(Deserialize)]
struct RawShipping {
    #[serde(default, deserialize_with = "lenient::text")]
    method_title: String,
}

#[derive(Deserialize)]
struct RawRefund {
    #[serde(default, deserialize_with = "lenient::text")]
    total: String,
}

/// `None` for what is no order yet or any more.
pub fn from_raw(raw: RawOrder) -> Result<Option<Order>> {
    if matches!(raw.status.as_str(), "" | "trash" | "auto-draft" | "checkout-draft") {
        return Ok(None);
    }
    let currency: Currency = raw.currency.parse().map_err(|_| unexpected("currency"))?;
    let amount = |text: &str, field: &'static str| match text {
        "" => Ok(Money::zero(currency)),
        text => Money::parse(text, currency).map_err(|_| unexpected(field)),
    };
    let sum = |one: &str, other: &str, field: &'static str| {
        amount(one, field)?.checked_add(amount(other, field)?).ok_or_else(|| unexpected(field))
    };
    let total = Money::parse(&raw.total, currency).map_err(|_| unexpected("total"))?;
    // A refund's total is negative.
    let mut refunded = Money::zero(currency);
    for refund in &raw.refunds {
        refunded = refunded.checked_sub(amount(&refund.total, "refund")?).ok_or_else(|| unexpected("refund"))?;
    }
    let lines = raw
        .line_items
        .into_iter()
        .map(|line| {
            let total = sum(&line.total, &line.total_tax, "line")?;
            Ok(OrderLine {
                name: text::line(&line.name),
                sku: lenient::non_empty(text::line(&line.sku)),
                product_id: line.product_id,
                variation_id: line.variation_id,
                quantity: line.quantity,
                total,
                options: options(line.meta_data),
            })
        })
        .collect::<Result<_>>()?;
    Ok(Some(Order {
        id: raw.id,
        number: if raw.number.is_empty() { raw.id.to_string() } else { text::line(&raw.number) },
        status: OrderStatus::read(raw.status),
        created_at: lenient::utc(raw.date_created_gmt.as_deref()),
        paid_at: lenient::utc(raw.date_paid_gmt.as_deref()),
        completed_at: lenient::utc(raw.date_completed_gmt.as_deref()),
        customer_id: raw.customer_id,
        email: raw.billing.email.trim().to_owned(),
        lines,
        total,
        tax: amount(&raw.total_tax, "tax")?,
        shipping: sum(&raw.shipping_total, &raw.shipping_tax, "shipping")?,
        discount: sum(&raw.discount_total, &raw.discount_tax, "discount")?,
        balance: total.checked_sub(refunded).ok_or_else(|| unexpected("refund"))?,
        refunded,
        payment_method: text::line(&raw.payment_method_title),
        shipping_methods: raw.shipping_lines.iter().map(|line| text::line(&line.method_title)).collect(),
        parcels: parcels(&raw.meta_data),
    }))
}

/// What the shop shows beneath a line. Keys with an underscore are the plugins' own.
fn options(meta: Vec<RawLineMeta>) -> Vec<(String, String)> {
    meta.into_iter()
        .filter(|entry| !entry.key.starts_with('_'))
        .filter_map(|entry| {
            let name = lenient::non_empty(text::line(&entry.display_key))?;
            let value = lenient::non_empty(text::line(entry.display_value.as_str()?))?;
            Some((name, value))
        })
        .collect()
}

fn unexpected(what: &str) -> Error {
    Error::Unexpected { what: what.to_owned() }
}
