//! Amounts as they are spoken: "nine ninety", "neun Euro neunzig", "fifty cents", "a tenner", "ten off".

use omniops_types::Currency;

use super::super::number::{Decimal, Grouping, ONE, Read, below_hundred, read};
use super::super::text::{Kind, Token};
use super::super::values::{Found, Span, Value};
use super::measure::{currency, unit};
use super::{Reading, is_word_at, word_before};
use crate::knowledge::extractive::words::is_stop_word;

const PRICES: &[&str] = &[
    "cost",
    "costs",
    "price",
    "prices",
    "priced",
    "kostet",
    "kosten",
    "preis",
    "preise",
    "total",
    "gesamtpreis",
    "charge",
    "charges",
    "pay",
    "macht",
    "berechnen",
    "zahlen",
];

/// A price is spoken of right before the token.
pub(super) fn is_near_price(tokens: &[Token], at: usize) -> bool {
    const REACH: usize = 3;
    (1..=REACH).filter_map(|back| at.checked_sub(back)).any(|place| is_word_at(tokens, place, PRICES))
}

/// "Nine ninety" is 9.90, "two fifty" may be 250 as well. Of years and of times it is not said.
pub(super) fn pair(tokens: &[Token], at: usize) -> Option<Read> {
    const OF_TIME: &[&str] =
        &["in", "since", "seit", "year", "jahr", "at", "around", "until", "till", "um", "by", "before", "after"];
    let is_word = |place: usize| tokens.get(place).is_some_and(|token| token.kind == Kind::Word);
    if OF_TIME.contains(&word_before(tokens, at)) || !is_word(at) {
        return None;
    }
    let (whole, length) = below_hundred(tokens, at).filter(|(whole, _)| (1..100).contains(whole))?;
    let (rest, rest_length) = below_hundred(tokens, at + length).filter(|(rest, _)| (10..100).contains(rest))?;
    let end = at + length + rest_length;
    let hyphen = usize::from(tokens.get(end).is_some_and(|token| token.is("-") && token.glued));
    if unit(tokens, end + hyphen).is_some() {
        return None;
    }
    let readings = vec![whole * ONE + rest * ONE / 100, (whole * 100 + rest) * ONE];
    Some(Read { readings, length: length + rest_length, in_words: true })
}

/// "A euro", "ein Euro".
pub(super) fn one(tokens: &[Token], at: usize) -> Option<Read> {
    let is_one = is_word_at(tokens, at, &["a", "one", "ein", "einen", "einem"]) && currency(tokens, at + 1).is_some();
    is_one.then(|| Read { readings: vec![ONE], length: 1, in_words: true })
}

/// What stands behind an amount and its currency: "nine euros ninety", "9 Euro 90", "nine euros and ninety cents".
pub(super) fn cents_behind(tokens: &[Token], at: usize) -> Option<(Decimal, usize)> {
    let and = usize::from(is_word_at(tokens, at, &["and", "und"]));
    let small = |number: &Decimal| (ONE..100 * ONE).contains(number) && number % ONE == 0;
    let cents = read(tokens, at + and, Grouping::Thousands)?;
    let number = cents.readings.first().copied().filter(small)?;
    let end = at + and + cents.length;
    let hundredths = number / 100;
    if is_word_at(tokens, end, CENTS) {
        return Some((hundredths, end + 1 - at));
    }
    // "For 5 euros two bags" counts bags, and "5 € 3 Tage" days.
    let two_digits = cents.in_words || tokens.get(at).is_some_and(|token| token.text.len() == 2);
    let ends = tokens.get(end).is_none_or(|next| match next.kind {
        Kind::Word => is_stop_word(&next.lower) || matches!(next.lower.as_str(), "each" | "extra" | "pro"),
        Kind::Sign => !["-", "%", "€", "$", "£", "°", "/"].iter().any(|sign| next.is(sign)),
        Kind::Number | Kind::Link | Kind::Email => false,
    });
    let counts = unit(tokens, end).is_some() || currency(tokens, end).is_some();
    (and == 0 && two_digits && number >= 10 * ONE && ends && !counts).then_some((hundredths, cents.length))
}

