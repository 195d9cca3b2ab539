//! What an answer claims, and whether the evidence of its turn supports it.
//!
//! A sentence is read for what could mislead: amounts, shares, quantities, dates and times, stock and the state of orders,
//! order numbers and codes, addresses, rules of the shop, and what the assistant says that it did. Each has to be stated by
//! a passage that counts or by a result of a tool, of the same thing, in the same currency or unit, and not denied there.
//! A true sentence may be lost; a false price is not let through. It knows English and German. What no evidence can support,
//! such as that a human being speaks, is in `conduct`.

mod anchor;
mod conduct;
mod evidence;
mod extract;
mod frames;
mod lexicon;
mod number;
mod policy;
mod reading;
mod state;
mod statement;
mod text;
mod tool;
mod values;
mod word_list;

#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use frames::Role;
use reading::Text;
use values::{Found, Value};

pub use evidence::Evidence;
#[cfg(test)]
pub(in crate::agent) use evidence::PARTS_READ;

use super::gate::bare;
use crate::knowledge::extractive::sentences::split_line;
use crate::knowledge::extractive::words::looks_german;

/// What a claim is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    Money,
    Percentage,
    /// A number with a unit.
    Quantity,
    /// A date, a weekday, "tomorrow".
    Date,
    /// A time of day.
    Time,
    /// A number without a unit.
    Number,
    /// The number of an order, a code.
    Reference,
    /// A link, an e-mail address, a telephone number.
    Address,
    Stock,
    OrderStatus,
    /// A rule of the shop.
    Policy,
    /// What the assistant did or promises to do.
    Action,
    /// That the assistant is a human being.
    Identity,
    /// A password, the number of a card, a code of a bank: what nobody should tell in a chat.
    Secret,
    /// What the assistant was instructed to do.
    Instructions,
}

impl ClaimKind {
    /// Whether evidence can support it at all: what the assistant may never say, whatever a page says, is none.
    pub fn can_be_supported(self) -> bool {
        !matches!(self, Self::Identity | Self::Secret | Self::Instructions)
    }

    /// For receipts: `money`, `order_status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Percentage => "percentage",
            Self::Quantity => "quantity",
            Self::Date => "date",
            Self::Time => "time",
            Self::Number => "number",
            Self::Reference => "reference",
            Self::Address => "address",
            Self::Stock => "stock",
            Self::OrderStatus => "order_status",
            Self::Policy => "policy",
            Self::Action => "action",
            Self::Identity => "identity",
            Self::Secret => "secret",
            Self::Instructions => "instructions",
        }
    }
}

/// A claim that nothing supports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    pub kind: ClaimKind,
    /// As it stands in the sentence.
    pub text: String,
}

/// What supports a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum EvidenceRef {
    /// A passage by its number, from 1.
    Passage { number: usize },
    /// A result of a tool by its place among the results, from 0.
    Tool { index: usize },
    /// The customer's own words, repeated.
    Customer,
}

impl fmt::Display for EvidenceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passage { number } => write!(f, "passage {number}"),
            Self::Tool { index } => write!(f, "tool result {}", index + 1),
            Self::Customer => f.write_str("customer"),
        }
    }
}

/// What the check says of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// It claims nothing.
    NoClaim,
    /// All that it claims is supported; `by` has each source once, in their order.
    Supported {
        by: Vec<EvidenceRef>,
    },
    Unsupported {
        claims: Vec<Claim>,
    },
}

/// Reads a sentence for claims and looks for what supports each. Marks of sources in it do not matter here: which passages
/// count is the evidence's to say.
pub fn check(sentence: &str, evidence: &Evidence) -> Verdict {
    let plain = bare(sentence);
    let plain = plain.as_str();
    let german = looks_german(plain).or_else(|| looks_german(&evidence.question_text));
    let read = Text::read(plain, false, german);
    let mut outcome = Outcome::default();
    let asks = is_question(&read, plain);
    for (kind, tokens) in conduct::breaches(&read, asks, evidence) {
        outcome.note(None, kind, &read, &tokens, plain);
    }
    if let Some((asked, answered)) = elliptical(&read, evidence) {
        outcome.check(&answered, &asked, Voice::Affirmed, evidence);
        return outcome.verdict();
    }
    let voice = if asks { Voice::Asking } else { Voice::Stating };
    outcome.check(&read, plain, voice, evidence);
    outcome.verdict()
}

/// Whether a lower-case word is one of those, English or German, by which sentences are read.
pub(super) fn knows(word: &str) -> bool {
    lexicon::is_filler(word) || !lexicon::concepts(word).is_empty()
}

/// Whether two numbers, as they are written, can be the same: `1.299,00` and `1,299.00`, not `2,5` and `25`.
pub(super) fn same_number(one: &str, other: &str) -> bool {
    let readings = |text: &str| number::digits(text, number::Grouping::Unknown);
    let others = readings(other);
    readings(one).iter().any(|reading| others.contains(reading))
}

