//! The JSON of a product, read.

use omniops_types::Currency;
use serde::Deserialize;

use super::product::{Choice, Product, Stock, StockStatus, Variation};
use super::shown::ShownPrice;
use crate::tracking::web_address;
use crate::{lenient, text};

/// What is asked of a product.
pub const FIELDS: &str = "id,parent_id,name,slug,permalink,type,status,catalog_visibility,post_password,sku,price,\
                          regular_price,on_sale,price_html,stock_status,stock_quantity,backorders_allowed,description,\
                          short_description,categories,attributes,date_modified_gmt";
/// What is asked of a variation.
pub const VARIATION_FIELDS: &str =
    "id,status,sku,price,regular_price,on_sale,stock_status,stock_quantity,backorders_allowed,attributes";

#[derive(Deserialize)]
pub struct RawProduct {
    pub id: u64,
    #[serde(default, deserialize_with = "lenient::id")]
    pub parent_id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub slug: String,
    #[serde(default, deserialize_with = "lenient::text")]
    permalink: String,
    #[serde(default, deserialize_with = "lenient::text", rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "lenient::text")]
    status: String,
    #[serde(default, deserialize_with = "lenient::text")]
    catalog_visibility: String,
    #[serde(default, deserialize_with = "lenient::text")]
    post_password: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub sku: String,
    #[serde(default, deserialize_with = "lenient::text")]
    price: String,
    #[serde(default, deserialize_with = "lenient::text")]
    regular_price: String,
    #[serde(default, deserialize_with = "lenient::flag")]
    on_sale: bool,
    #[serde(default, deserialize_with = "lenient::text")]
    price_html: String,
    #[serde(flatten)]
    stock: RawStock,
    #[serde(default, deserialize_with = "lenient::text")]
    description: String,
    #[serde(default, deserialize_with = "lenient::text")]
    short_description: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    categories: Vec<RawName>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    attributes: Vec<RawAttribute>,
    date_modified_gmt: Option<String>,
}

#[derive(Deserialize)]
pub struct RawVariation {
    id: u64,
    #[serde(default, deserialize_with = "lenient::text")]
    status: String,
    #[serde(default, deserialize_with = "lenient::text")]
    sku: String,
    #[serde(default, deserialize_with = "lenient::text")]
    price: String,
    #[serde(default, deserialize_with = "lenient::text")]
    regular_price: String,
    #[serde(default, deserialize_with = "lenient::flag")]
    on_sale: bool,
    #[serde(flatten)]
    stock: RawStock,
    #[serde(default, deserialize_with = "lenient::or_default")]
    attributes: Vec<RawAttribute>,
}

#[derive(Deserialize)]
struct RawStock {
    #[serde(default, deserialize_with = "lenient::text")]
    stock_status: String,
    #[serde(default, deserialize_with = "lenient::integer")]
    stock_quantity: Option<i64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    backorders_allowed: bool,
}

#[derive(Deserialize)]
struct RawName {
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
}

/// A product's has `options`, a variation's has the one `option` that was taken.
#[derive(Deserialize)]
struct RawAttribute {
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    options: Vec<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    option: String,
}

impl RawProduct {
    /// Whether anybody may open its page: no draft, nothing private, nothing behind a password.
    pub fn is_public(&self) -> bool {
        self.status == "publish" && self.post_password.is_empty()
    }

    /// Whether the shop's own search would show it.
    pub fn is_searchable(&self) -> bool {
        self.is_public() && matches!(self.catalog_visibility.as_str(), "" | "visible" | "search")
    }

    pub fn is_variable(&self) -> bool {
        self.kind == "variable"
    }

    pub fn read(self, currency: Currency) -> Product {
        let choice = |attribute: RawAttribute| {
            let name = text::line(&attribute.name);
            let options = attribute.options.iter().chain([&attribute.option]);
            let options: Vec<String> =
                options.map(|option| text::line(option)).filter(|text| !text.is_empty()).collect();
            (!name.is_empty() && !options.is_empty()).then_some(Choice { name, options })
        };
        Product {
            id: self.id,
            parent_id: self.parent_id,
            name: text::line(&self.name),
            slug: self.slug,
            url: web_address(&self.permalink),
            sku: lenient::non_empty(text::line(&self.sku)),
            price: lenient::money(&self.price, currency),
            regular_price: lenient::money(&self.regular_price, currency),
            on_sale: self.on_sale,
            shown_price: ShownPrice::read(&self.price_html, currency),
            stock: self.stock.read(),
            description: text::paragraphs(&self.description),
            short_description: text::paragraphs(&self.short_description),
            categories: self.categories.iter().map(|category| text::line(&category.name)).collect(),
            choices: self.attributes.into_iter().filter_map(choice).collect(),
            variations: Vec::new(),
            updated_at: lenient::utc(self.date_modified_gmt.as_deref()),
        }
    }
}

impl RawVariation {
    /// `None` for one that was switched off.
    pub fn read(self, currency: Currency) -> Option<Variation> {
        if self.status != "publish" {
            return None;
        }
        let option = |attribute: RawAttribute| {
            let (name, option) = (text::line(&attribute.name), text::line(&attribute.option));
            (!name.is_empty() && !option.is_empty()).then_some((name, option))
        };
        Some(Variation {
            id: self.id,
            sku: lenient::non_empty(text::line(&self.sku)),
            options: self.attributes.into_iter().filter_map(option).collect(),
            price: lenient::money(&self.price, currency),
            regular_price: lenient::money(&self.regular_price, currency),
            on_sale: self.on_sale,
            stock: self.stock.read(),
        })
    }
}

impl RawStock {
    fn read(&self) -> Stock {
        let status = match self.stock_status.as_str() {
            "instock" => StockStatus::InStock,
            "outofstock" => StockStatus::OutOfStock,
            "onbackorder" => StockStatus::OnBackorder,
            _ => StockStatus::Unknown,
        };
        Stock { status, quantity: self.stock_quantity, backorders: self.backorders_allowed }
    }
}
