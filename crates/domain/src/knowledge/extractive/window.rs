//! Which sentences are quoted: the best run of neighbouring sentences, and a second one from another page where it is
//! nearly as good.

use std::ops::Range;

use super::evidence::{Reading, Sentence};
use super::sentences::Shape;

/// Sentences that one run has at most.
const LONGEST: usize = 3;
/// Characters that one run has at most, unless one sentence alone is longer.
const MAX_CHARS: usize = 600;
/// A sentence too short to stand alone: a label, a list item.
const STANDS_ALONE: usize = 60;
/// A second page is quoted when its best sentence scores this share of the first's.
const NEARLY_AS_GOOD: f32 = 0.96;
/// A neighbour joins the run when its own evidence is this share of the best sentence's.
const JOINS: f32 = 0.8;

/// By how much the sentence before must be better than the one after to be taken first.
const CLEARLY: f32 = 0.1;

/// Neighbouring sentences of one passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Index into the request's passages.
    pub passage: usize,
    /// In order; without gaps but white space and list markers.
    pub sentences: Vec<Range<usize>>,
}

impl Window {
    /// From the first sentence's start to the last one's end: the quote.
    pub fn span(&self) -> Range<usize> {
        let start = self.sentences.first().map_or(0, |range| range.start);
        let end = self.sentences.last().map_or(0, |range| range.end);
        start..end
    }
}

/// Up to four sentences in one or two windows, the best first; nothing when there are no sentences.
pub(super) fn choose(readings: &[Reading]) -> Vec<Window> {
    let mut best: Vec<(&Reading, usize, &Sentence)> = readings
        .iter()
        .filter_map(|reading| {
            let (at, sentence) =
                reading.sentences.iter().enumerate().max_by(|(_, a), (_, b)| a.score.total_cmp(&b.score))?;
            Some((reading, at, sentence))
        })
        .collect();
    best.sort_by(|a, b| b.2.score.total_cmp(&a.2.score));
    let Some(&(first, at, top)) = best.first() else { return Vec::new() };
    let mut windows = vec![grow(first, at, LONGEST)];
    // A mere label says nothing beside an answer.
    let says_more = |sentence: &Sentence| !sentence.is_fragment && sentence.score >= NEARLY_AS_GOOD * top.score;
    let second = best.iter().skip(1).find(|(_, _, sentence)| says_more(sentence));
    if let Some(&(reading, at, _)) = second {
        let left = 4_usize.saturating_sub(windows.iter().map(|window| window.sentences.len()).sum());
        windows.push(grow(reading, at, left.clamp(1, 2)));
    }
    windows
}

/// The best sentence with those neighbours that carry on its answer.
fn grow(reading: &Reading, best: usize, longest: usize) -> Window {
    let sentences = &reading.sentences;
    let mut run = best..best + 1;
    // A row of a table is complete by itself, and the next row is about something else.
    let longest = if shape_of(sentences, best) == Some(Shape::Row) { 1 } else { longest };
    while run.len() < longest.min(sentences.len()) {
        let Some(next) = neighbour(sentences, &run, best) else { break };
        run = run.start.min(next)..run.end.max(next + 1);
    }
    let chosen = sentences.get(run).unwrap_or_default();
    Window { passage: reading.passage, sentences: chosen.iter().map(|sentence| sentence.range.clone()).collect() }
}

/// The sentence before or after the run that belongs to it, if one does.
fn neighbour(sentences: &[Sentence], run: &Range<usize>, best: usize) -> Option<usize> {
    let own = |index: usize| sentences.get(index).map_or(f32::MIN, |sentence| sentence.own_score);
    let goes_on = |index: usize| sentences.get(index).is_some_and(|sentence| sentence.goes_on);
    let len: usize = sentences.get(run.clone())?.iter().map(|sentence| sentence.range.len()).sum();
    // Prose is not continued by a table, nor a pair by prose, nor anything by the name of a group.
    let fits = |index: &usize| {
        shape_of(sentences, *index) == shape_of(sentences, best)
            && sentences.get(*index).is_some_and(|sentence| !sentence.is_fragment)
    };
    let before = run.start.checked_sub(1).filter(fits);
    let after = Some(run.end).filter(fits);
    let is_prose = shape_of(sentences, best) == Some(Shape::Prose);
    let belongs = |next: &usize| {
        // A sentence that is short or alone needs the rest of its paragraph, however little that shares with the question.
        let is_same_line = goes_on(if *next < run.start { run.start } else { *next });
        let is_needed = is_prose && is_same_line && (len < STANDS_ALONE || run.len() < 2);
        let widened = len + sentences.get(*next).map_or(0, |sentence| sentence.range.len());
        widened <= MAX_CHARS && (is_needed || own(*next) >= JOINS * own(best))
    };
    let (first, second) = match (before, after) {
        (Some(before), Some(after)) if own(before) > own(after) + CLEARLY && len >= STANDS_ALONE => {
            (Some(before), Some(after))
        }
        (before, after) => (after, before),
    };
    // A paragraph goes on in both directions, a list down from what was asked for.
    let second = second.filter(|_| is_prose || first.is_none());
    first.filter(belongs).or_else(|| second.filter(belongs))
}

