//! Ids that the visitor's side makes, from time and randomness that the caller brings.

use uuid::Uuid;

/// A UUIDv7: the idempotency key of one message. A retry carries the same one.
pub fn client_id(unix_ms: u64, random: [u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid()
}

/// The visitor's secret: 192 random bits in hexadecimal.
pub fn session_id(random: [u8; 24]) -> String {
    let digits = random.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_client_id_is_a_uuid_of_version_7_and_sorts_by_time() {
        let earlier = client_id(1_700_000_000_000, [0xff; 10]);
        let later = client_id(1_700_000_000_001, [0; 10]);
        assert_eq!(earlier.get_version_num(), 7);
        assert!(earlier < later);
    }

    #[test]
    fn a_session_id_is_long_enough_and_of_the_allowed_characters() {
        let id = session_id([0x0a; 24]);
        assert_eq!(id.len(), 48);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
