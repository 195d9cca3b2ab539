//! How much each sentence of the passages speaks to the question.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use omniops_llm::{Passage, ProviderError};

use super::expected::Expected;
use super::negation::Denial;
use super::sentences::{Shape, sentences, shape};
use super::words::{stems, words};

/// Passages that are read closely: all that the chat asks for. Many are a single row or two sentences.
const READ: usize = 8;
/// Sentences that get a vector: those that share most with the question, and the first ones of each passage.
const EMBEDDED: usize = 32;

/// What each kind of evidence is worth beside a cosine of 1. Fitted by the likelihood of the sentence that answers, on
/// the development halves of `bench/questions` only: see `docs/search.md`. None of them is sharp: halving or doubling
/// any one changes at most one answer in twenty-five.
mod weights {
    /// A full share of the question's words in the sentence itself.
    pub const OWN_WORDS: f32 = 0.25;
    /// A full share of the question's words in the sentence or the headings above it.
    pub const ALL_WORDS: f32 = 0.2;
    /// The sentence holds the kind of thing that was asked for: an amount, a length of time.
    pub const EXPECTED: f32 = 0.2;
    /// A label of the row asks for that very kind: the column is there for such questions.
    pub const NAMED: f32 = 0.2;
    /// The passage's own score.
    pub const PASSAGE: f32 = 0.5;
    /// It is a fragment: the name of a group, a price without its thing, a link.
    pub const FRAGMENT: f32 = -0.2;
    /// It says the opposite of what was asked for, or denies what was asked to be denied. Not fitted, since few questions
    /// turn on it: enough to outweigh all that the two have in common.
    pub const DENIAL: f32 = 0.4;
    /// A word of an earlier line beside one of the question that leans on it.
    pub const EARLIER_WORD: f32 = 0.3;
}
/// Words that a sentence has at least, unless it names its value: "Yes.", "€389.00".
const FRAGMENT_WORDS: usize = 4;

/// The question with what is compared to it.
#[derive(Debug)]
pub(super) struct Question {
    pub vector: Vec<f32>,
    /// Its stems, each once, with their importance.
    pub stems: Vec<(String, f32)>,
    /// The kind of thing it asks for, where its words say so.
    pub expected: Option<Expected>,
    /// What it makes of a text that denies its words.
    pub denial: Denial,
}

impl Question {
    /// `text` is what was searched for: the question with the lines before it, where it leans on them.
    pub fn new(own: &str, text: &str, vector: Vec<f32>) -> Self {
        // "And to Austria?" asks for what the line before asked for; "and how does it smell?" does not.
        let expected = Expected::of(own).or_else(|| if asks_anew(own) { None } else { Expected::of(text) });
        let denial = Denial::of(own);
        let asks_only = expected.map_or(&[][..], Expected::words_of_asking);
        let own: HashSet<String> = stems(own).into_iter().collect();
        let mut seen = HashSet::new();
        let stems = stems(text)
            .into_iter()
            .filter(|stem| !asks_only.contains(&stem.as_str()) && seen.insert(stem.clone()))
            .map(|stem| {
                let importance = if own.contains(&stem) { 1.0 } else { weights::EARLIER_WORD };
                (stem, importance)
            })
            .collect();
        Self { vector, stems, expected, denial }
    }
}

