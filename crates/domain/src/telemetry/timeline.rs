//! The series and the heat map in the tenant's time zone, made from the courses of UTC days.
//!
//! What the zone's clocks say comes from Postgres, as every other date: an offset from UTC for each stretch of time. Every
//! offset is a number of quarters of an hour, so each quarter lies in one hour and one day of any zone.

use chrono::DateTime;
use omniops_types::{Granularity, Timestamp};

use super::course::{QUARTER_SECONDS, Slot};
use super::range::Span;

/// A zone's offsets from UTC, each from a moment on, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offsets(Vec<(i64, i64)>);

impl Offsets {
    /// From moments with seconds east of UTC.
    pub(super) fn new(offsets: impl IntoIterator<Item = (Timestamp, i32)>) -> Self {
        let mut offsets: Vec<(i64, i64)> =
            offsets.into_iter().map(|(moment, seconds)| (moment.timestamp(), i64::from(seconds))).collect();
        offsets.sort_unstable();
        offsets.dedup_by_key(|(_, seconds)| *seconds);
        Self(offsets)
    }

    /// Seconds that the zone's clocks show at a moment, since they showed 1 January 1970.
    fn local(&self, moment: i64) -> i64 {
        let place = self.0.partition_point(|(from, _)| *from <= moment).saturating_sub(1);
        moment + self.0.get(place).map_or(0, |(_, seconds)| *seconds)
    }
}

/// One span of the series with what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) start: Timestamp,
    /// What the zone's clocks show at the start: `2026-11-23T14:00`.
    pub(super) local: String,
    pub(super) slot: Slot,
}

/// One hour of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hour {
    /// 1 is Monday, 7 Sunday.
    pub(super) weekday: i16,
    pub(super) hour: i16,
    pub(super) slot: Slot,
}

/// What the quarters of an hour of a span held, by the zone's clocks.
#[derive(Debug)]
pub(super) struct Timeline {
    span: Span,
    offsets: Offsets,
    /// Each quarter of the span, in order.
    slots: Vec<Slot>,
}

impl Timeline {
    /// From the quarters of days, by the days' starts; those outside of the span are left out.
    pub(super) fn new<'a>(
        span: Span,
        offsets: Offsets,
        days: impl IntoIterator<Item = (Timestamp, &'a [Slot])>,
    ) -> Self {
        let from = span.from.timestamp();
        let quarters = (span.to.timestamp() - from) / QUARTER_SECONDS;
        let mut slots = vec![Slot::default(); usize::try_from(quarters).unwrap_or(0)];
        for (day, of_day) in days {
            let first = (day.timestamp() - from) / QUARTER_SECONDS;
            for (place, slot) in (first..).zip(of_day) {
                if let Some(sum) = usize::try_from(place).ok().and_then(|place| slots.get_mut(place)) {
                    sum.add(*slot);
                }
            }
        }
        Self { span, offsets, slots }
    }

    /// Each quarter's start, what the clocks show at it, and what it holds.
    fn quarters(&self) -> impl Iterator<Item = (i64, i64, Slot)> {
        let starts = (self.span.from.timestamp()..).step_by(QUARTER_SECONDS.unsigned_abs() as usize);
        starts.zip(&self.slots).map(|(start, slot)| (start, self.offsets.local(start), *slot))
    }

    /// Every span of the granularity, those without turns too. A day on which the clocks are changed is as long as it is,
    /// and an hour that comes twice is two.
    pub(super) fn series(&self, granularity: Granularity) -> Vec<Point> {
        let unit = match granularity {
            Granularity::QuarterHour => QUARTER_SECONDS,
            Granularity::Hour => 3_600,
            Granularity::Day => 86_400,
        };
        let mut points: Vec<Point> = Vec::new();
        let mut last = None;
        for (start, local, slot) in self.quarters() {
            let offset = if granularity == Granularity::Day { 0 } else { local - start };
            let key = Some((local.div_euclid(unit), offset));
            match points.last_mut().filter(|_| key == last) {
                Some(point) => point.slot.add(slot),
                None => points.push(Point { start: moment(start), local: shown(local), slot }),
            }
            last = key;
        }
        points
    }

