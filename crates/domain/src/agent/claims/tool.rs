//! What the result of a tool states: each object is a row of fields, named as the object is.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::{Map, Value as Json};

use super::EvidenceRef;
use super::reading::Text;
use super::state::Status;
use super::statement::{Statement, of_text};
use super::values::Value;

/// Deeper than this nothing is read.
const MAX_DEPTH: usize = 12;
/// A text with more characters is sentences rather than a field.
const LONG: usize = 100;
/// Fields by which an object is named.
const NAMES: &[&str] = &[
    "name",
    "title",
    "product",
    "product_name",
    "sku",
    "number",
    "order_number",
    "order_id",
    "order",
    "id",
    "label",
    "slug",
    "order_no",
];
const MONEY: &[&str] = &[
    "price", "total", "amount", "cost", "subtotal", "shipping", "tax", "discount", "refunded", "refund", "balance",
    "fee", "value", "paid", "sum", "gross", "net", "preis", "summe", "betrag",
];

/// The statements of a result.
pub(super) fn statements(index: usize, part_of: usize, result: &Json) -> Vec<Statement> {
    let source = EvidenceRef::Tool { index };
    let mut reader = Reader { source, part_of, statements: Vec::new() };
    match result {
        Json::String(text) => reader.statements = of_text(text, source, part_of, &[]),
        other => reader.value(other, "", &[], None, 0),
    }
    reader.statements
}

struct Reader {
    source: EvidenceRef,
    part_of: usize,
    statements: Vec<Statement>,
}

impl Reader {
    fn value(&mut self, value: &Json, path: &str, names: &[String], currency: Option<&str>, depth: usize) {
        match value {
            Json::Object(object) => self.object(object, path, names, currency, depth),
            Json::Array(items) => items.iter().for_each(|item| self.value(item, path, names, currency, depth + 1)),
            Json::String(text) => self.statements.extend(of_text(text, self.source, self.part_of, names)),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn object(
        &mut self,
        object: &Map<String, Json>,
        path: &str,
        names: &[String],
        currency: Option<&str>,
        depth: usize,
    ) {
        if depth > MAX_DEPTH {
            return;
        }
        let currency = currency_of(object).or(currency);
        let mut names = names.to_vec();
        for key in NAMES {
            let name = match object.get(*key) {
                Some(Json::String(text)) if text.chars().count() <= LONG => text.clone(),
                Some(Json::Number(number)) => number.to_string(),
                _ => continue,
            };
            let read = Text::read(&name, false, None);
            names.extend(read.names().map(str::to_owned));
        }
        names.sort();
        names.dedup();
        let mut row = Row { fields: Vec::new(), currency, minor_unit: minor_unit(object) };
        let mut rest = Vec::new();
        row.read(path, object, &mut rest, 0);
        self.row(&row, &names, depth);
        for (path, value) in rest {
            self.value(value, &path, &names, currency, depth + 1);
        }
    }

    fn row(&mut self, row: &Row<'_>, names: &[String], depth: usize) {
        if row.fields.is_empty() {
            return;
        }
        let mut text = Text::read(&row.fields.join("; "), true, Some(false));
        // A sum that was refunded, be it nothing, is not a state of the order.
        let amounts: Vec<_> = text
            .found
            .iter()
            .filter(|found| matches!(found.value, Value::Money { .. }))
            .map(|found| text.segment_of(found.tokens.start))
            .collect();
        text.found.retain(|found| {
            !matches!(found.value, Value::Status { .. })
                || !amounts.iter().any(|amount| amount.contains(&found.tokens.start))
        });
        self.statements.push(Statement {
            source: self.source,
            text,
            names: names.to_vec(),
            contexts: Vec::new(),
            near: Vec::new(),
            part_of: self.part_of,
            is_row: true,
            completes_denial: false,
            is_heading: false,
            label: 0,
            headings: 0,
            depth,
        });
    }
}

/// The fields of one object as a row: `price: 389.00 EUR; stock status: in stock`.
struct Row<'a> {
    fields: Vec<String>,
    currency: Option<&'a str>,
    /// Decimals of amounts that are written in the smallest unit.
    minor_unit: Option<u32>,
}

/// The Store API of WooCommerce writes `"38900"` and says that two of the digits are decimals.
fn currency_of(object: &Map<String, Json>) -> Option<&str> {
    ["currency", "currency_code", "priceCurrency"].iter().find_map(|key| object.get(*key)?.as_str())
}

fn minor_unit(object: &Map<String, Json>) -> Option<u32> {
    object
        .get("currency_minor_unit")
        .and_then(Json::as_u64)
        .and_then(|unit| u32::try_from(unit).ok())
        .filter(|unit| *unit <= 4)
}

impl<'a> Row<'a> {
    /// Fields go into the row; what is an object with a name of its own, a list of objects or a long text goes to `rest`,
    /// with its field's name.
    fn read(&mut self, path: &str, object: &'a Map<String, Json>, rest: &mut Vec<(String, &'a Json)>, depth: usize) {
        if let Some(amount) = amount(object) {
            self.fields.push(format!("{}: {amount}", label(path)));
            return;
        }
        // Amounts inside may have a currency and a unit of their own.
        let outer = (self.currency, self.minor_unit);
        self.currency = currency_of(object).or(self.currency);
        self.minor_unit = minor_unit(object).or(self.minor_unit);
        for (key, value) in object {
            let path = if path.is_empty() { key.clone() } else { format!("{path} {key}") };
            match value {
                Json::Object(inner)
                    if amount(inner).is_some()
                        || !inner.keys().any(|key| NAMES.contains(&key.as_str())) && depth < 3 =>
                {
                    self.read(&path, inner, rest, depth + 1);
                }
                Json::Object(_) => rest.push((list_label(key), value)),
                Json::Array(items) => self.list(&path, value, items, rest),
                Json::String(text) if text.chars().count() > LONG || text.contains('\n') => rest.push((path, value)),
                _ => self.fields.extend(self.field(&path, value)),
            }
        }
        (self.currency, self.minor_unit) = outer;
    }

