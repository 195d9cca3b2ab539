//! Products that the shop shows to everybody.

mod product;
mod raw;
mod shown;

pub use product::{Choice, Product, ProductKey, Stock, StockStatus, Variation};
pub use shown::ShownPrice;

use crate::client::Client;
use crate::error::Result;
use raw::{FIELDS, RawProduct, RawVariation, VARIATION_FIELDS};

/// Items of one page at most, by WooCommerce's own limit.
const MAX_PER_PAGE: usize = 100;
/// Pages of one product's variations that are read.
const MAX_VARIATION_PAGES: usize = 3;

impl Client {
    /// Products in whose name or description all of the words are, at most `limit` and at most 100, newest first, without
    /// their variations.
    pub async fn search_products(&self, words: &str, limit: usize) -> Result<Vec<Product>> {
        let words = words.trim();
        if words.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        // A few more than asked for: some are hidden from the shop's own search.
        let per_page = (limit + 10).min(MAX_PER_PAGE).to_string();
        let found = self.list(("search", words), &per_page).await?;
        let currency = self.currency().await?;
        let shown = found.into_iter().filter(RawProduct::is_searchable).take(limit);
        Ok(shown.map(|product| product.read(currency)).collect())
    }

    /// One product with its variations, or one variation. `None` when the shop shows no such thing.
    pub async fn product(&self, key: &ProductKey) -> Result<Option<Product>> {
        let found = match key {
            ProductKey::Id(id) => self.by_id(*id).await?,
            ProductKey::Slug(slug) => {
                let found = self.list(("slug", slug), "10").await?;
                found.into_iter().find(|product| product.slug.eq_ignore_ascii_case(slug.trim()))
            }
            // A comma would make it a list.
            ProductKey::Sku(sku) if sku.contains(',') => None,
            ProductKey::Sku(sku) => {
                let found = self.list(("sku", sku.trim()), "10").await?;
                found.into_iter().find(|product| product.sku.eq_ignore_ascii_case(sku.trim()))
            }
        };
        let Some(raw) = found.filter(RawProduct::is_public) else { return Ok(None) };
        // A variation is as public as the product that it belongs to.
        if let Some(parent) = raw.parent_id
            && !self.by_id(parent).await?.is_some_and(|parent| parent.is_public())
        {
            return Ok(None);
        }
        let currency = self.currency().await?;
        let variable = raw.is_variable();
        let mut product = raw.read(currency);
        if variable {
            let variations = self.variations(product.id).await?;
            product.variations = variations.into_iter().filter_map(|variation| variation.read(currency)).collect();
            // The store's order is the newest first.
            product.variations.sort_by_key(|variation| variation.id);
        }
        Ok(Some(product))
    }

    async fn by_id(&self, id: u64) -> Result<Option<RawProduct>> {
        self.find(&format!("wc/v3/products/{id}"), &[("_fields", FIELDS)]).await
    }

    async fn list(&self, filter: (&str, &str), per_page: &str) -> Result<Vec<RawProduct>> {
        if filter.1.is_empty() {
            // An empty filter is none.
            return Ok(Vec::new());
        }
        let query = [filter, ("status", "publish"), ("per_page", per_page), ("_fields", FIELDS)];
        self.get("wc/v3/products", &query).await
    }

    async fn variations(&self, product: u64) -> Result<Vec<RawVariation>> {
        let path = format!("wc/v3/products/{product}/variations");
        let per_page = MAX_PER_PAGE.to_string();
        let mut variations = Vec::new();
        for page in 1..=MAX_VARIATION_PAGES {
            let page = page.to_string();
            let query = [("per_page", per_page.as_str()), ("page", &page), ("_fields", VARIATION_FIELDS)];
            let found: Vec<RawVariation> = self.find(&path, &query).await?.unwrap_or_default();
            let last = found.len() < MAX_PER_PAGE;
            variations.extend(found);
            if last {
                break;
            }
        }
        Ok(variations)
    }
}
