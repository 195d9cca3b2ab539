//! Amounts of money, shares, quantities with a unit, and numbers without one.

use std::collections::HashMap;
use std::sync::LazyLock;

use omniops_types::Currency;

use super::super::number::{Decimal, Grouping, ONE, Read, read};
use super::super::text::{Kind, Token};
use super::super::values::{Found, Span, Value};
use super::spoken::{self, cents_behind, coins, pair};
use super::{Reading, is_word_at, number_separator, range_separator, word_before};

/// Signs and words of currencies.
const CURRENCIES: &[(&str, &str)] = &[
    ("EUR", "€ eur euro euros"),
    ("USD", "$ usd dollar dollars buck bucks"),
    ("GBP", "£ gbp pound pounds pfund quid"),
    ("CHF", "chf sfr franken francs franc"),
    ("JPY", "¥ jpy yen"),
    ("SEK", "sek"),
    ("NOK", "nok"),
    ("DKK", "dkk"),
    ("PLN", "pln zł zloty złoty"),
    ("CZK", "czk kč"),
    ("HUF", "huf"),
    ("CAD", "cad"),
    ("AUD", "aud"),
    ("NZD", "nzd"),
    ("CNY", "cny"),
    ("INR", "inr ₹"),
    ("TRY", "try ₺"),
    ("BRL", "brl"),
];

/// Units by their words: the unit to which they are converted, and how many of it one is, in millionths.
const UNITS: &[(&str, Decimal, &str)] = &[
    ("second", ONE, "second seconds sec sekunde sekunden"),
    ("minute", ONE, "minute minutes min mins minuten"),
    ("hour", ONE, "hour hours h hrs hr stunde stunden stündig"),
    ("day", ONE, "day days tag tage tagen tages kalendertage kalendertagen day's days' tägig"),
    ("workday", ONE, "workday workdays werktag werktage werktagen arbeitstag arbeitstage arbeitstagen"),
    ("week", ONE, "week weeks woche wochen wöchig"),
    ("week", 2 * ONE, "fortnight fortnights"),
    ("month", ONE, "month months monat monate monaten monats monatig"),
    ("year", ONE, "year years yr yrs jahr jahre jahren jahres jährig"),
    ("mg", ONE, "mg"),
    ("mg", 1_000 * ONE, "g gram grams gramm gr"),
    ("mg", 1_000_000 * ONE, "kg kilo kilos kilogram kilograms kilogramm"),
    ("lb", ONE, "lb lbs"),
    ("oz", ONE, "oz ounce ounces"),
    ("mm", ONE, "mm millimetre millimetres millimeter millimeters"),
    ("mm", 10 * ONE, "cm centimetre centimetres centimeter centimeters zentimeter zentimetern"),
    ("mm", 1_000 * ONE, "m metre metres meter meters metern"),
    ("mm", 1_000_000 * ONE, "km kilometre kilometres kilometer kilometers kilometern"),
    ("inch", ONE, "inch inches zoll"),
    ("foot", ONE, "ft foot feet"),
    ("ml", ONE, "ml millilitre millilitres milliliter"),
    ("ml", 10 * ONE, "cl"),
    ("ml", 1_000 * ONE, "l litre litres liter liters litern"),
    ("w", ONE, "w watt watts"),
    ("wh", ONE, "wh"),
    ("mah", ONE, "mah"),
    ("v", ONE, "v volt volts"),
    ("lumen", ONE, "lm lumen lumens"),
    ("gb", ONE, "gb gigabyte gigabytes"),
    ("bottle", ONE, "bottle bottles flasche flaschen"),
    ("piece", ONE, "piece pieces pcs stück pair pairs paar"),
    ("night", ONE, "night nights nacht nächte nächten"),
];

