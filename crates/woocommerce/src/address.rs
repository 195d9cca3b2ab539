use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::Error;

/// A store's home address, as the store itself has it configured: `https://shop.example`, `https://shop.example/store`.
///
/// Spelled differently (another host name, another scheme) a store on plain http takes no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreAddress(Url);

impl StoreAddress {
    /// The address, without a trailing slash.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// Whether keys may travel as they are.
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// `/wp-json/…` of this store. The path is our own, never a stranger's text.
    pub(crate) fn endpoint(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/wp-json/{path}", self.0.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

impl FromStr for StoreAddress {
    type Err = Error;

    /// Takes what a person would paste: the home page, or the address of the API itself.
    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let written = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let mut url = Url::parse(&written).map_err(|_| Error::Address("it cannot be read"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Address("it must begin with https:// or http://"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(Error::Address("it has no host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Address("it must hold no user name and no password"));
        }
        url.set_query(None);
        url.set_fragment(None);
        let path = url.path().split("/wp-json").next().unwrap_or_default().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_people_paste_it() {
        for (written, read) in [
            ("https://shop.example", "https://shop.example"),
            (" Shop.Example/ ", "https://shop.example"),
            ("http://127.0.0.1:8099/", "http://127.0.0.1:8099"),
            ("https://shop.example/store/?utm=1#top", "https://shop.example/store"),
            ("https://shop.example/wp-json/wc/v3/", "https://shop.example"),
            ("https://shop.example/store/wp-json", "https://shop.example/store"),
        ] {
            assert_eq!(written.parse::<StoreAddress>().unwrap().as_str(), read, "{written}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for written in ["", "ftp://shop.example", "https://", "https://ck:cs@shop.example", "file:///etc/passwd"] {
            assert!(written.parse::<StoreAddress>().is_err(), "{written:?} was taken");
        }
    }

    #[test]
    fn an_endpoint_keeps_the_stores_folder() {
        let address: StoreAddress = "http://shop.example/store".parse().unwrap();
        assert_eq!(
            address.endpoint("wc/v3/orders", &[("search", "a+b@c.example")]).as_str(),
            "http://shop.example/store/wp-json/wc/v3/orders?search=a%2Bb%40c.example"
        );
    }
}
