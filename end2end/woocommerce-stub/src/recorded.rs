//! The recorded bodies, as they were sent but for their `_links`.

use std::sync::LazyLock;

use serde_json::Value;

/// A file of this crate's own, read; a damaged one is an empty list.
fn file(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::Array(Vec::new()))
}

fn list(text: &str) -> Vec<Value> {
    match file(text) {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

/// 120 orders of WooCommerce 11.0.1: the whole order book at one time.
pub(crate) static ORDERS: LazyLock<Vec<Value>> = LazyLock::new(|| list(include_str!("../recorded/orders.json")));

/// The same store a little later: order 108 went to the trash, a failed request left draft 232.
pub(crate) static LATER_ORDERS: LazyLock<Vec<Value>> =
    LazyLock::new(|| list(include_str!("../recorded/orders_later.json")));

/// 40 products: the whole catalogue.
pub(crate) static PRODUCTS: LazyLock<Vec<Value>> = LazyLock::new(|| list(include_str!("../recorded/products.json")));

/// The eight variations of product 42.
pub(crate) static VARIATIONS: LazyLock<Vec<Value>> =
    LazyLock::new(|| list(include_str!("../recorded/variations.json")));

/// 30 customers.
pub(crate) static CUSTOMERS: LazyLock<Vec<Value>> = LazyLock::new(|| list(include_str!("../recorded/customers.json")));

/// A variation asked for as a product.
pub(crate) fn variation_as_product() -> Value {
    list(include_str!("../recorded/variation_as_product.json")).into_iter().next().unwrap_or_default()
}

/// `index`, `currency` or `system_status`.
pub(crate) fn single(name: &str) -> Value {
    file(include_str!("../recorded/singles.json")).get(name).cloned().unwrap_or_default()
}

/// Status and body of a recorded error.
pub(crate) fn error(name: &str) -> (u16, Value) {
    let error = file(include_str!("../recorded/errors.json")).get(name).cloned().unwrap_or_default();
    let status = error.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    (status.unwrap_or(500), error.get("body").cloned().unwrap_or_default())
}
