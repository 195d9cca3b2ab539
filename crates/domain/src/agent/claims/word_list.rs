//! Lists of words and phrases, written as one text each.

use std::collections::{HashMap, HashSet};

/// Words with white space between them.
pub(super) fn set(words: &'static str) -> HashSet<&'static str> {
    words.split_whitespace().collect()
}

/// Phrases with what each means; looked up where they may begin.
#[derive(Debug)]
pub(super) struct Phrases<T>(HashMap<&'static str, Vec<(Vec<&'static str>, T)>>);

impl<T: Copy> Phrases<T> {
    /// Each list has bars between its phrases.
    pub fn new(lists: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let mut by_first: HashMap<&str, Vec<(Vec<&str>, T)>> = HashMap::new();
        for (list, meaning) in lists {
            for phrase in list.split('|') {
                let words: Vec<&str> = phrase.split_whitespace().collect();
                if let Some(first) = words.first() {
                    by_first.entry(first).or_default().push((words, meaning));
                }
            }
        }
        by_first.values_mut().for_each(|phrases| phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len())));
        Self(by_first)
    }

    /// The longest phrase with which the words begin: its meaning and how many words it has. `word` gives the word at a
    /// distance.
    pub fn longest<'a>(&self, word: impl Fn(usize) -> Option<&'a str>) -> Option<(T, usize)> {
        let fits = |phrase: &[&str]| phrase.iter().enumerate().all(|(at, part)| word(at) == Some(part));
        let phrases = self.0.get(word(0)?)?;
        phrases.iter().find(|(phrase, _)| fits(phrase)).map(|(phrase, meaning)| (*meaning, phrase.len()))
    }
}

/// The phrases of a list with bars between them.
pub(super) fn phrases(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split('|').map(str::trim)
}

/// Whether the line begins with the phrase, word for word.
pub(super) fn starts(line: &str, phrase: &str) -> bool {
    line.strip_prefix(phrase).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Whether the phrase stands in the line, word for word.
pub(super) fn holds(line: &str, phrase: &str) -> bool {
    line.match_indices(phrase).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default();
        let behind = line.get(at + phrase.len()..).unwrap_or_default();
        (before.is_empty() || before.ends_with(' ')) && (behind.is_empty() || behind.starts_with(' '))
    })
}
