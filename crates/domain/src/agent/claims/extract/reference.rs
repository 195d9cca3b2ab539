//! What a thing is named by: order numbers, codes, addresses, telephone numbers.

use super::super::text::{Kind, Token};
use super::super::values::{Found, Value};
use super::{Reading, is_word_at};

/// Digits of a number that nobody counts with.
const LONG_NUMBER: usize = 5;
/// Characters of a code at least.
const MIN_CODE: usize = 5;

pub(super) fn address(tokens: &[Token], at: usize) -> Reading {
    let token = tokens.get(at)?;
    let value = match token.kind {
        Kind::Link => Value::Link(plain_link(&token.lower)),
        Kind::Email => Value::Email(token.lower.trim_start_matches("mailto:").to_owned()),
        Kind::Word | Kind::Number | Kind::Sign => return None,
    };
    Some((vec![Found::new(value, at..at + 1)], at + 1))
}

/// Without scheme, `www.` and the last slash.
pub(in crate::agent::claims) fn plain_link(link: &str) -> String {
    let link = link.to_lowercase();
    let link = link.split_once("://").map_or(link.as_str(), |(_, rest)| rest);
    link.strip_prefix("www.").unwrap_or(link).trim_end_matches('/').to_owned()
}

/// A telephone number: at least seven digits that begin with a plus or a zero.
pub(super) fn phone(tokens: &[Token], at: usize) -> Reading {
    const MIN_DIGITS: usize = 7;
    const MAX_DIGITS: usize = 15;
    let first = tokens.get(at)?;
    let is_number = |token: &Token| token.kind == Kind::Number && !token.text.contains(['.', ',']);
    if !(first.is("+") || is_number(first) && first.text.starts_with('0')) {
        return None;
    }
    let mut digits = String::new();
    let mut end = at;
    for (offset, token) in tokens.iter().skip(at).enumerate() {
        if is_number(token) {
            digits.extend(token.text.chars().filter(char::is_ascii_digit));
            end = at + offset + 1;
        } else if !(token.is("+") && offset == 0 || ["-", "/", "(", ")", "–", "."].iter().any(|sign| token.is(sign)))
        {
            break;
        }
        if digits.len() > MAX_DIGITS {
            return None;
        }
    }
    (digits.len() >= MIN_DIGITS).then(|| (vec![Found::new(Value::Phone(digits), at..end)], end))
}

/// An order, an invoice, an article, a voucher.
pub(super) fn reference(tokens: &[Token], at: usize) -> Reading {
    const NAMED: &[&str] = &[
        "order",
        "orders",
        "bestellung",
        "auftrag",
        "invoice",
        "rechnung",
        "bestellnummer",
        "auftragsnummer",
        "ordernumber",
        "sku",
        "artikelnummer",
        "code",
        "gutscheincode",
        "coupon",
        "tracking",
        "sendungsnummer",
        "number",
        "nummer",
        "nr",
        "no",
    ];
    const BETWEEN: &[&str] = &["number", "nummer", "no", "nr", "is", "ist", "code", "lautet", "id"];
    let token = tokens.get(at)?;
    let found = |code: String, end: usize| Some((vec![Found::new(Value::Reference(code), at..end)], end));
    if token.is("#") {
        let (code, end) = code(tokens, at + 1)?;
        return code.contains(|c: char| c.is_ascii_digit()).then(|| found(code, end)).flatten();
    }
    let mut before = at;
    while before.checked_sub(1).and_then(|place| tokens.get(place)).is_some_and(|token| {
        token.is(".") || token.is(":") || token.is("#") || token.is("\"") || token.is_word(BETWEEN)
    }) {
        before -= 1;
    }
    let named = before.checked_sub(1).is_some_and(|place| is_word_at(tokens, place, NAMED))
        || before < at && (before..at).any(|place| is_word_at(tokens, place, NAMED));
    let (code, end) = code(tokens, at)?;
    let digits = code.chars().filter(char::is_ascii_digit).count();
    let is_upper = code.chars().any(char::is_uppercase) && !raw(tokens, at, end).chars().any(char::is_lowercase);
    let is_plain_number = digits == code.len();
    let is_code = is_upper && digits > 0 && code.len() >= MIN_CODE;
    let is_long = is_plain_number && digits >= LONG_NUMBER && token.text.len() == digits;
    let is_named = named && (digits >= 3 || is_upper && code.len() >= 4 && named_code(tokens, before));
    (is_code || is_long || is_named).then(|| found(code, end)).flatten()
}

/// A word in capitals is a code only behind the word "code".
fn named_code(tokens: &[Token], before: usize) -> bool {
    (before.saturating_sub(1)..before + 2)
        .any(|place| is_word_at(tokens, place, &["code", "gutscheincode", "coupon", "voucher"]))
}

/// Letters, digits and hyphens without a space between them, in capitals.
fn code(tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let is_part = |token: &Token| {
        matches!(token.kind, Kind::Word | Kind::Number) && !token.text.contains([',', '\'']) || token.is("-")
    };
    let first = tokens.get(at).filter(|token| is_part(token) && !token.is("-"))?;
    if first.text.contains('.') {
        return None;
    }
    let mut end = at + 1;
    while tokens.get(end).is_some_and(|token| token.glued && is_part(token) && !token.text.contains('.')) {
        end += 1;
    }
    while tokens.get(end - 1).is_some_and(|token| token.is("-")) {
        end -= 1;
    }
    Some((raw(tokens, at, end).to_uppercase(), end))
}

fn raw(tokens: &[Token], start: usize, end: usize) -> String {
    tokens.get(start..end).unwrap_or_default().iter().map(|token| token.text.as_str()).collect()
}
