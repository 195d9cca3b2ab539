//! What the words around a value make of it: at least, at most, formerly.

use std::ops::Range;

use super::super::text::{Kind, Token};
use super::super::values::Bound;

/// Phrases before a value; the first that fits counts, so "no more than" comes before "more than".
const BEFORE: &[(&str, Bound)] = &[
    ("no more than", Bound::AtMost),
    ("not more than", Bound::AtMost),
    ("no later than", Bound::AtMost),
    ("not later than", Bound::AtMost),
    ("no longer than", Bound::AtMost),
    ("nicht mehr als", Bound::AtMost),
    ("nicht später als", Bound::AtMost),
    ("nicht länger als", Bound::AtMost),
    ("no less than", Bound::AtLeast),
    ("not less than", Bound::AtLeast),
    ("nicht weniger als", Bound::AtLeast),
    ("nicht unter", Bound::AtLeast),
    ("less than", Bound::AtMost),
    ("fewer than", Bound::AtMost),
    ("weniger als", Bound::AtMost),
    ("up to", Bound::AtMost),
    ("at most", Bound::AtMost),
    ("bis zu", Bound::AtMost),
    ("under", Bound::AtMost),
    ("below", Bound::AtMost),
    ("within", Bound::AtMost),
    ("maximum", Bound::AtMost),
    ("maximum of", Bound::AtMost),
    ("max", Bound::AtMost),
    ("by", Bound::AtMost),
    ("until", Bound::AtMost),
    ("till", Bound::AtMost),
    ("before", Bound::AtMost),
    ("bis", Bound::AtMost),
    ("höchstens", Bound::AtMost),
    ("maximal", Bound::AtMost),
    ("unter", Bound::AtMost),
    ("innerhalb", Bound::AtMost),
    ("innerhalb von", Bound::AtMost),
    ("binnen", Bound::AtMost),
    ("spätestens", Bound::AtMost),
    ("vor", Bound::AtMost),
    ("closes at", Bound::AtMost),
    ("close at", Bound::AtMost),
    ("ends at", Bound::AtMost),
    ("schließt um", Bound::AtMost),
    ("schließen um", Bound::AtMost),
    ("at least", Bound::AtLeast),
    ("more than", Bound::AtLeast),
    ("mehr als", Bound::AtLeast),
    ("over", Bound::AtLeast),
    ("above", Bound::AtLeast),
    ("exceeding", Bound::AtLeast),
    ("from", Bound::AtLeast),
    ("minimum", Bound::AtLeast),
    ("minimum of", Bound::AtLeast),
    ("min", Bound::AtLeast),
    ("after", Bound::AtLeast),
    ("since", Bound::AtLeast),
    ("starting at", Bound::AtLeast),
    ("opens at", Bound::AtLeast),
    ("open at", Bound::AtLeast),
    ("öffnet um", Bound::AtLeast),
    ("öffnen um", Bound::AtLeast),
    ("ab", Bound::AtLeast),
    ("mindestens", Bound::AtLeast),
    ("über", Bound::AtLeast),
    ("nach", Bound::AtLeast),
    ("seit", Bound::AtLeast),
    ("von", Bound::AtLeast),
];

/// Phrases behind it.
const BEHIND: &[(&str, Bound)] = &[
    ("or more", Bound::AtLeast),
    ("or above", Bound::AtLeast),
    ("and above", Bound::AtLeast),
    ("and up", Bound::AtLeast),
    ("oder mehr", Bound::AtLeast),
    ("oder höher", Bound::AtLeast),
    ("minimum", Bound::AtLeast),
    ("or less", Bound::AtMost),
    ("oder weniger", Bound::AtMost),
    ("maximum", Bound::AtMost),
    ("at the latest", Bound::AtMost),
];

/// "The price is up to the buyer" is no matter: only the words directly before count, these aside.
const BETWEEN: &[&str] = &[
    "the", "a", "an", "first", "about", "around", "only", "just", "zum", "zur", "dem", "den", "der", "die", "das",
    "ersten", "ca", "etwa", "rund", "nur", "order", "orders", "einem", "einen", "einer", "total", "value", "eur",
    "chf", "usd", "gbp",
];

