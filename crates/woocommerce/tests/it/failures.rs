use std::time::Duration;

use omniops_woocommerce::{Error, Options, ProductKey};
use omniops_woocommerce_stub::{Fault, Store, Stub};

use crate::{client_with, impatient, open};

/// What the client makes of a store that goes wrong in this way.
async fn error_of(fault: Fault) -> Error {
    let (stub, client) = open(Store::recorded()).await;
    stub.fail(fault);
    client.search_products("tent", 5).await.unwrap_err()
}

#[tokio::test]
async fn a_failing_store_is_told_from_one_that_refuses() {
    for status in [500, 502, 503] {
        let error = error_of(Fault::Status(status)).await;
        assert!(
            matches!(&error, Error::Failed { status: told, message } if *told == status
            && message == "There has been a critical error on this website."),
            "{error}"
        );
        assert!(error.is_temporary());
        let error = error_of(Fault::Page(status)).await;
        assert!(
            matches!(&error, Error::Failed { status: told, message } if *told == status && message.is_empty()),
            "{error}"
        );
    }
    let firewall = error_of(Fault::Page(403)).await;
    assert!(matches!(firewall, Error::Forbidden { .. }), "{firewall}");
    let teapot = error_of(Fault::Status(418)).await;
    assert!(matches!(teapot, Error::Rejected { status: 418, .. }), "{teapot}");
    assert!(!teapot.is_temporary());
}

#[tokio::test]
async fn a_limit_is_told_with_the_time_to_wait() {
    for (fault, wait) in [
        (Fault::TooManyRequests(Some(7)), Some(7)),
        (Fault::TooManyRequests(None), None),
        (Fault::TooManyRequests(Some(u32::MAX)), Some(3600)),
        (Fault::RateLimited(20), Some(20)),
    ] {
        let error = error_of(fault).await;
        let Error::RateLimited { retry_after } = error else { panic!("{error}") };
        assert_eq!(retry_after, wait.map(Duration::from_secs));
    }
}

#[tokio::test]
async fn a_site_without_the_api_is_told_as_such() {
    assert!(matches!(error_of(Fault::Page(404)).await, Error::NoApi));
    let stub = Stub::start(Store::recorded()).await.unwrap();
    let elsewhere = client_with(&format!("{}/blog", stub.url()), Options::default());
    assert!(matches!(elsewhere.check().await.unwrap_err(), Error::NoApi));
}

#[tokio::test]
async fn what_is_not_the_expected_json_is_an_error_and_not_a_panic() {
    assert!(matches!(error_of(Fault::Page(200)).await, Error::NotJson));
    assert!(matches!(error_of(Fault::Warnings).await, Error::NotJson));
    let (stub, client) = open(Store::recorded()).await;
    stub.fail(Fault::OtherShape);
    let error = client.product(&ProductKey::Id(11)).await.unwrap_err();
    assert!(matches!(&error, Error::Unexpected { what } if what == "id"), "{error}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_keys() {
    let elsewhere = Stub::start(Store::recorded()).await.unwrap();
    let error = error_of(Fault::Redirect(format!("{}/wp-json/wc/v3/products", elsewhere.url()))).await;
    assert!(matches!(error, Error::Redirected), "{error}");
    assert_eq!(elsewhere.requests(), []);
}

#[tokio::test]
async fn even_a_client_that_follows_redirects_gives_nothing_from_elsewhere() {
    let elsewhere = Stub::start(Store::recorded()).await.unwrap();
    let stub = Stub::start(Store::recorded()).await.unwrap();
    stub.fail(Fault::Redirect(format!("{}/wp-json/", elsewhere.url())));
    let client = omniops_woocommerce::Client::new(
        reqwest::Client::new(),
        stub.url().parse().unwrap(),
        crate::keys("ck_a", "cs_b"),
        Options::default(),
    );
    assert!(matches!(client.product(&ProductKey::Id(11)).await.unwrap_err(), Error::Redirected));
}

#[tokio::test]
async fn a_cut_answer_is_told_as_broken() {
    let error = error_of(Fault::Cut).await;
    assert!(matches!(error, Error::Broken(_)), "{error}");
}

#[tokio::test]
async fn a_huge_answer_is_given_up_at_the_limit() {
    let stub = Stub::start(Store::recorded()).await.unwrap();
    let client = client_with(&stub.url(), Options { max_bytes: 1024 * 1024, ..Options::default() });
    stub.fail(Fault::Huge(1024 * 1024 * 1024));
    let error = client.search_products("tent", 5).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 1_048_576 }), "{error}");
}

#[tokio::test]
async fn a_store_that_never_answers_is_given_up() {
    let stub = Stub::start(Store::recorded()).await.unwrap();
    let client = client_with(&stub.url(), impatient());
    stub.fail(Fault::Hang);
    let error = client.search_products("tent", 5).await.unwrap_err();
    assert!(matches!(error, Error::TimedOut(_)), "{error}");
    stub.heal();
    assert_eq!(client.search_products("tent", 5).await.unwrap().len(), 2, "and asked again");
}

#[tokio::test]
async fn a_store_behind_a_folder_is_asked_there() {
    let stub = Stub::start(Store::recorded()).await.unwrap();
    let client = client_with(&format!("{}/shop/", stub.url()), Options::default());
    let _ = client.search_products("tent", 5).await;
    assert_eq!(stub.requests()[0].path, "/shop/wp-json/wc/v3/products");
}
