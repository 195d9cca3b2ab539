//! How likely the passages answer the question, as a probability.
//!
//! A logistic regression over four numbers, fitted with both outcomes weighing the same on the development halves of
//! `bench/questions` (86 questions that the sites answer, 30 that they do not); the numbers were chosen by leaving one
//! question out, and `docs/search.md` has the figures. Nearness alone is not
//! enough: "partition a Postgres table" is near to much that is said of SQLite's tables, but not in its words. A long
//! question finds less of itself in any passage than a short one. And the sentence to be quoted has to be near, too.

use omniops_llm::Passage;

use super::evidence::{Question, Reading};

/// Below this the answerer says that it does not know.
pub(super) const THRESHOLD: f32 = 0.5;
/// Nobody can be surer than this that a quoted sentence answers, whatever the evidence; shown as "99 %" at most.
const SUREST: f32 = 0.99;

const INTERCEPT: f32 = -16.0;
/// Of the best cosine of a passage to the question.
const COSINE: f32 = 9.1;
/// Of the most that a passage's fused score has beyond its cosine: the question's words, its page, its likes.
const BEYOND: f32 = 17.9;
/// Of the natural logarithm of one more than the question's words that carry meaning.
const LENGTH: f32 = 0.6;
/// Of the cosine of the sentence that answers best.
const SENTENCE: f32 = 10.7;

/// The probability, 0 to [`SUREST`], that the passages answer the question; 0 without passages.
pub(super) fn of(question: &Question, passages: &[Passage], readings: &[Reading]) -> f32 {
    if passages.is_empty() {
        return 0.0;
    }
    let cosine = passages.iter().filter_map(|passage| passage.cosine).fold(0.0, f32::max);
    let beyond = passages.iter().map(|passage| passage.score - passage.cosine.unwrap_or(0.0)).fold(0.0, f32::max);
    let words: f32 = question.stems.iter().map(|(_, importance)| importance).sum();
    let sentences = readings.iter().flat_map(|reading| &reading.sentences);
    let best = sentences.max_by(|a, b| a.score.total_cmp(&b.score)).and_then(|sentence| sentence.cosine);
    let logit =
        INTERCEPT + COSINE * cosine + BEYOND * beyond + LENGTH * words.ln_1p() + SENTENCE * best.unwrap_or_default();
    (1.0 / (1.0 + (-logit).exp())).min(SUREST)
}

#[cfg(test)]
mod tests {
    use super::super::evidence::Sentence;
    use super::super::sentences::Shape;
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

    fn question() -> Question {
        let text = "How long does a parcel to Austria take?";
        Question::new(text, text, Vec::new())
    }

    /// A passage of one sentence that is as near as the passage.
    fn of_one(question: &Question, cosine: f32, score: f32) -> f32 {
        let sentence = Sentence {
            range: 0..0,
            shape: Shape::Prose,
            cosine: Some(cosine),
            own_words: 0.0,
            all_words: 0.0,
            is_fragment: false,
            goes_on: false,
            own_score: cosine,
            score,
        };
        of(question, &[passage(cosine, score)], &[Reading { passage: 0, sentences: vec![sentence] }])
    }

    #[test]
    fn near_passages_with_the_question_s_words_are_believed() {
        assert!(of_one(&question(), 0.6, 1.05) > 0.9);
        assert!(of_one(&question(), 0.2, 0.45) < 0.05);
        assert!(of(&question(), &[], &[]).abs() < f32::EPSILON);
    }

    #[test]
    fn nothing_is_certain() {
        assert!(of_one(&question(), 1.0, 2.0) <= 0.99);
    }

    #[test]
    fn more_evidence_is_never_less_confidence() {
        let confidence = |cosine| of_one(&question(), cosine, cosine + 0.3);
        assert!([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7].map(confidence).is_sorted());
    }

    #[test]
    fn near_passages_without_a_near_sentence_are_doubted() {
        let found = [passage(0.5, 0.85)];
        assert!(of(&question(), &found, &[]) < of_one(&question(), 0.5, 0.85));
    }

    #[test]
    fn a_long_question_may_find_less_of_itself() {
        let long = "We are four people with a dog and want to know how long a large parcel to Austria takes in winter";
        let long = Question::new(long, long, Vec::new());
        assert!(of_one(&long, 0.5, 0.85) > of_one(&question(), 0.5, 0.85));
    }
}
