use std::fmt;
use std::time::Duration;

use omniops_types::Currency;
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::error::{Error, Result};
use crate::{Keys, StoreAddress, lenient, text};

/// Limits of one request.
#[derive(Clone, Debug)]
pub struct Options {
    /// From the request to the last byte. One order takes a store 50 ms, a hundred 400 ms.
    pub timeout: Duration,
    /// Bytes of a decoded answer. A hundred whole orders are half a megabyte.
    pub max_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), max_bytes: 4 * 1024 * 1024 }
    }
}

/// Reads one store. Nothing here writes.
pub struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) address: StoreAddress,
    pub(crate) keys: Keys,
    pub(crate) options: Options,
    /// Products carry prices without a currency: they are in the store's.
    currency: OnceCell<Currency>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.address.as_str()).finish_non_exhaustive()
    }
}

/// What the connection check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreInfo {
    /// The site's name; empty where the site tells it to nobody.
    pub name: String,
    pub currency: Currency,
}

#[derive(Deserialize)]
struct RawIndex {
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
}

#[derive(Deserialize)]
struct RawCurrency {
    #[serde(default, deserialize_with = "lenient::text")]
    code: String,
}

impl Client {
    /// `http` should come from [`http_client`](crate::http_client), with the caller's guard as its resolver.
    pub fn new(http: reqwest::Client, address: StoreAddress, keys: Keys, options: Options) -> Self {
        Self { http, address, keys, options, currency: OnceCell::new() }
    }

    pub const fn address(&self) -> &StoreAddress {
        &self.address
    }

    /// Passes when there is a WooCommerce at the address and the keys may read its products and orders.
    pub async fn check(&self) -> Result<StoreInfo> {
        let currency = self.currency().await?;
        for list in ["wc/v3/products", "wc/v3/orders"] {
            let _: Vec<serde_json::Value> = self.get(list, &[("per_page", "1"), ("_fields", "id")]).await?;
        }
        // Without `_fields` the index lists every route of every plugin. A site may keep it from strangers: the name is
        // not worth a failure.
        let index: Result<RawIndex> = self.get_public("", &[("_fields", "name")]).await;
        let name = index.map(|index| text::line(&index.name)).unwrap_or_default();
        Ok(StoreInfo { name, currency })
    }

    /// The store's currency, asked for once.
    pub async fn currency(&self) -> Result<Currency> {
        self.currency.get_or_try_init(|| self.fetch_currency()).await.copied()
    }

    async fn fetch_currency(&self) -> Result<Currency> {
        let raw: RawCurrency = self.get("wc/v3/data/currencies/current", &[("_fields", "code")]).await?;
        raw.code.parse().map_err(|_| Error::Unexpected { what: "currency".to_owned() })
    }
}
