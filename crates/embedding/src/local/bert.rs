//! The BERT encoder (Devlin et al. 2018) for inference: the texts of a batch lie one behind the other without padding,
//! so that no time goes into tokens that are not there.

use candle_core::{D, Device, Result, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;

use super::kernels::{add_bias, add_bias_gelu, in_place, layer_norm, softmax};

/// What of the model's `config.json` shapes the network.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Config {
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub vocab_size: usize,
    pub max_position_embeddings: usize,
    pub layer_norm_eps: f64,
}

pub(super) struct Bert {
    words: Tensor,
    /// Of position and of the only segment, added up.
    positions: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
    heads: usize,
    width: usize,
}

/// A matrix product and a bias.
struct Dense {
    /// Transposed, in by out.
    weight: Tensor,
    bias: Vec<f32>,
}

struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
}

struct Layer {
    /// Query, key and value side by side.
    attention: Dense,
    attended: Dense,
    attention_norm: Norm,
    widen: Dense,
    narrow: Dense,
    norm: Norm,
}

impl Bert {
    pub fn load(weights: &VarBuilder<'_>, config: &Config) -> Result<Self> {
        let width = config.hidden_size;
        let embeddings = weights.pp("embeddings");
        let positions = embeddings.get((config.max_position_embeddings, width), "position_embeddings.weight")?;
        let segment = embeddings.get((2, width), "token_type_embeddings.weight")?.narrow(0, 0, 1)?;
        let layer = |index: usize| Layer::load(&weights.pp(format!("encoder.layer.{index}")), config);
        Ok(Self {
            words: embeddings.get((config.vocab_size, width), "word_embeddings.weight")?,
            positions: positions.broadcast_add(&segment)?,
            norm: Norm::load(&embeddings.pp("LayerNorm"), config)?,
            layers: (0..config.num_hidden_layers).map(layer).collect::<Result<_>>()?,
            heads: config.num_attention_heads,
            width,
        })
    }

    /// The mean of the last layer's token vectors, for each text of the batch.
    pub fn means(&self, texts: &[&[u32]]) -> Result<Vec<Vec<f32>>> {
        let lengths: Vec<usize> = texts.iter().map(|ids| ids.len()).collect();
        let mut hidden = self.embed(texts)?;
        for layer in &self.layers {
            hidden = self.attend(layer, &hidden, &lengths)?;
            let wide = layer.widen.forward(&hidden, add_bias_gelu)?;
            hidden = layer.norm.of_sum(&layer.narrow.forward(&wide, add_bias)?, &hidden)?;
        }
        spans(&lengths).map(|(start, length)| hidden.narrow(0, start, length)?.mean(0)?.to_vec1()).collect()
    }

    fn embed(&self, texts: &[&[u32]]) -> Result<Tensor> {
        let ids = texts.concat();
        let places: Vec<u32> = texts.iter().flat_map(|ids| (0_u32..).take(ids.len())).collect();
        let count = ids.len();
        let words = self.words.index_select(&Tensor::from_vec(ids, count, &Device::Cpu)?, 0)?;
        let positions = self.positions.index_select(&Tensor::from_vec(places, count, &Device::Cpu)?, 0)?;
        self.norm.of_sum(&words, &positions)
    }

    /// Self-attention within each text, and the residual.
    fn attend(&self, layer: &Layer, hidden: &Tensor, lengths: &[usize]) -> Result<Tensor> {
        let size = self.width / self.heads;
        let scale = 1.0 / (size as f32).sqrt();
        let all = layer.attention.forward(hidden, add_bias)?;
        let mut contexts = Vec::with_capacity(lengths.len());
        for (start, length) in spans(lengths) {
            let parts = all.narrow(0, start, length)?.reshape((length, 3, self.heads, size))?;
            let parts = parts.permute((1, 2, 0, 3))?.contiguous()?;
            let (query, key, value) = (parts.get(0)?, parts.get(1)?, parts.get(2)?);
            let scores = query.matmul(&key.transpose(D::Minus2, D::Minus1)?)?;
            in_place(&scores, |rows| softmax(rows, length, scale))?;
            contexts.push(scores.matmul(&value)?.transpose(0, 1)?.reshape((length, self.width))?);
        }
        let context = Tensor::cat(&contexts, 0)?;
        layer.attention_norm.of_sum(&layer.attended.forward(&context, add_bias)?, hidden)
    }
}

impl Layer {
    fn load(weights: &VarBuilder<'_>, config: &Config) -> Result<Self> {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let own = weights.pp("attention.self");
        let attention = Dense::beside(&[own.pp("query"), own.pp("key"), own.pp("value")], width, width)?;
        Ok(Self {
            attention,
            attended: Dense::beside(&[weights.pp("attention.output.dense")], width, width)?,
            attention_norm: Norm::load(&weights.pp("attention.output.LayerNorm"), config)?,
            widen: Dense::beside(&[weights.pp("intermediate.dense")], width, inner)?,
            narrow: Dense::beside(&[weights.pp("output.dense")], inner, width)?,
            norm: Norm::load(&weights.pp("output.LayerNorm"), config)?,
        })
    }
}

impl Dense {
    /// Several products of the same input as one.
    fn beside(parts: &[VarBuilder<'_>], input: usize, output: usize) -> Result<Self> {
        let mut weights = Vec::with_capacity(parts.len());
        let mut bias = Vec::with_capacity(parts.len() * output);
        for part in parts {
            weights.push(part.get((output, input), "weight")?);
            bias.extend(part.get(output, "bias")?.to_vec1::<f32>()?);
        }
        Ok(Self { weight: Tensor::cat(&weights, 0)?.t()?.contiguous()?, bias })
    }

    fn forward(&self, rows: &Tensor, finish: fn(&mut [f32], &[f32])) -> Result<Tensor> {
        let product = rows.matmul(&self.weight)?;
        in_place(&product, |rows| finish(rows, &self.bias))?;
        Ok(product)
    }
}

impl Norm {
    fn load(weights: &VarBuilder<'_>, config: &Config) -> Result<Self> {
        let load = |name| weights.get(config.hidden_size, name)?.to_vec1::<f32>();
        Ok(Self { weight: load("weight")?, bias: load("bias")?, epsilon: config.layer_norm_eps as f32 })
    }

    fn of_sum(&self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        let sum = (a + b)?;
        in_place(&sum, |rows| layer_norm(rows, &self.weight, &self.bias, self.epsilon))?;
        Ok(sum)
    }
}

/// Where each text begins, and its length.
fn spans(lengths: &[usize]) -> impl Iterator<Item = (usize, usize)> + '_ {
    lengths.iter().scan(0, |start, &length| {
        let span = (*start, length);
        *start += length;
        Some(span)
    })
}
