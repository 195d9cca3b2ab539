//! Times of day.

use super::super::number::{self, ONE};
use super::super::text::{Kind, Token};
use super::super::values::{Found, Span, Value};
use super::{Reading, is_word_at, number_separator, word_before};
use crate::knowledge::extractive::words::is_stop_word;

const HALF_DAY: i64 = 12 * 60;

/// A time of day as it is written.
struct Clock {
    minutes: i64,
    length: usize,
    half: Option<Half>,
    /// Says itself that it is a time, with a colon or a unit.
    is_sure: bool,
    /// Of two halves of the day, where it does not say which: "half past seven".
    is_of_either: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

/// A time, or a range of which the second says that it is one: "9–18 Uhr", "9–5pm".
pub(super) fn time(tokens: &[Token], at: usize) -> Reading {
    let first = clock(tokens, at)?;
    let second = number_separator(tokens, at + first.length, at)
        .and_then(|separator| Some((separator, clock(tokens, at + first.length + separator)?)));
    if let Some((separator, second)) = second
        && second.is_sure
    {
        let end = at + first.length + separator + second.length;
        let high = second.in_day(second.half);
        let mut low = first.in_day(first.half.or(second.half));
        if first.half.is_none() && low > high {
            low = first.in_day(Some(Half::Morning));
        }
        let span = Span { low: vec![low], high: Some(vec![high]) };
        return Some((vec![Found::new(Value::Time(span), at..end)], end));
    }
    if !first.is_sure {
        return None;
    }
    let end = at + first.length;
    Some((vec![Found::new(Value::Time(Span::of(first.readings())), at..end)], end))
}

impl Clock {
    fn noon() -> Self {
        Self { minutes: HALF_DAY, length: 1, half: None, is_sure: true, is_of_either: false }
    }

    fn readings(&self) -> Vec<i64> {
        let first = self.in_day(self.half);
        let is_of_either = self.is_of_either && self.half.is_none() && first <= HALF_DAY;
        if is_of_either { vec![first, (first + HALF_DAY) % (2 * HALF_DAY)] } else { vec![first] }
    }

