//! Times in words. Pure: the caller says what time it is and how far the reader's zone is from UTC.

use chrono::{Datelike, TimeDelta, Timelike};
use omniops_types::Timestamp;

use crate::i18n::Messages;

type Words = crate::i18n::Time;

/// "5 minutes ago"; from a week on the date. A time in the future, as a wrong clock gives, reads as now.
pub fn ago(words: &Words, now: Timestamp, at: Timestamp) -> String {
    let passed = now.signed_duration_since(at);
    match passed.num_minutes() {
        ..=0 => words.just_now.to_owned(),
        minutes @ 1..60 => (words.minutes_ago)(minutes),
        60..1440 => (words.hours_ago)(passed.num_hours()),
        1440..10_080 => (words.days_ago)(passed.num_days()),
        _ => date(words, now, at),
    }
}

/// "5 min"; from a week on the date.
pub fn short(words: &Words, now: Timestamp, at: Timestamp) -> String {
    let passed = now.signed_duration_since(at);
    if passed.num_days() >= 7 { date(words, now, at) } else { span(words, passed) }
}

/// How long something has lasted: "< 1 min", "12 min", "3 h", "2 d".
pub fn span(words: &Words, length: TimeDelta) -> String {
    match length.num_minutes() {
        ..=0 => words.under_a_minute.to_owned(),
        minutes @ 1..60 => (words.minutes_short)(minutes),
        60..1440 => (words.hours_short)(length.num_hours()),
        _ => (words.days_short)(length.num_days()),
    }
}

/// "12 Nov 2026, 14:03".
pub fn absolute(words: &Words, at: Timestamp, offset_minutes: i32) -> String {
    let local = at + TimeDelta::minutes(i64::from(offset_minutes));
    format!("{} {} {}, {:02}:{:02}", local.day(), month(words, local), local.year(), local.hour(), local.minute())
}

/// "14:03".
pub fn clock(at: Timestamp, offset_minutes: i32) -> String {
    let local = at + TimeDelta::minutes(i64::from(offset_minutes));
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// The day as a divider of a transcript says it: "Today", "Yesterday", "12 Nov 2026".
pub fn day(messages: &Messages, now: Option<Timestamp>, at: Timestamp, offset_minutes: i32) -> String {
    let words = &messages.time;
    let shift = TimeDelta::minutes(i64::from(offset_minutes));
    let local = (at + shift).date_naive();
    let days = now.map(|now| (now + shift).date_naive().signed_duration_since(local).num_days());
    match days {
        Some(0) => words.today.to_owned(),
        Some(1) => words.yesterday.to_owned(),
        _ => format!("{} {} {}", local.day(), month(words, at + shift), local.year()),
    }
}

/// "12 Nov", with the year when it is another one.
fn date(words: &Words, now: Timestamp, at: Timestamp) -> String {
    let month = month(words, at);
    if at.year() == now.year() {
        format!("{} {month}", at.day())
    } else {
        format!("{} {month} {}", at.day(), at.year())
    }
}

fn month(words: &Words, at: Timestamp) -> &'static str {
    words.months.get(at.month0() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Locale;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_is_told_in_the_largest_unit_that_fits() {
        let words = &Locale::En.messages().time;
        let now = at("2026-11-23T12:00:00Z");
        assert_eq!(ago(words, now, at("2026-11-23T11:59:30Z")), "just now");
        assert_eq!(ago(words, now, at("2026-11-23T11:59:00Z")), "1 minute ago");
        assert_eq!(ago(words, now, at("2026-11-23T09:10:00Z")), "2 hours ago");
        assert_eq!(ago(words, now, at("2026-11-22T11:00:00Z")), "yesterday");
        assert_eq!(ago(words, now, at("2026-11-01T11:00:00Z")), "1 Nov");
        assert_eq!(ago(words, now, at("2025-11-01T11:00:00Z")), "1 Nov 2025");
        assert_eq!(short(words, now, at("2026-11-23T11:48:00Z")), "12 min");
    }

    #[test]
    fn a_clock_that_is_behind_never_says_in_the_future() {
        let words = &Locale::De.messages().time;
        assert_eq!(ago(words, at("2026-11-23T12:00:00Z"), at("2026-11-23T12:05:00Z")), "gerade eben");
    }

    #[test]
    fn the_day_turns_in_the_readers_zone() {
        let messages = Locale::En.messages();
        let now = at("2026-11-23T00:30:00Z");
        assert_eq!(day(messages, Some(now), at("2026-11-22T23:30:00Z"), 60), "Today");
        assert_eq!(day(messages, Some(now), at("2026-11-22T23:30:00Z"), 0), "Yesterday");
        assert_eq!(day(messages, None, at("2026-11-22T23:30:00Z"), 0), "22 Nov 2026");
        assert_eq!(absolute(&messages.time, at("2026-11-22T23:30:00Z"), -300), "22 Nov 2026, 18:30");
    }
}
