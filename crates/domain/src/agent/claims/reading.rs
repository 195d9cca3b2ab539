//! A text read closely: its values, what its words mean, its clauses, and which of them deny.

use std::ops::Range;

use super::extract::{Style, values};
use super::lexicon::{concepts, is_english_filler, is_filler, phrase};
use super::number::{self, Grouping};
use super::text::{Kind, Token, tokens};
use super::values::{Found, Value};
use crate::knowledge::extractive::negation::is_negation;
use crate::knowledge::extractive::words::stem;

/// A word with a meaning of its own: a concept (`#ship`), a stem or a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub name: String,
    /// Its token.
    pub at: usize,
    /// No concept, and written as names are: with a capital, or in digits.
    pub is_name: bool,
}

/// A part of a sentence with a verb of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    pub tokens: Range<usize>,
    /// It says when or whether something is so: "if you return it".
    pub conditional: bool,
    /// It denies: an odd number of negations.
    pub negated: bool,
}

/// A text and what it says.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub tokens: Vec<Token>,
    pub found: Vec<Found>,
    pub terms: Vec<Term>,
    pub clauses: Vec<Clause>,
    /// Parts between commas and conjunctions: which words belong to which value.
    pub segments: Vec<Range<usize>>,
}

impl Text {
    /// `is_data` is a row or a field rather than a sentence; `german` the language, where it is known.
    pub fn read(text: &str, is_data: bool, german: Option<bool>) -> Self {
        let tokens = tokens(text);
        let style = Style { grouping: Grouping::of_language(german), is_data };
        let found = values(&tokens, style);
        let (terms, mut in_phrases) = terms(&tokens, &found);
        in_phrases.extend(found.iter().filter(|found| matches!(found.value, Value::Stock(_))).map(|found| {
            // "not in stock" is a state, and its negation is spent.
            found.tokens.start.saturating_sub(3)..found.tokens.end
        }));
        let negations = negations(&tokens, &in_phrases);
        let clauses = clauses(&tokens, &found, &negations);
        let segments = segments(&tokens, &found);
        Self { tokens, found, terms, clauses, segments }
    }

    pub fn terms_in<'a>(&'a self, range: &'a Range<usize>) -> impl Iterator<Item = &'a str> {
        self.terms.iter().filter(|term| range.contains(&term.at)).map(|term| term.name.as_str())
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(|term| term.name.as_str())
    }

    pub fn segment_of(&self, at: usize) -> Range<usize> {
        self.segments.iter().find(|segment| segment.contains(&at)).cloned().unwrap_or(0..self.tokens.len())
    }

    pub fn clause_of(&self, at: usize) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.tokens.contains(&at))
    }

    /// Whether the clause has the subject of the one before: "and cannot be cancelled".
    pub fn goes_on(&self, clause: &Clause) -> bool {
        let words = self.words_in(&clause.tokens);
        match words.as_slice() {
            [joint, next, ..] => {
                CONJUNCTIONS.contains(joint) && (is_finite(next) || *next == "also" && words.len() > 2)
            }
            _ => false,
        }
    }

    /// The words of a part, lower case.
    pub fn words_in(&self, range: &Range<usize>) -> Vec<&str> {
        let words = self.tokens.get(range.clone()).unwrap_or_default().iter();
        words.filter(|token| token.kind == Kind::Word).map(|token| token.lower.as_str()).collect()
    }
}

/// Whether two terms mean the same: the same name, or two stems of which one is the beginning of the other.
pub(super) fn same_term(one: &str, other: &str) -> bool {
    const SHORTEST: usize = 5;
    const LONGEST_ENDING: usize = 3;
    if one == other {
        return true;
    }
    let is_plain = |term: &str| !term.starts_with('#') && !term.starts_with(|c: char| c.is_ascii_digit());
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    is_plain(one)
        && is_plain(other)
        && short.chars().count() >= SHORTEST
        && long.starts_with(short)
        && long.len() - short.len() <= LONGEST_ENDING
}

