//! Clients that take their time hold a connection, and neither for long nor anything else.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{HOST, World, body};

/// Far longer than what is set, and far shorter than what would be in force without it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection on which this much of a request was sent.
async fn begin(world: &World, part: &str) -> TcpStream {
    let address = world.server.base().trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(part.as_bytes()).await.unwrap();
    connection
}

/// What the server says until it closes the connection.
async fn end(mut connection: TcpStream) -> String {
    let mut text = String::new();
    let read = tokio::time::timeout(PATIENCE, connection.read_to_string(&mut text)).await;
    read.expect("the server still waits").unwrap();
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_trickles_in_takes_nobodys_place_and_is_given_up() {
    let world = World::with(&[("OMNIOPS_MAX_IN_FLIGHT", "1"), ("OMNIOPS_READ_TIMEOUT", "1")]).await;
    let head = "POST /api/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";
    let slow = begin(&world, &format!("{head}{{\"domain\"")).await;
    world.ask("session-of-the-first-visitor", "Hello?").await;
    let answer = end(slow).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("did not arrive in time"), "{answer}");
    assert!(answer.contains("access-control-allow-origin: *"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_never_ends_is_cut() {
    let world = World::with(&[("OMNIOPS_READ_TIMEOUT", "1")]).await;
    assert_eq!(end(begin(&world, "GET /health/live HTTP/1.1\r\nhost: x\r\nx-more: ").await).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_counted_before_its_body_is_read() {
    let world = World::with(&[("OMNIOPS_LIMIT_WIDGET_PER_IP", "1")]).await;
    world.ask("session-of-the-first-visitor", "Hello?").await;
    // Nothing of the body is sent: whoever waits for it does not answer.
    let head = "POST /api/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";
    let mut refused = begin(&world, head).await;
    let mut start = [0; 12];
    tokio::time::timeout(Duration::from_secs(10), refused.read_exact(&mut start)).await.unwrap().unwrap();
    assert_eq!(&start, b"HTTP/1.1 429");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_server_functions_have_a_limit_too() {
    let world = World::with(&[("OMNIOPS_LIMIT_PAGES_PER_IP", "2")]).await;
    assert_eq!(world.get("/login").send().await.unwrap().status(), 200);
    assert_eq!(world.get("/no/such/page").send().await.unwrap().status(), 404);
    let refused = world.post("/rpc/auth/logout", &serde_json::json!({})).send().await.unwrap();
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(body(refused, 429).await["error"]["code"], "rate_limited");
    assert_eq!(world.get("/health/ready").send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_domains_count_and_known_ones_do_not() {
    let world = World::with(&[("OMNIOPS_LIMIT_WIDGET_PER_IP", "3")]).await;
    let config = async |domain: &str| {
        let path = format!("/api/customer/config?domain={domain}");
        world.get(&path).send().await.unwrap().status().as_u16()
    };
    // The spelling does not matter: one look-up serves them all.
    for spelling in [HOST, "SHOP.example", "https%3A%2F%2Fshop.example%2Fcontact", HOST] {
        assert_eq!(config(spelling).await, 200, "{spelling}");
    }
    // A made-up domain is looked up once.
    for domain in ["one.example", "One.example", "one.example", "two.example"] {
        assert_eq!(config(domain).await, 404, "{domain}");
    }
    assert_eq!(config("three.example").await, 429);
    assert_eq!(config(HOST).await, 200);
}