/// Who says a sentence, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    /// The assistant states it.
    Stating,
    /// The assistant asks it.
    Asking,
    /// The customer asked it, and the assistant says yes or no.
    Affirmed,
}

#[derive(Default)]
struct Outcome {
    by: Vec<EvidenceRef>,
    unsupported: Vec<Claim>,
}

impl Outcome {
    fn check(&mut self, read: &Text, written: &str, voice: Voice, evidence: &Evidence) {
        let asks = voice == Voice::Asking;
        for found in &read.found {
            if voice == Voice::Affirmed || claims_value(found, read, asks) {
                let support = anchor::support(found, read, evidence).or_else(|| echo(found, read, evidence, asks));
                self.note(support, kind_of(&found.value), read, &found.tokens, written);
            }
        }
        if asks {
            return;
        }
        for rule in policy::rules(read, evidence, voice == Voice::Affirmed) {
            self.note(rule.support(evidence), ClaimKind::Policy, read, &rule.clause.tokens, written);
        }
        if voice == Voice::Affirmed {
            return;
        }
        for clause in &read.clauses {
            let words = read.words_in(&clause.tokens);
            if frames::role(&words) == Role::Acts {
                self.note(act_support(&words, evidence), ClaimKind::Action, read, &clause.tokens, written);
            }
        }
    }

    fn note(
        &mut self,
        support: Option<EvidenceRef>,
        kind: ClaimKind,
        read: &Text,
        tokens: &Range<usize>,
        written: &str,
    ) {
        match support {
            Some(source) if !self.by.contains(&source) => self.by.push(source),
            Some(_) => {}
            None => self.unsupported.push(Claim { kind, text: slice(read, tokens, written) }),
        }
    }

    fn verdict(mut self) -> Verdict {
        if !self.unsupported.is_empty() {
            return Verdict::Unsupported { claims: self.unsupported };
        }
        if self.by.is_empty() {
            return Verdict::NoClaim;
        }
        self.by.sort();
        Verdict::Supported { by: self.by }
    }
}

fn slice(read: &Text, tokens: &Range<usize>, written: &str) -> String {
    let part = read.tokens.get(tokens.clone()).unwrap_or_default();
    let (Some(first), Some(last)) = (part.first(), part.last()) else { return String::new() };
    let text = written.get(first.range.start..last.range.end).unwrap_or_default();
    text.trim_matches(|c: char| c.is_whitespace() || ",;".contains(c)).to_owned()
}

fn kind_of(value: &Value) -> ClaimKind {
    match value {
        Value::Money { .. } => ClaimKind::Money,
        Value::Percent(_) => ClaimKind::Percentage,
        Value::Quantity { .. } => ClaimKind::Quantity,
        Value::Day(_) | Value::Weekdays(_) | Value::Relative(_) => ClaimKind::Date,
        Value::Time(_) => ClaimKind::Time,
        Value::Number(_) => ClaimKind::Number,
        Value::Reference(_) => ClaimKind::Reference,
        Value::Link(_) | Value::Email(_) | Value::Phone(_) => ClaimKind::Address,
        Value::Stock(_) => ClaimKind::Stock,
        Value::Status { .. } => ClaimKind::OrderStatus,
    }
}

/// A question to the customer. "Did you know that …?" states what it asks.
fn is_question(read: &Text, written: &str) -> bool {
    let words = read.words_in(&(0..read.tokens.len()));
    let tells =
        matches!(words.as_slice(), ["did", "you", "know", ..] | ["wussten", "sie", ..] | ["wusstest", "du", ..]);
    written.trim_end_matches(['"', '”', '*', ')', ' ']).ends_with('?') && !tells
}

/// Whether the value is claimed to be so. A question names days and quantities without claiming them, and what may be in
/// stock or shipped is not said to be.
fn claims_value(found: &Found, read: &Text, asks: bool) -> bool {
    let clause = read.clause_of(found.tokens.start);
    let conditional = clause.is_some_and(|clause| clause.conditional);
    let words = clause.map(|clause| read.words_in(&clause.tokens)).unwrap_or_default();
    let talks = frames::role(&words) == Role::Talks;
    match found.value {
        Value::Stock(_) | Value::Status { .. } => !asks && !conditional && !talks,
        Value::Weekdays(_) | Value::Quantity { .. } | Value::Number(_) | Value::Time(_) => !asks,
        Value::Relative(_) => !asks && !talks && !is_small_talk(read),
        _ => true,
    }
}

/// "Today" in a greeting is no date.
fn is_small_talk(read: &Text) -> bool {
    const TALK: &[&str] = &[
        "help",
        "enjoy",
        "wish",
        "wünsche",
        "schönen",
        "nice",
        "welcome",
        "contacting",
        "reaching",
        "writing",
        "thank",
    ];
    read.found.len() == 1 && read.tokens.iter().any(|token| token.is_word(TALK))
}

