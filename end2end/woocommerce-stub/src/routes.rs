//! The routes of `wc/v3` that are read, each with the filters that the real one has.

mod filters;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::params::{Params, Refusal};
use crate::recorded;
use crate::store::Store;
use filters::{listed_customers, listed_orders, listed_products, listed_variations};

/// One page of a list, and what the whole list would be.
pub(crate) struct Listed<'a> {
    items: Vec<&'a Value>,
    /// A page past the end reports no orders at all, but all products.
    forgets_total: bool,
}

/// What the store answers to an authenticated or anonymous GET.
pub(crate) fn answer(store: &Store, home: &str, path: &str, params: &Params, may_read: bool) -> Answer {
    // `/wp-json` and no more: plain permalinks have no API.
    let Some(route) = path.strip_prefix("/wp-json") else { return Answer::refusal("404_no_api") };
    let parts: Vec<&str> = route.split('/').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        let mut index = recorded::single("index");
        if let Some(fields) = index.as_object_mut() {
            fields.insert("home".to_owned(), json!(home));
            fields.insert("url".to_owned(), json!(home));
        }
        return Answer::ok(params.pick(&index));
    }
    let ["wc", "v3", rest @ ..] = parts.as_slice() else { return Answer::refusal("404_no_route") };
    read(store, home, path, rest, params, may_read).unwrap_or_else(Answer::refusal)
}

fn read(
    store: &Store,
    home: &str,
    path: &str,
    route: &[&str],
    params: &Params,
    may_read: bool,
) -> Result<Answer, Refusal> {
    let is_id = |part: &str| part.parse::<u64>().ok();
    let known = match route {
        ["orders" | "products" | "customers" | "system_status"] | ["data", "currencies", "current"] => true,
        ["orders" | "products", id] | ["products", id, "variations"] => is_id(id).is_some(),
        _ => false,
    };
    if !known {
        return Err("404_no_route");
    }
    if !may_read {
        return Err(if matches!(route, [_, _]) { "401_unknown_key_single" } else { "401_no_auth_http" });
    }
    let one = |body: Option<Value>, missing: Refusal| body.map(|body| Answer::ok(params.pick(&body))).ok_or(missing);
    let number = |part: &str| is_id(part).unwrap_or_default();
    match route {
        ["orders"] => page(home, path, params, &listed_orders(store, params)?),
        ["orders", id] => one(store.orders.get(&number(id)).cloned(), "404_order_missing"),
        ["products"] => {
            let variations: Vec<Value> =
                store.variations.values().filter_map(|variation| as_product(store, variation)).collect();
            page(home, path, params, &listed_products(store, &variations, params)?)
        }
        ["products", id] => {
            let variation = || as_product(store, store.variations.get(&number(id))?);
            one(store.products.get(&number(id)).cloned().or_else(variation), "404_product_missing")
        }
        ["products", id, "variations"] if store.products.contains_key(&number(id)) => {
            page(home, path, params, &listed_variations(store, number(id), params))
        }
        ["products", ..] => Err("404_product_missing"),
        ["customers"] => page(home, path, params, &listed_customers(store, params)?),
        ["system_status"] => one(Some(recorded::single("system_status")), "404_no_route"),
        _ => {
            let mut currency = recorded::single("currency");
            if let Some(fields) = currency.as_object_mut() {
                fields.insert("code".to_owned(), json!(store.currency));
            }
            one(Some(currency), "404_no_route")
        }
    }
}

/// A variation as `/products` shows it: with all fields of a product and the parent's name before its own.
fn as_product(store: &Store, variation: &Value) -> Option<Value> {
    let parent = store.products.get(&variation.get("parent_id")?.as_u64()?)?;
    let mut body = recorded::variation_as_product();
    let fields = body.as_object_mut()?;
    for (name, value) in variation.as_object()? {
        if fields.contains_key(name) {
            fields.insert(name.clone(), value.clone());
        }
    }
    let text = |value: &Value, field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let own = text(variation, "name");
    let slug = format!("{}-{}", text(parent, "slug"), own.to_lowercase().replace(", ", "-"));
    fields.insert("name".to_owned(), json!(format!("{} - {own}", text(parent, "name"))));
    fields.insert("slug".to_owned(), json!(slug));
    Some(body)
}

