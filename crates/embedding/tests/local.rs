//! The real model.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use omniops_embedding::{Embedder, EmbeddingsConfig, LocalEmbedder, model_dir};

fn embedder() -> &'static LocalEmbedder {
    static EMBEDDER: OnceLock<LocalEmbedder> = OnceLock::new();
    EMBEDDER.get_or_init(|| LocalEmbedder::load(&model_dir()).expect("the set-up brings the model"))
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

#[tokio::test]
async fn vectors_have_384_dimensions_and_length_one() {
    let vectors = embedder().embed(&texts(&["Free returns within 30 days.", "a", ""])).await.unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        assert_eq!(vector.len(), 384);
        assert!((cosine(&vector, &vector) - 1.0).abs() < 1e-4);
    }
}

#[tokio::test]
async fn vectors_are_those_of_the_reference_implementation() {
    // The similarity that the model's own card gives for its example pair is reproduced by any faithful port.
    let vectors = embedder()
        .embed(&texts(&["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]))
        .await
        .unwrap();
    assert!((cosine(&vectors[0], &vectors[1]) - 0.6660).abs() < 2e-3, "{}", cosine(&vectors[0], &vectors[1]));
    assert!((cosine(&vectors[0], &vectors[2]) - 0.1046).abs() < 2e-3, "{}", cosine(&vectors[0], &vectors[2]));
}

#[tokio::test]
async fn a_text_has_the_same_vector_alone_and_in_a_batch_of_other_lengths() {
    let long = "Parcels to islands take two more days. ".repeat(20);
    let batch = texts(&["short", &long, "How long does shipping take to Austria?", "x"]);
    let together = embedder().embed(&batch).await.unwrap();
    for (text, vector) in batch.iter().zip(&together) {
        let alone = embedder().embed_query(text).await.unwrap();
        assert!(cosine(&alone, vector) > 0.9999, "{text}");
    }
}

#[tokio::test]
async fn text_past_the_window_is_cut() {
    let long = "parcel ".repeat(254);
    let longer = format!("{long}{}", "different words entirely about cooking ".repeat(50));
    let vectors = embedder().embed(&[long, longer]).await.unwrap();
    assert!(cosine(&vectors[0], &vectors[1]) > 0.9999);
}

#[tokio::test]
async fn a_query_does_not_wait_behind_bulk_work() {
    let bulk: Vec<String> = (0..400).map(|n| format!("{n} {}", "a long passage about shipping ".repeat(40))).collect();
    let bulk = tokio::spawn(async move { embedder().embed(&bulk).await.map(|vectors| vectors.len()) });
    tokio::task::yield_now().await;
    embedder().embed_query("does the query overtake?").await.unwrap();
    assert!(!bulk.is_finished(), "the query took as long as all of the bulk work");
    bulk.abort();
}

#[tokio::test]
async fn dropping_the_future_frees_the_thread_for_the_next_request() {
    let huge: Vec<String> = (0..5_000).map(|n| format!("{n} {}", "endless passage ".repeat(100))).collect();
    let dropped = tokio::time::timeout(Duration::from_millis(50), embedder().embed(&huge)).await;
    assert!(dropped.is_err());
    let begun = Instant::now();
    embedder().embed(&texts(&["next"])).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(30), "the cancelled request went on: {:?}", begun.elapsed());
}

#[tokio::test]
async fn the_configured_embedder_answers_a_repeated_query_from_memory() {
    let embedder: Arc<dyn Embedder> = EmbeddingsConfig::Local { model_dir: model_dir() }.open().await.unwrap();
    let first = embedder.embed_query("where is my order?").await.unwrap();
    let begun = Instant::now();
    for _ in 0..1_000 {
        assert_eq!(embedder.embed_query("where is my order?").await.unwrap(), first);
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn a_missing_model_names_the_command_that_brings_it() {
    let dir = tempfile::tempdir().unwrap();
    let error = LocalEmbedder::load(dir.path()).unwrap_err().to_string();
    assert!(error.contains("make setup"), "{error}");
}

#[test]
fn a_model_of_other_dimensions_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["tokenizer.json", "model.safetensors"] {
        std::fs::write(dir.path().join(name), "{}").unwrap();
    }
    let config = std::fs::read_to_string(model_dir().join("config.json")).unwrap();
    std::fs::write(dir.path().join("config.json"), config.replace("\"hidden_size\": 384", "\"hidden_size\": 768"))
        .unwrap();
    let error = LocalEmbedder::load(dir.path()).unwrap_err().to_string();
    assert!(error.contains("768"), "{error}");
}