/// The terms, and the tokens of phrases that mean something as a whole.
fn terms(tokens: &[Token], found: &[Found]) -> (Vec<Term>, Vec<Range<usize>>) {
    let in_value = |at: usize| {
        found
            .iter()
            .any(|found| found.tokens.contains(&at) && !matches!(found.value, Value::Reference(_) | Value::Number(_)))
    };
    let mut terms: Vec<Term> = Vec::new();
    let mut phrases = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if in_value(at) {
            // "10 % off".
            if tokens.get(at + 1).is_some_and(|next| next.is_word(&["off"])) && !in_value(at + 1) {
                terms.push(Term { name: "#discount".to_owned(), at: at + 1, is_name: false });
            }
            at += 1;
            continue;
        }
        match token.kind {
            Kind::Number => terms.push(Term { name: token.lower.clone(), at, is_name: true }),
            Kind::Word => {
                if let Some((name, end)) = phrase_at(tokens, at, &in_value) {
                    let both: &[&str] = match name {
                        "#free-shipping" => &["#free", "#ship"],
                        "#closed" => &["#open"],
                        _ => &[name],
                    };
                    terms.extend(both.iter().map(|name| Term { name: (*name).to_owned(), at, is_name: false }));
                    phrases.push(at..end);
                    at = end;
                    continue;
                }
                let has_capital = token.text.starts_with(char::is_uppercase);
                terms.extend(word_terms(tokens, at).into_iter().map(|name| {
                    let is_name = has_capital && !name.starts_with('#');
                    Term { name, at, is_name }
                }));
            }
            Kind::Sign | Kind::Link | Kind::Email => {}
        }
        at += 1;
    }
    (terms, phrases)
}

/// The phrase that begins at the token, and the token after it.
fn phrase_at(tokens: &[Token], at: usize, in_value: &impl Fn(usize) -> bool) -> Option<(&'static str, usize)> {
    const LONGEST: usize = 7;
    let mut places = Vec::new();
    let mut place = at;
    while let Some(token) = tokens.get(place) {
        let hyphen = token.is("-") && token.glued;
        if token.kind == Kind::Word && !in_value(place) {
            places.push(place);
        } else if !hyphen {
            break;
        }
        place += 1;
        if places.len() >= LONGEST {
            break;
        }
    }
    let word = |distance: usize| {
        let place = places.get(distance)?;
        tokens.get(*place).map(|token| token.lower.as_str())
    };
    let (concept, length) = phrase(word)?;
    Some((concept.name, places.get(length - 1)? + 1))
}

fn word_terms(tokens: &[Token], at: usize) -> Vec<String> {
    let Some(token) = tokens.get(at) else { return Vec::new() };
    let word = token.lower.strip_suffix("'s").unwrap_or(&token.lower);
    if let Some(number) = number::value(word) {
        return vec![number.to_string()];
    }
    // "worry-free" costs what it costs; "send … back" returns.
    let hyphenated =
        token.glued && at.checked_sub(1).is_some_and(|before| tokens.get(before).is_some_and(|token| token.is("-")));
    if word == "free" && (hyphenated || is_free_of_something(tokens, at)) {
        return Vec::new();
    }
    if word == "back" {
        let before = tokens.get(at.saturating_sub(6)..at).unwrap_or_default();
        let is_return = before
            .iter()
            .any(|token| token.is_word(&["send", "sent", "sending", "give", "bring", "ship", "mail", "post"]));
        return if is_return { vec!["#return".to_owned()] } else { Vec::new() };
    }
    let found = concepts(word);
    if !found.is_empty() {
        // Closed is not open: the denial is counted among the negations.
        return found.into_iter().map(|concept| concept.name.replace("#closed", "#open")).collect();
    }
    // "Size L".
    if matches!(token.text.as_str(), "S" | "M" | "L") {
        return vec![word.to_owned()];
    }
    // "The Year plan".
    let is_title = at > 0 && token.text.starts_with(char::is_uppercase) && is_english_filler(word);
    if is_title {
        return vec![stem(word)];
    }
    if is_filler(word) || word.chars().count() < 2 { Vec::new() } else { vec![stem(word)] }
}

/// "Free of PFAS" costs something; "free from €75" is about money.
fn is_free_of_something(tokens: &[Token], at: usize) -> bool {
    let rest = tokens.get(at + 1..).unwrap_or_default();
    let of = rest.first().is_some_and(|token| token.is_word(&["of", "from"]));
    let is_amount =
        |token: &Token| token.kind == Kind::Number || token.is("€") || token.is("$") || token.is("£") || token.is(":");
    of && rest.get(1).is_some_and(|token| token.kind == Kind::Word) && !rest.iter().take(8).any(is_amount)
}

