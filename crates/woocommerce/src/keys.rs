use std::fmt;

use secrecy::SecretString;

/// A pair of REST API keys as WooCommerce gives them out, `ck_…` and `cs_…`. Reading is all that is asked of them.
#[derive(Clone)]
pub struct Keys {
    pub consumer_key: SecretString,
    pub consumer_secret: SecretString,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(hidden)")
    }
}
