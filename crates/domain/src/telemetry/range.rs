//! From a query to an exact span of time.

use chrono::{Datelike, DurationRound, Months, TimeDelta};
use omniops_types::{Granularity, TelemetryQuery, Timestamp};

use crate::{Error, Result};

const QUARTER: TimeDelta = TimeDelta::minutes(15);
const DAY: TimeDelta = TimeDelta::days(1);
/// A year to look back on, and the month under way.
const LONGEST: TimeDelta = TimeDelta::days(400);

/// A span of time, both ends on a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    /// Not part of it.
    pub(super) to: Timestamp,
}

impl Span {
    /// The span that the query asks for, at `now`: the last day without any other word.
    pub(super) fn of(query: &TelemetryQuery, now: Timestamp) -> Result<Self> {
        let to = ceil(query.to.unwrap_or(now), "to")?;
        let from = floor(query.from.unwrap_or(to - DAY), "from")?;
        if from >= to {
            return Err(Error::field("to", "must be after from"));
        }
        if to - from > LONGEST {
            return Err(Error::field("from", "must be at most 400 days before to"));
        }
        Ok(Self { from, to })
    }

    /// Where its whole UTC days begin and end: both its end if it has none.
    pub(super) fn whole_days(&self) -> (Timestamp, Timestamp) {
        let first = ceil_to(self.from, DAY).unwrap_or(self.to);
        let last = self.to.duration_trunc(DAY).unwrap_or(self.to);
        if first < last { (first, last) } else { (self.to, self.to) }
    }

    /// As the rollups that it is the sum of.
    pub(super) fn parts(&self) -> Parts {
        let (first_day, last_day) = self.whole_days();
        let first_month = ceil_to_month(first_day).filter(|first| *first < last_day);
        let last_month = month_of(last_day);
        let (first_month, last_month) = match (first_month, last_month) {
            (Some(first), Some(last)) if first < last => (first, last),
            _ => (last_day, last_day),
        };
        Parts { from: self.from, first_day, first_month, last_month, last_day, to: self.to }
    }

    /// The starts of the UTC day in which it begins and of the one after its last.
    pub(super) fn days_around(&self) -> (Timestamp, Timestamp) {
        (self.from.duration_trunc(DAY).unwrap_or(self.from), ceil_to(self.to, DAY).unwrap_or(self.to))
    }

    /// The series' granularity: what was asked for, if that makes no more points than can be read.
    pub(super) fn granularity(&self, asked: Option<Granularity>) -> Result<Granularity> {
        let length = self.to - self.from;
        let most = |granularity| match granularity {
            Granularity::QuarterHour => TimeDelta::days(8),
            Granularity::Hour => TimeDelta::days(62),
            Granularity::Day => LONGEST,
        };
        match asked {
            Some(granularity) if length > most(granularity) => Err(Error::field(
                "granularity",
                "is too fine for so long a range: at most 8 days of 15m, 62 days of hour",
            )),
            Some(granularity) => Ok(granularity),
            None if length <= TimeDelta::hours(12) => Ok(Granularity::QuarterHour),
            None if length <= TimeDelta::days(4) => Ok(Granularity::Hour),
            None => Ok(Granularity::Day),
        }
    }
}

/// A span from end to end: quarters of an hour until the first whole UTC day, days until the first whole month, months,
/// days again, and quarters again. A part that is not there ends where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) from: Timestamp,
    pub(super) first_day: Timestamp,
    pub(super) first_month: Timestamp,
    pub(super) last_month: Timestamp,
    pub(super) last_day: Timestamp,
    pub(super) to: Timestamp,
}

/// The start of the UTC month that holds the moment.
pub(super) fn month_of(moment: Timestamp) -> Option<Timestamp> {
    moment.duration_trunc(DAY).ok()?.with_day(1)
}

/// The start of the UTC month after the one that holds the moment.
pub(super) fn month_after(moment: Timestamp) -> Option<Timestamp> {
    month_of(moment)?.checked_add_months(Months::new(1))
}

fn ceil_to_month(moment: Timestamp) -> Option<Timestamp> {
    let floor = month_of(moment)?;
    if floor == moment { Some(floor) } else { month_after(moment) }
}

/// The query with both ends of its span named, so that it means the same a minute later.
pub fn pinned(query: TelemetryQuery, now: Timestamp) -> Result<TelemetryQuery> {
    let span = Span::of(&query, now)?;
    Ok(TelemetryQuery { from: Some(span.from), to: Some(span.to), ..query })
}

fn floor(time: Timestamp, field: &str) -> Result<Timestamp> {
    time.duration_trunc(QUARTER).map_err(|_| Error::field(field, "is out of range"))
}