fn page(home: &str, path: &str, params: &Params, listed: &Listed<'_>) -> Result<Answer, Refusal> {
    let (page, per_page) = params.page()?;
    let total = listed.items.len();
    let pages = total.div_ceil(per_page);
    let items: Vec<Value> =
        listed.items.iter().skip((page - 1) * per_page).take(per_page).map(|item| params.pick(item)).collect();
    let past_the_end = page > pages.max(1) && listed.forgets_total;
    let (told, told_pages) = if past_the_end { (0, 0) } else { (total, pages) };
    let mut answer = Answer::ok(Value::Array(items)).with("x-wp-total", told).with("x-wp-totalpages", told_pages);
    if page < pages {
        answer = answer.with("link", format!("<{home}{path}?{}>; rel=\"next\"", next_query(params, page + 1)));
    }
    Ok(answer)
}

/// As WooCommerce writes it: decoded values, so that a `+` in one becomes a space to whoever follows it, and keys that came
/// in the query with it.
fn next_query(params: &Params, page: usize) -> String {
    let mut query: Vec<String> = params
        .pairs()
        .iter()
        .filter(|(name, _)| name != "page")
        .map(|(name, value)| format!("{name}={}", value.replace(' ', "%20").replace('&', "%26").replace('#', "%23")))
        .filter(|pair| pair.is_ascii())
        .collect();
    query.push(format!("page={page}"));
    query.join("&")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Recorded {
        name: String,
        url: String,
        ids: Vec<u64>,
        total: usize,
        pages: usize,
        fields: Vec<String>,
    }

    fn ask(store: &Store, url: &str) -> Answer {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        answer(store, "http://127.0.0.1:8099", path, &Params::parse(query), true)
    }

    /// Every list that the real store was asked for, asked of this one: the same items in the same order, the same fields,
    /// the same totals.
    #[test]
    fn lists_are_those_that_were_recorded() {
        let lists: Vec<Recorded> = serde_json::from_str(include_str!("../recorded/lists.json")).unwrap();
        let (now, later) = (Store::recorded(), Store::recorded_later());
        let mut compared = 0;
        for list in lists {
            // Needs the variations of other products, which were not recorded.
            if list.name == "products_search_sku_fragment" {
                continue;
            }
            let store = if list.name.contains("trash") || list.name.contains("draft") { &later } else { &now };
            let answer = ask(store, &list.url);
            assert_eq!(answer.status, 200, "{}", list.name);
            let items = answer.body.as_array().unwrap();
            let ids: Vec<u64> = items.iter().map(|item| item["id"].as_u64().unwrap()).collect();
            assert_eq!(ids, list.ids, "{}", list.name);
            let header = |name| answer.headers.iter().find(|(known, _)| *known == name).unwrap().1.clone();
            assert_eq!(header("x-wp-total"), list.total.to_string(), "{}", list.name);
            assert_eq!(header("x-wp-totalpages"), list.pages.to_string(), "{}", list.name);
            let mut fields: Vec<String> =
                items.iter().flat_map(|item| item.as_object().unwrap().keys().cloned()).collect();
            fields.sort();
            fields.dedup();
            assert_eq!(fields, list.fields, "{}", list.name);
            compared += 1;
        }
        assert_eq!(compared, 50);
    }

    #[test]
    fn requests_that_the_real_store_refused_are_refused_the_same() {
        let store = Store::recorded();
        for (url, error) in [
            ("/wp-json/wc/v3/orders?customer=abc", "400_bad_customer"),
            ("/wp-json/wc/v3/orders?status=shipped", "400_bad_status"),
            ("/wp-json/wc/v3/orders?orderby=total", "400_bad_orderby"),
            ("/wp-json/wc/v3/orders?page=0", "400_page_0"),
            ("/wp-json/wc/v3/orders?per_page=101", "400_per_page_101"),
            ("/wp-json/wc/v3/customers?email=not-an-email", "400_bad_email"),
            ("/wp-json/wc/v3/orders/999999", "404_order_missing"),
            ("/wp-json/wc/v3/orders/abc", "404_no_route"),
            ("/wp-json/wc/v3/orders/11", "404_order_missing"),
            ("/wp-json/wc/v3/products/999999", "404_product_missing"),
            ("/wp-json/wc/v3/nosuch", "404_no_route"),
            ("/wp-json/wc/v9/orders", "404_no_route"),
        ] {
            let answer = ask(&store, url);
            assert_eq!((answer.status, answer.body), recorded::error(error), "{url}");
        }
    }

    #[test]
    fn a_variation_asked_for_as_a_product_is_the_recorded_one() {
        let answer = ask(&Store::recorded(), "/wp-json/wc/v3/products/43");
        assert_eq!(answer.body, recorded::variation_as_product());
    }

    #[test]
    fn an_order_in_the_trash_is_still_read_by_its_id() {
        let answer = ask(&Store::recorded_later(), "/wp-json/wc/v3/orders/108");
        assert_eq!((answer.status, answer.body["status"].as_str()), (200, Some("trash")));
    }
}
