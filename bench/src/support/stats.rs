//! Summaries of samples.

/// Samples in ascending order.
#[derive(Clone, Debug, Default)]
pub struct Sorted(Vec<f64>);

impl Sorted {
    pub fn new(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self(samples)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The smallest sample that at least `percent` of all do not exceed; 0 of none.
    pub fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }

    pub fn median(&self) -> f64 {
        self.percentile(50)
    }
}

/// The middle one; of an even number, the lower of the two.
pub fn median(samples: impl IntoIterator<Item = f64>) -> f64 {
    Sorted::new(samples.into_iter().collect()).median()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp, reason = "a percentile is one of the samples, unchanged")]
    fn percentiles_are_samples() {
        let sorted = Sorted::new((1..=200).rev().map(f64::from).collect());
        assert_eq!((sorted.median(), sorted.percentile(95), sorted.percentile(100)), (100.0, 190.0, 200.0));
        assert_eq!(Sorted::new(vec![7.0]).percentile(99), 7.0);
        assert_eq!(Sorted::default().percentile(50), 0.0);
    }
}
