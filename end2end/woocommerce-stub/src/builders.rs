//! Orders and products for tests: a recorded body in which a few things are changed, so that every field is there.

use serde_json::{Value, json};

use crate::recorded;

/// An order like the recorded ones, for `email`, with nothing in it.
pub fn order(id: u64, email: &str) -> OrderBuilder {
    let mut body = recorded::ORDERS.first().cloned().unwrap_or_default();
    for list in ["line_items", "shipping_lines", "fee_lines", "coupon_lines", "tax_lines", "refunds", "meta_data"] {
        set(&mut body, list, json!([]));
    }
    for amount in ["discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax", "total", "total_tax"]
    {
        set(&mut body, amount, json!("0.00"));
    }
    for text in ["transaction_id", "customer_note", "cart_hash"] {
        set(&mut body, text, json!(""));
    }
    set(&mut body, "id", json!(id));
    set(&mut body, "number", json!(id.to_string()));
    set(&mut body, "status", json!("processing"));
    set(&mut body, "customer_id", json!(0));
    if let Some(billing) = body.get_mut("billing") {
        set(billing, "email", json!(email));
    }
    OrderBuilder { body }
}

/// See [`order`].
#[derive(Clone, Debug)]
pub struct OrderBuilder {
    body: Value,
}

impl OrderBuilder {
    /// Puts any field in.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        set(&mut self.body, field, value);
        self
    }

    /// A number that is not the id, as plugins give.
    pub fn number(self, number: &str) -> Self {
        self.with("number", json!(number))
    }

    pub fn status(self, status: &str) -> Self {
        self.with("status", json!(status))
    }

    /// A registered customer's.
    pub fn customer(self, id: u64) -> Self {
        self.with("customer_id", json!(id))
    }

    /// UTC: `2026-11-01T12:00:00`.
    pub fn created(self, at: &str) -> Self {
        self.with("date_created_gmt", json!(at))
    }

    pub fn total(self, total: &str, currency: &str) -> Self {
        self.with("total", json!(total)).with("currency", json!(currency))
    }

    /// Found by the store's search too.
    pub fn transaction(self, id: &str) -> Self {
        self.with("transaction_id", json!(id))
    }

    /// One line; `total` without its tax.
    pub fn line(mut self, name: &str, quantity: u32, total: &str, tax: &str) -> Self {
        push(
            &mut self.body,
            "line_items",
            json!({
                "id": 1, "name": name, "product_id": 11, "variation_id": 0, "quantity": quantity, "tax_class": "",
                "subtotal": total, "subtotal_tax": tax, "total": total, "total_tax": tax, "taxes": [], "meta_data": [],
                "sku": null, "price": total.parse::<f64>().unwrap_or_default() / f64::from(quantity.max(1)),
                "image": {"id": "", "src": ""}, "parent_name": null
            }),
        );
        self
    }

    /// Money given back; positive.
    pub fn refund(mut self, amount: &str) -> Self {
        push(&mut self.body, "refunds", json!({"id": 9000, "reason": "", "total": format!("-{amount}")}));
        self
    }

    pub fn meta(mut self, key: &str, value: Value) -> Self {
        push(&mut self.body, "meta_data", json!({"id": 1, "key": key, "value": value}));
        self
    }
}

impl From<OrderBuilder> for Value {
    fn from(builder: OrderBuilder) -> Self {
        builder.body
    }
}

/// A simple product like the recorded ones, published, in stock.
pub fn product(id: u64, name: &str) -> ProductBuilder {
    let mut body = recorded::PRODUCTS.first().cloned().unwrap_or_default();
    for list in ["categories", "tags", "meta_data", "attributes", "variations", "related_ids"] {
        set(&mut body, list, json!([]));
    }
    let slug: String =
        name.to_lowercase().chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
    for (field, value) in [
        ("id", json!(id)),
        ("name", json!(name)),
        ("permalink", json!(format!("https://shop.example/product/{slug}/"))),
        ("slug", json!(slug)),
        ("sku", json!("")),
        ("description", json!("")),
        ("short_description", json!("")),
        ("price_html", json!("")),
        ("featured", json!(false)),
    ] {
        set(&mut body, field, value);
    }
    ProductBuilder { body }
}

/// The variation `id` of the product `parent`.
pub fn variation(parent: u64, id: u64) -> ProductBuilder {
    let body = recorded::VARIATIONS.first().cloned().unwrap_or_default();
    ProductBuilder { body }.with("id", json!(id)).with("parent_id", json!(parent))
}

/// See [`product`].
#[derive(Clone, Debug)]
pub struct ProductBuilder {
    body: Value,
}

impl ProductBuilder {
    /// Puts any field in.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        set(&mut self.body, field, value);
        self
    }

    pub fn price(self, price: &str) -> Self {
        self.with("price", json!(price)).with("regular_price", json!(price))
    }

    pub fn sku(self, sku: &str) -> Self {
        self.with("sku", json!(sku))
    }

    /// HTML.
    pub fn description(self, html: &str) -> Self {
        self.with("description", json!(html))
    }

    pub fn status(self, status: &str) -> Self {
        self.with("status", json!(status))
    }

    pub fn stock(self, quantity: i64) -> Self {
        let status = if quantity > 0 { "instock" } else { "outofstock" };
        self.with("stock_quantity", json!(quantity)).with("stock_status", json!(status))
    }
}

impl From<ProductBuilder> for Value {
    fn from(builder: ProductBuilder) -> Self {
        builder.body
    }
}

fn set(body: &mut Value, field: &str, value: Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

fn push(body: &mut Value, list: &str, value: Value) {
    if let Some(list) = body.get_mut(list).and_then(Value::as_array_mut) {
        list.push(value);
    }
}
