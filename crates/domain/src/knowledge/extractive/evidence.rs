//! How much each sentence of the passages speaks to the question.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use omniops_llm::{Passage, ProviderError};

use super::expected::Expected;
use super::sentences::sentences;
use super::words::stems;

/// Passages that are read closely; what answers is nearly always among the first few.
const READ: usize = 5;
/// Sentences that get a vector: those that share most with the question, and the first ones of each passage.
const EMBEDDED: usize = 32;
/// What a full share of the question's words is worth beside a cosine of 1.
const WORDS_WEIGHT: f32 = 0.4;
/// What it is worth that a sentence holds the kind of thing that was asked for: an amount, a length of time.
const EXPECTED_WEIGHT: f32 = 0.15;
/// What the passage's own score is worth for each of its sentences.
const PASSAGE_WEIGHT: f32 = 0.35;

/// The question with what is compared to it.
#[derive(Debug)]
pub(super) struct Question {
    pub vector: Vec<f32>,
    /// Its stems, each once.
    pub stems: Vec<String>,
    /// The kind of thing it asks for, where its words say so.
    pub expected: Option<Expected>,
}

impl Question {
    pub fn new(text: &str, vector: Vec<f32>) -> Self {
        let mut seen = HashSet::new();
        let expected = Expected::of(text);
        let asks_only = expected.map_or(&[][..], Expected::words_of_asking);
        let stems = stems(text)
            .into_iter()
            .filter(|stem| !asks_only.contains(&stem.as_str()) && seen.insert(stem.clone()))
            .collect();
        Self { vector, stems, expected }
    }
}

/// A passage that was read closely.
#[derive(Debug)]
pub(super) struct Reading {
    /// Index into the request's passages.
    pub passage: usize,
    /// In the order of the text.
    pub sentences: Vec<Sentence>,
}

/// A sentence and the evidence that it answers.
#[derive(Clone, Debug)]
pub(super) struct Sentence {
    pub range: Range<usize>,
    /// Cosine to the question; absent where it was not compared.
    pub cosine: Option<f32>,
    /// The share of the question's stems, by weight, that it holds.
    pub coverage: f32,
    /// Both, and the passage's own score.
    pub score: f32,
}

/// Reads the best passages sentence by sentence. `embed` gives the vectors of texts, in order.
pub(super) async fn weigh<F, Fut>(
    question: &Question,
    passages: &[Passage],
    embed: F,
) -> Result<Vec<Reading>, ProviderError>
where
    F: FnOnce(Vec<String>) -> Fut,
    Fut: Future<Output = Result<Vec<Arc<[f32]>>, ProviderError>>,
{
    let weights = stem_weights(question, passages);
    let mut readings: Vec<Reading> =
        passages.iter().enumerate().take(READ).map(|(index, passage)| read(index, passage, &weights)).collect();
    let chosen = to_embed(&readings);
    let texts =
        chosen.iter().filter_map(|&(reading, sentence)| text_of(passages, &readings, reading, sentence)).collect();
    let vectors = embed(texts).await?;
    for ((reading, sentence), vector) in chosen.into_iter().zip(vectors) {
        if let Some(sentence) = readings.get_mut(reading).and_then(|reading| reading.sentences.get_mut(sentence)) {
            sentence.cosine = Some(cosine(&question.vector, &vector));
        }
    }
    for reading in &mut readings {
        let of_passage = passages.get(reading.passage).map_or(0.0, |passage| passage.score);
        for sentence in &mut reading.sentences {
            let holds_expected = question.expected.is_some_and(|expected| {
                let text = passages.get(reading.passage).and_then(|passage| passage.text.get(sentence.range.clone()));
                text.is_some_and(|text| expected.is_in(text))
            });
            sentence.score = sentence.cosine.unwrap_or(0.0)
                + WORDS_WEIGHT * sentence.coverage
                + EXPECTED_WEIGHT * f32::from(u8::from(holds_expected))
                + PASSAGE_WEIGHT * of_passage;
        }
    }
    Ok(readings)
}

/// What each stem of the question is worth: less, the more of the passages' sentences hold it; together 1.
fn stem_weights(question: &Question, passages: &[Passage]) -> HashMap<String, f32> {
    let holding: Vec<HashSet<String>> =
        passages.iter().map(|passage| stems(&passage.text).into_iter().collect()).collect();
    let count = holding.len() as f32;
    let mut weights: HashMap<String, f32> = question
        .stems
        .iter()
        .map(|stem| {
            let with = holding.iter().filter(|stems| stems.contains(stem)).count() as f32;
            (stem.clone(), (1.0 + (count - with + 0.5) / (with + 0.5)).ln())
        })
        .collect();
    let total: f32 = weights.values().sum();
    if total > 0.0 {
        weights.values_mut().for_each(|weight| *weight /= total);
    }
    weights
}

fn read(index: usize, passage: &Passage, weights: &HashMap<String, f32>) -> Reading {
    // A row or a list item says what it is about in its heading: "What shipping costs", then "Austria: €6.90".
    let from_heading: HashSet<String> = passage.heading_path.iter().flat_map(|heading| stems(heading)).collect();
    let sentences = sentences(&passage.text)
        .into_iter()
        .map(|range| {
            let own = passage.text.get(range.clone()).map(stems).unwrap_or_default();
            let held: HashSet<String> = own.into_iter().chain(from_heading.iter().cloned()).collect();
            let coverage = held.iter().filter_map(|stem| weights.get(stem)).sum();
            Sentence { range, cosine: None, coverage, score: 0.0 }
        })
        .collect();
    Reading { passage: index, sentences }
}

/// Positions of the sentences worth a vector: by what they share with the question, earlier passages first.
fn to_embed(readings: &[Reading]) -> Vec<(usize, usize)> {
    let mut all: Vec<(usize, usize, f32)> = readings
        .iter()
        .enumerate()
        .flat_map(|(at, reading)| {
            reading.sentences.iter().enumerate().map(move |(index, sentence)| {
                // A later passage must share more to be read as closely.
                (at, index, sentence.coverage - 0.08 * at as f32)
            })
        })
        .collect();
    all.sort_by(|a, b| b.2.total_cmp(&a.2));
    all.into_iter().take(EMBEDDED).map(|(reading, sentence, _)| (reading, sentence)).collect()
}

/// What of a sentence is embedded: itself below its nearest heading.
fn text_of(passages: &[Passage], readings: &[Reading], reading: usize, sentence: usize) -> Option<String> {
    let reading = readings.get(reading)?;
    let range = reading.sentences.get(sentence)?.range.clone();
    let passage = passages.get(reading.passage)?;
    let text = passage.text.get(range)?;
    Some(match passage.heading_path.last() {
        Some(heading) => format!("{heading}: {text}"),
        None => text.to_owned(),
    })
}

/// Of unit vectors.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
