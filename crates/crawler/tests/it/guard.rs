//! Names whose addresses change, and names that mix public and private addresses.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use omniops_crawler::{
    AllowList, Fetch, FetchError, FetchRequest, GuardedResolver, HttpFetcher, HttpOptions, Lookup, Refusal, Validators,
};
use reqwest::dns::Resolve;

use crate::site::Site;

/// Answers each look-up with the next list.
struct Scripted(Mutex<VecDeque<Vec<IpAddr>>>);

impl Scripted {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers.iter().map(|list| list.iter().map(|ip| ip.parse().unwrap()).collect()).collect();
        Arc::new(Self(Mutex::new(answers)))
    }
}

#[async_trait]
impl Lookup for Scripted {
    async fn lookup(&self, _host: &str) -> std::io::Result<Vec<IpAddr>> {
        self.0.lock().unwrap().pop_front().ok_or_else(|| std::io::Error::other("asked more often than expected"))
    }
}

fn get(url: &str) -> FetchRequest {
    FetchRequest { url: url.parse().unwrap(), validators: Validators::default(), max_bytes: 1_000 }
}

#[tokio::test]
async fn a_name_that_turns_private_is_refused_on_its_second_look_up() {
    let resolver = GuardedResolver::public_only(Scripted::new(&[&["93.184.216.34"], &["127.0.0.1"]]));
    let first: Vec<_> = resolver.resolve("shop.example".parse().unwrap()).await.unwrap().collect();
    assert_eq!(first, ["93.184.216.34:0".parse().unwrap()], "the client connects to what was checked");
    let Err(second) = resolver.resolve("shop.example".parse().unwrap()).await else { panic!("got through") };
    assert!(matches!(second.downcast_ref(), Some(Refusal::Private { .. })));
}

#[tokio::test]
async fn a_name_with_one_private_address_among_public_ones_is_refused() {
    let site = Site::of_pages(&[("/", "<p>secret")]).await;
    let lookup = Scripted::new(&[&["93.184.216.34", "127.0.0.1"]]);
    let fetcher = HttpFetcher::new(HttpOptions::default(), lookup).unwrap();
    let error = fetcher.fetch(get(&format!("http://shop.example:{}/", site.address.port()))).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused(Refusal::Private { .. })), "{error}");
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn an_allowed_name_is_fetched_from_the_address_that_was_looked_up() {
    let site = Site::of_pages(&[("/", "<p>mine")]).await;
    let port = site.address.port();
    let options =
        HttpOptions { allow_private: AllowList::new([format!("shop.example:{port}")]), ..HttpOptions::default() };
    let fetcher = HttpFetcher::new(options, Scripted::new(&[&["127.0.0.1"], &["127.0.0.1"]])).unwrap();
    let fetched = fetcher.fetch(get(&format!("http://shop.example:{port}/"))).await.unwrap();
    assert_eq!(fetched.body.as_ref(), b"<p>mine");
    let other = fetcher.fetch(get(&format!("http://other.example:{port}/"))).await.unwrap_err();
    assert!(matches!(other, FetchError::Refused(_)), "the permission is the name's, not the address's: {other}");
}
