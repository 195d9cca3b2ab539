//! From a query to an exact span of time.

use chrono::{DurationRound, TimeDelta};
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
    fn the_granularity_fits_the_span() {
        let year = span(Some("2026-01-01T00:00:00Z"), Some("2026-11-04T00:00:00Z")).unwrap();
        assert_eq!(year.granularity(None).unwrap(), Granularity::Day);
        assert!(year.granularity(Some(Granularity::Hour)).is_err());
        let day = span(None, None).unwrap();
        assert_eq!(day.granularity(None).unwrap(), Granularity::Hour);
        assert_eq!(day.granularity(Some(Granularity::Day)).unwrap(), Granularity::Day);
    }
}