    /// The hours of the week in which there was something, in order.
    pub(super) fn heat_map(&self) -> Vec<Hour> {
        let mut hours = vec![Slot::default(); 7 * 24];
        for (_, local, slot) in self.quarters() {
            // Days are counted from a Thursday.
            let of_week = (local.div_euclid(3_600) + 3 * 24).rem_euclid(7 * 24);
            if let Some(sum) = usize::try_from(of_week).ok().and_then(|place| hours.get_mut(place)) {
                sum.add(slot);
            }
        }
        (0..)
            .zip(hours)
            .filter(|(_, slot)| slot.turns > 0)
            .map(|(of_week, slot): (i16, Slot)| Hour { weekday: of_week / 24 + 1, hour: of_week % 24, slot })
            .collect()
    }
}

fn moment(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

fn shown(local: i64) -> String {
    moment(local).format("%Y-%m-%dT%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::course::QUARTERS;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A turn in each quarter.
    fn timeline(from: &str, to: &str, offsets: &[(&str, i32)]) -> Timeline {
        let span = Span { from: at(from), to: at(to) };
        let day = [Slot { turns: 1, ..Slot::default() }; QUARTERS];
        let first = at(&format!("{}T00:00:00Z", &from[..10]));
        let days: Vec<Timestamp> = (0..3).map(|n| first + chrono::TimeDelta::days(n)).collect();
        let offsets = Offsets::new(offsets.iter().map(|(moment, seconds)| (at(moment), *seconds)));
        Timeline::new(span, offsets, days.into_iter().map(|start| (start, &day[..])))
    }

    fn told(points: &[Point]) -> Vec<(&str, i64)> {
        points.iter().map(|point| (point.local.as_str(), point.slot.turns)).collect()
    }

    #[test]
    fn a_span_begins_and_ends_where_it_says_and_days_by_the_zone() {
        let kathmandu = timeline("2026-11-01T10:00:00Z", "2026-11-02T19:15:00Z", &[("2026-11-01T00:00:00Z", 20_700)]);
        let days = kathmandu.series(Granularity::Day);
        assert_eq!(told(&days), [("2026-11-01T15:45", 33), ("2026-11-02T00:00", 96), ("2026-11-03T00:00", 4)]);
        assert_eq!(days[1].start, at("2026-11-01T18:15:00Z"));
        assert_eq!(kathmandu.series(Granularity::QuarterHour).len(), 133);
    }

    #[test]
    fn an_hour_that_comes_twice_is_two_and_half_an_hour_that_does_is_its_own() {
        let vienna = [("2026-10-24T00:00:00Z", 7_200), ("2026-10-25T01:00:00Z", 3_600)];
        let hours = timeline("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", &vienna).series(Granularity::Hour);
        assert_eq!(hours.len(), 25);
        assert!(hours.iter().all(|hour| hour.slot.turns == 4), "{hours:?}");
        assert_eq!(hours.iter().filter(|hour| hour.local == "2026-10-25T02:00").count(), 2);

        let lord_howe = [("2026-04-04T00:00:00Z", 39_600), ("2026-04-04T15:00:00Z", 37_800)];
        let back = timeline("2026-04-04T14:00:00Z", "2026-04-04T16:30:00Z", &lord_howe);
        let hours = back.series(Granularity::Hour);
        assert_eq!(told(&hours), [("2026-04-05T01:00", 4), ("2026-04-05T01:30", 2), ("2026-04-05T02:00", 4)]);
        assert!(hours.is_sorted_by_key(|hour| hour.start));
    }

    #[test]
    fn the_hours_of_the_week_are_those_of_the_zone() {
        // Sunday evening in UTC is Monday morning in Kolkata.
        let kolkata = timeline("2026-11-22T19:00:00Z", "2026-11-22T20:00:00Z", &[("2026-11-22T00:00:00Z", 19_800)]);
        let told: Vec<_> = kolkata.heat_map().iter().map(|cell| (cell.weekday, cell.hour, cell.slot.turns)).collect();
        assert_eq!(told, [(1, 0, 2), (1, 1, 2)]);
    }
}