/// The tokens that deny.
fn negations(tokens: &[Token], spent: &[Range<usize>]) -> Vec<usize> {
    const MORE: &[&str] = &[
        "nor",
        "neither",
        "none",
        "without",
        "unable",
        "impossible",
        "except",
        "excluding",
        "excluded",
        "exclude",
        "excludes",
        "non",
        "nobody",
        "nothing",
        "ohne",
        "weder",
        "ausgeschlossen",
        "ausgenommen",
        "außer",
        "unmöglich",
        "nichts",
        "void",
        "voids",
        "voided",
        "erlischt",
        "refuse",
        "refuses",
        "prohibited",
        "ineligible",
        "closed",
        "geschlossen",
        "unavailable",
    ];
    /// Behind a negation, these make it no negation.
    const HARMLESS: &[&str] = &["only", "nur", "problem", "worries", "worry", "sorge", "matter", "doubt", "zweifel"];
    const COMPARED: &[&str] = &["more", "less", "later", "longer", "fewer", "mehr", "weniger", "später", "länger"];
    let word =
        |at: usize| tokens.get(at).filter(|token| token.kind == Kind::Word).map_or("", |token| token.lower.as_str());
    let is_spent = |at: usize| spent.iter().any(|range| range.contains(&at));
    (0..tokens.len())
        .filter(|&at| {
            let here = word(at);
            let denies = is_negation(here) || here.ends_with("n't") || MORE.contains(&here);
            if !denies || is_spent(at) || HARMLESS.contains(&word(at + 1)) {
                return false;
            }
            let compares = COMPARED.contains(&word(at + 1)) && matches!(word(at + 2), "than" | "als");
            // "No, we do not" denies once.
            let answers = at == 0
                && matches!(here, "no" | "nein")
                && tokens.get(1).is_none_or(|next| next.kind == Kind::Sign || is_subject(&next.lower));
            !compares && !answers
        })
        .collect()
}

fn is_subject(word: &str) -> bool {
    const SUBJECTS: &[&str] = &[
        "we", "you", "i", "it", "they", "there", "this", "that", "these", "he", "she", "wir", "sie", "du", "ihr",
        "ich", "es", "das", "dies", "your", "our", "the", "unser", "unsere", "ihre", "deine", "die", "der",
    ];
    SUBJECTS.contains(&word)
}

/// Words that only a verb can be, or that are verbs in nearly all sentences of shops.
pub(super) fn is_finite(word: &str) -> bool {
    const VERBS: &[&str] = &[
        "am",
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "has",
        "have",
        "had",
        "can",
        "cannot",
        "could",
        "may",
        "might",
        "must",
        "shall",
        "should",
        "will",
        "would",
        "need",
        "needs",
        "costs",
        "takes",
        "take",
        "ships",
        "delivers",
        "accept",
        "accepts",
        "offer",
        "offers",
        "covers",
        "get",
        "gets",
        "lasts",
        "arrives",
        "leaves",
        "refund",
        "refunds",
        "applies",
        "apply",
        "provide",
        "provides",
        "includes",
        "weighs",
        "works",
        "comes",
        "means",
        "starts",
        "ends",
        "expires",
        "runs",
        "ship",
        "deliver",
        "cover",
        "pay",
        "send",
        "ist",
        "sind",
        "war",
        "waren",
        "hat",
        "haben",
        "kann",
        "können",
        "kannst",
        "darf",
        "dürfen",
        "darfst",
        "muss",
        "müssen",
        "musst",
        "soll",
        "sollen",
        "wird",
        "werden",
        "würde",
        "möchte",
        "möchten",
        "kostet",
        "dauert",
        "liefern",
        "liefert",
        "versenden",
        "versendet",
        "akzeptieren",
        "bieten",
        "bietet",
        "gilt",
        "gelten",
        "beträgt",
        "gibt",
        "erstatten",
        "erstattet",
        "übernehmen",
        "übernimmt",
        "erhalten",
        "erhältst",
        "bekommen",
        "bekommst",
        "zahlen",
        "wiegt",
        "liegt",
        "deckt",
    ];
    const CONTRACTED: &[&str] = &["'re", "'ll", "'ve", "'d", "n't", "'m"];
    const PRONOUNS: &[&str] = &["it's", "that's", "there's", "here's", "what's", "he's", "she's"];
    VERBS.contains(&word) || CONTRACTED.iter().any(|ending| word.ends_with(ending)) || PRONOUNS.contains(&word)
}

