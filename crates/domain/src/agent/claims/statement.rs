//! What a page states, piece by piece: sentences, list items and rows, each with what stands above it.

use omniops_types::PassageHit;

use super::EvidenceRef;
use super::reading::{Text, is_finite};
use super::values::Value;
use crate::knowledge::extractive::sentences::{marker_len, split_line};
use crate::knowledge::extractive::words::looks_german;

/// Lines above a line that may name what it is about.
const MAX_LEADS: usize = 3;

/// Tokens of a label at most, its colon among them.
const MAX_LABEL: usize = 5;
/// Words of a fragment that completes its heading at most.
const MAX_FRAGMENT: usize = 40;

/// How a text around a statement bears on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bearing {
    /// It only names a subject: "Returns".
    Topic,
    /// It states or denies something: "What is not covered".
    States { denied: bool },
    /// It asks, and nothing says what the answer is.
    Asks,
}

/// A text around a statement: a heading, the line before a list, a question.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub terms: Vec<String>,
    pub bearing: Bearing,
}

impl Context {
    /// What a heading, a line before a list, or a question bears on the statement below it.
    pub fn of(text: &str, german: Option<bool>) -> Self {
        const ASKING_FOR_A_THING: &[&str] = &[
            "how", "what", "when", "where", "which", "who", "why", "wie", "was", "wann", "wo", "welche", "welcher",
            "wer", "warum", "wohin",
        ];
        let read = Text::read(text, false, german);
        let terms = read.names().map(str::to_owned).collect();
        let words = read.words_in(&(0..read.tokens.len()));
        let denied = read.clauses.iter().any(|clause| clause.negated);
        let is_question = text.trim_end().ends_with('?');
        let for_a_thing = words.first().is_some_and(|word| ASKING_FOR_A_THING.contains(word));
        let bearing = if is_question && !for_a_thing {
            Bearing::Asks
        } else if denied || words.iter().any(|word| is_finite(word)) {
            Bearing::States { denied }
        } else {
            Bearing::Topic
        };
        Self { terms, bearing }
    }
}

/// One thing that a passage or a result states.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub source: EvidenceRef,
    pub text: Text,
    /// What the statement is about by name: title and headings, or the names in a result.
    pub names: Vec<String>,
    /// Outermost first; the last is nearest.
    pub contexts: Vec<Context>,
    /// Words of its neighbours that belong to it: what "it" is, the name above a price.
    pub near: Vec<String>,
    /// Which passage or result it is part of, among all of the evidence.
    pub part_of: usize,
    /// A field with its name rather than a sentence.
    pub is_row: bool,
    /// It stands below a denial that it completes: "We do not ship to:" – "Norway".
    pub completes_denial: bool,
    /// It is a title: what it says in numbers is so, but it states no rule.
    pub is_heading: bool,
    /// The tokens before a colon with which it begins: "Team: chat within 4 hours."
    pub label: usize,
    /// How many of the contexts are headings of the page.
    pub headings: usize,
    /// Inside how many other objects a row of a result stands.
    pub depth: usize,
}

impl Statement {
    /// Whether the clause at the token denies.
    pub fn is_denied_at(&self, at: usize) -> bool {
        self.completes_denial || self.text.clause_of(at).is_some_and(|clause| clause.negated)
    }

    /// Terms that tell it from its neighbours: those of a row, and of what stands above it inside the passage.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        let labelled = self.text.terms.iter().filter(|term| self.is_row || term.at < self.label);
        let own = labelled.map(|term| &term.name);
        let above = self.contexts.iter().skip(self.headings).flat_map(|context| &context.terms);
        own.chain(above).chain(&self.near).map(String::as_str)
    }

    /// The term stands in the statement or close by.
    pub fn is_near(&self, term: &str) -> bool {
        self.near.iter().any(|name| name == term)
            || self.contexts.iter().any(|context| context.terms.iter().any(|name| name == term))
    }
}

/// What was read of a passage so far.
struct Reader<'a> {
    source: EvidenceRef,
    part_of: usize,
    german: Option<bool>,
    names: Vec<String>,
    headings: Vec<Context>,
    statements: Vec<Statement>,
    /// The heading inside the text.
    inner: Option<Context>,
    /// Short lines right above: names of cards, the line before a list.
    leads: Vec<Context>,
    last_was_lead: bool,
    question: Option<Context>,
    /// The labels of a table in Markdown.
    labels: Vec<&'a str>,
}

