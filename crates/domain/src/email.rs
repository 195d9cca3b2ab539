//! E-mail addresses.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

/// An e-mail address, trimmed and in lower case. Only a mail that arrives proves more than this check.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

impl FromStr for EmailAddress {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let email = text.trim().to_lowercase();
        let plausible = email.len() <= 254
            && email.split_once('@').is_some_and(|(local, host)| is_local_part(local) && is_host(host))
            // What separates addresses, or stands around them, is in none that a person types.
            && !email.contains(|c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c));
        if plausible { Ok(Self(email)) } else { Err(Error::field("email", "must be an e-mail address")) }
    }
}

fn is_local_part(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && !text.starts_with('.') && !text.ends_with('.') && !text.contains("..")
}

fn is_host(text: &str) -> bool {
    !text.contains('@')
        && text.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_trimmed_and_lowered() {
        assert_eq!(" Ana@Shop.Example ".parse::<EmailAddress>().unwrap().as_str(), "ana@shop.example");
        for good in ["a+b@shop.example", "o'neil@shop.example", "ana@localhost", "jürgen@bücher.example"] {
            assert!(good.parse::<EmailAddress>().is_ok(), "{good:?} was refused");
        }
        for wrong in [
            "",
            "ana",
            "@shop.example",
            "ana@",
            "ana@@shop.example",
            "ana b@shop.example",
            "ana@shop..example",
            "ana@.example",
            "ana@shop.example.",
            "ana@-shop.example",
            ".ana@shop.example",
            "ana@shop.example,eve@evil.example",
            "Ana <ana@shop.example>",
            "ana@shop.example\r\nBcc: eve@evil.example",
        ] {
            assert!(wrong.parse::<EmailAddress>().is_err(), "{wrong:?} was taken");
        }
    }
}
