//! How likely the passages answer the question, as a probability.
//!
//! A logistic regression over two numbers, fitted with both outcomes weighing the same on the development half of
//! `bench/questions/sqlite.jsonl` (46 questions that SQLite's documentation answers, 15 that it does not) and checked
//! on the other half by the `search-quality` benchmark. The fused score carries the words of the question that no
//! passage holds: "partition a Postgres table" is near to much that is said of SQLite's tables, but not in its words.

use omniops_llm::Passage;

/// Below this the answerer says that it does not know.
pub(super) const THRESHOLD: f32 = 0.5;

const INTERCEPT: f32 = -8.46;
/// Of the best cosine of a passage to the question.
const COSINE: f32 = 2.23;
/// Of the best fused score of a passage, which is its cosine and a share of its text rank.
const SCORE: f32 = 16.77;

/// The probability, 0 to 1, that the passages answer the question; 0 without passages.
pub(super) fn of(passages: &[Passage]) -> f32 {
    if passages.is_empty() {
        return 0.0;
    }
    let cosine = passages.iter().filter_map(|passage| passage.cosine).fold(0.0, f32::max);
    let score = passages.iter().map(|passage| passage.score).fold(0.0, f32::max);
    let logit = INTERCEPT + COSINE * cosine + SCORE * score;
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(cosine: f32, score: f32) -> Passage {
        Passage {
            title: String::new(),
            url: String::new(),
            heading_path: Vec::new(),
            text: String::new(),
            cosine: Some(cosine),
            score,
        }
    }

    #[test]
    fn near_passages_with_the_question_s_words_are_believed() {
        assert!(of(&[passage(0.6, 0.75)]) > 0.9);
        assert!(of(&[passage(0.2, 0.25)]) < 0.05);
        assert!(of(&[]).abs() < f32::EPSILON);
    }

    #[test]
    fn more_evidence_is_never_less_confidence() {
        let confidences = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7].map(|cosine| of(&[passage(cosine, cosine + 0.1)]));
        assert!(confidences.is_sorted());
    }
}