    fn in_day(&self, half: Option<Half>) -> i64 {
        match half {
            Some(Half::Afternoon) if self.minutes < HALF_DAY => self.minutes + HALF_DAY,
            Some(Half::Morning) if (HALF_DAY..HALF_DAY + 60).contains(&self.minutes) => self.minutes - HALF_DAY,
            _ => self.minutes,
        }
    }
}

fn clock(tokens: &[Token], at: usize) -> Option<Clock> {
    let token = tokens.get(at)?;
    match token.lower.as_str() {
        "mittag" if matches!(word_before(tokens, at), "bis" | "zum") => return Some(Clock::noon()),
        "noon" | "midday" => return Some(Clock::noon()),
        "midnight" | "mitternacht" => return Some(Clock { minutes: 0, ..Clock::noon() }),
        _ if token.kind == Kind::Word => return in_words(tokens, at),
        _ if token.kind != Kind::Number => return None,
        _ => {}
    }
    let minute =
        |text: &str| (text.len() == 2).then(|| text.parse::<i64>().ok().filter(|minute| *minute < 60)).flatten();
    let (hour, minutes, mut length, colon) = match token.text.split_once('.') {
        Some((hour, after)) => (hour, minute(after)?, 1, false),
        None => {
            let colon = tokens.get(at + 1).is_some_and(|token| token.is(":") && token.glued);
            let after = tokens.get(at + 2).filter(|token| colon && token.kind == Kind::Number && token.glued);
            match after.and_then(|token| minute(&token.text)) {
                Some(minutes) => (token.text.as_str(), minutes, 3, true),
                None => (token.text.as_str(), 0, 1, false),
            }
        }
    };
    if hour.len() > 2 {
        return None;
    }
    let hour: i64 = hour.parse().ok().filter(|hour| *hour <= 24)?;
    let mut is_sure = colon;
    let is_of_either = is_word_at(tokens, at + length, &["o'clock"]);
    if is_of_either || is_word_at(tokens, at + length, &["uhr"]) {
        length += 1;
        is_sure = true;
    }
    let half = half(tokens, at + length);
    length += half.map_or(0, |(_, length)| length);
    let is_decimal = token.text.contains('.') && !is_sure && half.is_none();
    (!is_decimal).then_some(Clock {
        minutes: hour * 60 + minutes,
        length,
        half: half.map(|(half, _)| half),
        is_sure: is_sure || half.is_some(),
        is_of_either,
    })
}

/// "Sechzehn Uhr", "eight o'clock", "three in the afternoon", "half past seven", "Viertel nach neun".
fn in_words(tokens: &[Token], at: usize) -> Option<Clock> {
    const QUARTER: &[&str] = &["quarter", "viertel"];
    let is_half = is_word_at(tokens, at, &["half", "halb"]);
    let is_quarter = is_word_at(tokens, at, QUARTER);
    let (offset, lead) = if is_half && is_word_at(tokens, at + 1, &["past"]) {
        (30, 2)
    } else if is_word_at(tokens, at, &["halb"]) {
        (-30, 1)
    } else if is_quarter && is_word_at(tokens, at + 1, &["past", "nach"]) {
        (15, 2)
    } else if is_quarter && is_word_at(tokens, at + 1, &["to", "vor"]) {
        (-15, 2)
    } else {
        (0, 0)
    };
    let (hour, hour_length) = hour(tokens, at + lead)?;
    let mut length = lead + hour_length;
    let is_clock = is_word_at(tokens, at + length, &["o'clock"]);
    let is_hour = is_word_at(tokens, at + length, &["uhr"]);
    length += usize::from(is_clock || is_hour);
    let mut minutes = hour * 60 + offset;
    if is_hour && let Some((rest, rest_length)) = minutes_behind(tokens, at + length) {
        minutes += rest;
        length += rest_length;
    }
    let half = half(tokens, at + length).filter(|(_, half_length)| {
        // "Zwei am Lager".
        let behind = tokens.get(at + length + half_length);
        let goes_on = behind.is_some_and(|next| next.kind == Kind::Word && !is_stop_word(&next.lower));
        !goes_on || *half_length > 1 || !is_word_at(tokens, at + length, &["am"])
    });
    length += half.map_or(0, |(_, length)| length);
    let is_sure = lead > 0 || is_clock || is_hour || half.is_some();
    Some(Clock {
        minutes: minutes.rem_euclid(2 * HALF_DAY),
        length,
        half: half.map(|(half, _)| half),
        is_sure,
        is_of_either: lead > 0 || is_clock,
    })
}

/// The hour in words; in digits as well, since "half past 7" is written.
fn hour(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    let token = tokens.get(at)?;
    if token.kind == Kind::Number {
        return token.text.parse().ok().filter(|hour| (0..=24).contains(hour)).map(|hour| (hour, 1));
    }
    number::below_hundred(tokens, at).filter(|(hour, _)| (0..=24).contains(hour))
}

/// "Acht Uhr dreißig".
fn minutes_behind(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    let read = number::read(tokens, at, number::Grouping::Unknown)?;
    let minutes = read.readings.first().filter(|number| *number % ONE == 0).map(|number| number / ONE)?;
    (read.in_words && (1..60).contains(&minutes)).then_some((minutes, read.length))
}

/// "am", "p.m." and the tokens that say it.
fn half(tokens: &[Token], at: usize) -> Option<(Half, usize)> {
    let token = tokens.get(at)?;
    if let Some(found) = part_of_day(tokens, at) {
        return Some(found);
    }
    let half = |letter: &str| if letter.starts_with('p') { Half::Afternoon } else { Half::Morning };
    // In German "am" is a preposition: "10 am Montag" is not read, "10am" is.
    let next_is_day =
        tokens.get(at + 1).is_some_and(|next| next.lower.ends_with("tag") || next.lower.ends_with("woch"));
    if token.is_word(&["am", "pm"]) && !next_is_day {
        return Some((half(&token.lower), 1));
    }
    let dotted = token.is_word(&["a", "p"])
        && tokens.get(at + 1).is_some_and(|token| token.is("."))
        && is_word_at(tokens, at + 2, &["m"]);
    let last = usize::from(tokens.get(at + 3).is_some_and(|token| token.is(".") && token.glued));
    dotted.then(|| (half(&token.lower), 3 + last))
}

/// "In the afternoon", "abends".
fn part_of_day(tokens: &[Token], at: usize) -> Option<(Half, usize)> {
    let length = match tokens.get(at)?.lower.as_str() {
        "in" if is_word_at(tokens, at + 1, &["the"]) => 2,
        "at" | "am" => 1,
        _ => 0,
    };
    let part = tokens.get(at + length).filter(|token| token.kind == Kind::Word)?;
    let half = match (length, part.lower.as_str()) {
        (0, "morgens" | "vormittags") | (1, "vormittag" | "morgen") | (2, "morning") => Half::Morning,
        (0, "nachmittags" | "abends") | (1, "nachmittag" | "abend" | "night") | (2, "afternoon" | "evening") => {
            Half::Afternoon
        }
        _ => return None,
    };
    Some((half, length + 1))
}