static CURRENCY_OF: LazyLock<HashMap<&str, Currency>> = LazyLock::new(|| {
    let all = CURRENCIES.iter().filter_map(|(code, words)| Some((code.parse().ok()?, words)));
    all.flat_map(|(currency, words)| words.split_whitespace().map(move |word| (word, currency))).collect()
});
static UNIT_OF: LazyLock<HashMap<&str, (&str, Decimal)>> = LazyLock::new(|| {
    let of_entry = |(unit, factor, words): &(&'static str, Decimal, &'static str)| {
        let (unit, factor) = (*unit, *factor);
        words.split_whitespace().map(move |word| (word, (unit, factor)))
    };
    UNITS.iter().flat_map(of_entry).collect()
});

/// Words between a number and its unit that change nothing.
const BEFORE_UNIT: &[&str] = &[
    "full",
    "whole",
    "calendar",
    "consecutive",
    "additional",
    "extra",
    "more",
    "further",
    "volle",
    "vollen",
    "ganze",
    "ganzen",
    "weitere",
    "weiteren",
];

/// A currency and the tokens that say it.
pub(super) fn currency(tokens: &[Token], at: usize) -> Option<(Currency, usize)> {
    let token = tokens.get(at)?;
    // "US$", "CA$", "A$".
    let national = match token.lower.as_str() {
        "us" => Some("USD"),
        "ca" | "c" => Some("CAD"),
        "a" | "au" => Some("AUD"),
        "nz" => Some("NZD"),
        _ => None,
    };
    if let Some(code) = national
        && tokens.get(at + 1).is_some_and(|sign| sign.is("$") && sign.glued)
    {
        return Some((code.parse().ok()?, 2));
    }
    // "try" is a verb, TRY a currency.
    let is_verb = token.lower == "try" && token.text != "TRY";
    let currency = CURRENCY_OF.get(token.lower.as_str())?;
    (!is_verb).then_some((*currency, 1))
}

/// An amount or a range of amounts, with the currency before or behind.
pub(super) fn money(tokens: &[Token], at: usize) -> Reading {
    let before = currency(tokens, at);
    let mut end = at + before.map_or(0, |(_, length)| length);
    let low =
        pair(tokens, end).or_else(|| read(tokens, end, Grouping::Thousands)).or_else(|| spoken::one(tokens, end))?;
    end += low.length;
    if let Some((found, end)) = coins(tokens, at, end, &low.readings).filter(|_| before.is_none()) {
        return Some((vec![found], end));
    }
    end += round_mark(tokens, end);
    // In "the Nimbus 14 $1,249" the sign belongs to what follows.
    let opens = |at: usize| {
        let next = tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Number && next.glued);
        next && tokens.get(at).is_some_and(|sign| sign.kind == Kind::Sign && !sign.glued)
    };
    let mut behind = currency(tokens, end).filter(|_| before.is_none() && !opens(end));
    end += behind.map_or(0, |(_, length)| length);
    let high = high_amount(tokens, at, end, before.or(behind).map(|(currency, _)| currency));
    let mut span = Span::of(low.readings);
    if behind.is_some()
        && high.is_none()
        && let Some((cents, length)) = cents_behind(tokens, end)
    {
        span.low.iter_mut().for_each(|whole| *whole += cents);
        end += length;
    }
    if let Some((readings, length, stated)) = high {
        end += length;
        behind = behind.or(stated.map(|currency| (currency, 0)));
        span.high = Some(readings);
    }
    let (currency, _) = before.or(behind)?;
    Some((vec![Found::new(Value::Money { currency: Some(currency), span }, at..end)], end))
}

