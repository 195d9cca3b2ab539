//! Which embedder to use, and where the local model lies.

use std::path::PathBuf;
use std::sync::Arc;

use crate::{CachedQueries, EmbedError, Embedder, LocalEmbedder, OpenAiConfig, OpenAiEmbedder};

/// What an operator chooses with `OMNIOPS_EMBEDDINGS`.
#[derive(Clone, Debug)]
pub enum EmbeddingsConfig {
    /// The MiniLM model in this directory; [`model_dir`] is where the set-up puts it.
    Local { model_dir: PathBuf },
    /// Any service that speaks OpenAI's `POST /embeddings`.
    OpenAi(OpenAiConfig),
}

impl EmbeddingsConfig {
    /// Loads the model, or makes the client, and puts a cache of query vectors before it.
    ///
    /// Beside the remote service the local model is kept at hand if it is there: passages that it embedded are searched
    /// with it until the service has embedded them anew.
    pub async fn open(self) -> Result<Arc<dyn Embedder>, EmbedError> {
        match self {
            Self::Local { model_dir } => Ok(Arc::new(CachedQueries::new(load(model_dir).await?))),
            Self::OpenAi(config) => {
                let embedder = CachedQueries::new(Arc::new(OpenAiEmbedder::new(config)?));
                match load(model_dir()).await {
                    Ok(local) => Ok(Arc::new(embedder.beside(Arc::new(CachedQueries::new(local))))),
                    Err(error) => {
                        tracing::info!(%error, "passages of the local model are found by their words only");
                        Ok(Arc::new(embedder))
                    }
                }
            }
        }
    }
}

async fn load(model_dir: PathBuf) -> Result<Arc<dyn Embedder>, EmbedError> {
    let loading = tokio::task::spawn_blocking(move || LocalEmbedder::load(&model_dir));
    Ok(Arc::new(loading.await.map_err(|error| EmbedError::Load(error.to_string()))??))
}

/// The directory into which the set-up puts models and Postgres: `OMNIOPS_TOOLS_DIR`, else `/var/cache/omniops` for
/// root and `omniops` in the user's cache directory for others.
pub fn tools_dir() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(dir) = set("OMNIOPS_TOOLS_DIR") {
        return dir;
    }
    let home = set("HOME");
    if home.is_none() || home.as_deref() == Some(std::path::Path::new("/root")) {
        return PathBuf::from("/var/cache/omniops");
    }
    set("XDG_CACHE_HOME").or_else(|| home.map(|home| home.join(".cache"))).unwrap_or_default().join("omniops")
}

/// Where the set-up puts the local model.
pub fn model_dir() -> PathBuf {
    tools_dir().join("all-MiniLM-L6-v2")
}