/// The statements of a passage. `number` is its number among the sources, from 1.
pub(super) fn of_passage(number: usize, part_of: usize, hit: &PassageHit) -> Vec<Statement> {
    let german = looks_german(&hit.text);
    let mut reader = Reader {
        source: EvidenceRef::Passage { number },
        part_of,
        german,
        names: Vec::new(),
        headings: Vec::new(),
        statements: Vec::new(),
        inner: None,
        leads: Vec::new(),
        last_was_lead: false,
        question: None,
        labels: Vec::new(),
    };
    for heading in std::iter::once(&hit.title).chain(&hit.heading_path) {
        let context = Context::of(heading, german);
        let new: Vec<String> = context.terms.iter().filter(|term| !reader.names.contains(term)).cloned().collect();
        reader.names.extend(new);
        reader.headings.push(context);
    }
    if hit.heading_path.last().is_some_and(|heading| heading.trim_end().ends_with('?')) {
        reader.question = reader.headings.pop();
    }
    reader.read(&hit.text);
    for heading in std::iter::once(&hit.title).chain(hit.heading_path.last()) {
        reader.question = None;
        reader.leads.clear();
        reader.inner = None;
        reader.state(heading, false);
        reader.statements.last_mut().into_iter().for_each(|statement| statement.is_heading = true);
    }
    reader.statements
}

/// The statements of a text without headings: a result of a tool that is no JSON, a field of several sentences.
pub(super) fn of_text(text: &str, source: EvidenceRef, part_of: usize, names: &[String]) -> Vec<Statement> {
    let mut reader = Reader {
        source,
        part_of,
        german: looks_german(text),
        names: names.to_vec(),
        headings: Vec::new(),
        statements: Vec::new(),
        inner: None,
        leads: Vec::new(),
        last_was_lead: false,
        question: None,
        labels: Vec::new(),
    };
    reader.read(text);
    reader.statements
}

impl<'a> Reader<'a> {
    fn read(&mut self, text: &'a str) {
        let prices_first = values_come_first(text);
        for line in text.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with("```") {
                continue;
            }
            if line.starts_with('|') || line.matches(" | ").count() >= 2 {
                self.table_row(line);
                continue;
            }
            self.labels.clear();
            if line.starts_with('#') {
                self.inner = Some(Context::of(line.trim_start_matches('#').trim(), self.german));
                self.leads.clear();
                self.question = None;
                continue;
            }
            let marker = marker_len(line);
            let body = line.get(marker..).unwrap_or_default().trim();
            self.line(body, marker > 0);
        }
        if prices_first {
            self.bind_backwards();
        }
    }

    fn line(&mut self, body: &str, is_item: bool) {
        let bold = body.trim_matches(|c: char| c == '*' || c == '_');
        // "Can I pick it up?: Yes." is how a list of questions and answers is read.
        if let Some((question, answer)) = bold.split_once("?: ") {
            self.question = Some(Context::of(&format!("{question}?"), self.german));
            return self.sentences(answer, is_item);
        }
        if !is_item && self.is_lead(bold) {
            if !self.last_was_lead || bold.ends_with(':') {
                self.leads.clear();
            }
            if self.leads.len() < MAX_LEADS {
                self.leads.push(Context::of(bold.trim_end_matches(':'), self.german));
            }
            self.last_was_lead = true;
            if bold.ends_with('?') {
                self.question = self.leads.pop();
            }
            return;
        }
        self.last_was_lead = false;
        self.sentences(body, is_item);
        // A list ends with the first line that is no item.
        if body.ends_with(':') {
            self.leads = vec![Context::of(body.trim_end_matches(':'), self.german)];
        } else if !is_item && body.ends_with(['.', '!']) {
            self.leads.clear();
        }
    }

    /// A short line without a value and without a full stop names what comes below it.
    fn is_lead(&self, line: &str) -> bool {
        const MAX_WORDS: usize = 7;
        let words = line.split_whitespace().count();
        let ends = line.ends_with(['.', '!', ';', ',']);
        words <= MAX_WORDS
            && !ends
            && Text::read(line, true, self.german)
                .found
                .iter()
                .all(|found| matches!(found.value, Value::Number(_) | Value::Reference(_)))
            && !line.contains(": ")
    }

    fn sentences(&mut self, line: &str, is_item: bool) {
        for range in split_line(line, 0..line.len()) {
            let sentence = line.get(range).unwrap_or_default();
            if sentence.ends_with('?') && sentence.split_whitespace().count() > 1 {
                self.question = Some(Context::of(sentence, self.german));
                continue;
            }
            // "Engraving costs €8; engraved mugs cannot be returned" are two.
            let has_verb =
                |part: &str| Text::read(part, false, None).tokens.iter().any(|token| is_finite(&token.lower));
            if sentence.contains("; ") && sentence.split("; ").all(has_verb) {
                sentence.split("; ").for_each(|part| self.state(part, is_item));
            } else {
                self.state(sentence, is_item);
            }
        }
    }

    /// A row of a table in Markdown, each cell with its label.
    fn table_row(&mut self, line: &'a str) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if cells.iter().all(|cell| cell.chars().all(|c| "-: ".contains(c))) {
            return;
        }
        if self.labels.is_empty() {
            self.labels = cells;
            return;
        }
        let labelled: Vec<String> = cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(column, cell)| match self.labels.get(column).filter(|label| !label.is_empty()) {
                Some(label) => format!("{label}: {cell}"),
                None => (*cell).to_owned(),
            })
            .collect();
        self.state(&labelled.join("; "), true);
    }

    fn state(&mut self, sentence: &str, is_item: bool) {
        let is_row = sentence.contains(": ") && !sentence.ends_with(['.', '!']) || sentence.contains("; ");
        let text = Text::read(sentence, is_row, self.german);
        let colon = text.tokens.iter().take(MAX_LABEL).position(|token| token.is(":"));
        let label = colon.unwrap_or(0);
        let words = text.words_in(&(0..text.tokens.len()));
        let mut contexts = self.headings.clone();
        contexts.extend(self.inner.clone());
        contexts.extend(self.leads.iter().cloned());
        if let Some(question) = &mut self.question {
            if let Some(denied) = answers(&words) {
                question.bearing = Bearing::States { denied };
            }
            contexts.push(question.clone());
        }
        // "We repair these": whatever the verb is.
        let has_subject =
            words.first().is_some_and(|word| matches!(*word, "we" | "you" | "they" | "it" | "wir" | "sie" | "es"));
        let has_verb = has_subject || words.iter().any(|word| is_finite(word));
        let denied_above = contexts.last().is_some_and(|context| context.bearing == Bearing::States { denied: true });
        let completes_denial =
            denied_above && !has_verb && (is_item || words.len() <= MAX_FRAGMENT || !self.leads.is_empty());
        let mut near = Vec::new();
        if points_back(&words)
            && let Some(before) = self.statements.last()
        {
            near.extend(before.text.names().map(str::to_owned));
        }
        self.statements.push(Statement {
            source: self.source,
            text,
            names: self.names.clone(),
            contexts,
            near,
            part_of: self.part_of,
            is_row,
            completes_denial,
            is_heading: false,
            label,
            headings: self.headings.len(),
            depth: 0,
        });
    }

    /// Where prices stand above their names, the names below belong to them.
    fn bind_backwards(&mut self) {
        let names: Vec<Vec<String>> = self
            .statements
            .iter()
            .skip(1)
            .map(|next| next.contexts.last().map(|context| context.terms.clone()).unwrap_or_default())
            .chain([self.leads.last().map(|lead| lead.terms.clone()).unwrap_or_default()])
            .collect();
        let own = self.headings.len() + usize::from(self.inner.is_some());
        for (statement, below) in self.statements.iter_mut().zip(names) {
            if is_bare(&statement.text) {
                statement.contexts.truncate(own);
                statement.near = below;
            }
        }
    }
}