/// The second amount of a range, where it belongs to the first: its readings, its tokens and its currency.
fn high_amount(
    tokens: &[Token],
    first: usize,
    at: usize,
    known: Option<Currency>,
) -> Option<(Vec<Decimal>, usize, Option<Currency>)> {
    let between = first.checked_sub(1).is_some_and(|before| is_word_at(tokens, before, &["between", "zwischen"]));
    let separator =
        range_separator(tokens, at).or_else(|| (between && is_word_at(tokens, at, &["and", "und"])).then_some(1))?;
    let mut end = at + separator;
    let before = currency(tokens, end);
    end += before.map_or(0, |(_, length)| length);
    let high = read(tokens, end, Grouping::Thousands)?;
    end += high.length;
    end += round_mark(tokens, end);
    let behind = currency(tokens, end).filter(|_| before.is_none());
    end += behind.map_or(0, |(_, length)| length);
    let stated = before.or(behind).map(|(currency, _)| currency);
    // "€5–10": the second has the currency of the first. "€5 to 10 people" is no range.
    let is_amount = stated.is_some()
        || unit(tokens, end).is_none() && !tokens.get(end).is_some_and(|token| token.kind == Kind::Word);
    let agrees = stated.is_none_or(|stated| known.is_none_or(|known| known == stated));
    (is_amount && agrees && (known.is_some() || stated.is_some())).then_some((high.readings, end - at, stated))
}

/// The mark of a round amount: "49,–", "49.-".
fn round_mark(tokens: &[Token], at: usize) -> usize {
    let dot = tokens.get(at).is_some_and(|token| (token.is(",") || token.is(".")) && token.glued);
    let dash = tokens.get(at + 1).is_some_and(|token| (token.is("-") || token.is("–")) && token.glued);
    if dot && dash { 2 } else { 0 }
}

/// The unit of which the amount before is the price: "/kg", "per litre". Of time there are words that mean it.
pub(super) fn per(tokens: &[Token], at: usize) -> Option<&'static str> {
    let token = tokens.get(at)?;
    let is_per = token.is("/") || token.is_word(&["per", "pro", "je"]);
    let (unit, _, _) = unit(tokens, at + 1).filter(|_| is_per)?;
    matches!(unit, "mg" | "ml" | "mm" | "lb" | "oz").then_some(unit)
}

/// A number or a range, without what follows it.
fn span(tokens: &[Token], at: usize, grouping: Grouping) -> Option<(Span, usize)> {
    let Read { readings, length, .. } = read(tokens, at, grouping)?;
    let mut end = at + length;
    let high = number_separator(tokens, end, at)
        .and_then(|separator| Some((separator, read(tokens, end + separator, grouping)?)));
    let Some((separator, high)) = high else { return Some((Span::of(readings), end)) };
    end += separator + high.length;
    Some((Span { low: readings, high: Some(high.readings) }, end))
}

pub(super) fn percent(tokens: &[Token], at: usize, grouping: Grouping) -> Reading {
    let found = |span: Span, end: usize| Some((vec![Found::new(Value::Percent(span), at..end)], end));
    if let Some((share, length)) = spoken::share(tokens, at) {
        return found(Span::of(vec![share]), at + length);
    }
    let in_one = tokens.get(at).filter(|token| token.kind == Kind::Word);
    if let Some((number, _)) = in_one.and_then(|token| token.lower.split_once("prozentig"))
        && let Some(number) = super::super::number::value(number)
    {
        return found(Span::of(vec![number * ONE]), at + 1);
    }
    let (span, end) = span(tokens, at, grouping)?;
    let token = tokens.get(end)?;
    let length = if token.is("%") || token.is_word(&["percent", "prozent", "pct"]) {
        1
    } else if token.is_word(&["per"]) && is_word_at(tokens, end + 1, &["cent"])
        || token.is("-") && tokens.get(end + 1).is_some_and(|next| next.lower.starts_with("prozentig"))
    {
        2
    } else {
        return None;
    };
    found(span, end + length)
}