/// Where a new clause begins, whatever comes.
const CONTRASTS: &[&str] = &[
    "but",
    "however",
    "although",
    "though",
    "whereas",
    "because",
    "aber",
    "jedoch",
    "sondern",
    "obwohl",
    "weil",
    "allerdings",
];
const CONDITIONS: &[&str] = &[
    "if", "when", "once", "unless", "whether", "wenn", "falls", "sofern", "sobald", "solange", "provided", "assuming",
    "ob", "while",
];
/// Words with which a part begins that is no more than a courtesy, or tells of the assistant.
const COURTEOUS: &[&str] = &[
    "thank",
    "thanks",
    "sorry",
    "hello",
    "hi",
    "hey",
    "great",
    "good",
    "sure",
    "yes",
    "no",
    "ok",
    "okay",
    "danke",
    "vielen",
    "hallo",
    "regarding",
    "unfortunately",
    "leider",
    "apologies",
    "entschuldigung",
    "i",
    "i'm",
    "i've",
    "ich",
    "ja",
    "nein",
    "gut",
    "let",
    "natürlich",
    "gerne",
    "certainly",
    "absolutely",
    "of",
    "perfect",
    "super",
];
const CONJUNCTIONS: &[&str] = &["and", "or", "und", "oder", "sowie", "then", "dann"];

/// Words of a part without a verb that denies: "not to Norway".
const MAX_DENIED: usize = 5;

fn clauses(tokens: &[Token], found: &[Found], negations: &[usize]) -> Vec<Clause> {
    let in_value = |at: usize| found.iter().any(|found| found.tokens.contains(&at) && found.tokens.start < at);
    let has_verb = |range: Range<usize>| {
        tokens.get(range).unwrap_or_default().iter().any(|token| token.kind == Kind::Word && is_finite(&token.lower))
    };
    let is_joint =
        |at: usize| tokens.get(at).is_some_and(|token| token.is(",") || token.is(":") || token.is_word(CONJUNCTIONS));
    let is_break = |at: usize| {
        tokens.get(at).is_some_and(|token| {
            token.is(";")
                || token.is("!")
                || token.is("?")
                || token.is("…")
                || token.is("–") && !token.glued
                || token.is("(")
                || token.is(")")
                || token.is(".") && at + 1 < tokens.len() && !tokens.get(at + 1).is_some_and(|next| next.glued)
                || token.is_word(CONTRASTS)
        })
    };
    let is_condition = |at: usize| {
        let words = |offset: usize| tokens.get(at + offset).map_or("", |token| token.lower.as_str());
        tokens.get(at).is_some_and(|token| token.is_word(CONDITIONS))
            || matches!(
                (words(0), words(1), words(2)),
                ("as", "long" | "soon", "as") | ("in", "case", _) | ("im", "falle", _)
            )
            || at == 0 && words(0) == "should"
    };
    let mut clauses = Vec::new();
    let mut start = 0;
    let mut conditional = is_condition(0);
    let mut close = |range: Range<usize>, conditional: bool| {
        if tokens.get(range.clone()).unwrap_or_default().iter().any(|token| token.kind != Kind::Sign) {
            let count = negations.iter().filter(|at| range.contains(at)).count();
            clauses.push(Clause { tokens: range, conditional, negated: count % 2 == 1 });
        }
    };
    for at in 1..tokens.len() {
        if in_value(at) {
            continue;
        }
        let next_condition = is_condition(at);
        let splits = if is_break(at) || next_condition {
            true
        } else if is_joint(at) {
            // A condition ends at its comma. Else both sides need a verb, so that a list stays whole, or the right one denies:
            // "to Sweden, not to Norway".
            let right = (at + 1..tokens.len())
                .find(|next| is_joint(*next) || is_break(*next) || is_condition(*next))
                .unwrap_or(tokens.len());
            let denied = negations.contains(&(at + 1))
                && tokens.get(at + 1).is_some_and(|token| token.is_word(&["not", "nicht", "no", "never"]));
            let comma = tokens.get(at).is_some_and(|token| token.is(","));
            let colon = tokens.get(at).is_some_and(|token| token.is(":"));
            // "Thanks, returns are free" thanks and states.
            let first = tokens.get(start..at).unwrap_or_default().iter().find(|token| token.kind == Kind::Word);
            let courteous = first.is_some_and(|token| token.is_word(COURTEOUS));
            let left_ends = colon || courteous || has_verb(start..at);
            // "An Packstationen ist es möglich, an Postfächer nicht."
            let part = tokens.get(at + 1..right).unwrap_or_default();
            let short = comma && part.len() <= MAX_DENIED && (at + 1..right).any(|place| negations.contains(&place));
            let denied = denied || short;
            conditional && comma || left_ends && (has_verb(at + 1..right) || denied && !courteous && !colon)
        } else {
            false
        };
        // "Not when you order" is one.
        let is_word = |token: &Token| token.kind != Kind::Sign;
        let only_denies =
            (start..at).all(|place| negations.contains(&place) || !tokens.get(place).is_some_and(is_word));
        if splits && next_condition && only_denies {
            conditional = true;
        } else if splits {
            close(start..at, conditional);
            start = at;
            conditional = next_condition;
        }
    }
    close(start..tokens.len(), conditional);
    clauses
}

