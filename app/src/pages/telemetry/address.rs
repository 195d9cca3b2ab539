//! The addresses of the page and of the rows behind a figure, so that reload, back and a shared link lead to the same.

use std::ops::RangeInclusive;

use leptos_router::params::ParamsMap;
use omniops_types::{
    Rating, Resolution, TelemetryQuery, TelemetryRange, Timestamp, TurnFallback, TurnFilter, TurnOutcome,
};

use crate::rpc::telemetry::{Period, Shown};
use crate::state::session::encode;

pub const BASE: &str = "/dashboard/telemetry";
pub const TURNS: &str = "/dashboard/telemetry/turns";
const API: &str = "/api/dashboard/telemetry";

/// What the page's address asks for. What cannot be read is left out, as if it were not there.
pub fn shown_of(query: &ParamsMap) -> Shown {
    let text = |name: &str| query.get_str(name).filter(|text| !text.is_empty()).map(str::to_owned);
    Shown {
        period: query.get_str("period").and_then(Period::parse).unwrap_or_default(),
        domain: text("domain"),
        model: text("model"),
    }
}

/// The page's address.
pub fn overview(shown: &Shown) -> String {
    let mut address = Address::new(BASE);
    if shown.period != Period::default() {
        address.add("period", shown.period.as_str());
    }
    address.add_text("domain", shown.domain.as_deref());
    address.add_text("model", shown.model.as_deref());
    address.text
}

/// The turns of a range and filters.
pub fn query_of(range: &TelemetryRange, shown: &Shown) -> TelemetryQuery {
    TelemetryQuery {
        from: Some(range.from),
        to: Some(range.to),
        domain: shown.domain.clone(),
        model: shown.model.clone(),
        granularity: None,
    }
}

/// The page with these rows.
pub fn turns(query: &TelemetryQuery, filter: &TurnFilter) -> String {
    with_rows(TURNS, query, filter).text
}

/// These rows as a file.
pub fn turns_csv(query: &TelemetryQuery, filter: &TurnFilter) -> String {
    let mut address = with_rows(&format!("{API}/turns"), query, filter);
    address.add("format", "csv");
    address.text
}

/// The series as a file.
pub fn series_csv(range: &TelemetryRange, shown: &Shown) -> String {
    let mut address = Address::new(API);
    address.add("granularity", range.granularity.as_str());
    address.add_query(&query_of(range, shown));
    address.add("format", "csv");
    address.text
}

fn with_rows(path: &str, query: &TelemetryQuery, filter: &TurnFilter) -> Address {
    let mut address = Address::new(path);
    address.add_query(query);
    address.add_text("outcome", filter.outcome.map(TurnOutcome::as_str));
    address.add_text("error", filter.error.as_deref());
    address.add_text("fallback", filter.fallback.map(TurnFallback::as_str));
    address.add_text("tool", filter.tool.as_deref());
    address.add_text("weekday", filter.weekday.map(|weekday| weekday.to_string()).as_deref());
    address.add_text("hour", filter.hour.map(|hour| hour.to_string()).as_deref());
    address.add_text("rating", filter.rating.map(Rating::as_str));
    address.add_text("zero_results", filter.zero_results.map(|only| only.to_string()).as_deref());
    address.add_text("resolution", filter.resolution.map(Resolution::as_str));
    let last = filter.last_in_conversation.map(|only| only.to_string());
    address.add_text("last_in_conversation", last.as_deref());
    address
}

