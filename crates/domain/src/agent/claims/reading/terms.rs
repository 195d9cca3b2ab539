//! What the words of a text mean.

use std::ops::Range;

use super::Term;
use crate::agent::claims::lexicon::{concepts, is_english_filler, is_filler, phrase};
use crate::agent::claims::number;
use crate::agent::claims::text::{Kind, Token};
use crate::agent::claims::values::{Found, Value};
use crate::knowledge::extractive::words::stem;

/// The terms, and the tokens of phrases that mean something as a whole.
pub(super) fn terms(tokens: &[Token], found: &[Found]) -> (Vec<Term>, Vec<Range<usize>>) {
    let in_value = |at: usize| {
        found.iter().any(|found| {
            found.tokens.contains(&at)
                && !matches!(found.value, Value::Reference(_) | Value::Number(_) | Value::Status { .. })
        })
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
                        "#not-free" => &["#free"],
                        _ => &[name],
                    };
                    terms.extend(both.iter().map(|name| Term { name: (*name).to_owned(), at, is_name: false }));
                    // What has its price is not free, and its denial is counted among the negations.
                    if name != "#not-free" {
                        phrases.push(at..end);
                    }
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
    if word == "used" && is_made_use_of(tokens, at) {
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
        return found
            .into_iter()
            .map(|concept| concept.name.replace("#closed", "#open").replace("#not-free", "#free"))
            .collect();
    }
    // "Size L", "the Otto E".
    let is_letter = token.text.len() == 1 && token.text.starts_with(|c: char| c.is_ascii_uppercase());
    if is_letter && !matches!(token.text.as_str(), "A" | "I") {
        return vec![word.to_owned()];
    }
    // "The Year plan".
    let is_title = at > 0 && token.text.starts_with(char::is_uppercase) && is_english_filler(word);
    if is_title {
        return vec![stem(word)];
    }
    if is_filler(word) || word.chars().count() < 2 { Vec::new() } else { vec![stem(word)] }
}

/// "The payment method that you used", "can be used with a code": no condition in which a thing is.
fn is_made_use_of(tokens: &[Token], at: usize) -> bool {
    const USES: &[&str] = &["to", "for", "with", "together", "as", "by", "in", "on", "at"];
    const TOOLS: &[&str] = &["payment", "method", "address", "card", "cards", "code", "codes", "voucher", "vouchers"];
    let before = tokens.get(at.saturating_sub(4)..at).unwrap_or_default();
    before.last().is_some_and(|token| token.is_word(&["be"]))
        || before.iter().any(|token| token.is_word(TOOLS))
        || tokens.get(at + 1).is_some_and(|next| next.is_word(USES))
}

/// "Free of PFAS" costs something; "free from €75" is about money.
fn is_free_of_something(tokens: &[Token], at: usize) -> bool {
    let rest = tokens.get(at + 1..).unwrap_or_default();
    let of = rest.first().is_some_and(|token| token.is_word(&["of", "from"]));
    let is_amount =
        |token: &Token| token.kind == Kind::Number || token.is("€") || token.is("$") || token.is("£") || token.is(":");
    of && rest.get(1).is_some_and(|token| token.kind == Kind::Word) && !rest.iter().take(8).any(is_amount)
}
