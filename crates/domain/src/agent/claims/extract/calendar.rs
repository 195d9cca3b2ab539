//! Days: dates, weekdays, and words like "tomorrow".

use super::super::number;
use super::super::text::{Kind, Token};
use super::super::values::{Day, Found, Value};
use super::{Reading, is_word_at, range_separator, word_before};
use crate::knowledge::extractive::words::is_stop_word;

const MONTHS: &[&[&str]] = &[
    &["january", "jan", "januar", "jänner"],
    &["february", "feb", "februar"],
    &["march", "mar", "märz", "mär", "mrz"],
    &["april", "apr"],
    &["may", "mai"],
    &["june", "jun", "juni"],
    &["july", "jul", "juli"],
    &["august", "aug"],
    &["september", "sep", "sept"],
    &["october", "oct", "okt", "oktober"],
    &["november", "nov"],
    &["december", "dec", "dez", "dezember"],
];
const WEEKDAYS: &[&[&str]] = &[
    &["monday", "mondays", "montag", "montags"],
    &["tuesday", "tuesdays", "dienstag", "dienstags"],
    &["wednesday", "wednesdays", "mittwoch", "mittwochs"],
    &["thursday", "thursdays", "donnerstag", "donnerstags"],
    &["friday", "fridays", "freitag", "freitags"],
    &["saturday", "saturdays", "samstag", "samstags", "sonnabend"],
    &["sunday", "sundays", "sonntag", "sonntags"],
];
/// Most of these are words too, so they count only beside another or before a time.
const SHORT_WEEKDAYS: &[&[&str]] = &[
    &["mon", "mo"],
    &["tue", "tues", "di"],
    &["wed", "mi"],
    &["thu", "thur", "thurs", "do"],
    &["fri", "fr"],
    &["sat", "sa"],
    &["sun", "so"],
];
const WORKING_WEEK: u8 = 0b001_1111;
const WEEKEND: u8 = 0b110_0000;
const WHOLE_WEEK: u8 = 0b111_1111;

/// A date, or two of one month: "3 to 5 May".
pub(super) fn date(tokens: &[Token], at: usize) -> Reading {
    let whole = |day: Day, length: usize| Some((vec![Found::new(Value::Day(day), at..at + length)], at + length));
    if let Some((day, length)) = numeric(tokens, at) {
        return whole(day, length);
    }
    if let Some(code) = ambiguous(tokens, at) {
        return Some((vec![Found::new(Value::Reference(code), at..at + 5)], at + 5));
    }
    if let Some((day, length)) = day_and_month(tokens, at).or_else(|| month_and_day(tokens, at)) {
        return whole(day, length);
    }
    if let Some((first, length)) = day_number(tokens, at)
        && let Some(separator) = range_separator(tokens, at + length)
            .or_else(|| is_word_at(tokens, at + length, &["and", "und"]).then_some(1))
        && let Some((last, rest)) = day_and_month(tokens, at + length + separator)
    {
        let middle = at + length + separator;
        let first = Day { day: Some(first), ..last };
        let days =
            vec![Found::new(Value::Day(first), at..at + length), Found::new(Value::Day(last), middle..middle + rest)];
        return Some((days, middle + rest));
    }
    if let Some((day, length)) = month_alone(tokens, at).or_else(|| year_alone(tokens, at)) {
        return whole(day, length);
    }
    let (day, length) = day_number(tokens, at)?;
    let ordinal = length > 1 && tokens.get(at + 1).is_some_and(|token| token.kind == Kind::Word);
    (ordinal && word_before(tokens, at) == "the" || day > 3 && is_day_in_words(tokens, at, length))
        .then(|| (vec![Found::new(Value::Day(Day { day: Some(day), ..Day::default() }), at..at + length)], at + length))
}

/// `2026-05-03`, `3.5.2026`, `25/12/2026`, and `24.12.` behind a word that expects a date.
fn numeric(tokens: &[Token], at: usize) -> Option<(Day, usize)> {
    let token = tokens.get(at).filter(|token| token.kind == Kind::Number)?;
    let parts: Vec<&str> = token.text.split('.').collect();
    if let [day, month, year] = parts.as_slice() {
        return Some((day_of(Some(year), month, day)?, 1));
    }
    if let [day, month] = parts.as_slice() {
        const EXPECTING: &[&str] =
            &["bis", "am", "vom", "ab", "zum", "seit", "dem", "den", "der", "montag", "freitag", "und"];
        let ends = tokens.get(at + 1).is_some_and(|token| token.is(".") && token.glued);
        return (ends && EXPECTING.contains(&word_before(tokens, at))).then_some((day_of(None, month, day)?, 2));
    }
    let (first, second, third) = three_parts(tokens, at)?;
    if first.len() == 4 {
        return Some((day_of(Some(first), second, third)?, 5));
    }
    let day_first = second.parse::<u32>().is_ok_and(|month| month <= 12);
    let month_first = first.parse::<u32>().is_ok_and(|month| month <= 12);
    match (day_first, month_first) {
        (true, false) => Some((day_of(Some(third), second, first)?, 5)),
        (false, true) => Some((day_of(Some(third), first, second)?, 5)),
        (true, true) if first == second => Some((day_of(Some(third), second, first)?, 5)),
        _ => None,
    }
}