/// Phrases before a time or a day only.
const BEFORE_TIMES: &[(&str, Bound)] = &[
    ("starts", Bound::AtLeast),
    ("starts on", Bound::AtLeast),
    ("starts at", Bound::AtLeast),
    ("starting on", Bound::AtLeast),
    ("begins on", Bound::AtLeast),
    ("begins", Bound::AtLeast),
    ("beginnt am", Bound::AtLeast),
    ("startet am", Bound::AtLeast),
    ("ends", Bound::AtMost),
    ("ends on", Bound::AtMost),
    ("ending on", Bound::AtMost),
    ("endet am", Bound::AtMost),
    ("to", Bound::AtMost),
    ("through", Bound::AtMost),
];

/// Verbs of opening and closing, some words before the time.
const ENDS: &[(&str, Bound)] = &[
    ("closes", Bound::AtMost),
    ("close", Bound::AtMost),
    ("schließt", Bound::AtMost),
    ("schließen", Bound::AtMost),
    ("opens", Bound::AtLeast),
    ("öffnet", Bound::AtLeast),
    ("öffnen", Bound::AtLeast),
];

/// The bound of the value in these tokens; `is_time` for a day or a time.
pub(super) fn of(tokens: &[Token], value: &Range<usize>, is_time: bool) -> Bound {
    const REACH: usize = 6;
    // "Ends on Sunday, 31 May": the weekday does not stand between.
    let is_weekday =
        |at: usize| tokens.get(at).is_some_and(|token| token.lower.ends_with("day") || token.lower.ends_with("tag"));
    let start = match value.start.checked_sub(2) {
        Some(at) if is_time && is_weekday(at) && tokens.get(at + 1).is_some_and(|token| token.is(",")) => at,
        _ => value.start,
    };
    let is_sign = |token: &&Token| token.kind == Kind::Sign && !"€$£¥.:".contains(&token.text);
    let before: Vec<&str> = tokens
        .get(start.saturating_sub(REACH)..start)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(|token| !is_sign(token))
        .filter(|token| token.kind == Kind::Word && !BETWEEN.contains(&token.lower.as_str()))
        .map(|token| token.lower.as_str())
        .collect();
    let before = before.into_iter().rev().collect::<Vec<_>>().join(" ");
    let ends_with =
        |phrase: &str| before.strip_suffix(phrase).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '));
    let of_times = if is_time { BEFORE_TIMES } else { &[] };
    if let Some((_, bound)) = BEFORE.iter().chain(of_times).find(|(phrase, _)| ends_with(phrase)) {
        return *bound;
    }
    // "Samstags schließt der Laden um 16 Uhr."
    let says_when = is_time && (ends_with("at") || ends_with("um"));
    if let Some((_, bound)) = ENDS.iter().find(|(word, _)| says_when && before.split(' ').any(|own| own == *word)) {
        return *bound;
    }
    let behind: Vec<&str> = tokens
        .get(value.end..)
        .unwrap_or_default()
        .iter()
        .take(4)
        .take_while(|token| token.kind == Kind::Word)
        .map(|token| token.lower.as_str())
        .collect();
    let behind = format!("{} ", behind.join(" "));
    let starts_with = |phrase: &str| behind.strip_prefix(phrase).is_some_and(|rest| rest.starts_with(' '));
    BEHIND.iter().find(|(phrase, _)| starts_with(phrase)).map_or(Bound::None, |(_, bound)| *bound)
}

/// Whether the words before say that it was so, and is no more.
pub(super) fn is_former(tokens: &[Token], start: usize) -> bool {
    const FORMER: &[&str] = &[
        "was",
        "statt",
        "anstatt",
        "previously",
        "originally",
        "formerly",
        "rrp",
        "uvp",
        "vorher",
        "früher",
        "ehemals",
    ];
    let words = tokens.get(start.saturating_sub(3)..start).unwrap_or_default();
    let near: Vec<&str> =
        words.iter().filter(|token| token.kind == Kind::Word).map(|token| token.lower.as_str()).collect();
    near.last().is_some_and(|word| FORMER.contains(word))
        || near.ends_with(&["instead", "of"])
        || near.ends_with(&["down", "from"])
}
