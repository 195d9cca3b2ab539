//! The local model behind the trait: two worker threads, one for those who wait and one for bulk work.

mod bert;
mod kernels;
mod lane;
mod model;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{EmbedError, Embedder, Space};
use lane::Lane;
use model::MiniLm;

/// `sentence-transformers/all-MiniLM-L6-v2` on this machine's processor. Cheap to share, costly to load: one a process.
#[derive(Debug)]
pub struct LocalEmbedder {
    space: Space,
    urgent: Lane,
    bulk: Lane,
}

impl LocalEmbedder {
    /// Maps the model of `dir` into memory and starts the worker threads. Blocks for some tens of milliseconds.
    pub fn load(dir: &Path) -> Result<Self, EmbedError> {
        let model = Arc::new(MiniLm::load(dir)?);
        let space =
            Space { provider: "local".to_owned(), model: model::NAME.to_owned(), dimensions: model::DIMENSIONS };
        Ok(Self {
            space,
            urgent: Lane::start("embed-urgent", Arc::clone(&model))?,
            bulk: Lane::start("embed-bulk", model)?,
        })
    }
}

#[async_trait]
impl Embedder for LocalEmbedder {
    fn space(&self) -> &Space {
        &self.space
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.bulk.embed(texts).await
    }

    async fn embed_urgent(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.urgent.embed(texts).await
    }
}
