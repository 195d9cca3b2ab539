//! Parcels, as the common plugins leave them in an order's `meta_data`.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{lenient, text};

/// Shipment Tracking of WooCommerce, Advanced Shipment Tracking: a list of parcels.
const ITEMS: &str = "_wc_shipment_tracking_items";
/// Plugins with one parcel: the key of its number, and of its carrier.
const SINGLE: &[(&str, &str)] = &[
    ("_tracking_number", "_tracking_provider"),
    ("_aftership_tracking_number", "_aftership_tracking_provider_name"),
    ("_dhl_tracking_number", ""),
];
/// Parcels of one order that are told.
const MAX_PARCELS: usize = 10;

/// A parcel that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracking {
    pub number: String,
    /// `DHL`; absent where the plugin does not say.
    pub carrier: Option<String>,
    /// Where the carrier shows the parcel; http or https.
    pub url: Option<Url>,
}

/// One entry of `meta_data`: any key, any value.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RawMeta {
    #[serde(default, deserialize_with = "lenient::text")]
    pub key: String,
    #[serde(default)]
    pub value: Value,
}

#[derive(Deserialize)]
struct RawParcel {
    #[serde(default, deserialize_with = "lenient::text")]
    tracking_number: String,
    #[serde(default, deserialize_with = "lenient::text")]
    tracking_provider: String,
    #[serde(default, deserialize_with = "lenient::text")]
    custom_tracking_provider: String,
    #[serde(default, deserialize_with = "lenient::text")]
    custom_tracking_link: String,
    #[serde(default, deserialize_with = "lenient::text")]
    tracking_link: String,
}

/// The parcels of an order; what cannot be read is left out.
pub fn parcels(meta: &[RawMeta]) -> Vec<Tracking> {
    let mut parcels: Vec<Tracking> = meta
        .iter()
        .filter(|entry| entry.key == ITEMS)
        .filter_map(|entry| entry.value.as_array())
        .flatten()
        .filter_map(|parcel| RawParcel::deserialize(parcel).ok())
        .filter_map(from_list)
        .collect();
    for (number, carrier) in SINGLE {
        if let Some(number) = value_of(meta, number)
            && parcels.iter().all(|parcel| parcel.number != number)
        {
            parcels.push(Tracking { number, carrier: value_of(meta, carrier), url: None });
        }
    }
    parcels.truncate(MAX_PARCELS);
    parcels
}

fn from_list(raw: RawParcel) -> Option<Tracking> {
    let number = lenient::non_empty(text::line(&raw.tracking_number))?;
    let first = |texts: [String; 2]| texts.into_iter().find_map(|candidate| lenient::non_empty(text::line(&candidate)));
    let url = first([raw.tracking_link, raw.custom_tracking_link]).and_then(|link| web_address(&link));
    Some(Tracking { number, carrier: first([raw.tracking_provider, raw.custom_tracking_provider]), url })
}

fn value_of(meta: &[RawMeta], key: &str) -> Option<String> {
    let entry = meta.iter().find(|entry| !key.is_empty() && entry.key == key)?;
    lenient::non_empty(text::line(entry.value.as_str()?))
}

/// The address, unless a click on it could do something else than open a page.
pub fn web_address(text: &str) -> Option<Url> {
    Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(meta: Value) -> Vec<Tracking> {
        parcels(&serde_json::from_value::<Vec<RawMeta>>(meta).unwrap())
    }

    #[test]
    fn a_list_of_parcels_is_read() {
        let found = read(json!([
            {"key": "_wc_order_attribution_utm_source", "value": "google"},
            {"key": "_wc_shipment_tracking_items", "value": [
                {"tracking_provider": "dhl", "tracking_number": "00340434", "custom_tracking_link": "", "date_shipped": "1785542400"},
                {"tracking_provider": "", "custom_tracking_provider": "Kurier &amp; Co", "tracking_number": 77,
                 "custom_tracking_link": "https://kurier.example/77"},
                {"tracking_number": ""},
                "junk"
            ]}
        ]));
        let kurier = Tracking {
            number: "77".to_owned(),
            carrier: Some("Kurier & Co".to_owned()),
            url: Some("https://kurier.example/77".parse().unwrap()),
        };
        let dhl = Tracking { number: "00340434".to_owned(), carrier: Some("dhl".to_owned()), url: None };
        assert_eq!(found, [dhl, kurier]);
    }

    #[test]
    fn a_single_number_is_read() {
        let found = read(json!([
            {"key": "_tracking_number", "value": "1Z999"},
            {"key": "_tracking_provider", "value": "UPS"},
            {"key": "_tracking_hint", "value": "express"}
        ]));
        assert_eq!(found, [Tracking { number: "1Z999".to_owned(), carrier: Some("UPS".to_owned()), url: None }]);
    }

    #[test]
    fn a_link_that_is_no_page_is_left_out() {
        let found = read(json!([{"key": "_wc_shipment_tracking_items", "value": [
            {"tracking_number": "1", "tracking_link": "javascript:alert(1)"}
        ]}]));
        assert_eq!(found.first().unwrap().url, None);
    }
}
