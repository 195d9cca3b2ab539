//! Which sentences are quoted: the best run of neighbouring sentences, and a second one from another page where it is
//! nearly as good.

use std::ops::Range;

use super::evidence::{Reading, Sentence};

/// Sentences that one run has at most.
const LONGEST: usize = 3;
/// Characters that one run has at most, unless one sentence alone is longer.
const MAX_CHARS: usize = 600;
/// A sentence too short to stand alone: a label, a list item.
const STANDS_ALONE: usize = 60;
/// A second page is quoted when its best sentence scores this share of the first's.
const NEARLY_AS_GOOD: f32 = 0.93;
/// A neighbour joins the run when it scores this share of the best sentence.
const JOINS: f32 = 0.72;

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

/// Two to four sentences in one or two windows, the best first; nothing when there are no sentences.
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
    let second = best.iter().skip(1).find(|(_, _, sentence)| sentence.score >= NEARLY_AS_GOOD * top.score);
    if let Some(&(reading, at, _)) = second {
        let left = 4_usize.saturating_sub(windows.iter().map(|window| window.sentences.len()).sum());
        windows.push(grow(reading, at, left.clamp(1, 2)));
    }
    windows
}

/// The best sentence with those neighbours that carry on its answer.
fn grow(reading: &Reading, best: usize, longest: usize) -> Window {
    let sentences = &reading.sentences;
    let score = |index: usize| sentences.get(index).map_or(f32::MIN, |sentence| sentence.score);
    let len =
        |range: &Range<usize>| sentences.get(range.clone()).map_or(0, |run| run.iter().map(|s| s.range.len()).sum());
    let threshold = JOINS * score(best);
    let mut run = best..best + 1;
    while run.len() < longest.min(sentences.len()) {
        let before = run.start.checked_sub(1).map(|start| (start, score(start)));
        let after = (run.end < sentences.len()).then(|| (run.end, score(run.end)));
        // A run that is a mere label needs what follows it, however little that shares with the question.
        let too_short = len(&run) < STANDS_ALONE || run.len() < 2;
        let next = match (before, after) {
            (Some(before), Some(after)) if before.1 > after.1 + 0.1 && len(&run) >= STANDS_ALONE => before,
            (_, Some(after)) => after,
            (Some(before), None) => before,
            (None, None) => break,
        };
        let widened = run.start.min(next.0)..run.end.max(next.0 + 1);
        if len(&widened) > MAX_CHARS || (!too_short && next.1 < threshold) {
            break;
        }
        run = widened;
    }
    let chosen = sentences.get(run).unwrap_or_default();
    Window { passage: reading.passage, sentences: chosen.iter().map(|sentence| sentence.range.clone()).collect() }
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
                Sentence { range, cosine: None, coverage: 0.0, score }
            })
            .collect();
        Reading { passage, sentences }
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
