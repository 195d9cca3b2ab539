//! The element-wise steps of the network over rows in memory, written so that the compiler vectorises them. The
//! general ones of the tensor library call a scalar `exp` or `erf` for each number and take as long as the products.

use candle_core::{CpuStorage, InplaceOp1, Layout, Result, Tensor};

/// Lets `kernel` change a contiguous tensor's numbers where they are.
pub(super) fn in_place(tensor: &Tensor, kernel: impl Fn(&mut [f32])) -> Result<()> {
    tensor.inplace_op1(&Kernel(kernel))
}

struct Kernel<F>(F);

impl<F: Fn(&mut [f32])> InplaceOp1 for Kernel<F> {
    fn name(&self) -> &'static str {
        "kernel"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let CpuStorage::F32(numbers) = storage else { candle_core::bail!("only 32-bit floats are computed with") };
        let Some((start, end)) = layout.contiguous_offsets() else { candle_core::bail!("the tensor has gaps") };
        match numbers.get_mut(start..end) {
            Some(numbers) => (self.0)(numbers),
            None => candle_core::bail!("the tensor is longer than its memory"),
        }
        Ok(())
    }
}

/// Adds the bias to each row.
pub(super) fn add_bias(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len()) {
        for (x, b) in row.iter_mut().zip(bias) {
            *x += b;
        }
    }
}

/// Adds the bias, then `x · Φ(x)`, the GELU with the exact normal distribution.
pub(super) fn add_bias_gelu(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len()) {
        for (x, b) in row.iter_mut().zip(bias) {
            let sum = *x + b;
            *x = 0.5 * sum * (1.0 + erf(sum * std::f32::consts::FRAC_1_SQRT_2));
        }
    }
}

/// Scales each row by a number above 0, then makes it a distribution: `exp(x) / Σ exp(x)`.
pub(super) fn softmax(rows: &mut [f32], width: usize, scale: f32) {
    for row in rows.chunks_exact_mut(width) {
        let max = row.iter().fold(f32::MIN, |max, x| max.max(*x));
        let mut sum = 0.0;
        for x in row.iter_mut() {
            *x = exp((*x - max) * scale);
        }
        for x in row.iter() {
            sum += x;
        }
        let share = 1.0 / sum;
        for x in row {
            *x *= share;
        }
    }
}

/// Each row to mean 0 and variance 1, times the weight, plus the bias.
pub(super) fn layer_norm(rows: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
    let width = weight.len();
    for row in rows.chunks_exact_mut(width) {
        let mean = sum(row) / width as f32;
        for x in row.iter_mut() {
            *x -= mean;
        }
        let variance = row.iter().map(|x| x * x).sum::<f32>() / width as f32;
        let scale = 1.0 / (variance + epsilon).sqrt();
        for ((x, w), b) in row.iter_mut().zip(weight).zip(bias) {
            *x = *x * scale * w + b;
        }
    }
}

/// To length 1.
pub(super) fn normalise(vector: &mut [f32]) {
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    for x in vector {
        *x /= norm;
    }
}

fn sum(row: &[f32]) -> f32 {
    row.iter().sum()
}

/// The exponential, within 2 units in the last place for −87 ≤ x ≤ 88: `2^n · e^r` with a polynomial for the rest, as
/// in the Cephes library's `expf`.
#[allow(clippy::inline_always, reason = "a call would keep the loops around it from being vectorised")]
#[inline(always)]
fn exp(x: f32) -> f32 {
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    /// Adding it rounds to a whole number in the low bits of the sum, without a call.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 5.000_000_3e-1;
    let e = p * r * r + r + 1.0;
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    e * power
}

/// The error function, within 5e-7: formula 7.1.26 of Abramowitz and Stegun.
#[allow(clippy::inline_always, reason = "a call would keep the loops around it from being vectorised")]
#[inline(always)]
fn erf(x: f32) -> f32 {
    let a = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * a);
    let p = t * (0.254_829_6 + t * (-0.284_496_74 + t * (1.421_413_7 + t * (-1.453_152 + t * 1.061_405_4))));
    (1.0 - p * exp(-a * a)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_as_good_as_the_library_s() {
        for step in -8_600..=8_700_i16 {
            let x = f32::from(step) / 100.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-6, "{x}");
        }
        assert!(exp(-1e9) < 1e-37);
    }

    #[test]
    fn the_error_function_is_odd_and_matches_its_table() {
        // Values from Abramowitz and Stegun, table 7.1.
        for (x, y) in
            [(0.0, 0.0), (0.1, 0.112_462_9), (0.5, 0.520_499_9), (1.0, 0.842_700_8), (2.0, 0.995_322_3), (4.0, 1.0)]
        {
            assert!((erf(x) - y).abs() < 1e-6, "{x}: {}", erf(x));
            assert!((erf(-x) + y).abs() < 1e-6);
        }
    }

    #[test]
    fn a_row_s_softmax_sums_to_one() {
        let mut rows = [1.0, 2.0, 3.0, 1_000.0, 0.0, 0.0];
        softmax(&mut rows, 3, 1.0);
        assert!((rows[2] - 0.665_240_9).abs() < 1e-6);
        assert!((rows[3] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_normalised_row_has_mean_0_and_variance_1() {
        let mut row = [1.0, 2.0, 3.0, 4.0];
        layer_norm(&mut row, &[1.0; 4], &[0.0; 4], 1e-12);
        assert!(row.iter().sum::<f32>().abs() < 1e-6);
        assert!((row.iter().map(|x| x * x).sum::<f32>() - 4.0).abs() < 1e-5);
    }
}