/// What the address of the rows asks for. What cannot be read is left out, and the page says what is left.
pub fn rows_of(query: &ParamsMap) -> (TelemetryQuery, TurnFilter) {
    let text = |name: &str| query.get_str(name).filter(|text| !text.is_empty());
    let time = |name: &str| text(name).and_then(|text| text.parse::<Timestamp>().ok());
    let number = |name: &str, within: RangeInclusive<i16>| {
        text(name).and_then(|text| text.parse::<i16>().ok()).filter(|number| within.contains(number))
    };
    let owned = |name: &str| text(name).map(str::to_owned);
    let only = |name: &str| (text(name) == Some("true")).then_some(true);
    let scope = TelemetryQuery {
        from: time("from"),
        to: time("to"),
        domain: owned("domain"),
        model: owned("model"),
        granularity: None,
    };
    let filter = TurnFilter {
        outcome: text("outcome").and_then(TurnOutcome::parse),
        error: owned("error"),
        fallback: text("fallback").and_then(TurnFallback::parse),
        tool: owned("tool"),
        weekday: number("weekday", 1..=7),
        hour: number("hour", 0..=23),
        rating: text("rating").and_then(Rating::parse),
        zero_results: only("zero_results"),
        resolution: text("resolution").and_then(Resolution::parse),
        last_in_conversation: only("last_in_conversation"),
    };
    (scope, filter)
}

struct Address {
    text: String,
    separator: char,
}

impl Address {
    fn new(path: &str) -> Self {
        Self { text: path.to_owned(), separator: '?' }
    }

    fn add(&mut self, name: &str, value: &str) {
        self.text.push(self.separator);
        self.text.push_str(name);
        self.text.push('=');
        self.text.push_str(&encode(value));
        self.separator = '&';
    }

    fn add_text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    fn add_query(&mut self, query: &TelemetryQuery) {
        let time = |time: Timestamp| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        self.add_text("from", query.from.map(time).as_deref());
        self.add_text("to", query.to.map(time).as_deref());
        self.add_text("domain", query.domain.as_deref());
        self.add_text("model", query.model.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> ParamsMap {
        let (_, query) = address.split_once('?').unwrap_or((address, ""));
        let decode = |text: &str| {
            let mut bytes = Vec::new();
            let mut rest = text.bytes();
            while let Some(byte) = rest.next() {
                if byte == b'%' {
                    let code: String = rest.by_ref().take(2).map(char::from).collect();
                    bytes.push(u8::from_str_radix(&code, 16).unwrap());
                } else {
                    bytes.push(byte);
                }
            }
            String::from_utf8(bytes).unwrap()
        };
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), decode(value)))
            .collect()
    }

    #[test]
    fn what_cannot_be_is_left_out_of_the_rows_that_are_asked_for() {
        let address =
            "/turns?weekday=9&hour=24&outcome=splendid&rating=sideways&from=yesterday&zero_results=maybe&model=a";
        let (query, filter) = rows_of(&read(address));
        assert_eq!(query, TelemetryQuery { model: Some("a".to_owned()), ..TelemetryQuery::default() });
        assert_eq!(filter, TurnFilter::default());
    }

    #[test]
    fn every_filter_reads_back_from_its_address() {
        let shown = Shown {
            period: Period::Month,
            domain: Some("shop.example:8080".to_owned()),
            model: Some("a&b=c/ü".to_owned()),
        };
        assert_eq!(shown_of(&read(&overview(&shown))), shown);
        assert_eq!(shown_of(&read(&overview(&Shown::default()))), Shown::default());
        let query = TelemetryQuery {
            from: Some("2026-11-01T00:15:00Z".parse().unwrap()),
            to: Some("2026-11-02T00:00:00Z".parse().unwrap()),
            domain: shown.domain,
            model: shown.model,
            granularity: None,
        };
        let filter = TurnFilter {
            outcome: Some(TurnOutcome::Failed),
            error: Some("timed_out".to_owned()),
            fallback: Some(TurnFallback::Extractive),
            tool: Some("search knowledge".to_owned()),
            weekday: Some(7),
            hour: Some(0),
            rating: Some(Rating::Down),
            zero_results: Some(true),
            resolution: Some(Resolution::Assumed),
            last_in_conversation: Some(true),
        };
        assert_eq!(rows_of(&read(&turns(&query, &filter))), (query.clone(), filter.clone()));
        assert!(turns_csv(&query, &filter).ends_with("&format=csv"));
        let all = turns_csv(&TelemetryQuery::default(), &TurnFilter::default());
        assert_eq!(all, "/api/dashboard/telemetry/turns?format=csv");
    }
}