/// `03/05/2026` is one day to some and another to others: it is compared as it is written.
fn ambiguous(tokens: &[Token], at: usize) -> Option<String> {
    let (first, second, third) = three_parts(tokens, at)?;
    let small = |text: &str| text.len() <= 2 && text.parse::<u32>().is_ok_and(|number| (1..=12).contains(&number));
    (small(first) && small(second) && first != second && matches!(third.len(), 2 | 4))
        .then(|| format!("{first}/{second}/{third}"))
}

/// Three numbers with slashes or hyphens between them, and no space.
fn three_parts(tokens: &[Token], at: usize) -> Option<(&str, &str, &str)> {
    let is_separator =
        |place: usize| tokens.get(place).is_some_and(|token| (token.is("/") || token.is("-")) && token.glued);
    let number = |place: usize| {
        let token = tokens.get(place).filter(|token| token.kind == Kind::Number && (place == at || token.glued))?;
        token.text.bytes().all(|byte| byte.is_ascii_digit()).then_some(token.text.as_str())
    };
    (is_separator(at + 1) && is_separator(at + 3)).then_some((number(at)?, number(at + 2)?, number(at + 4)?))
}

fn day_of(year: Option<&str>, month: &str, day: &str) -> Option<Day> {
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    let day = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    let year = match year {
        None => None,
        Some(year) if year.len() == 4 => Some(year.parse().ok()?),
        Some(year) if year.len() == 2 => Some(2000 + year.parse::<i32>().ok()?),
        Some(_) => return None,
    };
    Some(Day { year, month: Some(month), day: Some(day) })
}

/// "Until the twentieth", "am zwanzigsten", and nothing behind it of which there are so many.
fn is_day_in_words(tokens: &[Token], at: usize, length: usize) -> bool {
    const EXPECTING: &[&str] = &["until", "till", "by", "on", "from", "am", "vom", "zum", "ab", "bis", "dem", "den"];
    let is_word = tokens.get(at).is_some_and(|token| token.kind == Kind::Word);
    let before = at.checked_sub(1).filter(|_| word_before(tokens, at) == "the").unwrap_or(at);
    let ends = tokens
        .get(at + length)
        .is_none_or(|next| next.kind != Kind::Word && !next.is("-") || is_stop_word(&next.lower));
    is_word && ends && EXPECTING.contains(&word_before(tokens, before))
}

/// "3", "3rd", "3.", "third" as a day of a month, and the tokens that say it.
fn day_number(tokens: &[Token], at: usize) -> Option<(u32, usize)> {
    if let Some((day, length)) = number::ordinal(tokens, at) {
        return (1..=31).contains(&day).then_some((day, length));
    }
    let token = tokens.get(at).filter(|token| token.kind == Kind::Number && token.text.len() <= 2)?;
    let day = token.text.parse().ok().filter(|day| (1..=31).contains(day))?;
    let ordinal =
        tokens.get(at + 1).is_some_and(|next| next.glued && (next.is(".") || next.is_word(&["st", "nd", "rd", "th"])));
    Some((day, if ordinal { 2 } else { 1 }))
}

/// A month by a word with a capital; "may" and "march" without one are verbs.
fn month(tokens: &[Token], at: usize) -> Option<(u32, usize)> {
    let token = tokens.get(at).filter(|token| token.kind == Kind::Word)?;
    if !token.text.starts_with(char::is_uppercase) {
        return None;
    }
    let month = MONTHS.iter().position(|names| names.contains(&token.lower.as_str()))?;
    let dotted = token.lower.len() <= 4 && tokens.get(at + 1).is_some_and(|next| next.is(".") && next.glued);
    Some((u32::try_from(month).ok()? + 1, if dotted { 2 } else { 1 }))
}

