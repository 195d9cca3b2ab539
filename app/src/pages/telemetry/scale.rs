//! Axes: where lines go, so that they stand on round numbers.

/// The step between an axis's lines, and how many of them reach above `largest`: 1, 2 or 5 times a power of ten, four lines
/// at most. Nought gives one step of one.
pub fn steps(largest: f64) -> (f64, usize) {
    if !largest.is_finite() || largest <= 0.0 {
        return (1.0, 1);
    }
    let rough = largest / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough * 0.999_999);
    let step = step.unwrap_or(power * 10.0);
    (step, ((largest / step - 1e-9).ceil() as usize).max(1))
}

/// Which of `points` get a label, so that not more than `most` do: every nth, from the first on.
pub const fn label_every(points: usize, most: usize) -> usize {
    let every = points.div_ceil(if most == 0 { 1 } else { most });
    if every == 0 { 1 } else { every }
}

/// Which of five grounds a value has: none for nought, the strongest for the largest.
pub fn level(value: i64, largest: i64) -> usize {
    if value <= 0 || largest <= 0 {
        return 0;
    }
    let share = value as f64 / largest as f64;
    ((share * 4.0).ceil() as usize).clamp(1, 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_on_round_numbers_and_reach_above_the_largest() {
        for (largest, step, lines) in
            [(1.0, 0.5, 2), (4.0, 1.0, 4), (7.0, 2.0, 4), (17.0, 5.0, 4), (100.0, 50.0, 2), (0.0, 1.0, 1)]
        {
            assert_eq!(steps(largest), (step, lines), "{largest}");
        }
        for largest in (1..2_000).map(|n| f64::from(n) * 0.37) {
            let (step, lines) = steps(largest);
            assert!(lines <= 4 && step * lines as f64 >= largest * 0.999_999, "{largest}: {step} {lines}");
        }
    }

    #[test]
    fn labels_are_thinned_out_evenly() {
        assert_eq!(label_every(24, 8), 3);
        assert_eq!(label_every(7, 8), 1);
        assert_eq!(label_every(0, 8), 1);
        assert_eq!(label_every(168, 8), 21);
    }

    #[test]
    fn only_nought_has_no_ground_and_only_the_largest_the_strongest() {
        assert_eq!([0, 1, 25, 26, 50, 75, 76, 100].map(|value| level(value, 100)), [0, 1, 1, 2, 2, 3, 4, 4]);
        assert_eq!(level(5, 0), 0);
    }
}
