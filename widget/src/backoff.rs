//! How long to wait before trying a lost connection again.

/// The longest wait.
const CEILING_MS: u32 = 30_000;

/// Milliseconds before attempt number `attempt` (0 is the first): 1 s, doubled each time up to 30 s, then
/// spread by a quarter either way so that the visitors of a restarted server do not return in one wave.
/// `random` is any byte.
pub fn delay_ms(attempt: u32, random: u8) -> u32 {
    let base = 1_000_u32.checked_shl(attempt.min(8)).map_or(CEILING_MS, |ms| ms.min(CEILING_MS));
    base * 3 / 4 + base / 2 * u32::from(random) / 255
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn waits_double_up_to_the_ceiling() {
        assert_eq!(delay_ms(0, 0), 750);
        assert_eq!(delay_ms(0, 255), 1_250);
        assert_eq!(delay_ms(2, 0), 3_000);
        assert_eq!(delay_ms(5, 255), 37_500);
        assert_eq!(delay_ms(4_000, 255), 37_500);
    }
}