/// A year behind a date, with the comma before it.
fn year_behind(tokens: &[Token], at: usize) -> Option<(i32, usize)> {
    let comma = usize::from(tokens.get(at).is_some_and(|token| token.is(",")));
    Some((year(tokens, at + comma)?, comma + 1))
}

fn year(tokens: &[Token], at: usize) -> Option<i32> {
    let token = tokens.get(at).filter(|token| token.kind == Kind::Number && token.text.len() == 4)?;
    token.text.parse().ok().filter(|year| (1900..2100).contains(year))
}

fn with_year(tokens: &[Token], at: usize, month: u32, day: Option<u32>, length: usize) -> (Day, usize) {
    match year_behind(tokens, at + length) {
        Some((year, rest)) => (Day { year: Some(year), month: Some(month), day }, length + rest),
        None => (Day { year: None, month: Some(month), day }, length),
    }
}

/// "3 May 2026", "the 3rd of May", "3. Mai".
fn day_and_month(tokens: &[Token], at: usize) -> Option<(Day, usize)> {
    let (day, mut length) = day_number(tokens, at)?;
    length += usize::from(is_word_at(tokens, at + length, &["of"]));
    let (month, month_length) = month(tokens, at + length)?;
    Some(with_year(tokens, at, month, Some(day), length + month_length))
}

/// "May 3, 2026", "May 3rd".
fn month_and_day(tokens: &[Token], at: usize) -> Option<(Day, usize)> {
    let (month, length) = month(tokens, at)?;
    let (day, day_length) = day_number(tokens, at + length)?;
    // The full stop behind an English date ends the sentence.
    let stop = day_length == 2 && tokens.get(at + length + 1).is_some_and(|token| token.is("."));
    Some(with_year(tokens, at, month, Some(day), length + day_length - usize::from(stop)))
}

/// "in May", "May 2026".
fn month_alone(tokens: &[Token], at: usize) -> Option<(Day, usize)> {
    const EXPECTING: &[&str] = &[
        "in",
        "im",
        "until",
        "till",
        "bis",
        "since",
        "seit",
        "ab",
        "from",
        "by",
        "early",
        "mid",
        "late",
        "of",
        "ende",
        "anfang",
        "mitte",
        "this",
        "next",
        "last",
        "diesen",
        "nächsten",
        "end",
    ];
    let (month, length) = month(tokens, at)?;
    let (day, whole) = with_year(tokens, at, month, None, length);
    let name = tokens.get(at).map_or("", |token| token.lower.as_str());
    let is_plain = name.len() > 3 && name != "march" || EXPECTING.contains(&word_before(tokens, at));
    (whole > length || is_plain).then_some((day, whole))
}

/// "since 2011".
fn year_alone(tokens: &[Token], at: usize) -> Option<(Day, usize)> {
    const EXPECTING: &[&str] = &[
        "in",
        "since",
        "seit",
        "from",
        "until",
        "bis",
        "jahr",
        "jahre",
        "year",
        "spring",
        "summer",
        "autumn",
        "winter",
        "frühjahr",
        "sommer",
        "herbst",
        "before",
        "after",
        "vor",
        "nach",
    ];
    let year = year(tokens, at)?;
    EXPECTING.contains(&word_before(tokens, at)).then_some((Day { year: Some(year), ..Day::default() }, 1))
}

/// Days of the week, one or several.
pub(super) fn weekdays(tokens: &[Token], at: usize) -> Reading {
    let found = |days: u8, length: usize| Some((vec![Found::new(Value::Weekdays(days), at..at + length)], at + length));
    if let Some(first) = weekday(tokens, at) {
        let stop =
            usize::from(is_short(tokens, at) && tokens.get(at + 1).is_some_and(|token| token.is(".") && token.glued));
        let behind = at + 1 + stop;
        if let Some(separator) = range_separator(tokens, behind)
            && let Some(last) = weekday(tokens, behind + separator)
        {
            let end = behind + separator + 1;
            let stop = usize::from(
                is_short(tokens, end - 1) && tokens.get(end).is_some_and(|token| token.is(".") && token.glued),
            );
            return found(from_to(first, last), end + stop - at);
        }
        return found(1 << first, 1);
    }
    let word = tokens.get(at).filter(|token| token.kind == Kind::Word)?.lower.as_str();
    let next = tokens.get(at + 1).map_or("", |token| token.lower.as_str());
    let number_before = at
        .checked_sub(1)
        .and_then(|before| tokens.get(before))
        .is_some_and(|token| token.kind == Kind::Number || number::value(&token.lower).is_some())
        || matches!(word_before(tokens, at), "des" | "nächsten" | "folgenden");
    match (word, next) {
        ("weekdays" | "weekday" | "workdays" | "werktags" | "werktagen" | "wochentags", _) if !number_before => {
            found(WORKING_WEEK, 1)
        }
        ("working" | "business", "day" | "days")
            if matches!(word_before(tokens, at), "every" | "each" | "on" | "any") =>
        {
            found(WORKING_WEEK, 2)
        }
        ("weekend" | "weekends" | "wochenende" | "wochenenden" | "wochenends", _) => found(WEEKEND, 1),
        ("woche", _) if word_before(tokens, at) == "der" && is_word_at(tokens, at.saturating_sub(2), &["unter"]) => {
            found(WORKING_WEEK, 1)
        }
        ("daily" | "täglich", _) => found(WHOLE_WEEK, 1),
        ("every" | "jeden", "day" | "tag") => found(WHOLE_WEEK, 2),
        _ => None,
    }
}

