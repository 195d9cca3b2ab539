//! What each quarter of an hour of a UTC day held, in one value of its rollup: so a year's series and heat map in any time
//! zone are made from 366 values, and not from 35,000 rows.

use super::figures::Figures;

/// Quarters of an hour in a UTC day.
pub(super) const QUARTERS: usize = 96;
/// The length of each in seconds.
pub(super) const QUARTER_SECONDS: i64 = 900;

/// The figures of one quarter of an hour that are told by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) turns: i64,
    pub(super) failed: i64,
    pub(super) cost_micro_usd: i64,
    pub(super) prompt_tokens: i64,
    pub(super) completion_tokens: i64,
    pub(super) searches: i64,
    pub(super) zero_results: i64,
    pub(super) tool_calls: i64,
    pub(super) tool_failures: i64,
    pub(super) conversations: i64,
    pub(super) confirmed: i64,
    pub(super) assumed: i64,
    pub(super) waiting: i64,
}

impl Slot {
    const METRICS: usize = 13;

    /// In the order in which they are stored: the turns first, and new ones only at the end.
    fn metrics(&mut self) -> [&mut i64; Self::METRICS] {
        let Self {
            turns,
            failed,
            cost_micro_usd,
            prompt_tokens,
            completion_tokens,
            searches,
            zero_results,
            tool_calls,
            tool_failures,
            conversations,
            confirmed,
            assumed,
            waiting,
        } = self;
        [
            turns,
            failed,
            cost_micro_usd,
            prompt_tokens,
            completion_tokens,
            searches,
            zero_results,
            tool_calls,
            tool_failures,
            conversations,
            confirmed,
            assumed,
            waiting,
        ]
    }

    pub(super) fn add(&mut self, mut other: Self) {
        for (sum, more) in self.metrics().into_iter().zip(other.metrics()) {
            *sum += *more;
        }
    }
}

impl From<&Figures> for Slot {
    fn from(figures: &Figures) -> Self {
        let counts = &figures.counts;
        Self {
            turns: counts.turns,
            failed: counts.failed,
            cost_micro_usd: counts.cost_micro_usd,
            prompt_tokens: counts.prompt_tokens,
            completion_tokens: counts.completion_tokens,
            searches: counts.searches,
            zero_results: counts.zero_results,
            tool_calls: figures.tools.values().map(|tool| tool.calls).sum(),
            tool_failures: figures.tools.values().map(|tool| tool.failed).sum(),
            conversations: counts.conversations,
            confirmed: counts.confirmed,
            assumed: counts.assumed,
            waiting: counts.waiting,
        }
    }
}

/// A day's quarters in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Course([Slot; QUARTERS]);

impl Default for Course {
    fn default() -> Self {
        Self([Slot::default(); QUARTERS])
    }
}

impl Course {
    /// Counts more in a quarter; what is none of a day's counts nowhere.
    pub(super) fn add(&mut self, quarter: usize, more: Slot) {
        if let Some(slot) = self.0.get_mut(quarter) {
            slot.add(more);
        }
    }

    pub(super) fn slots(&self) -> &[Slot] {
        &self.0
    }

    /// As migration 0044 describes it. A quarter without turns is one byte.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + QUARTERS * Slot::METRICS * 2);
        push(&mut bytes, Slot::METRICS as u64);
        for mut slot in self.0 {
            let metrics = slot.metrics();
            let stored = if *metrics[0] == 0 { 1 } else { Slot::METRICS };
            metrics.into_iter().take(stored).for_each(|metric| push(&mut bytes, metric.cast_unsigned()));
        }
        bytes
    }

    /// Reads what [`Course::to_bytes`] wrote, also that of a release with fewer or more metrics; `None` of anything else.
    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let stored = take(&mut bytes)?;
        let mut course = Self::default();
        for slot in &mut course.0 {
            let mut metrics = slot.metrics().into_iter();
            for place in 0..stored {
                let value = take(&mut bytes)?.cast_signed();
                if let Some(metric) = metrics.next() {
                    *metric = value;
                }
                if place == 0 && value == 0 {
                    break;
                }
            }
        }
        bytes.is_empty().then_some(course)
    }
}

/// Seven bits a byte, the lowest first; all but the last byte have the eighth.
fn push(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn a_slot() -> impl Strategy<Value = Slot> {
        let metric = || prop_oneof![0..3_i64, 0..100_000_i64, any::<i64>()];
        (any::<bool>(), prop::collection::vec(metric(), Slot::METRICS)).prop_map(|(is_empty, values)| {
            let mut slot = Slot::default();
            if !is_empty {
                slot.metrics().into_iter().zip(values).for_each(|(metric, value)| *metric = value);
                slot.turns = slot.turns.max(1);
            }
            slot
        })
    }

    proptest! {
        #[test]
        fn a_course_reads_back_as_it_was_written(slots in prop::collection::vec(a_slot(), QUARTERS)) {
            let course = Course(slots.try_into().unwrap());
            prop_assert_eq!(Course::from_bytes(&course.to_bytes()), Some(course));
        }

        #[test]
        fn whatever_else_is_stored_is_told_apart_or_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Course::from_bytes(&bytes);
        }
    }

    #[test]
    fn an_empty_day_is_a_byte_a_quarter_and_a_cut_one_is_none() {
        let bytes = Course::default().to_bytes();
        assert_eq!(bytes.len(), 1 + QUARTERS);
        assert_eq!(Course::from_bytes(&bytes[..QUARTERS]), None);
        assert_eq!(Course::from_bytes(&[]), None);
    }

    #[test]
    fn a_release_with_more_metrics_is_read_as_far_as_they_are_known() {
        let mut bytes = vec![Slot::METRICS as u8 + 1, 7];
        bytes.extend([1; Slot::METRICS]);
        bytes.extend([0; QUARTERS - 1]);
        let course = Course::from_bytes(&bytes).unwrap();
        assert_eq!((course.0[0].turns, course.0[0].tool_failures, course.0[1]), (7, 1, Slot::default()));
    }
}