/// A number or a range with its unit; "46 × 15 cm" are two.
pub(super) fn quantity(tokens: &[Token], at: usize, grouping: Grouping) -> Reading {
    if let Some(found) = article(tokens, at).or_else(|| compound(tokens, at)) {
        return Some(found);
    }
    let mut spans = vec![(span(tokens, at, grouping)?, at)];
    loop {
        let end = spans.last().map_or(at, |((_, end), _)| *end);
        let is_times = tokens.get(end).is_some_and(|token| token.is("×") || token.is_word(&["x"]));
        match span(tokens, end + 1, grouping).filter(|_| is_times) {
            Some(next) => spans.push((next, end + 1)),
            None => break,
        }
    }
    let mut end = spans.last().map_or(at, |((_, end), _)| *end);
    // "30-day", "two-week".
    let hyphen = tokens.get(end).is_some_and(|token| token.is("-") && token.glued);
    end += usize::from(hyphen);
    while is_word_at(tokens, end, BEFORE_UNIT) {
        end += 1;
    }
    let (unit, factor, length) = unit(tokens, end)?;
    end += length;
    let found = spans.into_iter().map(|((span, span_end), start)| {
        let negative = unit.starts_with('°') && is_negative(tokens, start);
        let converted = converted(span, if negative { -factor } else { factor });
        Found::new(Value::Quantity { unit, span: converted }, start..span_end)
    });
    let mut found: Vec<Found> = found.collect();
    if let Some(last) = found.last_mut() {
        last.tokens.end = end;
    }
    Some((found, end))
}

fn is_negative(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|before| tokens.get(before)) else { return false };
    before.is("-") && !before.glued || before.is_word(&["minus"])
}

fn converted(span: Span, factor: Decimal) -> Span {
    let convert = |readings: Vec<Decimal>| -> Vec<Decimal> {
        readings.into_iter().filter_map(|number| number.checked_mul(factor / ONE)).collect()
    };
    Span { low: convert(span.low), high: span.high.map(convert) }
}

/// A unit: its name, its factor and its tokens.
pub(super) fn unit(tokens: &[Token], at: usize) -> Option<(&'static str, Decimal, usize)> {
    let token = tokens.get(at)?;
    if token.is("°") {
        let scale = tokens.get(at + 1)?;
        let unit = if scale.is_word(&["c"]) {
            "°c"
        } else if scale.is_word(&["f"]) {
            "°f"
        } else {
            return None;
        };
        return Some((unit, ONE, 2));
    }
    if token.is_word(&["degrees", "grad"]) {
        let scale = usize::from(is_word_at(tokens, at + 1, &["celsius"]));
        return Some(("°c", ONE, 1 + scale));
    }
    if token.is_word(&["working", "business", "trading"]) && is_word_at(tokens, at + 1, &["day", "days"]) {
        return Some(("workday", ONE, 2));
    }
    if token.kind != Kind::Word {
        return None;
    }
    let adjective =
        ["stündig", "tägig", "wöchig", "monatig", "jährig"].into_iter().find(|stem| token.lower.starts_with(stem));
    let word = adjective.unwrap_or(token.lower.as_str());
    let (unit, factor) = *UNIT_OF.get(word)?;
    // "M" is a size, "m" a metre; litres are written both ways.
    if token.text.len() == 1 && token.text.starts_with(char::is_uppercase) && !matches!(word, "l" | "w" | "v") {
        return None;
    }
    let per_hour = tokens.get(at + 1).is_some_and(|token| token.is("/")) && is_word_at(tokens, at + 2, &["h"]);
    if word == "km" && per_hour {
        return Some(("km/h", ONE, 3));
    }
    Some((unit, factor, 1))
}

/// "within a week", "nach einem Jahr": one of a unit of time, where a length is meant.
fn article(tokens: &[Token], at: usize) -> Reading {
    const ARTICLES: &[&str] = &["a", "an", "ein", "eine", "einem", "einen", "einer", "eines"];
    const EXPECTING: &[&str] = &[
        "within",
        "for",
        "after",
        "in",
        "takes",
        "lasts",
        "about",
        "than",
        "innerhalb",
        "nach",
        "für",
        "binnen",
        "dauert",
        "etwa",
        "von",
        "under",
        "half",
        "until",
    ];
    if !is_word_at(tokens, at, ARTICLES) || !EXPECTING.contains(&word_before(tokens, at)) {
        return None;
    }
    let (unit, factor, length) = unit(tokens, at + 1)?;
    let is_time = matches!(unit, "minute" | "hour" | "day" | "workday" | "week" | "month" | "year");
    let span = converted(Span::of(vec![ONE]), factor);
    is_time.then(|| (vec![Found::new(Value::Quantity { unit, span }, at..at + 1 + length)], at + 1 + length))
}