fn weekday(tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens.get(at).filter(|token| token.kind == Kind::Word)?;
    let full = WEEKDAYS.iter().position(|names| names.contains(&token.lower.as_str()));
    full.or_else(|| short_weekday(tokens, at).filter(|_| short_is_meant(tokens, at)))
}

fn is_short(tokens: &[Token], at: usize) -> bool {
    short_weekday(tokens, at).is_some()
}

fn short_weekday(tokens: &[Token], at: usize) -> Option<usize> {
    let token =
        tokens.get(at).filter(|token| token.kind == Kind::Word && token.text.starts_with(char::is_uppercase))?;
    SHORT_WEEKDAYS.iter().position(|names| names.contains(&token.lower.as_str()))
}

/// "Mon" beside "Fri", or before a time.
fn short_is_meant(tokens: &[Token], at: usize) -> bool {
    let joins = |token: &Token| {
        token.is("–")
            || token.is("-")
            || token.is("&")
            || token.is("+")
            || token.is("/")
            || token.is_word(&["to", "bis", "und", "and"])
    };
    let is_joint = |place: usize| tokens.get(place).is_some_and(joins);
    let is_stop = |place: usize| tokens.get(place).is_some_and(|token| token.is(".") || token.is(":"));
    let behind = at + 1 + (at + 1..at + 3).take_while(|place| is_stop(*place)).count();
    let with_next = is_joint(behind) && short_weekday(tokens, behind + 1).is_some();
    let before = at.checked_sub(1).filter(|place| is_joint(*place)).and_then(|joint| {
        let stop = usize::from(joint.checked_sub(1).is_some_and(is_stop));
        short_weekday(tokens, joint.checked_sub(1 + stop)?)
    });
    let with_time = tokens.get(behind).is_some_and(|token| token.kind == Kind::Number)
        && tokens.get(behind + 1).is_some_and(|token| {
            token.is(":") || token.is("–") || token.is("-") || token.is_word(&["uhr", "am", "pm"])
        });
    with_next || before.is_some() || with_time
}

/// The days from one to another, over the end of the week too.
fn from_to(first: usize, last: usize) -> u8 {
    let length = (last + 7 - first) % 7 + 1;
    (0..length).fold(0, |days, step| days | 1 << ((first + step) % 7))
}

/// Days by their distance from today, and weeks.
pub(super) fn relative(tokens: &[Token], at: usize) -> Reading {
    let token = tokens.get(at).filter(|token| token.kind == Kind::Word)?;
    let next = tokens.get(at + 1).map_or("", |token| token.lower.as_str());
    let (name, length) = match (token.lower.as_str(), next) {
        ("today" | "tonight" | "heute", _) => ("today", 1),
        ("tomorrow" | "tomorrow's", _) => ("tomorrow", 1),
        ("morgen", _) if token.text == "morgen" && !matches!(word_before(tokens, at), "guten" | "heute") => {
            ("tomorrow", 1)
        }
        ("übermorgen", _) => ("in two days", 1),
        ("yesterday" | "gestern", _) => ("yesterday", 1),
        ("next" | "nächste" | "nächsten" | "nächster" | "kommende" | "kommenden", "week" | "woche") => {
            ("next week", 2)
        }
        ("next" | "nächsten" | "kommenden", "month" | "monat") => ("next month", 2),
        ("this" | "diese" | "dieser", "week" | "woche") => ("this week", 2),
        _ => return None,
    };
    Some((vec![Found::new(Value::Relative(name), at..at + length)], at + length))
}