/// A value and nothing else.
fn is_bare(text: &Text) -> bool {
    !text.found.is_empty() && text.names().all(|term| term == "#price")
}

fn values_come_first(text: &str) -> bool {
    /// A longer line is more than a value.
    const SHORT: usize = 40;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut lines = lines.by_ref().take(2).map(|line| if line.len() <= SHORT { line } else { "" });
    lines.next().is_some_and(|line| is_bare(&Text::read(line, true, None)))
        && lines.next().is_some_and(|line| Text::read(line, true, None).found.is_empty())
}

/// What an answer to a question of yes or no says: `true` for no.
fn answers(words: &[&str]) -> Option<bool> {
    match words {
        ["yes" | "ja" | "sure" | "certainly" | "absolutely" | "natürlich" | "selbstverständlich", ..] => Some(false),
        ["no" | "nein" | "unfortunately" | "leider", rest @ ..] => {
            let first_denies = !matches!(words.first(), Some(&("unfortunately" | "leider")));
            let denies =
                first_denies || rest.first().is_some_and(|word| matches!(*word, "not" | "no" | "nicht" | "nein"));
            denies.then_some(true)
        }
        ["not", ..] => Some(true),
        _ => None,
    }
}

/// Whether the sentence begins with a word for what the one before is about.
fn points_back(words: &[&str]) -> bool {
    const POINTING: &[&str] = &[
        "it", "its", "er", "there", "they", "them", "this", "these", "that", "those", "es", "sie", "das", "dies",
        "diese", "dieser", "dafür", "dabei",
    ];
    words.iter().take(2).any(|word| POINTING.contains(word))
        || words.iter().any(|word| matches!(*word, "it" | "they" | "them" | "er"))
}