    fn list(&mut self, path: &str, value: &'a Json, items: &'a [Json], rest: &mut Vec<(String, &'a Json)>) {
        let is_parcel =
            ["parcels", "shipments", "tracking", "trackings", "fulfillments"].iter().any(|name| path.ends_with(name));
        if is_parcel && !items.is_empty() {
            self.fields.push("status: shipped".to_owned());
        }
        if items.iter().any(Json::is_object) {
            rest.push((list_label(path), value));
            return;
        }
        let texts: Vec<String> = items
            .iter()
            .flat_map(|item| match item {
                Json::Array(pair) => pair.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
                Json::String(text) => vec![text.clone()],
                Json::Number(number) => vec![number.to_string()],
                _ => Vec::new(),
            })
            .collect();
        if !texts.is_empty() {
            self.fields.push(format!("{}: {}", label(path), texts.join(", ")));
        }
    }

    fn field(&self, path: &str, value: &Json) -> Option<String> {
        let label = label(path);
        let is_stock = label.contains("stock")
            || label.contains("availab")
            || label.contains("quantity") && label.contains("inventory");
        let said = match value {
            Json::Bool(true) => return Some(format!("{label}: yes")),
            Json::Bool(false) => return Some(format!("not {label}")),
            Json::Number(number) if is_stock => format!("{number} left"),
            Json::Number(number) => self.number(&label, &number.to_string(), number.is_i64() || number.is_u64()),
            Json::String(text) if is_stock && stock_word(text).is_some() => stock_word(text)?.to_owned(),
            Json::String(text) => self.text(&label, text.trim()),
            Json::Null | Json::Array(_) | Json::Object(_) => return None,
        };
        (!said.is_empty()).then(|| format!("{label}: {said}"))
    }

    /// A number: an amount where the field's name says so, a quantity where it ends in a unit.
    fn number(&self, label: &str, number: &str, is_integer: bool) -> String {
        let is_money = label.split(' ').any(|word| MONEY.contains(&word));
        let is_minor = label.ends_with("minor") || label.ends_with("cents");
        let number = number.trim_start_matches('-');
        if is_minor || is_money && is_integer && self.minor_unit.is_some() {
            let decimals = self.minor_unit.unwrap_or(2);
            return format!("{} {}", shifted(number, decimals), self.currency.unwrap_or_default());
        }
        if is_money {
            return format!("{} {}", decimal(number), self.currency.unwrap_or_default());
        }
        let unit = label.rsplit(' ').next().unwrap_or_default();
        match unit {
            "days" | "weeks" | "months" | "years" | "hours" | "minutes" | "kg" | "g" | "cm" | "mm" | "ml"
            | "percent" | "litres" => {
                format!("{} {unit}", decimal(number))
            }
            _ => number.to_owned(),
        }
    }

    fn text(&self, label: &str, text: &str) -> String {
        let is_interval = label.ends_with("interval") || label.ends_with("period") || label.ends_with("frequency");
        if is_interval && matches!(text, "day" | "week" | "month" | "year") {
            return format!("a {text}");
        }
        if let Some(day) = timestamp(text) {
            return day;
        }
        let is_number =
            text.trim_start_matches('-').parse::<f64>().is_ok() && text.bytes().any(|byte| byte.is_ascii_digit());
        if is_number && !NAMES.contains(&label) {
            let is_integer = !text.contains('.');
            return self.number(label, text, is_integer && self.minor_unit.is_some());
        }
        let is_status = label.split(' ').any(|word| matches!(word, "status" | "state"));
        if is_status && Status::of_field(text).is_some() {
            return text.replace(['-', '_'], " ");
        }
        text.to_owned()
    }
}

/// What a list's name tells of its rows: `refunds` much, `items` nothing.
fn list_label(path: &str) -> String {
    const TELLING: &[&str] = &["refund", "tax", "shipping", "discount", "fee", "coupon", "credit"];
    let last = path.rsplit(' ').next().unwrap_or_default();
    if TELLING.iter().any(|word| last.contains(word)) { last.to_owned() } else { String::new() }
}

/// `date_created_gmt`, `dateCreated` as words.
fn label(path: &str) -> String {
    let mut label = String::with_capacity(path.len() + 4);
    let mut before = ' ';
    for c in path.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            label.push(' ');
        }
        label.push(if matches!(c, '_' | '-' | '.') { ' ' } else { c });
        before = c;
    }
    label.to_lowercase()
}

