//! What the month will have cost, and how sure that is.
//!
//! The whole days before today, from the first of them that cost anything, are taken as independent draws of one
//! distribution: days on which no model was switched on yet tell nothing about those on which one is. A day without
//! costs after that one counts, as quiet days do. The rest of the month costs `m` times their mean, and with a chance of
//! four in five lies within
//!
//! `m * mean ± t(0.9; n-1) * s * m * sqrt(1/m + 1/n)`
//!
//! with `n` whole days behind, their standard deviation `s`, and `m` days ahead, the rest of today as its share of a day.
//! This is the prediction interval for the mean of `m` future observations (Hahn, Meeker: "Statistical Intervals", 2nd
//! edition, section 4.3), times `m`. Nobody gets money back: neither end is below what is spent already.

use omniops_types::{CostProjection, MicroUsd};

/// Fewer days than this tell nothing about how much days differ.
const FEWEST_DAYS: usize = 3;

/// 0.9 quantiles of Student's t distribution, for 2 to 27 degrees of freedom.
const T90: [f64; 26] = [
    1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372, 1.363, 1.356, 1.350, 1.345, 1.341, 1.337, 1.333,
    1.330, 1.328, 1.325, 1.323, 1.321, 1.319, 1.318, 1.316, 1.315, 1.314,
];

/// `spent` so far this month; `days`, what each of the whole days before today cost, 28 at most, of which those before the
/// first costs are left out; `days_ahead` until the month ends, fractions included. Before there is a whole day with
/// costs, today's pace is all there is: `today` in so many days. When the days were, the caller knows.
pub(super) fn project(
    spent: MicroUsd,
    days: &[MicroUsd],
    days_ahead: f64,
    (today, of_today): (MicroUsd, f64),
) -> CostProjection {
    let costs: Vec<f64> = days.iter().skip_while(|day| day.0 == 0).map(|day| day.0 as f64).collect();
    let n = costs.len() as f64;
    let spent_so_far = spent.0 as f64;
    let mean = match costs.len() {
        0 if of_today > 0.0 => today.0 as f64 / of_today,
        0 => 0.0,
        _ => costs.iter().sum::<f64>() / n,
    };
    let micros = |value: f64| MicroUsd(value.round().max(spent_so_far) as i64);
    let cost = micros(spent_so_far + days_ahead * mean);
    let t = costs.len().checked_sub(FEWEST_DAYS).and_then(|beyond| T90.get(beyond));
    let (low, high) = match t {
        Some(t) if days_ahead > 0.0 => {
            let variance = costs.iter().map(|cost| (cost - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let margin = t * variance.sqrt() * days_ahead * (1.0 / days_ahead + 1.0 / n).sqrt();
            let middle = spent_so_far + days_ahead * mean;
            (Some(micros(middle - margin)), Some(micros(middle + margin)))
        }
        Some(_) => (Some(cost), Some(cost)),
        None => (None, None),
    };
    CostProjection { cost, low, high, days: u32::try_from(costs.len()).unwrap_or(u32::MAX), since: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(days: &[i64]) -> Vec<MicroUsd> {
        days.iter().map(|day| MicroUsd(day * 1_000_000)).collect()
    }

    const NOTHING_TODAY: (MicroUsd, f64) = (MicroUsd::ZERO, 0.5);

    #[test]
    fn days_that_cost_the_same_leave_nothing_to_chance() {
        let told = project(MicroUsd(30_000_000), &dollars(&[2; 28]), 15.0, NOTHING_TODAY);
        let all = MicroUsd(60_000_000);
        assert_eq!(told, CostProjection { cost: all, low: Some(all), high: Some(all), days: 28, since: None });
    }

    /// By hand: mean 2, s 1, n 3, m 4: 1.886 * 4 * sqrt(1/4 + 1/3) = 5.7617.
    #[test]
    fn the_range_is_the_prediction_interval_of_the_book() {
        let told = project(MicroUsd(10_000_000), &dollars(&[1, 2, 3]), 4.0, NOTHING_TODAY);
        assert_eq!(told.cost, MicroUsd(18_000_000));
        let (low, high) = (told.low.unwrap().0, told.high.unwrap().0);
        assert!((low - 12_238_300).abs() < 1_000 && (high - 23_761_700).abs() < 1_000, "{low} {high}");
    }

    #[test]
    fn two_days_give_a_figure_and_no_range() {
        let told = project(MicroUsd::ZERO, &dollars(&[1, 3]), 10.0, NOTHING_TODAY);
        assert_eq!((told.cost, told.low, told.high), (MicroUsd(20_000_000), None, None));
    }

    #[test]
    fn on_the_first_day_todays_pace_goes_on() {
        let told = project(MicroUsd(1_000_000), &[], 9.5, (MicroUsd(1_000_000), 0.5));
        assert_eq!(told.cost, MicroUsd(20_000_000));
    }

    /// A model was switched on a week ago: three weeks of quotes before it say nothing about the days to come.
    #[test]
    fn days_before_the_first_costs_are_left_out() {
        let (quotes, model) = (vec![0; 21], vec![4; 7]);
        let told = project(MicroUsd(28_000_000), &dollars(&[quotes, model].concat()), 10.0, NOTHING_TODAY);
        let all = MicroUsd(68_000_000);
        assert_eq!(told, CostProjection { cost: all, low: Some(all), high: Some(all), days: 7, since: None });
    }

    #[test]
    fn a_quiet_day_after_the_first_costs_counts() {
        let told = project(MicroUsd(8_000_000), &dollars(&[0, 4, 0, 4, 0]), 10.0, NOTHING_TODAY);
        assert_eq!((told.cost, told.days), (MicroUsd(28_000_000), 4));
    }

    /// A model was switched on today, at noon.
    #[test]
    fn after_days_that_cost_nothing_todays_pace_goes_on() {
        let told = project(MicroUsd(1_000_000), &dollars(&[0; 28]), 9.5, (MicroUsd(1_000_000), 0.5));
        assert_eq!((told.cost, told.low, told.days), (MicroUsd(20_000_000), None, 0));
    }

    #[test]
    fn what_is_spent_is_spent() {
        let told = project(MicroUsd(50_000_000), &dollars(&[30, 0, 0]), 1.0, NOTHING_TODAY);
        assert_eq!(told.low, Some(MicroUsd(50_000_000)));
        let over = project(MicroUsd(50_000_000), &dollars(&[1, 2, 3]), 0.0, NOTHING_TODAY);
        assert_eq!((over.cost, over.high), (MicroUsd(50_000_000), Some(MicroUsd(50_000_000))));
    }
}
