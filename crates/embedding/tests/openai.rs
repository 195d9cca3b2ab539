//! The client against a scripted server.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::time::Duration;

use omniops_embedding::{EmbedError, Embedder, EmbeddingsConfig, OpenAiConfig, OpenAiEmbedder, Space};
use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, header, method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

fn client(server: &MockServer) -> OpenAiEmbedder {
    let mut config = OpenAiConfig::new(format!("{}/v1/", server.uri()), "sk-secret".into());
    config.dimensions = 3;
    config.backoff = Duration::from_millis(1);
    OpenAiEmbedder::new(config).unwrap()
}

/// Answers each text with a vector made from its length, in reverse order.
struct Lengths;

impl Respond for Lengths {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = request.body_json().unwrap();
        let mut data: Vec<Value> = body["input"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(|(index, text)| json!({"index": index, "embedding": [text.as_str().unwrap().len(), 1, 0]}))
            .collect();
        data.reverse();
        ResponseTemplate::new(200).set_body_json(json!({"data": data}))
    }
}

fn endpoint() -> wiremock::MockBuilder {
    Mock::given(method("POST")).and(path("/v1/embeddings"))
}

#[tokio::test]
async fn vectors_come_in_the_order_of_the_texts_and_with_length_one() {
    let server = MockServer::start().await;
    endpoint()
        .and(header("authorization", "Bearer sk-secret"))
        .and(body_partial_json(json!({"model": "text-embedding-3-small", "dimensions": 3})))
        .respond_with(Lengths)
        .mount(&server)
        .await;
    let texts: Vec<String> = (1..=200).map(|n| "x".repeat(n)).collect();
    let vectors = client(&server).embed(&texts).await.unwrap();
    assert_eq!(vectors.len(), 200);
    for (n, vector) in (1_u16..).zip(vectors) {
        assert!((vector[0] / vector[1] - f32::from(n)).abs() < 0.01);
        assert!((vector.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5);
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 3, "200 texts are three batches of at most 96");
}

#[tokio::test]
async fn a_busy_and_then_a_broken_service_is_asked_again() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "0");
    endpoint().respond_with(busy).up_to_n_times(1).with_priority(1).mount(&server).await;
    endpoint().respond_with(ResponseTemplate::new(503)).up_to_n_times(1).with_priority(2).mount(&server).await;
    endpoint().respond_with(Lengths).with_priority(3).mount(&server).await;
    client(&server).embed_query("hello").await.unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_service_that_stays_broken_is_given_up_after_four_attempts() {
    let server = MockServer::start().await;
    endpoint().respond_with(ResponseTemplate::new(500)).expect(4).mount(&server).await;
    let error = client(&server).embed_query("hello").await.unwrap_err();
    assert!(matches!(error, EmbedError::Unavailable(_)), "{error}");
}

#[tokio::test]
async fn a_longer_wait_than_a_caller_can_bear_is_an_error_at_once() {
    let server = MockServer::start().await;
    endpoint()
        .respond_with(ResponseTemplate::new(429).insert_header("retry-after", "3600"))
        .expect(1)
        .mount(&server)
        .await;
    assert!(matches!(client(&server).embed_query("hello").await, Err(EmbedError::Unavailable(_))));
}

#[tokio::test]
async fn a_refused_key_is_not_tried_again_and_stays_out_of_the_message() {
    let server = MockServer::start().await;
    endpoint().respond_with(ResponseTemplate::new(401)).expect(1).mount(&server).await;
    let client = client(&server);
    let error = client.embed_query("hello").await.unwrap_err();
    assert!(error.to_string().contains("401"));
    assert!(!format!("{error:?} {client:?}").contains("sk-secret"));
}

#[tokio::test]
async fn vectors_of_other_dimensions_missing_ones_and_nonsense_are_refused() {
    for body in [
        json!({"data": [{"index": 0, "embedding": [1.0, 0.0]}]}),
        json!({"data": []}),
        json!({"data": [{"index": 7, "embedding": [1.0, 0.0, 0.0]}]}),
        json!({"data": [{"index": 0, "embedding": [0.0, 0.0, 0.0]}]}),
        json!({"error": "no"}),
    ] {
        let server = MockServer::start().await;
        endpoint().respond_with(ResponseTemplate::new(200).set_body_json(&body)).mount(&server).await;
        let answer = client(&server).embed_query("hello").await;
        assert!(matches!(answer, Err(EmbedError::Malformed(_))), "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn beside_the_service_the_local_model_answers_for_what_it_embedded() {
    let config = OpenAiConfig::new("http://127.0.0.1:9/v1", "sk-secret".into());
    let embedder = EmbeddingsConfig::OpenAi(config).open().await.unwrap();
    let local = Space { provider: "local".to_owned(), model: "all-MiniLM-L6-v2".to_owned(), dimensions: 384 };
    let older = embedder.of_space(&local).expect("the set-up brings the model");
    assert_eq!(older.embed_query("where is my parcel?").await.unwrap().len(), 384);
    assert!(embedder.of_space(&Space { dimensions: 3, ..local }).is_none());
}
