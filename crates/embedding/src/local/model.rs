//! all-MiniLM-L6-v2: WordPiece tokens, six BERT layers, the mean of the token vectors, scaled to length 1, as its
//! authors describe at <https://www.sbert.net/docs/sentence_transformer/pretrained_models.html>.

use std::path::{Path, PathBuf};

use candle_core::{DType, Device};
use candle_nn::VarBuilder;
use tokenizers::{Encoding, Tokenizer, TruncationParams};

use super::bert::{Bert, Config};
use super::kernels::normalise;
use crate::EmbedError;

pub(super) const NAME: &str = "all-MiniLM-L6-v2";
pub(super) const DIMENSIONS: usize = 384;
/// Tokens that the model was made to read, the two special ones included; its authors cut here too.
const WINDOW: usize = 256;

/// The loaded model. Immutable, so threads share it.
pub(super) struct MiniLm {
    tokenizer: Tokenizer,
    bert: Bert,
}

impl MiniLm {
    pub(super) fn load(dir: &Path) -> Result<Self, EmbedError> {
        let config = read_config(&file(dir, "config.json")?)?;
        let tokenizer = read_tokenizer(&file(dir, "tokenizer.json")?)?;
        let weights = map_weights(&file(dir, "model.safetensors")?)?;
        let bert = Bert::load(&weights, &config).map_err(load_error)?;
        Ok(Self { tokenizer, bert })
    }

    /// Tokens of each text, cut to the window, not padded.
    pub(super) fn tokenize(&self, texts: Vec<String>) -> Result<Vec<Encoding>, EmbedError> {
        self.tokenizer.encode_batch(texts, true).map_err(|error| EmbedError::Model(error.to_string()))
    }

    /// One unit vector an encoding.
    pub(super) fn forward(&self, batch: &[&Encoding]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let ids: Vec<&[u32]> = batch.iter().map(|encoding| encoding.get_ids()).collect();
        let mut vectors = self.bert.means(&ids).map_err(|error| EmbedError::Model(error.to_string()))?;
        for vector in &mut vectors {
            normalise(vector);
        }
        Ok(vectors)
    }
}

fn load_error(error: impl std::fmt::Display) -> EmbedError {
    EmbedError::Load(error.to_string())
}

fn file(dir: &Path, name: &str) -> Result<PathBuf, EmbedError> {
    let path = dir.join(name);
    if path.is_file() {
        Ok(path)
    } else {
        Err(EmbedError::Load(format!("{} is missing; `make setup` brings it", path.display())))
    }
}

fn read_config(path: &Path) -> Result<Config, EmbedError> {
    let config: Config = serde_json::from_slice(&std::fs::read(path).map_err(load_error)?).map_err(load_error)?;
    if config.hidden_size == DIMENSIONS {
        Ok(config)
    } else {
        Err(EmbedError::Load(format!(
            "{} tells of {} dimensions, not {DIMENSIONS}; `make setup` brings the right model",
            path.display(),
            config.hidden_size
        )))
    }
}

fn read_tokenizer(path: &Path) -> Result<Tokenizer, EmbedError> {
    let mut tokenizer = Tokenizer::from_file(path).map_err(load_error)?;
    // The published file pads everything to 128 tokens and cuts there; the model reads twice that.
    tokenizer.with_padding(None);
    let truncation = TruncationParams { max_length: WINDOW, ..TruncationParams::default() };
    tokenizer.with_truncation(Some(truncation)).map_err(load_error)?;
    Ok(tokenizer)
}

/// Maps the weights into memory: start-up reads no 90 MB, and processes on one machine share the pages.
#[allow(unsafe_code, reason = "mapping a file is only safe while nobody shortens it, which the compiler cannot know")]
fn map_weights(path: &Path) -> Result<VarBuilder<'static>, EmbedError> {
    // SAFETY: the set-up writes the file under another name, verifies it and renames it into place; nothing changes
    // it afterwards.
    unsafe { VarBuilder::from_mmaped_safetensors(&[path], DType::F32, &Device::Cpu) }.map_err(load_error)
}

impl std::fmt::Debug for MiniLm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MiniLm")
    }
}
