use async_trait::async_trait;
use omniops_embedding::{EmbedError, Embedder, Space};

/// Gives every text the same unit vector: for tests that are not about finding anything.
#[derive(Debug)]
pub struct FixedEmbedder {
    space: Space,
}

impl Default for FixedEmbedder {
    fn default() -> Self {
        Self { space: Space { provider: "local".to_owned(), model: "fixed".to_owned(), dimensions: 4 } }
    }
}

#[async_trait]
impl Embedder for FixedEmbedder {
    fn space(&self) -> &Space {
        &self.space
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(texts.iter().map(|_| vec![1.0, 0.0, 0.0, 0.0]).collect())
    }
}
