//! Any service that speaks OpenAI's `POST /embeddings`.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::{StatusCode, header::RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{EmbedError, Embedder, Space};

/// Texts a request; the service allows 2,048, but a smaller one is retried more cheaply.
const BATCH: usize = 96;
/// Characters kept of a text: the window is 8,191 tokens, and a token is seldom less than a character.
const MAX_CHARS: usize = 8_000;
/// Longest that a `Retry-After` is obeyed within a call; the next attempt of a job waits for the rest.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// How to reach the service.
#[derive(Clone, Debug)]
pub struct OpenAiConfig {
    /// With the version, without a trailing slash: `https://api.openai.com/v1`.
    pub base_url: String,
    pub api_key: SecretString,
    pub model: String,
    pub dimensions: usize,
    /// For one request.
    pub timeout: Duration,
    /// Attempts in all, at least one.
    pub attempts: u32,
    /// First pause between attempts; doubles each time, with jitter.
    pub backoff: Duration,
}

impl OpenAiConfig {
    /// `text-embedding-3-small` with its 1,536 dimensions, 30 s a request, four attempts from half a second on.
    pub fn new(base_url: impl Into<String>, api_key: SecretString) -> Self {
        Self {
            base_url: base_url.into(),
            api_key,
            model: "text-embedding-3-small".to_owned(),
            dimensions: 1_536,
            timeout: Duration::from_secs(30),
            attempts: 4,
            backoff: Duration::from_millis(500),
        }
    }
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    input: &'a [&'a str],
    encoding_format: &'static str,
    /// Only the third generation takes it; other services refuse fields that they do not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<usize>,
}

#[derive(Deserialize)]
struct Response {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    embedding: Vec<f32>,
}

/// Why an attempt failed, and whether another may help.
enum Failure {
    Transient { detail: String, wait: Option<Duration> },
    Final(EmbedError),
}

/// The client. Holds a connection pool; share it.
#[derive(Debug)]
pub struct OpenAiEmbedder {
    http: reqwest::Client,
    url: String,
    config: OpenAiConfig,
    space: Space,
}

impl OpenAiEmbedder {
    pub fn new(config: OpenAiConfig) -> Result<Self, EmbedError> {
        let http = reqwest::Client::builder()
            .timeout(config.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| EmbedError::Load(error.to_string()))?;
        let url = format!("{}/embeddings", config.base_url.trim_end_matches('/'));
        let space = Space { provider: "openai".to_owned(), model: config.model.clone(), dimensions: config.dimensions };
        Ok(Self { http, url, config, space })
    }

    async fn batch(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut attempt = 1;
        loop {
            match self.attempt(texts).await {
                Ok(vectors) => return Ok(vectors),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Transient { detail, wait }) => {
                    if attempt >= self.config.attempts || wait.is_some_and(|wait| wait > MAX_WAIT) {
                        return Err(EmbedError::Unavailable(detail));
                    }
                    let pause = wait.unwrap_or_else(|| backoff(self.config.backoff, attempt));
                    tracing::warn!(attempt, ?pause, detail, "embedding request failed, trying again");
                    tokio::time::sleep(pause).await;
                    attempt += 1;
                }
            }
        }
    }

    async fn attempt(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Failure> {
        let dimensions = self.config.model.starts_with("text-embedding-3").then_some(self.config.dimensions);
        let body = Request { model: &self.config.model, input: texts, encoding_format: "float", dimensions };
        let response = self
            .http
            .post(&self.url)
            .bearer_auth(self.config.api_key.expose_secret())
            .json(&body)
            .send()
            .await
            .map_err(|error| Failure::Transient { detail: error.without_url().to_string(), wait: None })?;
        let status = response.status();
        if !status.is_success() {
            return Err(refused(status, retry_after(&response)));
        }
        let answer: Response = response.json().await.map_err(|error| {
            let detail = error.without_url().to_string();
            Failure::Final(EmbedError::Malformed(detail))
        })?;
        self.in_order(answer, texts.len()).map_err(Failure::Final)
    }

    /// The vectors in the order of the texts; each text must have one of the right length.
    fn in_order(&self, answer: Response, count: usize) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut vectors = vec![None; count];
        for Item { index, mut embedding } in answer.data {
            if embedding.len() != self.config.dimensions {
                let (got, wanted) = (embedding.len(), self.config.dimensions);
                return Err(EmbedError::Malformed(format!("a vector has {got} dimensions, not {wanted}")));
            }
            normalise(&mut embedding)?;
            let slot =
                vectors.get_mut(index).ok_or_else(|| EmbedError::Malformed(format!("no text has index {index}")))?;
            *slot = Some(embedding);
        }
        vectors
            .into_iter()
            .collect::<Option<_>>()
            .ok_or_else(|| EmbedError::Malformed("a text has no vector".to_owned()))
    }
}

#[async_trait]
impl Embedder for OpenAiEmbedder {
    fn space(&self) -> &Space {
        &self.space
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let cut: Vec<&str> = texts.iter().map(|text| cut(text)).collect();
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in cut.chunks(BATCH) {
            vectors.extend(self.batch(batch).await?);
        }
        Ok(vectors)
    }
}

/// The service takes no empty text, and none past its window.
fn cut(text: &str) -> &str {
    if text.is_empty() {
        return " ";
    }
    text.char_indices().nth(MAX_CHARS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn refused(status: StatusCode, wait: Option<Duration>) -> Failure {
    let detail = format!("status {status}");
    if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::REQUEST_TIMEOUT || status.is_server_error() {
        Failure::Transient { detail, wait }
    } else {
        Failure::Final(EmbedError::Unavailable(detail))
    }
}

/// Whole seconds; the date form, which no such service sends, counts as absent.
fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Half of the doubled pause for certain, the other half by chance, so that clients do not come back together.
fn backoff(base: Duration, attempt: u32) -> Duration {
    let ceiling = base.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(MAX_WAIT);
    ceiling.mul_f64(rand::random_range(0.5..=1.0))
}

fn normalise(vector: &mut [f32]) -> Result<(), EmbedError> {
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if !norm.is_finite() || norm <= f32::EPSILON {
        return Err(EmbedError::Malformed("a vector has no direction".to_owned()));
    }
    for x in vector {
        *x /= norm;
    }
    Ok(())
}
