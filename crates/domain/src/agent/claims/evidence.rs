//! What a turn's answer may rest on, read once.

use std::collections::HashSet;

use chrono::NaiveDate;
use omniops_types::{Currency, PassageHit};
use serde_json::Value as Json;

use super::EvidenceRef;
use super::number::{Decimal, Grouping, digits};
use super::reading::Text;
use super::statement::{self, Statement};
use super::text::{Kind, Token};
use super::tool;
use super::values::{Found, Value};
use crate::knowledge::extractive::words::looks_german;

/// What a turn's answer may rest on: the passages that were retrieved, the results of tools, and, for much less, what the
/// customer wrote. It grows with the turn: each passage and result is read once, however many sentences rest on it.
#[derive(Debug)]
pub struct Evidence {
    pub(super) statements: Vec<Statement>,
    /// Numbers of passages that count; all of them where it is empty.
    pub(super) cited: Vec<usize>,
    /// All words of each passage and result, by [`Statement::part_of`].
    pub(super) parts: Vec<Part>,
    /// Passages and results that were read.
    passages: usize,
    results: usize,
    /// Amounts that state no currency and were given one: the statement, and the value in it.
    assumed: Vec<(usize, usize)>,
    pub(super) question: Text,
    pub(super) question_text: String,
    /// What the answer said before this sentence.
    pub(super) said: Text,
    pub(super) today: Option<NaiveDate>,
}

