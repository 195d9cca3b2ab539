//! What operations ask.

use crate::support::{World, body};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_its_database_is_live_and_ready() {
    let world = World::new().await;
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(body(world.get(path).send().await.unwrap(), 200).await["status"], "ok", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_not_there_without_a_token_and_closed_without_the_right_one() {
    let world = World::new().await;
    assert_eq!(body(world.get("/metrics").send().await.unwrap(), 404).await["error"]["code"], "not_found");

    let world = World::with(&[("OMNIOPS_METRICS_TOKEN", "a-long-token")]).await;
    let wrong = world.get("/metrics").bearer_auth("another-token").send().await.unwrap();
    assert_eq!(body(wrong, 401).await["error"]["code"], "unauthenticated");
    world.get("/health/live").send().await.unwrap();
    let made_up = reqwest::Method::from_bytes(b"MADEUP").unwrap();
    world.http.request(made_up, format!("{}/health/live", world.server.base())).send().await.unwrap();
    let metrics = world.get("/metrics").bearer_auth("a-long-token").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains(r#"route="/health/live""#), "{metrics}");
    assert!(metrics.contains("omniops_database_connections_open"), "{metrics}");
    assert!(metrics.contains(r#"method="other""#) && !metrics.contains("MADEUP"), "{metrics}");
}