/// "zweijährige", "dreiwöchige": number and unit in one word.
fn compound(tokens: &[Token], at: usize) -> Reading {
    const STEMS: &[(&str, &str)] =
        &[("stündig", "hour"), ("tägig", "day"), ("wöchig", "week"), ("monatig", "month"), ("jährig", "year")];
    let word = &tokens.get(at).filter(|token| token.kind == Kind::Word)?.lower;
    let (number, unit) = STEMS.iter().find_map(|(stem, unit)| Some((word.split_once(stem)?.0, *unit)))?;
    let number = if number == "ein" { Some(1) } else { super::super::number::value(number) }?;
    let value = Value::Quantity { unit, span: Span::of(vec![number * ONE]) };
    Some((vec![Found::new(value, at..at + 1)], at + 1))
}

/// A number whose unit was said before: "two to three working days in Germany, three to four in Austria", "8 % from ten
/// pieces and 12 % from fifty".
pub(super) fn elided(tokens: &[Token], at: usize, before: &[Found]) -> Reading {
    const FOR: &[&str] = &["for", "für", "on", "auf", "bei"];
    let said = before.iter().rev().find_map(|found| match &found.value {
        Value::Quantity { unit, .. } => Some(*unit),
        _ => None,
    })?;
    let is_plain = UNITS.iter().any(|(unit, factor, _)| *unit == said && *factor == ONE);
    let (span, end) = span(tokens, at, Grouping::Thousands)?;
    let is_range = span.high.is_some() && is_word_at(tokens, end, &["in", "for", "to", "within", "nach", "für"]);
    let ends = tokens.get(end).is_none_or(|token| token.is(".") || token.is(",") || token.is_word(&["and", "und"]));
    let is_bound =
        ends && matches!(word_before(tokens, at), "from" | "ab" | "to" | "over" | "über" | "even" | "sogar" | "only");
    // "Five years, and ten for zips."
    let is_other = matches!(word_before(tokens, at), "and" | "und") && is_word_at(tokens, end, FOR);
    // "… for zips five."
    let is_last = ends && (2..=4).filter_map(|back| at.checked_sub(back)).any(|place| is_word_at(tokens, place, FOR));
    (is_plain && (is_range || is_bound || is_other || is_last))
        .then(|| (vec![Found::new(Value::Quantity { unit: said, span }, at..end)], end))
}

/// A number without a unit: an amount where a price is spoken of, else of two digits or more. Smaller ones count things
/// and steps.
pub(super) fn bare(tokens: &[Token], at: usize, grouping: Grouping) -> Reading {
    let token = tokens.get(at).filter(|token| token.kind == Kind::Number)?;
    let found = |value: Value| Some((vec![Found::new(value, at..at + 1)], at + 1));
    let is_near_price = spoken::is_near_price(tokens, at) || spoken::is_taken_off(tokens, at, at + 1);
    let counts_things = tokens.get(at + 1).is_some_and(|next| {
        next.kind == Kind::Word
            && !matches!(next.lower.as_str(), "each" | "per" | "pro" | "and" | "und" | "or" | "for" | "off")
    });
    if is_near_price && !counts_things {
        let amount = read(tokens, at, Grouping::Thousands)?;
        return found(Value::Money { currency: None, span: Span::of(amount.readings) });
    }
    let digits = token.text.chars().filter(char::is_ascii_digit).count();
    let readings = read(tokens, at, grouping)?.readings;
    if digits < 2 { None } else { found(Value::Number(readings)) }
}
