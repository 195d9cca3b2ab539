//! Latencies counted in logarithmic bins, so that percentiles of any span of time can be had from counts that add up.
//!
//! This is DDSketch (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error
//! Guarantees", PVLDB 12, 2019) without its limit on the number of bins: milliseconds that fit an `i32` need 1,077 at
//! most. Bin `i` counts the values in `(g^(i-1), g^i]` with `g = (1 + a) / (1 - a)`; its middle `2 g^i / (g + 1)` is
//! within `a` of every value in it. Bin -1 counts nought. The database puts values into bins (`omniops_sketch_bin`).

use std::collections::BTreeMap;

/// The greatest relative error of a percentile.
pub(super) const RELATIVE_ERROR: f64 = 0.01;
const NOUGHT: i16 = -1;

/// How many values each bin counts. Merging is addition: associative, commutative, and exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sketch(BTreeMap<i16, i64>);

impl Sketch {
    /// From the database's two columns; what has no partner in the other is left out.
    pub(super) fn from_columns(bins: &[i16], counts: &[i64]) -> Self {
        Self(bins.iter().copied().zip(counts.iter().copied()).collect())
    }

    /// The bins in ascending order, and what each counts.
    pub(super) fn columns(&self) -> (Vec<i16>, Vec<i64>) {
        self.0.iter().unzip()
    }

    /// Counts what the other has counted too.
    pub(super) fn merge(&mut self, other: &Self) {
        for (bin, count) in &other.0 {
            *self.0.entry(*bin).or_default() += count;
        }
    }

    /// How many values were counted.
    pub(super) fn count(&self) -> i64 {
        self.0.values().sum()
    }

    /// The value with `quantile` (0 to 1) of all at or below it, by nearest rank, within [`RELATIVE_ERROR`]; `None` of
    /// nothing.
    pub(super) fn quantile(&self, quantile: f64) -> Option<f64> {
        let count = self.count();
        let rank = ((quantile.clamp(0.0, 1.0) * count as f64).ceil() as i64).max(1);
        let mut seen = 0;
        self.0.iter().find_map(|(bin, count)| {
            seen += count;
            (seen >= rank).then(|| middle(*bin))
        })
    }
}

fn middle(bin: i16) -> f64 {
    let growth = (1.0 + RELATIVE_ERROR) / (1.0 - RELATIVE_ERROR);
    if bin == NOUGHT { 0.0 } else { 2.0 * growth.powi(i32::from(bin)) / (growth + 1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the database does; that both agree is tested with the database.
    fn bin(ms: i32) -> i16 {
        let growth: f64 = 1.01 / 0.99;
        if ms <= 0 { NOUGHT } else { (f64::from(ms).ln() / growth.ln()).ceil() as i16 }
    }

    fn sketch(values: &[i32]) -> Sketch {
        let mut sketch = Sketch::default();
        for value in values {
            *sketch.0.entry(bin(*value)).or_default() += 1;
        }
        sketch
    }

    fn merged<'a>(sketches: impl IntoIterator<Item = &'a Sketch>) -> Sketch {
        let mut all = Sketch::default();
        sketches.into_iter().for_each(|one| all.merge(one));
        all
    }

    /// From a fraction of a second to the longest that can be stored, as many small ones as large ones.
    fn milliseconds() -> impl Strategy<Value = i32> {
        prop_oneof![0..10_i32, 0..1_000_i32, 0..100_000_i32, 0..=i32::MAX]
    }

    proptest! {
        #[test]
        fn merging_in_any_grouping_is_the_sketch_of_all_values(
            parts in prop::collection::vec(prop::collection::vec(milliseconds(), 0..50), 3),
        ) {
            let [a, b, c] = [sketch(&parts[0]), sketch(&parts[1]), sketch(&parts[2])];
            let left = merged([&merged([&a, &b]), &c]);
            let right = merged([&a, &merged([&b, &c])]);
            let backwards = merged([&c, &b, &a]);
            prop_assert_eq!(&left, &right);
            prop_assert_eq!(&left, &backwards);
            prop_assert_eq!(&left, &sketch(&parts.concat()));
            prop_assert_eq!(left.count(), parts.concat().len() as i64);
        }

        #[test]
        fn a_percentile_is_within_one_percent_of_the_value_of_its_rank(
            mut values in prop::collection::vec(milliseconds(), 1..300),
            quantile in 0.0..=1.0_f64,
        ) {
            values.sort_unstable();
            let rank = ((quantile * values.len() as f64).ceil() as usize).max(1);
            let exact = f64::from(values[rank - 1]);
            let told = sketch(&values).quantile(quantile).unwrap();
            prop_assert!((told - exact).abs() <= exact * (RELATIVE_ERROR + 1e-9), "{told} for {exact}");
        }

        #[test]
        fn the_columns_give_the_same_sketch_back(values in prop::collection::vec(milliseconds(), 0..100)) {
            let sketch = sketch(&values);
            let (bins, counts) = sketch.columns();
            prop_assert!(bins.is_sorted());
            prop_assert_eq!(Sketch::from_columns(&bins, &counts), sketch);
        }
    }

    #[test]
    fn nothing_has_no_percentile() {
        assert_eq!(Sketch::default().quantile(0.5), None);
    }
}
