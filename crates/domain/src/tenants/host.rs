//! Parsed once, right from then on.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::Error;

/// A site's host as the widget names it: `shop.example`, or with a port that is not the scheme's own:
/// `127.0.0.1:3000`. Lower case, international names in their ASCII form, no trailing dot.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host(String);

impl Host {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host of an address, with its port where that is not the scheme's own.
    pub fn of(url: &Url) -> Option<Self> {
        let host = url.host_str()?.trim_end_matches('.');
        let text = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let is_host = !host.is_empty() && text.len() <= 253 && text.bytes().all(is_of_a_host);
        is_host.then_some(Self(text))
    }
}

/// Addresses may hold more (`;` or `'`), names of sites do not: a host can be put into a header or a policy as it is.
const fn is_of_a_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':' | b'[' | b']')
}

impl FromStr for Host {
    type Err = Error;

    /// Takes what a person would paste: `Shop.example`, `https://shop.example/contact`, `127.0.0.1:3000`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let parsed = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
        parsed
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.username().is_empty())
            .and_then(|url| Self::of(&url))
            .ok_or_else(|| Error::field("domain", "must be a host name such as shop.example or 127.0.0.1:3000"))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `https://www.shop.example`: scheme, host and port, as browsers send it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Url::parse(text.trim())
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none())
            .filter(|url| Host::of(url).is_some())
            .map(|url| Self(url.origin().ascii_serialization()))
            .ok_or_else(|| Error::field("allowed_origins", "must be origins such as https://www.shop.example"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_taken_as_people_write_it() {
        for (written, read) in [
            ("shop.example", "shop.example"),
            (" Shop.Example. ", "shop.example"),
            ("https://shop.example/contact?x=1", "shop.example"),
            ("https://shop.example:443", "shop.example"),
            ("127.0.0.1:3000", "127.0.0.1:3000"),
            ("http://localhost:8080/", "localhost:8080"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("[::1]:3000", "[::1]:3000"),
        ] {
            assert_eq!(written.parse::<Host>().unwrap().as_str(), read, "{written}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for written in ["", "  ", "ftp://shop.example", "https://", "user@shop.example", "a b", "a;b.example", "a'b"] {
            assert!(written.parse::<Host>().is_err(), "{written:?} was taken");
        }
    }

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!("https://WWW.shop.example/".parse::<Origin>().unwrap().as_str(), "https://www.shop.example");
        assert!("https://www.shop.example/en".parse::<Origin>().is_err());
        assert!("www.shop.example".parse::<Origin>().is_err());
        assert!("https://a;script-src.example".parse::<Origin>().is_err());
    }
}
