//! What each list holds, and in which order.

use serde_json::Value;

use super::Listed;
use crate::params::{Params, Refusal};
use crate::store::Store;

const ORDER_STATUSES: &[&str] = &[
    "any",
    "trash",
    "auto-draft",
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
];
/// `any` has none of these.
const NOT_ANY: &[&str] = &["trash", "auto-draft", "checkout-draft"];

pub(super) fn listed_orders<'a>(store: &'a Store, params: &Params) -> Result<Listed<'a>, Refusal> {
    let statuses = params.list("status");
    if statuses.iter().any(|status| !ORDER_STATUSES.contains(status)) {
        return Err("400_bad_status");
    }
    let customer = params.text("customer").map(str::parse::<u64>).transpose().map_err(|_| "400_bad_customer")?;
    let wanted = |order: &Value| {
        has_status(order, &statuses)
            && customer.is_none_or(|customer| number(order, "customer_id") == customer)
            && is_included(order, params)
            && params.text("search").is_none_or(|words| order_matches(order, &words.to_lowercase()))
    };
    let mut items: Vec<&Value> = store.orders.values().filter(|order| wanted(order)).collect();
    sort(&mut items, params)?;
    Ok(Listed { items, forgets_total: true })
}

pub(super) fn listed_products<'a>(
    store: &'a Store,
    variations: &'a [Value],
    params: &Params,
) -> Result<Listed<'a>, Refusal> {
    let statuses = params.list("status");
    let skus = params.list("sku");
    let fragment = params.text("search_sku").map(str::to_lowercase);
    let words: Vec<String> =
        params.text("search").unwrap_or_default().split_whitespace().map(str::to_lowercase).collect();
    let wanted = |product: &&Value| {
        has_status(product, &statuses)
            && (skus.is_empty() || skus.iter().any(|sku| text(product, "sku").eq_ignore_ascii_case(sku)))
            && fragment.as_ref().is_none_or(|part| text(product, "sku").to_lowercase().contains(part))
            && params.text("slug").is_none_or(|slug| text(product, "slug") == slug)
            && params.text("stock_status").is_none_or(|status| text(product, "stock_status") == status)
            && is_included(product, params)
            && product_matches(product, &words)
    };
    // A variation is found by its SKU alone.
    let with_variations = !skus.is_empty() || fragment.is_some();
    let candidates = store.products.values().chain(variations.iter().filter(|_| with_variations));
    let mut items: Vec<&Value> = candidates.filter(wanted).collect();
    sort(&mut items, params)?;
    Ok(Listed { items, forgets_total: false })
}

pub(super) fn listed_variations<'a>(store: &'a Store, parent: u64, params: &Params) -> Listed<'a> {
    let mut items: Vec<&Value> =
        store.variations.values().filter(|variation| number(variation, "parent_id") == parent).collect();
    // Of one time, as a rule; nothing here can be refused.
    let _ = sort(&mut items, params);
    Listed { items, forgets_total: false }
}

pub(super) fn listed_customers<'a>(store: &'a Store, params: &Params) -> Result<Listed<'a>, Refusal> {
    let email = params.text("email");
    if email.is_some_and(|email| !email.contains('@')) {
        return Err("400_bad_email");
    }
    let wanted = |customer: &&Value| email.is_none_or(|email| text(customer, "email").eq_ignore_ascii_case(email));
    let items = store.customers.values().filter(wanted).collect();
    Ok(Listed { items, forgets_total: false })
}

/// The search of orders: the id exactly, or the text anywhere in the transaction id, the addresses or the lines' names.
fn order_matches(order: &Value, words: &str) -> bool {
    let in_address = ["billing", "shipping"].iter().any(|kind| {
        let address: Vec<&str> = order
            .get(kind)
            .and_then(Value::as_object)
            .map(|fields| fields.values().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        address.join(" ").to_lowercase().contains(words)
    });
    let lines = order.get("line_items").and_then(Value::as_array).into_iter().flatten();
    number(order, "id").to_string() == words
        || text(order, "transaction_id").to_lowercase().contains(words)
        || in_address
        || lines.into_iter().any(|line| text(line, "name").to_lowercase().contains(words))
        // Plugins that number orders themselves add the number to what is searched.
        || text(order, "number").to_lowercase().contains(words) && text(order, "number") != number(order, "id").to_string()
}

/// The search of WordPress: each word anywhere in the texts.
fn product_matches(product: &Value, words: &[String]) -> bool {
    let texts: String =
        ["name", "description", "short_description"].map(|field| text(product, field).to_lowercase()).join(" ");
    words.iter().all(|word| texts.contains(word))
}

fn has_status(item: &Value, statuses: &[&str]) -> bool {
    let status = text(item, "status");
    if statuses.is_empty() || statuses.contains(&"any") {
        return !NOT_ANY.contains(&status);
    }
    statuses.contains(&status)
}

fn is_included(item: &Value, params: &Params) -> bool {
    let include = params.list("include");
    include.is_empty() || include.contains(&number(item, "id").to_string().as_str())
}

/// The newest first, unless asked otherwise.
fn sort(items: &mut [&Value], params: &Params) -> Result<(), Refusal> {
    match params.text("orderby").unwrap_or("date") {
        "date" => items.sort_by_key(|item| (text(item, "date_created_gmt"), number(item, "id"))),
        "modified" => items.sort_by_key(|item| (text(item, "date_modified_gmt"), number(item, "id"))),
        "id" => items.sort_by_key(|item| number(item, "id")),
        "title" => items.sort_by_key(|item| text(item, "name").to_lowercase()),
        _ => return Err("400_bad_orderby"),
    }
    if params.text("order") != Some("asc") {
        items.reverse();
    }
    Ok(())
}

fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn number(item: &Value, field: &str) -> u64 {
    item.get(field).and_then(Value::as_u64).unwrap_or_default()
}