#[cfg(test)]
thread_local! {
    /// Passages and results that this thread has read.
    pub(in crate::agent) static PARTS_READ: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A passage or a result as a whole.
#[derive(Debug)]
pub(super) struct Part {
    pub source: EvidenceRef,
    pub terms: HashSet<String>,
    /// Names of what it is about.
    pub names: HashSet<String>,
    /// As written, upper case, for codes.
    pub upper: String,
    pub numbers: Vec<Decimal>,
    pub addresses: Vec<Value>,
}

impl Evidence {
    /// Nothing but what the customer wrote: it tells what "it" is, and supports an order number or an e-mail address that is
    /// repeated, but never a price, a date, stock or a rule.
    ///
    /// `today` is the day on which the answer is given, so that "tomorrow" can be compared with a date.
    pub fn of(question: &str, today: Option<NaiveDate>) -> Self {
        Self {
            statements: Vec::new(),
            cited: Vec::new(),
            parts: Vec::new(),
            passages: 0,
            results: 0,
            assumed: Vec::new(),
            question: Text::read(question, false, looks_german(question)),
            question_text: question.to_owned(),
            said: Text::default(),
            today,
        }
    }

    /// Reads the passages, which are numbered from 1, and what tools gave in this turn. Both lists may only grow: those
    /// that were read before are not read again.
    pub fn add(&mut self, passages: &[PassageHit], results: &[Json]) {
        if passages.len() <= self.passages && results.len() <= self.results {
            return;
        }
        for hit in passages.iter().skip(self.passages) {
            self.passages += 1;
            self.add_passage(self.passages, hit);
        }
        for result in results.iter().skip(self.results) {
            let index = self.results;
            self.results += 1;
            let read = tool::statements(index, self.parts.len(), result);
            let part = Part::of(EvidenceRef::Tool { index }, &result.to_string(), &read);
            self.take(part, read);
        }
        self.assume_currency();
    }

    /// Reads what a passage that was read before says in another language. It counts as the same passage.
    pub fn add_translation(&mut self, number: usize, translated: &PassageHit) {
        self.add_passage(number, translated);
        self.assume_currency();
    }

    fn add_passage(&mut self, number: usize, hit: &PassageHit) {
        let read = statement::of_passage(number, self.parts.len(), hit);
        let text = format!("{}\n{}\n{}", hit.title, hit.heading_path.join("\n"), hit.text);
        let mut part = Part::of(EvidenceRef::Passage { number }, &text, &read);
        part.addresses.push(Value::Link(super::extract::plain_link(&hit.url)));
        self.take(part, read);
    }

    fn take(&mut self, part: Part, read: Vec<Statement>) {
        #[cfg(test)]
        PARTS_READ.set(PARTS_READ.get() + 1);
        self.parts.push(part);
        self.statements.extend(read);
    }

    /// What the customer asked, said in a language that is read.
    pub fn ask(&mut self, question: &str) {
        self.question = Text::read(question, false, looks_german(question));
        question.clone_into(&mut self.question_text);
    }

    /// The numbers of the passages that the next sentence cites: only these count. Without any all of them do, and the
    /// verdict tells which it was.
    pub fn cite(&mut self, cited: &[usize]) {
        self.cited = cited.to_vec();
    }

    /// What the answer said so far: it tells what "it" and "there" are in the next sentence.
    pub fn say(&mut self, said: &str) {
        /// What was said longer ago is not pointed back to.
        const REACH: usize = 300;
        let start = said.char_indices().rev().nth(REACH).map_or(0, |(at, _)| at);
        let near = said.get(start..).unwrap_or_default();
        self.said = Text::read(near, false, looks_german(near));
    }

    /// Amounts without a currency get the one in which all others are, and lose it when another turns up.
    fn assume_currency(&mut self) {
        for (statement, found) in std::mem::take(&mut self.assumed) {
            let found = self.statements.get_mut(statement).and_then(|statement| statement.text.found.get_mut(found));
            if let Some(Found { value: Value::Money { currency, .. }, .. }) = found {
                *currency = None;
            }
        }
        let stated = |found: &Found| match found.value {
            Value::Money { currency, .. } => currency,
            _ => None,
        };
        let mut all: Vec<Currency> =
            self.statements.iter().flat_map(|statement| &statement.text.found).filter_map(stated).collect();
        all.sort();
        all.dedup();
        let only = if all.len() == 1 { all.first().copied() } else { None };
        let Some(default) = only else { return };
        for (place, statement) in self.statements.iter_mut().enumerate() {
            for (at, found) in statement.text.found.iter_mut().enumerate() {
                if let Value::Money { currency: currency @ None, .. } = &mut found.value {
                    *currency = Some(default);
                    self.assumed.push((place, at));
                }
            }
        }
    }

    /// Whether what the source says counts for this sentence.
    pub(super) fn counts(&self, source: EvidenceRef) -> bool {
        match source {
            EvidenceRef::Passage { number } => self.cited.is_empty() || self.cited.contains(&number),
            EvidenceRef::Tool { .. } => true,
            EvidenceRef::Customer => false,
        }
    }

    pub(super) fn part(&self, statement: &Statement) -> Option<&Part> {
        self.parts.get(statement.part_of)
    }
}

impl Part {
    fn of(source: EvidenceRef, text: &str, statements: &[Statement]) -> Self {
        let mut terms = HashSet::new();
        let mut names = HashSet::new();
        let mut numbers = Vec::new();
        let mut addresses = Vec::new();
        for statement in statements {
            terms.extend(statement.text.names().map(str::to_owned));
            terms.extend(statement.contexts.iter().flat_map(|context| context.terms.iter().cloned()));
            terms.extend(statement.names.iter().cloned());
            names.extend(statement.names.iter().cloned());
            numbers.extend(numbers_of(&statement.text.tokens));
            numbers.extend(statement.names.iter().filter_map(|name| super::number::decimal(name)));
            let is_address = |found: &&Found| matches!(found.value, Value::Link(_) | Value::Email(_) | Value::Phone(_));
            addresses.extend(statement.text.found.iter().filter(is_address).map(|found| found.value.clone()));
        }
        numbers.sort_unstable();
        numbers.dedup();
        Self { source, terms, names, upper: text.to_uppercase(), numbers, addresses }
    }

    /// Whether the code stands in the text, and not as a part of a longer one.
    pub fn holds_code(&self, code: &str) -> bool {
        holds_code(&self.upper, code)
    }
}

pub(super) fn holds_code(upper: &str, code: &str) -> bool {
    upper.match_indices(code).any(|(at, _)| {
        let before = upper.get(..at).unwrap_or_default().chars().next_back();
        let after = upper.get(at + code.len()..).unwrap_or_default().chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// All numbers of a text, in all their readings.
pub(super) fn numbers_of(tokens: &[Token]) -> impl Iterator<Item = Decimal> {
    tokens.iter().filter(|token| token.kind == Kind::Number).flat_map(|token| digits(&token.text, Grouping::Unknown))
}
