use async_trait::async_trait;
use omniops_embedding::{EmbedError, Embedder, Space};

const DIMENSIONS: usize = 64;

/// Words, hashed into a few dimensions: what shares words is near, and nothing has to be loaded.
#[derive(Debug)]
pub struct WordEmbedder {
    space: Space,
}

impl Default for WordEmbedder {
    fn default() -> Self {
        Self { space: Space { provider: "test".into(), model: "words".into(), dimensions: DIMENSIONS } }
    }
}

#[async_trait]
impl Embedder for WordEmbedder {
    fn space(&self) -> &Space {
        &self.space
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(texts.iter().map(|text| vector(text)).collect())
    }
}

fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.01_f32; DIMENSIONS];
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2) {
        let hash =
            word.to_lowercase().bytes().fold(7_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        vector[hash % DIMENSIONS] += 1.0;
    }
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / norm).collect()
}
