use std::collections::BTreeMap;

use serde_json::Value;

use crate::recorded;

/// What the store holds. Bodies are whole, as WooCommerce sends them.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) orders: BTreeMap<u64, Value>,
    pub(crate) products: BTreeMap<u64, Value>,
    pub(crate) variations: BTreeMap<u64, Value>,
    pub(crate) customers: BTreeMap<u64, Value>,
    pub(crate) currency: String,
    /// The home address as configured; its own where there is none.
    pub(crate) home: Option<String>,
    /// Seconds that its clock is ahead of ours.
    pub(crate) clock_ahead: i64,
}

impl Store {
    /// Sells nothing yet, in euros.
    pub fn empty() -> Self {
        Self {
            orders: BTreeMap::new(),
            products: BTreeMap::new(),
            variations: BTreeMap::new(),
            customers: BTreeMap::new(),
            currency: "EUR".to_owned(),
            home: None,
            clock_ahead: 0,
        }
    }

    /// The recorded store: 120 orders, 40 products.
    pub fn recorded() -> Self {
        let mut store = Self::empty();
        store.orders = by_id(&recorded::ORDERS);
        store.products = by_id(&recorded::PRODUCTS);
        store.variations = by_id(&recorded::VARIATIONS);
        store.customers = by_id(&recorded::CUSTOMERS);
        store
    }

    /// The recorded store a little later: order 108 is in the trash, and a failed request left the draft 232.
    pub fn recorded_later() -> Self {
        recorded::LATER_ORDERS.iter().cloned().fold(Self::recorded(), Self::order)
    }

    /// Adds an order, or puts it in place of the one with its id.
    pub fn order(mut self, order: impl Into<Value>) -> Self {
        self.orders.extend(by_id(&[order.into()]));
        self
    }

    /// Adds a product, or puts it in place of the one with its id.
    pub fn product(mut self, product: impl Into<Value>) -> Self {
        self.products.extend(by_id(&[product.into()]));
        self
    }

    /// Adds a variation, whose `parent_id` says of what.
    pub fn variation(mut self, variation: impl Into<Value>) -> Self {
        self.variations.extend(by_id(&[variation.into()]));
        self
    }

    /// The currency of its prices; an order has its own.
    pub fn currency(mut self, code: &str) -> Self {
        code.clone_into(&mut self.currency);
        self
    }

    /// Configures a home address that is not the one it is reached under: signatures must be made for this one.
    pub fn home(mut self, address: &str) -> Self {
        self.home = Some(address.trim_end_matches('/').to_owned());
        self
    }

    /// Sets its clock ahead of ours.
    pub const fn clock_ahead(mut self, seconds: i64) -> Self {
        self.clock_ahead = seconds;
        self
    }
}

fn by_id(bodies: &[Value]) -> BTreeMap<u64, Value> {
    bodies.iter().filter_map(|body| Some((body.get("id")?.as_u64()?, body.clone()))).collect()
}