fn segments(tokens: &[Token], found: &[Found]) -> Vec<Range<usize>> {
    const JOINTS: &[&str] = &["and", "or", "und", "oder", "but", "aber", "while", "sowie", "whereas", "während"];
    let in_value = |at: usize| found.iter().any(|found| found.tokens.contains(&at) && found.tokens.start < at);
    let mut segments = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let is_stop = token.is(".") && !tokens.get(at + 1).is_some_and(|next| next.glued);
        let ends = [",", ";", ")", "!", "?", "…"].iter().any(|sign| token.is(sign))
            || is_stop
            || token.is("–") && !token.glued
            || token.is_word(JOINTS)
            || token.text == "plus";
        if ends && !in_value(at) {
            if start < at {
                segments.push(start..at);
            }
            start = at + 1;
        }
    }
    if start < tokens.len() {
        segments.push(start..tokens.len());
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Text {
        Text::read(text, false, Some(false))
    }

    fn part(text: &Text, range: &Range<usize>) -> String {
        text.tokens[range.clone()].iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn terms_are_what_is_meant() {
        let names = |text: &str| read(text).names().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(names("Shipping to Austria costs €6.90."), ["#ship", "#austria", "#price"]);
        assert_eq!(names("You can send your tent back free of charge"), ["#send", "#tent", "#return", "#free"]);
        assert_eq!(names("Der Versand nach Österreich ist kostenlos"), ["#ship", "#austria", "#free"]);
        assert_eq!(names("our two-person tent, the Skog 35"), ["2", "#person", "#tent", "skog", "35"]);
        assert_eq!(names("worry-free, feel free"), ["wor", "#at-ease"]);
    }

    #[test]
    fn clauses_have_their_own_negation() {
        for (text, expected) in [
            ("Returns are free.", vec![("Returns are free .", false, false)]),
            ("Returns are not free.", vec![("Returns are not free .", false, true)]),
            (
                "Returns are free, but we do not refund shipping.",
                vec![("Returns are free ,", false, false), ("but we do not refund shipping .", false, true)],
            ),
            (
                "If you return it, we refund you.",
                vec![("If you return it", true, false), (", we refund you .", false, false)],
            ),
            (
                "We ship to Sweden, not to Norway.",
                vec![("We ship to Sweden", false, false), (", not to Norway .", false, true)],
            ),
            ("We accept PayPal, Visa and Klarna", vec![("We accept PayPal , Visa and Klarna", false, false)]),
            ("No, we don't ship there", vec![("No", false, false), (", we don't ship there", false, true)]),
            ("within no more than 5 days", vec![("within no more than 5 days", false, false)]),
            ("It costs no extra charge", vec![("It costs no extra charge", false, false)]),
        ] {
            let read = read(text);
            let clauses: Vec<(String, bool, bool)> = read
                .clauses
                .iter()
                .map(|clause| (part(&read, &clause.tokens), clause.conditional, clause.negated))
                .collect();
            let expected: Vec<(String, bool, bool)> =
                expected.into_iter().map(|(text, a, b)| (text.to_owned(), a, b)).collect();
            assert_eq!(clauses, expected, "{text}");
        }
    }

    #[test]
    fn segments_belong_to_one_value() {
        let read = read("The Tarn 2 (€389) and the Tarn 4 costs €549, 2 to 3 days.");
        let parts: Vec<String> = read.segments.iter().map(|segment| part(&read, segment)).collect();
        assert_eq!(
            parts,
            ["The Tarn 2 ( €389".replace('€', "€ "), "the Tarn 4 costs € 549".into(), "2 to 3 days".into()]
        );
    }
}
