//! Numbers and ids as text, without the formatting machinery of the standard library: it alone weighs as much as the
//! transcript's logic.

use uuid::Uuid;

/// A whole number in decimal digits.
pub fn decimal(number: i64) -> String {
    let mut text = if number < 0 { "-".to_owned() } else { String::new() };
    let mut digits = Vec::new();
    let mut rest = number.unsigned_abs();
    loop {
        digits.extend(char::from_digit((rest % 10) as u32, 10));
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text.extend(digits.iter().rev());
    text
}

/// A UUID in its usual form.
pub fn uuid(id: Uuid) -> String {
    id.hyphenated().encode_lower(&mut [0; uuid::fmt::Hyphenated::LENGTH]).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_uuid_is_written_in_groups() {
        assert_eq!(uuid(Uuid::from_u128(0xab)), "00000000-0000-0000-0000-0000000000ab");
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_the_standard_library_does(number: i64) {
            prop_assert_eq!(decimal(number), number.to_string());
        }
    }

    #[test]
    fn the_ends_of_the_range_are_numbers_too() {
        for number in [0, i64::MIN, i64::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }
}
