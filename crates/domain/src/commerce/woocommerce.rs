//! A WooCommerce store as [`Commerce`].

use std::sync::Arc;

use async_trait::async_trait;
use omniops_woocommerce::{Client, Error, ProductKey, StockStatus, Variation};

use super::prices::{Entered, Prices, of_product, of_variation};
use super::text::clipped;
use super::{
    Availability, Commerce, CommerceError, MAX_ITEMS, Order, OrderLine, Parcel, Product, ProductOption,
    ProductVariation,
};

/// Characters of a name, a label or a value.
const MAX_NAME: usize = 200;
/// Characters of a description: what a model needs of it, not a whole page.
const MAX_DESCRIPTION: usize = 1_500;
const MAX_CATEGORIES: usize = 10;
const MAX_OPTIONS: usize = 20;
const MAX_VARIATIONS: usize = 60;
const MAX_LINES: usize = 50;
const MAX_ADDRESS: usize = 500;
/// Characters of a query that are sent.
const MAX_QUERY: usize = 200;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct WooCommerce(pub Arc<Client>);

#[async_trait]
impl Commerce for WooCommerce {
    async fn search_products(&self, query: &str, limit: usize) -> Result<Vec<Product>, CommerceError> {
        let query: String = query.trim().chars().take(MAX_QUERY).collect();
        let mut found = self.0.search_products(&query, limit.min(MAX_ITEMS)).await?;
        // The store's search does not look at SKUs.
        if found.is_empty() && limit > 0 && !query.contains(char::is_whitespace) {
            found.extend(self.0.product(&ProductKey::Sku(query)).await?);
        }
        let without_variations = |product| Product { variations: Vec::new(), ..from_store(product) };
        Ok(found.into_iter().map(without_variations).collect())
    }

    async fn get_product(&self, reference: &str) -> Result<Option<Product>, CommerceError> {
        let reference: String = reference.trim().chars().take(MAX_QUERY).collect();
        let id = reference.parse().ok().map(ProductKey::Id);
        for key in id.into_iter().chain([ProductKey::Sku(reference.clone()), ProductKey::Slug(reference)]) {
            if let Some(product) = self.0.product(&key).await? {
                return Ok(Some(from_store(product)));
            }
        }
        Ok(None)
    }

    async fn order_by_number(&self, number: &str, verified_email: &str) -> Result<Option<Order>, CommerceError> {
        Ok(self.0.order_by_number(number, verified_email).await?.map(order_from_store))
    }

    async fn orders_of(&self, verified_email: &str, limit: usize) -> Result<Vec<Order>, CommerceError> {
        let orders = self.0.orders_of_email(verified_email, limit.min(MAX_ITEMS)).await?;
        Ok(orders.into_iter().map(order_from_store).collect())
    }
}

fn name(text: &str) -> String {
    clipped(text, MAX_NAME)
}

fn address(url: &url::Url) -> Option<String> {
    // Half an address leads nowhere.
    (url.as_str().len() <= MAX_ADDRESS).then(|| url.to_string())
}

fn from_store(product: omniops_woocommerce::Product) -> Product {
    let description = match (product.short_description.as_str(), product.description.as_str()) {
        ("", long) => long.to_owned(),
        (short, "") => short.to_owned(),
        (short, long) => format!("{short}\n{long}"),
    };
    let (Prices { price, regular_price, price_without_tax, price_on_page }, entered) = of_product(&product);
    Product {
        id: product.id.to_string(),
        name: name(&product.name),
        url: product.url.as_ref().and_then(address),
        sku: product.sku.as_deref().map(name),
        price,
        regular_price,
        price_without_tax,
        price_on_page: price_on_page.as_deref().map(name),
        availability: availability(product.stock.status),
        stock: stock(product.stock.quantity),
        description: clipped(&description, MAX_DESCRIPTION),
        categories: product.categories.iter().take(MAX_CATEGORIES).map(|category| name(category)).collect(),
        options: product
            .choices
            .iter()
            .take(MAX_OPTIONS)
            .map(|choice| ProductOption {
                name: name(&choice.name),
                values: choice.options.iter().take(MAX_OPTIONS).map(|value| name(value)).collect(),
            })
            .collect(),
        variations: product.variations.iter().take(MAX_VARIATIONS).map(|one| variation(one, entered)).collect(),
    }
}

fn variation(variation: &Variation, entered: Entered) -> ProductVariation {
    let Prices { price, regular_price, price_without_tax, price_on_page: _ } = of_variation(variation, entered);
    let options: Vec<String> = variation.options.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    ProductVariation {
        name: name(&options.join(", ")),
        sku: variation.sku.as_deref().map(name),
        price,
        regular_price,
        price_without_tax,
        availability: availability(variation.stock.status),
        stock: stock(variation.stock.quantity),
    }
}

const fn availability(status: StockStatus) -> Availability {
    match status {
        StockStatus::InStock => Availability::InStock,
        StockStatus::OutOfStock => Availability::OutOfStock,
        StockStatus::OnBackorder => Availability::OnBackorder,
        StockStatus::Unknown => Availability::Unknown,
    }
}

/// A store that owes some has none.
fn stock(quantity: Option<i64>) -> Option<u64> {
    quantity.map(|quantity| u64::try_from(quantity).unwrap_or(0))
}

fn order_from_store(order: omniops_woocommerce::Order) -> Order {
    let line = |line: &omniops_woocommerce::OrderLine| {
        let options: Vec<String> = line.options.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let chosen = if options.is_empty() { String::new() } else { format!(" ({})", options.join(", ")) };
        OrderLine {
            name: name(&format!("{}{chosen}", line.name)),
            sku: line.sku.as_deref().map(name),
            quantity: line.quantity,
            total: line.total,
        }
    };
    Order {
        number: name(&order.number),
        status: name(order.status.as_str()),
        created_at: order.created_at,
        paid_at: order.paid_at,
        completed_at: order.completed_at,
        lines: order.lines.iter().take(MAX_LINES).map(line).collect(),
        total: order.total,
        tax: order.tax,
        shipping: order.shipping,
        discount: order.discount,
        refunded: order.refunded,
        total_after_refunds: order.balance,
        payment_method: name(&order.payment_method),
        shipping_methods: order.shipping_methods.iter().map(|method| name(method)).collect(),
        parcels: order
            .parcels
            .iter()
            .map(|parcel| Parcel {
                number: name(&parcel.number),
                carrier: parcel.carrier.as_deref().map(name),
                url: parcel.url.as_ref().and_then(address),
            })
            .collect(),
        more_lines: order.lines.len().saturating_sub(MAX_LINES),
    }
}

impl From<Error> for CommerceError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthorized { .. } | Error::Forbidden { .. } => Self::Refused(error.into()),
            Error::RateLimited { retry_after } => Self::Busy { retry_after, source: error.into() },
            error if error.is_temporary() => Self::Unavailable(error.into()),
            error => Self::Unusable(error.into()),
        }
    }
}