fn ceil(time: Timestamp, field: &str) -> Result<Timestamp> {
    ceil_to(time, QUARTER).ok_or_else(|| Error::field(field, "is out of range"))
}

fn ceil_to(time: Timestamp, unit: TimeDelta) -> Option<Timestamp> {
    let floor = time.duration_trunc(unit).ok()?;
    if floor == time { Some(floor) } else { floor.checked_add_signed(unit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn span(from: Option<&str>, to: Option<&str>) -> Result<Span> {
        let query = TelemetryQuery { from: from.map(at), to: to.map(at), ..TelemetryQuery::default() };
        Span::of(&query, at("2026-11-23T14:07:30Z"))
    }

    #[test]
    fn a_span_is_widened_to_whole_quarters_of_an_hour() {
        let widened = span(Some("2026-11-01T00:14:59Z"), Some("2026-11-02T10:00:01Z")).unwrap();
        assert_eq!(widened, Span { from: at("2026-11-01T00:00:00Z"), to: at("2026-11-02T10:15:00Z") });
        let exact = span(Some("2026-11-01T00:15:00Z"), Some("2026-11-02T10:00:00Z")).unwrap();
        assert_eq!(exact, Span { from: at("2026-11-01T00:15:00Z"), to: at("2026-11-02T10:00:00Z") });
    }

    #[test]
    fn without_a_word_it_is_the_last_day_with_the_quarter_under_way() {
        let last_day = span(None, None).unwrap();
        assert_eq!(last_day, Span { from: at("2026-11-22T14:15:00Z"), to: at("2026-11-23T14:15:00Z") });
    }

    #[test]
    fn backwards_empty_and_endless_spans_are_refused() {
        for (from, to) in [
            ("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z"),
            ("2026-11-02T00:00:00Z", "2026-11-02T00:00:00Z"),
            ("2020-11-02T00:00:00Z", "2026-11-02T00:00:00Z"),
        ] {
            assert!(matches!(span(Some(from), Some(to)), Err(Error::InvalidFields(_))), "{from} to {to}");
        }
    }

    #[test]
    fn whole_days_are_inside_and_nowhere_without_any() {
        let long = span(Some("2026-11-01T00:15:00Z"), Some("2026-11-04T10:00:00Z")).unwrap();
        assert_eq!(long.whole_days(), (at("2026-11-02T00:00:00Z"), at("2026-11-04T00:00:00Z")));
        let exact = span(Some("2026-11-01T00:00:00Z"), Some("2026-11-02T00:00:00Z")).unwrap();
        assert_eq!(exact.whole_days(), (exact.from, exact.to));
        let short = span(Some("2026-11-01T00:15:00Z"), Some("2026-11-02T10:00:00Z")).unwrap();
        assert_eq!(short.whole_days(), (short.to, short.to));
    }

    #[test]
    fn whole_months_are_inside_and_days_and_quarters_around_them() {
        let year = span(Some("2025-11-23T10:15:00Z"), Some("2026-11-23T10:15:00Z")).unwrap().parts();
        assert_eq!((year.first_day, year.first_month), (at("2025-11-24T00:00:00Z"), at("2025-12-01T00:00:00Z")));
        assert_eq!((year.last_month, year.last_day), (at("2026-11-01T00:00:00Z"), at("2026-11-23T00:00:00Z")));
        let exact = span(Some("2026-10-01T00:00:00Z"), Some("2026-11-01T00:00:00Z")).unwrap().parts();
        assert_eq!((exact.from, exact.from), (exact.first_day, exact.first_month));
        assert_eq!((exact.to, exact.to), (exact.last_month, exact.last_day));
        for (from, to) in [
            ("2026-10-02T00:00:00Z", "2026-11-30T00:00:00Z"),
            ("2026-10-31T10:00:00Z", "2026-11-01T10:00:00Z"),
            ("2026-11-05T10:00:00Z", "2026-11-05T11:00:00Z"),
        ] {
            let parts = span(Some(from), Some(to)).unwrap().parts();
            assert_eq!((parts.first_month, parts.last_month), (parts.last_day, parts.last_day), "{from} to {to}");
        }
    }

    #[test]
    fn the_granularity_fits_the_span() {
        let year = span(Some("2026-01-01T00:00:00Z"), Some("2026-11-04T00:00:00Z")).unwrap();
        assert_eq!(year.granularity(None).unwrap(), Granularity::Day);
        assert!(year.granularity(Some(Granularity::Hour)).is_err());
        let day = span(None, None).unwrap();
        assert_eq!(day.granularity(None).unwrap(), Granularity::Hour);
        assert_eq!(day.granularity(Some(Granularity::Day)).unwrap(), Granularity::Day);
    }
}