/// Whether a question that leans on an earlier one has a question word of its own.
fn asks_anew(question: &str) -> bool {
    const ASKING: &[&str] = &["how", "when", "where", "who", "why", "which", "can", "do", "does", "is", "are", "will"];
    const FRAGEND: &[&str] = &["wann", "wo", "wer", "warum", "welche", "welcher", "welches", "kann", "ist", "sind"];
    let words = words(question);
    let about = words.iter().any(|word| word == "about");
    !about && words.iter().any(|word| ASKING.contains(&word.as_str()) || FRAGEND.contains(&word.as_str()))
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
    pub shape: Shape,
    /// Cosine to the question; absent where it was not compared.
    pub cosine: Option<f32>,
    /// The share of the question's stems, by weight, that it holds itself.
    pub own_words: f32,
    /// The same, with the headings above it.
    pub all_words: f32,
    /// Too short to say anything.
    pub is_fragment: bool,
    /// On the same line as the sentence before it, which it goes on from; not a new paragraph, item or row.
    pub goes_on: bool,
    /// All of it.
    pub own_score: f32,
    /// With the passage's own score: comparable between passages.
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
    let worth = stem_weights(question, passages);
    let mut readings: Vec<Reading> =
        passages.iter().enumerate().take(READ).map(|(index, passage)| read(index, passage, &worth)).collect();
    let chosen = to_embed(&readings);
    let texts =
        chosen.iter().filter_map(|&(reading, sentence)| text_of(passages, &readings, reading, sentence)).collect();
    let vectors = embed(texts).await?;
    for ((reading, sentence), vector) in chosen.into_iter().zip(vectors) {
        if let Some(sentence) = readings.get_mut(reading).and_then(|reading| reading.sentences.get_mut(sentence)) {
            sentence.cosine = Some(cosine(&question.vector, &vector));
        }
    }
    let asked = question.stems.iter().map(|(stem, _)| stem.as_str()).collect();
    for reading in &mut readings {
        let Some(passage) = passages.get(reading.passage) else { continue };
        for sentence in &mut reading.sentences {
            let text = passage.text.get(sentence.range.clone()).unwrap_or_default();
            let holds_expected = question.expected.is_some_and(|expected| expected.is_in(text));
            let is_named = question.expected.is_some_and(|expected| expected.is_named_in(text));
            let denial = question.denial.sign(text, &passage.heading_path, &asked);
            sentence.own_score = sentence.cosine.unwrap_or(0.0)
                + weights::OWN_WORDS * sentence.own_words
                + weights::ALL_WORDS * sentence.all_words
                + weights::EXPECTED * f32::from(u8::from(holds_expected))
                + weights::NAMED * f32::from(u8::from(is_named))
                + weights::FRAGMENT * f32::from(u8::from(sentence.is_fragment))
                + weights::DENIAL * denial;
            sentence.score = sentence.own_score + weights::PASSAGE * passage.score;
        }
    }
    Ok(readings)
}

/// What each stem of the question is worth: less, the more of the passages hold it; together 1.
fn stem_weights(question: &Question, passages: &[Passage]) -> HashMap<String, f32> {
    let holding: Vec<HashSet<String>> =
        passages.iter().map(|passage| stems(&passage.text).into_iter().collect()).collect();
    let count = holding.len() as f32;
    let mut worth: HashMap<String, f32> = question
        .stems
        .iter()
        .map(|(stem, importance)| {
            let with = holding.iter().filter(|stems| stems.contains(stem)).count() as f32;
            (stem.clone(), importance * (1.0 + (count - with + 0.5) / (with + 0.5)).ln())
        })
        .collect();
    let total: f32 = worth.values().sum();
    if total > 0.0 {
        worth.values_mut().for_each(|weight| *weight /= total);
    }
    worth
}

fn read(index: usize, passage: &Passage, worth: &HashMap<String, f32>) -> Reading {
    // A row or a list item says what it is about in its heading: "What shipping costs", then "Austria: €6.90".
    let of_headings: HashSet<String> = passage.heading_path.iter().flat_map(|heading| stems(heading)).collect();
    let mut end_of_last = None;
    let sentences = sentences(&passage.text)
        .into_iter()
        .map(|range| {
            let between = end_of_last.replace(range.end).and_then(|end| passage.text.get(end..range.start));
            let text = passage.text.get(range.clone()).unwrap_or_default();
            let own: HashSet<String> = stems(text).into_iter().collect();
            let share = |held: &dyn Fn(&String) -> bool| {
                worth.iter().filter(|(stem, _)| held(stem)).map(|(_, weight)| weight).sum()
            };
            let shape = shape(text);
            Sentence {
                range,
                shape,
                cosine: None,
                own_words: share(&|stem| own.contains(stem)),
                all_words: share(&|stem| own.contains(stem) || of_headings.contains(stem)),
                is_fragment: shape == Shape::Prose && text.split_whitespace().count() < FRAGMENT_WORDS,
                goes_on: between.is_some_and(|between| !between.contains('\n')),
                own_score: 0.0,
                score: 0.0,
            }
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
                (at, index, sentence.all_words - 0.08 * at as f32)
            })
        })
        .collect();
    all.sort_by(|a, b| b.2.total_cmp(&a.2));
    all.into_iter().take(EMBEDDED).map(|(reading, sentence, _)| (reading, sentence)).collect()
}

/// What of a sentence is embedded: itself below its headings. A row means nothing without them.
fn text_of(passages: &[Passage], readings: &[Reading], reading: usize, sentence: usize) -> Option<String> {
    let reading = readings.get(reading)?;
    let range = reading.sentences.get(sentence)?.range.clone();
    let passage = passages.get(reading.passage)?;
    let text = passage.text.get(range)?;
    Some(if passage.heading_path.is_empty() {
        text.to_owned()
    } else {
        format!("{}: {text}", passage.heading_path.join(" › "))
    })
}

/// Of unit vectors.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