const CENTS: &[&str] = &["cent", "cents", "ct", "cts", "rappen", "pence"];

/// "Fifty cents", "90 Cent", "50p": an amount below one of a currency. `start..end` is the number.
pub(super) fn coins(tokens: &[Token], start: usize, end: usize, number: &[Decimal]) -> Option<(Found, usize)> {
    let token = tokens.get(end)?;
    let code = match token.lower.as_str() {
        "rappen" => Some("CHF"),
        "pence" => Some("GBP"),
        "p" if token.glued && token.kind == Kind::Word => Some("GBP"),
        word if CENTS.contains(&word) => None,
        _ => return None,
    };
    let currency: Option<Currency> = code.and_then(|code| code.parse().ok());
    let span = Span::of(number.iter().map(|number| number / 100).collect());
    Some((Found::new(Value::Money { currency, span }, start..end + 1), end + 1))
}

/// The number from `at` to `end` is taken off a price: "I'll knock ten off".
pub(super) fn is_taken_off(tokens: &[Token], at: usize, end: usize) -> bool {
    const TAKING: &[&str] =
        &["knock", "take", "taking", "get", "gets", "give", "you", "another", "extra", "shave", "save", "for", "off"];
    is_word_at(tokens, end, &["off"]) && TAKING.contains(&word_before(tokens, at))
}

/// An amount in words without a currency: where a price is spoken of, where it is taken off, and "nine ninety" anywhere.
pub(super) fn amount(tokens: &[Token], at: usize) -> Reading {
    const NOTES: &[(&str, i64)] = &[("fiver", 5), ("tenner", 10), ("fünfer", 5), ("zehner", 10), ("zwanziger", 20)];
    let found = |readings: Vec<Decimal>, end: usize| {
        let value = Value::Money { currency: None, span: Span::of(readings) };
        Some((vec![Found::new(value, at..end)], end))
    };
    let token = tokens.get(at).filter(|token| token.kind == Kind::Word)?;
    if let Some((_, note)) = NOTES.iter().find(|(name, _)| *name == token.lower) {
        return found(vec![note * ONE], at + 1);
    }
    let spoken = pair(tokens, at);
    let is_pair = spoken.is_some();
    let Read { readings, length, in_words } = spoken.or_else(|| read(tokens, at, Grouping::Thousands))?;
    let end = at + length;
    let is_one = readings.first().is_none_or(|number| *number <= ONE);
    let counts_things = tokens.get(end).is_some_and(|next| {
        let goes_on = is_stop_word(&next.lower) || matches!(next.lower.as_str(), "each" | "pro" | "off");
        next.kind == Kind::Word && !goes_on || next.is("-") && next.glued
    });
    let is_amount = is_pair || !is_one && is_near_price(tokens, at) || is_taken_off(tokens, at, end);
    if in_words && is_amount && !counts_things { found(readings, end) } else { None }
}

/// "Half price", "zum halben Preis", "a quarter off", "um die Hälfte": a share without its number, and its tokens.
pub(super) fn share(tokens: &[Token], at: usize) -> Option<(Decimal, usize)> {
    const HALF: &[&str] = &["halbe", "halben", "halber"];
    const LESS: &[&str] = &["erlassen", "günstiger", "billiger", "reduziert", "weniger", "rabatt", "nachlass"];
    let is = |place: usize, words: &[&str]| is_word_at(tokens, place, words);
    if is(at, &["half"]) && is(at + 1, &["price", "off"]) || is(at, HALF) && is(at + 1, &["preis", "preise"]) {
        return Some((50 * ONE, 2));
    }
    if is(at, &["hälfte"]) && is(at + 1, LESS) {
        return Some((50 * ONE, 1));
    }
    let off = |place: usize| is(place, &["off"]) || is(place, LESS);
    match tokens.get(at)?.lower.as_str() {
        "quarter" | "viertel" if off(at + 1) => Some((25 * ONE, 1)),
        "third" | "drittel" if off(at + 1) => Some((100 * ONE / 3, 1)),
        _ => None,
    }
}
