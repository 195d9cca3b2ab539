//! PHP's loose types. Plugins change them further: a field that is a string in one store is a number, `false`, `null` or
//! an empty list in the next.

use chrono::NaiveDateTime;
use omniops_types::{Currency, Money, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A string, or a number in its digits; empty for everything else.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    })
}

/// A whole number, also as a string; a fraction is rounded down, so that a stock is never promised in excess.
pub fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value.as_i64().or_else(|| float_of(&value).map(|number| number.floor() as i64)))
}

/// An id; zero, which WordPress writes for "none", is none.
pub fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(integer(deserializer)?.and_then(|id| u64::try_from(id).ok()).filter(|id| *id != 0))
}

/// A number, also as a string; zero for everything else.
pub fn float<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(float_of(&Value::deserialize(deserializer)?).unwrap_or_default())
}

/// `true`, 1, `"yes"`, `"1"`.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => flag,
        Value::Number(number) => number.as_i64() == Some(1),
        Value::String(text) => matches!(text.as_str(), "yes" | "true" | "1"),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    })
}

/// The thing, or its default where something else stands in its place.
pub fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).unwrap_or_default())
}

fn float_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
    .filter(|number: &f64| number.is_finite())
}

/// A `…_gmt` field: UTC without a zone. The fields without `_gmt` are in the site's own time and are never read.
pub fn utc(text: Option<&str>) -> Option<Timestamp> {
    let text = text?.trim().trim_end_matches('Z');
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|time| time.and_utc())
}

/// An amount that may be missing: a product without a price has an empty one.
pub fn money(text: &str, currency: Currency) -> Option<Money> {
    Money::parse(text, currency).ok()
}

/// The text, if there is any.
pub fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_and_numbers_come_in_many_forms() {
        assert_eq!(id(json!(12)).unwrap(), Some(12));
        assert_eq!(id(json!("12")).unwrap(), Some(12));
        assert_eq!(id(json!(0)).unwrap(), None);
        assert_eq!(id(json!("")).unwrap(), None);
        assert_eq!(integer(json!(-7)).unwrap(), Some(-7));
        assert_eq!(integer(json!("2.5")).unwrap(), Some(2));
        assert_eq!(integer(json!(null)).unwrap(), None);
        assert_eq!(text(json!(4.5)).unwrap(), "4.5");
        assert_eq!(text(json!(false)).unwrap(), "");
        assert!(flag(json!("yes")).unwrap());
        assert!(!flag(json!("parent")).unwrap());
    }

    #[test]
    fn gmt_fields_are_utc() {
        let read = |text| utc(Some(text)).map(|time| time.to_rfc3339());
        assert_eq!(read("2026-07-28T22:00:37").as_deref(), Some("2026-07-28T22:00:37+00:00"));
        assert_eq!(read("2026-07-28T22:00:37Z").as_deref(), Some("2026-07-28T22:00:37+00:00"));
        assert_eq!(read(""), None);
        assert_eq!(read("0000-00-00T00:00:00"), None);
        assert_eq!(utc(None), None);
    }
}