/// What the customer said may be repeated where the sentence repeats it: a quantity in "you asked for two weeks", never an
/// amount, a date or stock.
fn echo(found: &Found, read: &Text, evidence: &Evidence, asks: bool) -> Option<EvidenceRef> {
    if !matches!(found.value, Value::Quantity { .. }) {
        return None;
    }
    let clause = read.clause_of(found.tokens.start);
    let words = clause.map(|clause| read.words_in(&clause.tokens)).unwrap_or_default();
    let repeats = asks || frames::role(&words) == Role::Talks || clause.is_some_and(|clause| clause.conditional);
    (repeats && evidence.question.found.iter().any(|own| found.is_stated_by(own))).then_some(EvidenceRef::Customer)
}

/// A tool did what the assistant says that it did.
fn act_support(words: &[&str], evidence: &Evidence) -> Option<EvidenceRef> {
    let act = frames::act(words)?;
    let text = Text::read(act, false, None);
    let done = evidence.statements.iter().find(|statement| {
        let by_tool = matches!(statement.source, EvidenceRef::Tool { .. });
        let failed = statement.text.tokens.iter().any(|token| token.is_word(&["error", "failed", "denied", "not"]));
        let states = |term: &str| statement.text.names().any(|own| reading::same_term(own, term));
        let by_status = text.names().any(states)
            || statement.text.tokens.iter().any(|token| {
                token.lower.starts_with(act) || act.starts_with(token.lower.as_str()) && token.lower.len() > 3
            });
        by_tool && !failed && by_status
    });
    done.map(|statement| statement.source)
}

/// Words by which an answer affirms what was asked.
const AFFIRMING: &[&str] = &[
    "yes",
    "yep",
    "yeah",
    "ja",
    "jawohl",
    "correct",
    "right",
    "richtig",
    "stimmt",
    "exactly",
    "genau",
    "absolutely",
    "certainly",
    "definitely",
];

/// Words that affirm what was asked, unless it was something to be told.
const ASSURING: &[&str] =
    &["sure", "course", "naturally", "natürlich", "selbstverständlich", "klar", "gern", "gerne", "indeed"];

/// Whether a "sure" to this question says that something is so, and not that it will be told.
fn asks_whether(question: &str) -> bool {
    const OPEN: &[&str] = &[
        "what",
        "how",
        "when",
        "where",
        "which",
        "who",
        "why",
        "was",
        "wie",
        "wann",
        "wo",
        "wohin",
        "woher",
        "welche",
        "welcher",
        "welches",
        "welchen",
        "wer",
        "wen",
        "wem",
        "warum",
        "wieso",
        "wieviel",
        "tell",
        "explain",
        "show",
        "give",
        "send",
        "sagen",
        "erklären",
        "zeigen",
        "geben",
        "nennen",
        "schicken",
        "find",
        "finden",
        "recommend",
        "empfehlen",
    ];
    let words: Vec<String> = question.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase).collect();
    !words.iter().any(|word| OPEN.contains(&word.as_str()))
}

/// The last question in what the customer wrote.
fn question_in(text: &str) -> Option<&str> {
    let mut sentences =
        text.lines().flat_map(|line| split_line(line, 0..line.len()).into_iter().filter_map(|range| line.get(range)));
    sentences.rfind(|sentence| sentence.ends_with('?'))
}

/// "Yes, we do." claims what the customer asked; gives the question and how it reads as that claim. `None` for a sentence
/// that says something itself.
fn elliptical(read: &Text, evidence: &Evidence) -> Option<(String, Text)> {
    const DENYING: &[&str] = &["no", "nope", "nein", "unfortunately", "leider"];
    const MAX_WORDS: usize = 8;
    let words = read.words_in(&(0..read.tokens.len()));
    let first = words.first()?;
    // "Yes, of course." and "Sure!" say no more than "Yes.".
    let affirms = |word: &&str| AFFIRMING.contains(word) || ASSURING.contains(word) || matches!(*word, "of" | "but");
    let only_affirms = words.iter().all(affirms);
    let assures = only_affirms && !AFFIRMING.contains(first);
    let says_more = !only_affirms && read.names().next().is_some() || !read.found.is_empty();
    if says_more || words.len() > MAX_WORDS {
        return None;
    }
    let is_denial = |word: &&str| matches!(*word, "not" | "no" | "nicht" | "nein" | "cannot") || word.ends_with("n't");
    let denies = DENYING.contains(first) && (words.iter().any(is_denial));
    let helps = words
        .iter()
        .any(|word| matches!(*word, "help" | "check" | "moment" | "helfen" | "gerne" | "let" | "i'll" | "i"));
    if !(AFFIRMING.contains(first) || assures || denies) || helps {
        return None;
    }
    let asked = question_in(&evidence.question_text)?;
    if assures && !asks_whether(asked) {
        return None;
    }
    let mut claim = Text::read(asked, false, looks_german(asked));
    if claim
        .tokens
        .iter()
        .any(|token| token.is_word(&["help", "hilfe", "helfen", "speak", "talk", "human", "sprechen"]))
    {
        return None;
    }
    if denies {
        claim.found.clear();
        for clause in &mut claim.clauses {
            clause.negated = !clause.negated;
        }
    }
    Some((asked.to_owned(), claim))
}