/// An object that is nothing but an amount: `{"amount": "12.50", "currency": "EUR"}`, or in the smallest unit
/// `{"minor": 1250, "currency": "EUR"}`. An `amount` that is an integer of JSON is in the smallest unit too.
fn amount(object: &Map<String, Json>) -> Option<String> {
    const OF_AMOUNTS: &[&str] =
        &["amount", "value", "currency", "currency_code", "decimals", "minor", "minor_units", "amount_minor", "cents"];
    let currency = object.get("currency").or_else(|| object.get("currency_code"))?.as_str()?;
    if !object.keys().all(|key| OF_AMOUNTS.contains(&key.as_str())) {
        return None;
    }
    let decimals = object.get("decimals").and_then(Json::as_u64).and_then(|unit| u32::try_from(unit).ok()).unwrap_or(2);
    let minor = ["minor", "minor_units", "amount_minor", "cents"].iter().find_map(|key| object.get(*key));
    let amount = match (minor, object.get("amount").or_else(|| object.get("value"))) {
        (Some(minor), _) => shifted(&minor.to_string(), decimals),
        (None, Some(Json::String(text))) => decimal(text),
        (None, Some(Json::Number(number))) if number.is_f64() => decimal(&number.to_string()),
        (None, Some(Json::Number(number))) => shifted(&number.to_string(), decimals),
        _ => return None,
    };
    Some(format!("{amount} {currency}"))
}

/// With two decimals at least, so that nobody takes the point for a separator of thousands.
fn decimal(number: &str) -> String {
    let number = number.trim().trim_start_matches('-');
    match number.split_once('.') {
        Some((whole, fraction)) if fraction.len() == 3 => format!("{whole}.{fraction}0"),
        Some(_) => number.to_owned(),
        None => format!("{number}.00"),
    }
}

/// An integer of the smallest unit as a decimal.
fn shifted(number: &str, decimals: u32) -> String {
    let digits = number.trim().trim_start_matches('-');
    let decimals = decimals as usize;
    let padded = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = padded.split_at_checked(padded.len() - decimals).unwrap_or((&padded, ""));
    if fraction.is_empty() { format!("{whole}.00") } else { decimal(&format!("{whole}.{fraction}")) }
}

/// A day, with its time where it is told, as a sentence would say it.
fn timestamp(text: &str) -> Option<String> {
    if !(10..=40).contains(&text.len()) || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let with_time = DateTime::parse_from_rfc3339(text).map(|time| time.naive_local());
    let with_time = with_time.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"));
    let with_time = with_time.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"));
    if let Ok(time) = with_time {
        return Some(time.format("%A %Y-%m-%d %H:%M").to_string());
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.format("%A %Y-%m-%d").to_string())
}

/// How stores write whether a thing can be had.
fn stock_word(text: &str) -> Option<&'static str> {
    let plain: String = text.rsplit('/').next()?.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    match plain.as_str() {
        "instock" | "available" => Some("in stock"),
        "outofstock" | "soldout" | "unavailable" => Some("out of stock"),
        "onbackorder" | "backorder" | "backordered" => Some("on backorder"),
        "limitedavailability" | "lowstock" => Some("low stock"),
        _ => None,
    }
}
