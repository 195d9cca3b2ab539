//! Remembers the vectors of recent queries: a search and the answer made from it ask for the same one.

use std::sync::Arc;

use async_trait::async_trait;
use moka::future::Cache;

use crate::{EmbedError, Embedder, Space};

/// Queries remembered; 1,000 vectors of 384 numbers are 1.5 MB.
const CAPACITY: u64 = 1_000;

/// An embedder whose `embed_query` computes the same query once, also when it is asked for twice at a time.
pub struct CachedQueries {
    inner: Arc<dyn Embedder>,
    queries: Cache<String, Arc<[f32]>>,
    others: Vec<Arc<dyn Embedder>>,
}

impl std::fmt::Debug for CachedQueries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CachedQueries").field("space", self.space()).finish_non_exhaustive()
    }
}

impl CachedQueries {
    pub fn new(inner: Arc<dyn Embedder>) -> Self {
        Self { inner, queries: Cache::new(CAPACITY), others: Vec::new() }
    }

    /// Keeps an embedder of another space at hand, for [`Embedder::of_space`].
    #[must_use]
    pub fn beside(mut self, other: Arc<dyn Embedder>) -> Self {
        self.others.push(other);
        self
    }
}

#[async_trait]
impl Embedder for CachedQueries {
    fn space(&self) -> &Space {
        self.inner.space()
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.inner.embed(texts).await
    }

    async fn embed_urgent(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.inner.embed_urgent(texts).await
    }

    fn of_space(&self, space: &Space) -> Option<Arc<dyn Embedder>> {
        self.others.iter().find(|other| other.space() == space).map(Arc::clone)
    }

    async fn embed_query(&self, query: &str) -> Result<Vec<f32>, EmbedError> {
        let compute = async { self.inner.embed_query(query).await.map(Arc::from) };
        match self.queries.try_get_with(query.to_owned(), compute).await {
            Ok(vector) => Ok(vector.to_vec()),
            Err(shared) => Err(Arc::try_unwrap(shared).unwrap_or_else(|shared| shared.duplicate())),
        }
    }
}

impl EmbedError {
    /// The same error for a second caller that waited for the same vector.
    fn duplicate(&self) -> Self {
        match self {
            Self::Load(detail) => Self::Load(detail.clone()),
            Self::Unavailable(detail) => Self::Unavailable(detail.clone()),
            Self::Malformed(detail) => Self::Malformed(detail.clone()),
            Self::Model(detail) => Self::Model(detail.clone()),
        }
    }
}
