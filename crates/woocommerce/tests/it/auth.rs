use omniops_woocommerce::{Client, Error, Options, http_client};
use omniops_woocommerce_stub::{CONSUMER_KEY, CONSUMER_SECRET, Store, Stub};

use crate::{client, keys, open};

async fn open_https(store: Store) -> (Stub, reqwest::Client) {
    let stub = Stub::start_https(store).await.unwrap();
    let certificate = reqwest::Certificate::from_der(stub.certificate().unwrap()).unwrap();
    let http = http_client(&Options::default()).tls_certs_only([certificate]).build().unwrap();
    (stub, http)
}

fn over_https(stub: &Stub, http: &reqwest::Client, key: &str, secret: &str) -> Client {
    Client::new(http.clone(), stub.url().parse().unwrap(), keys(key, secret), Options::default())
}

#[tokio::test]
async fn over_https_the_keys_travel_as_basic_authentication() {
    let (stub, http) = open_https(Store::recorded()).await;
    let info = over_https(&stub, &http, CONSUMER_KEY, CONSUMER_SECRET).check().await.unwrap();
    assert_eq!((info.name.as_str(), info.currency.code()), ("Nordlicht Outdoor", "EUR"));
    let seen = stub.requests();
    assert!(
        seen.iter()
            .filter(|seen| seen.path != "/wp-json/")
            .all(|seen| { seen.authorization.as_deref().is_some_and(|value| value.starts_with("Basic ")) })
    );
    let index = seen.iter().find(|seen| seen.path == "/wp-json/").unwrap();
    assert_eq!(index.authorization, None, "WordPress would take the keys for a password of its own");
}

#[tokio::test]
async fn over_plain_http_every_request_is_signed_anew_and_the_secret_stays_at_home() {
    let (stub, client) = open(Store::recorded()).await;
    client.check().await.unwrap();
    // Characters that are written in several ways, in a query and in a signature.
    for words in ["100% off", "a+b c", "Schröder ~ 太郎", "kunde+x@mail.example", "a&b=c#d", "*()'!"] {
        client.search_products(words, 3).await.unwrap();
    }
    let signed: Vec<String> = stub
        .requests()
        .into_iter()
        .filter(|seen| seen.path != "/wp-json/")
        .filter_map(|seen| seen.authorization)
        .collect();
    assert_eq!(signed.len(), 9);
    for (place, header) in signed.iter().enumerate() {
        assert!(header.starts_with("OAuth "), "{header}");
        assert!(!header.contains(CONSUMER_SECRET));
        assert!(!signed[..place].contains(header), "sent twice: {header}");
    }
}

#[tokio::test]
async fn no_key_is_ever_in_a_query() {
    let (plain, client) = open(Store::recorded()).await;
    let (encrypted, http) = open_https(Store::recorded()).await;
    for client in [client, over_https(&encrypted, &http, CONSUMER_KEY, CONSUMER_SECRET)] {
        client.check().await.unwrap();
        client.search_products("tent", 3).await.unwrap();
        client.order_by_number("93", "kunde01@mail.example").await.unwrap();
        client.orders_of_email("kunde01@mail.example", 3).await.unwrap();
    }
    for seen in plain.requests().into_iter().chain(encrypted.requests()) {
        for secret in [CONSUMER_KEY, CONSUMER_SECRET, "consumer_", "oauth_"] {
            assert!(!seen.query.contains(secret), "{}", seen.query);
        }
    }
}

#[tokio::test]
async fn wrong_keys_are_told_as_such() {
    let stub = Stub::start(Store::recorded()).await.unwrap();
    let (encrypted, https) = open_https(Store::recorded()).await;
    let http = http_client(&Options::default()).build().unwrap();
    for (key, secret, message) in [
        (CONSUMER_KEY, "cs_wrong", "Invalid signature - provided signature does not match."),
        ("ck_wrong", CONSUMER_SECRET, "Consumer key is invalid."),
    ] {
        let error = over_https(&stub, &http, key, secret).check().await.unwrap_err();
        assert!(matches!(&error, Error::Unauthorized { message: told, .. } if told == message), "{error}");
        let error = over_https(&encrypted, &https, key, secret).check().await.unwrap_err();
        assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_store_with_another_home_address_or_a_wrong_clock_refuses_the_signature() {
    let (_stub, reached_otherwise) = open(Store::recorded().home("http://localhost:8099")).await;
    let error = reached_otherwise.check().await.unwrap_err();
    assert!(matches!(&error, Error::Unauthorized { message, .. } if message.contains("signature")), "{error}");

    let (_stub, late) = open(Store::recorded().clock_ahead(16 * 60)).await;
    let error = late.check().await.unwrap_err();
    assert!(matches!(&error, Error::Unauthorized { message, .. } if message == "Invalid timestamp."), "{error}");

    let (_stub, a_little_late) = open(Store::recorded().clock_ahead(10 * 60)).await;
    a_little_late.check().await.unwrap();
}

#[tokio::test]
async fn keys_are_in_no_debug_and_in_no_error() {
    let (stub, _) = open(Store::recorded()).await;
    let http = http_client(&Options::default()).build().unwrap();
    let address = stub.url().parse().unwrap();
    let client = Client::new(http, address, keys("ck_visible", "cs_visible"), Options::default());
    let error = client.check().await.unwrap_err();
    let told = format!("{client:?} {error:?} {error} {:?}", keys("ck_visible", "cs_visible"));
    assert!(!told.contains("visible"), "{told}");

    let nobody = self::client("http://127.0.0.1:9");
    let error = nobody.check().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error}");
    assert!(!format!("{error:?}").contains(CONSUMER_KEY));
}
