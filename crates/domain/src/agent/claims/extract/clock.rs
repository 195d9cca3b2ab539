//! Times of day.

use super::super::text::{Kind, Token};
use super::super::values::{Found, Span, Value};
use super::{Reading, is_word_at, number_separator};

const HALF_DAY: i64 = 12 * 60;

/// A time of day as it is written.
struct Clock {
    minutes: i64,
    length: usize,
    half: Option<Half>,
    /// Says itself that it is a time, with a colon or a unit.
    is_sure: bool,
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
    Some((vec![Found::new(Value::Time(Span::of(vec![first.in_day(first.half)])), at..end)], end))
}

impl Clock {
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
        "noon" | "midday" => return Some(Clock { minutes: HALF_DAY, length: 1, half: None, is_sure: true }),
        "midnight" | "mitternacht" => return Some(Clock { minutes: 0, length: 1, half: None, is_sure: true }),
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
    if is_word_at(tokens, at + length, &["uhr", "o'clock"]) {
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
    })
}

/// "am", "p.m." and the tokens that say it.
fn half(tokens: &[Token], at: usize) -> Option<(Half, usize)> {
    let token = tokens.get(at)?;
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
