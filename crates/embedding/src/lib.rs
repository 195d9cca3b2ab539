#![doc = include_str!("../README.md")]

mod cache;
mod config;
mod local;
mod openai;

use std::sync::Arc;

use async_trait::async_trait;

pub use cache::CachedQueries;
pub use config::{EmbeddingsConfig, model_dir, tools_dir};
pub use local::LocalEmbedder;
pub use openai::{OpenAiConfig, OpenAiEmbedder};

/// What makes two vectors comparable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Space {
    /// `local` or `openai`.
    pub provider: String,
    pub model: String,
    pub dimensions: usize,
}

/// Why a text has no vector.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    #[error("the model cannot be loaded: {0}")]
    Load(String),
    #[error("the embedding service is not reachable or answered with a failure: {0}")]
    Unavailable(String),
    #[error("the embedding service's answer could not be read: {0}")]
    Malformed(String),
    #[error("the model failed: {0}")]
    Model(String),
}

impl EmbedError {
    /// Whether the service is down, so that doing without vectors for now is better than failing.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// Turns texts into unit vectors of one space.
#[async_trait]
pub trait Embedder: Send + Sync {
    fn space(&self) -> &Space;

    /// One unit vector (L2 norm 1) a text, in the same order. Text past the model's window is cut. For bulk work: it
    /// yields to the other two. Dropping the future cancels what has not begun.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError>;

    /// As [`Embedder::embed`], for texts whose vectors somebody waits for; does not queue behind bulk work.
    async fn embed_urgent(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.embed(texts).await
    }

    /// An embedder of another space, where this one has it at hand: what was embedded before a change of model is
    /// searched with it until all is embedded anew.
    fn of_space(&self, _space: &Space) -> Option<Arc<dyn Embedder>> {
        None
    }

    /// The vector of one query.
    async fn embed_query(&self, query: &str) -> Result<Vec<f32>, EmbedError> {
        let mut vectors = self.embed_urgent(&[query.to_owned()]).await?;
        vectors.pop().ok_or_else(|| EmbedError::Malformed("no vector for the query".to_owned()))
    }
}