fn shape_of(sentences: &[Sentence], index: usize) -> Option<Shape> {
    sentences.get(index).map(|sentence| sentence.shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(passage: usize, sentences: &[(usize, f32)]) -> Reading {
        let mut start = 0;
        let sentences = sentences
            .iter()
            .map(|&(len, score)| {
                let range = start..start + len;
                start += len + 1;
                sentence(range, Shape::Prose, score)
            })
            .collect();
        Reading { passage, sentences }
    }

    fn sentence(range: Range<usize>, shape: Shape, score: f32) -> Sentence {
        let (own_words, all_words) = (0.0, 0.0);
        let (cosine, is_fragment, goes_on, own_score) = (None, false, true, score);
        Sentence { range, shape, cosine, own_words, all_words, is_fragment, goes_on, own_score, score }
    }

    #[test]
    fn a_row_of_a_table_is_quoted_alone_and_pairs_only_with_pairs() {
        use Shape::{Pair, Prose, Row};
        let shaped = |shapes: &[(Shape, f32)]| {
            let sentences = shapes.iter().enumerate();
            let sentences = sentences.map(|(n, &(shape, score))| sentence(n * 50..n * 50 + 40, shape, score)).collect();
            choose(&[Reading { passage: 0, sentences }]).remove(0).sentences.len()
        };
        assert_eq!(shaped(&[(Row, 0.8), (Row, 0.9), (Row, 0.8)]), 1);
        assert_eq!(shaped(&[(Pair, 0.9), (Pair, 0.8), (Prose, 0.8)]), 2);
        assert_eq!(shaped(&[(Pair, 0.9), (Pair, 0.3)]), 1);
        assert_eq!(shaped(&[(Prose, 0.9), (Row, 0.8)]), 1);
    }

    #[test]
    fn the_best_sentence_comes_with_its_good_neighbours() {
        let windows = choose(&[reading(0, &[(80, 0.1), (80, 0.9), (80, 0.8), (80, 0.1)])]);
        assert_eq!(windows, [Window { passage: 0, sentences: vec![81..161, 162..242] }]);
    }

    #[test]
    fn a_second_page_is_quoted_only_when_nearly_as_good() {
        let first = reading(0, &[(80, 0.9), (80, 0.2)]);
        assert_eq!(choose(&[first, reading(1, &[(80, 0.5)])]).len(), 1);
        let first = reading(0, &[(80, 0.9), (80, 0.2)]);
        assert_eq!(choose(&[first, reading(1, &[(80, 0.88)])]).len(), 2);
    }

    #[test]
    fn the_last_sentence_of_a_paragraph_comes_with_the_one_before_it() {
        let mut paragraphs = reading(0, &[(70, 0.3), (50, 0.9), (80, 0.3)]);
        paragraphs.sentences[2].goes_on = false;
        assert_eq!(choose(&[paragraphs]), [Window { passage: 0, sentences: vec![0..70, 71..121] }]);
    }

    #[test]
    fn a_label_is_no_second_answer() {
        let mut label = reading(1, &[(5, 0.9)]);
        label.sentences[0].is_fragment = true;
        assert_eq!(choose(&[reading(0, &[(80, 0.9)]), label]).len(), 1);
    }

    #[test]
    fn never_more_than_four_sentences() {
        let many = [(70, 0.9); 8];
        let windows = choose(&[reading(0, &many), reading(1, &many)]);
        assert!(windows.iter().map(|window| window.sentences.len()).sum::<usize>() <= 4);
    }

    #[test]
    fn a_long_passage_is_not_quoted_whole() {
        let windows = choose(&[reading(0, &[(500, 0.9), (500, 0.9), (500, 0.9)])]);
        assert_eq!(windows[0].sentences.len(), 1);
    }

    #[test]
    fn no_passages_no_windows() {
        assert!(choose(&[]).is_empty());
    }
}
