//! How likely the passages answer the question, as a probability.
//!
//! A logistic regression over five numbers. Its coefficients were fitted on the development half of
//! `bench/questions/sqlite.jsonl` and are checked on the other half by the `search-quality` benchmark.

use omniops_llm::Passage;

use super::evidence::{Question, Reading};

/// Below this the answerer says that it does not know.
pub(super) const THRESHOLD: f32 = 0.5;

const INTERCEPT: f32 = -14.0;
const PASSAGE_COSINE: f32 = 20.0;
const SENTENCE_COSINE: f32 = 8.0;
const COVERAGE: f32 = 3.0;

/// What the decision is made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Features {
    /// The best cosine of a whole passage.
    pub passage_cosine: f32,
    /// The best cosine of a sentence.
    pub sentence_cosine: f32,
    /// The largest share of the question's words that one passage holds, headings and title included.
    pub coverage: f32,
}

impl Features {
    pub fn of(question: &Question, passages: &[Passage], readings: &[Reading]) -> Self {
        let best = |values: &mut dyn Iterator<Item = f32>| values.fold(0.0, f32::max);
        Self {
            passage_cosine: best(&mut passages.iter().filter_map(|passage| passage.cosine)),
            sentence_cosine: best(
                &mut readings.iter().flat_map(|reading| &reading.sentences).filter_map(|sentence| sentence.cosine),
            ),
            coverage: best(&mut passages.iter().take(readings.len()).map(|passage| coverage(question, passage))),
        }
    }

    fn probability(self) -> f32 {
        let logit = INTERCEPT
            + PASSAGE_COSINE * self.passage_cosine
            + SENTENCE_COSINE * self.sentence_cosine
            + COVERAGE * self.coverage;
        1.0 / (1.0 + (-logit).exp())
    }
}

/// The probability, 0 to 1, that the passages answer the question.
pub(super) fn of(question: &Question, passages: &[Passage], readings: &[Reading]) -> f32 {
    if passages.is_empty() {
        return 0.0;
    }
    Features::of(question, passages, readings).probability()
}

fn coverage(question: &Question, passage: &Passage) -> f32 {
    if question.stems.is_empty() {
        return 0.0;
    }
    let mut held: std::collections::HashSet<String> = super::words::stems(&passage.text).into_iter().collect();
    held.extend(passage.heading_path.iter().flat_map(|heading| super::words::stems(heading)));
    held.extend(super::words::stems(&passage.title));
    let shared = question.stems.iter().filter(|stem| held.contains(*stem)).count();
    shared as f32 / question.stems.len() as f32
}
