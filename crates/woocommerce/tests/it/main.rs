//! The client against a store that answers as recorded from real ones.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod auth;
mod failures;
mod orders;
mod products;

use std::time::Duration;

use omniops_types::Money;
use omniops_woocommerce::{Client, Keys, Options, http_client};
use omniops_woocommerce_stub::{CONSUMER_KEY, CONSUMER_SECRET, Store, Stub};

/// A store on plain http, and a client with the right keys.
async fn open(store: Store) -> (Stub, Client) {
    let stub = Stub::start(store).await.unwrap();
    let client = client(&stub.url());
    (stub, client)
}

fn client(address: &str) -> Client {
    client_with(address, Options::default())
}

fn client_with(address: &str, options: Options) -> Client {
    let http = http_client(&options).build().unwrap();
    Client::new(http, address.parse().unwrap(), keys(CONSUMER_KEY, CONSUMER_SECRET), options)
}

fn keys(key: &str, secret: &str) -> Keys {
    Keys { consumer_key: key.into(), consumer_secret: secret.into() }
}

/// Short enough for a store that never answers.
fn impatient() -> Options {
    Options { timeout: Duration::from_millis(300), ..Options::default() }
}

fn money(amount: &str, currency: &str) -> Money {
    Money::parse(amount, currency.parse().unwrap()).unwrap()
}
