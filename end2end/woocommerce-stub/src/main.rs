//! Runs the stub until it is stopped: `omniops-woocommerce-stub [port]`. Over plain http.

use omniops_woocommerce_stub::{CONSUMER_KEY, CONSUMER_SECRET, Store, Stub};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = match std::env::args().nth(1) {
        Some(port) => port.parse().map_err(|_| std::io::Error::other(format!("{port} is no port")))?,
        None => 0,
    };
    let stub = Stub::start_on(Store::recorded(), port).await?;
    println!("{}\nconsumer key {CONSUMER_KEY}\nconsumer secret {CONSUMER_SECRET}", stub.url());
    tokio::signal::ctrl_c().await
}
