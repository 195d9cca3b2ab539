//! The real model, and a real site of many hundred pages.

use std::time::Instant;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use omniops_domain::knowledge;
use omniops_embedding::{EmbeddingsConfig, model_dir};
use omniops_types::JobStatus;

use super::small_site;
use super::world::{World, domain_with};

const MANUAL: &str = "/usr/share/doc/sqlite3";

#[tokio::test]
async fn the_real_model_fills_its_own_space() {
    let (site, mut world) = (small_site().await, World::new().await);
    let embedder = EmbeddingsConfig::Local { model_dir: model_dir() }.open().await.unwrap();
    world.domain = domain_with(&world.test_database, embedder);
    let source = world.source(&format!("http://{}/", site.address)).await;
    assert_eq!(world.crawl(source).await.status, JobStatus::Succeeded);
    let unit = "select count(*) from page_embeddings where vector_dims(embedding) = 384
                   and abs(vector_norm(embedding) - 1) < 0.001";
    assert_eq!(world.count(unit).await, 8);
}

/// Serves a folder as a plain web server would.
async fn serve_folder() -> String {
    async fn file(request: Request) -> Response {
        let path = request.uri().path().trim_start_matches('/');
        let path = if path.is_empty() { "index.html" } else { path };
        if path.split('/').any(|part| part == "..") {
            return StatusCode::NOT_FOUND.into_response();
        }
        let kind = if path.split('.').next_back() == Some("html") { "text/html" } else { "application/octet-stream" };
        match tokio::fs::read(format!("{MANUAL}/{path}")).await {
            Ok(body) => ([(header::CONTENT_TYPE, kind)], body).into_response(),
            Err(_) => StatusCode::NOT_FOUND.into_response(),
        }
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(file)).await });
    address
}

/// Debian's `sqlite3-doc`, whole, with the counting embedder: what is left is crawl, extraction and database.
#[tokio::test]
async fn a_large_manual_is_taken_whole_and_the_second_time_not_at_all() {
    if !std::path::Path::new(MANUAL).exists() {
        return;
    }
    let world = World::new().await;
    let source = world.source(&format!("http://{}/", serve_folder().await)).await;
    let started = Instant::now();
    let first = world.crawl(source).await;
    let took = started.elapsed();
    let failures = knowledge::failures(&world.domain, &world.principal, first.job_id).await.unwrap();
    let words =
        world.count("select sum(array_length(string_to_array(text, ' '), 1)) / count(*) from page_chunks").await;
    println!(
        "{} pages, {} passages of {words} words on average, {} failures in {took:.1?}",
        first.pages_fetched, first.chunks_embedded, first.pages_failed
    );
    for failure in failures.iter().take(20) {
        println!("  {} – {}", failure.url, failure.reason);
    }
    assert_eq!(first.status, JobStatus::Succeeded);
    assert!(first.pages_fetched > 600, "{first:?}");
    assert!(first.chunks_embedded > 3_000, "{first:?}");
    assert!(world.count("select max(length(text))::bigint from page_chunks").await <= 1_200);

    world.embedder.take_count();
    let second = world.crawl(source).await;
    assert_eq!((second.pages_fetched, second.pages_changed), (first.pages_fetched, 0));
    assert_eq!(world.embedder.take_count(), 0);
}
