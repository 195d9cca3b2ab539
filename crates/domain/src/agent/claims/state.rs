//! What a thing's state is said to be: whether a product can be had, and where an order stands.

use super::text::{Kind, Token};
use super::values::{Found, Value};

/// Whether a product can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stock {
    In,
    Out,
    /// Can be ordered, though it is not there.
    Backorder,
    /// Not many are left.
    Low,
    Left(i64),
}

impl Stock {
    /// Both cannot be so.
    pub fn contradicts(self, other: Self) -> bool {
        let is_there = |stock: Self| match stock {
            Self::In | Self::Low => true,
            Self::Left(count) => count > 0,
            Self::Out | Self::Backorder => false,
        };
        is_there(self) != is_there(other)
    }

    /// What is claimed is so, when `stated` is.
    pub fn is_told_by(self, stated: Self) -> bool {
        /// So many are few.
        const FEW: i64 = 5;
        match self {
            Self::In => matches!(stated, Self::In | Self::Low) || matches!(stated, Self::Left(count) if count > 0),
            Self::Out => stated == Self::Out || matches!(stated, Self::Left(count) if count <= 0),
            Self::Backorder => stated == Self::Backorder,
            Self::Low => stated == Self::Low || matches!(stated, Self::Left(count) if (1..=FEW).contains(&count)),
            Self::Left(count) => stated == Self::Left(count),
        }
    }
}

/// Where an order or a parcel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Pending,
    Processing,
    OnHold,
    Paid,
    Shipped,
    Delivered,
    Completed,
    Cancelled,
    Refunded,
    Failed,
    ReadyForPickup,
}

impl Status {
    pub fn is_told_by(self, stated: Self) -> bool {
        self == stated || self == Self::Shipped && stated == Self::Delivered
    }

    /// "Not shipped yet" is told by "processing".
    pub fn is_denied_by(self, stated: Self, denied: bool) -> bool {
        let waits = matches!(stated, Self::Pending | Self::Processing | Self::OnHold | Self::Failed | Self::Cancelled);
        if denied {
            return self == stated;
        }
        match self {
            Self::Shipped | Self::Completed | Self::ReadyForPickup => waits,
            Self::Delivered => waits || stated == Self::Shipped,
            Self::Paid => matches!(stated, Self::Pending | Self::OnHold | Self::Failed),
            Self::Cancelled | Self::Refunded => {
                matches!(stated, Self::Processing | Self::Shipped | Self::Delivered | Self::Completed)
            }
            Self::Pending | Self::Processing | Self::OnHold | Self::Failed => false,
        }
    }

    /// What a store's word for a state means, as it stands in a field: `on-hold`, `in_transit`.
    pub fn of_field(text: &str) -> Option<Self> {
        let plain: String = text.trim().to_lowercase().replace(['-', '_'], " ");
        let plain = plain.strip_prefix("wc ").unwrap_or(&plain);
        STATES.iter().find(|(phrases, _)| phrases.contains(&plain)).map(|(_, status)| *status)
    }
}

/// Words for states, as they stand behind "is", "has been" or "wurde".
const STATES: &[(&[&str], Status)] = &[
    (&["pending", "pending payment", "awaiting payment", "ausstehend", "unpaid"], Status::Pending),
    (
        &[
            "processing",
            "being processed",
            "in progress",
            "being packed",
            "being prepared",
            "in preparation",
            "in bearbeitung",
            "bearbeitet",
            "wird bearbeitet",
            "wird verpackt",
            "wird vorbereitet",
            "in vorbereitung",
        ],
        Status::Processing,
    ),
    (&["on hold", "wartend", "angehalten", "zurückgestellt"], Status::OnHold),
    (&["paid", "bezahlt"], Status::Paid),
    (
        &[
            "shipped",
            "dispatched",
            "sent",
            "sent out",
            "on its way",
            "on the way",
            "on their way",
            "in transit",
            "handed over to the carrier",
            "out for delivery",
            "left our warehouse",
            "posted",
            "versandt",
            "versendet",
            "verschickt",
            "abgeschickt",
            "unterwegs",
            "auf dem weg",
            "in zustellung",
            "fulfilled",
            "übergeben",
        ],
        Status::Shipped,
    ),
    (&["delivered", "arrived", "zugestellt", "geliefert", "angekommen", "ausgeliefert"], Status::Delivered),
    (&["completed", "complete", "abgeschlossen"], Status::Completed),
    (&["cancelled", "canceled", "storniert"], Status::Cancelled),
    (&["refunded", "erstattet", "rückerstattet", "zurückerstattet"], Status::Refunded),
    (&["failed", "fehlgeschlagen"], Status::Failed),
    (&["ready for pickup", "ready for pick up", "ready for collection", "abholbereit"], Status::ReadyForPickup),
];

/// Words that make a text speak of one order rather than of orders in general.
const ORDERS: &[&str] = &[
    "order",
    "parcel",
    "package",
    "shipment",
    "consignment",
    "status",
    "bestellung",
    "paket",
    "sendung",
    "lieferung",
    "auftrag",
    "payment",
    "zahlung",
    "refund",
];
const NEGATIONS: &[&str] =
    &["not", "cannot", "never", "no", "nicht", "nie", "isn't", "aren't", "wasn't", "hasn't", "haven't", "weren't"];
const STOCK_IN: &[&str] =
    &["in stock", "auf lager", "vorrätig", "am lager", "back in stock", "wieder da", "noch da", "readily available"];
const STOCK_OUT: &[&str] = &[
    "out of stock",
    "sold out",
    "ausverkauft",
    "vergriffen",
    "unavailable",
    "out of",
    "no longer in stock",
    "gone",
    "discontinued",
];
const BACKORDER: &[&str] = &["on backorder", "backorder", "backordered", "back ordered", "nachbestellt"];
const FEW: &[&str] = &[
    "few left",
    "low stock",
    "low in stock",
    "almost sold out",
    "nearly sold out",
    "last one",
    "last pieces",
    "selling fast",
    "wenige",
    "fast ausverkauft",
    "limited stock",
    "limited quantity",
    "limited quantities",
    "running low",
    "letzte",
    "knapp",
];
/// Behind "available", these tell where, when or in what, and not whether.
const NOT_OF_STOCK: &[&str] = &[
    "for", "to", "at", "via", "by", "from", "until", "till", "between", "on", "in", "as", "during", "through",
    "within", "24", "monday", "für", "bei", "ab", "von", "bis", "über", "per", "als", "zu", "zur", "zum", "only",
];
/// They are available in another sense.
const PEOPLE: &[&str] = &[
    "team",
    "support",
    "colleague",
    "colleagues",
    "agent",
    "agents",
    "person",
    "we",
    "service",
    "chat",
    "hotline",
    "phone",
    "staff",
    "kollege",
    "kollegen",
    "mitarbeiter",
    "kundenservice",
    "wir",
    "information",
    "details",
    "option",
    "options",
    "discount",
    "code",
    "appointment",
    "rabatt",
];

/// The states that a text states. `is_data` is a field or a label rather than a sentence, where a word is enough.
pub(super) fn states(tokens: &[Token], is_data: bool) -> Vec<Found> {
    let words = Words::of(tokens);
    let mut found = stock(&words);
    found.extend(statuses(&words, is_data));
    found
}

/// The words of the tokens, each with its place.
struct Words<'a>(Vec<(usize, &'a str)>);

impl<'a> Words<'a> {
    fn of(tokens: &'a [Token]) -> Self {
        let is_word = |token: &&Token| matches!(token.kind, Kind::Word | Kind::Number);
        Self(
            tokens
                .iter()
                .enumerate()
                .filter(|(_, token)| is_word(token))
                .map(|(at, token)| (at, token.lower.as_str()))
                .collect(),
        )
    }

    fn get(&self, at: usize) -> &'a str {
        self.0.get(at).map_or("", |(_, word)| word)
    }

    /// Whether the phrase stands at the place; gives its words.
    fn starts_with(&self, at: usize, phrase: &str) -> Option<usize> {
        let mut length = 0;
        for word in phrase.split(' ') {
            if self.get(at + length) != word {
                return None;
            }
            length += 1;
        }
        Some(length)
    }

    fn first_of(&self, at: usize, phrases: &[&str]) -> Option<usize> {
        phrases.iter().filter_map(|phrase| self.starts_with(at, phrase)).max()
    }

    /// Whether nothing stands between the word and the next.
    fn is_next(&self, at: usize) -> bool {
        match (self.0.get(at), self.0.get(at + 1)) {
            (Some((place, _)), Some((next, _))) => place + 1 == *next,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn has_before(&self, at: usize, reach: usize, list: &[&str]) -> bool {
        (at.saturating_sub(reach)..at).any(|place| list.contains(&self.get(place)))
    }

    fn has(&self, list: &[&str]) -> bool {
        self.0.iter().any(|(_, word)| list.contains(word))
    }

    fn found(&self, value: Value, at: usize, length: usize) -> Option<Found> {
        let (first, _) = self.0.get(at)?;
        let (last, _) = self.0.get(at + length.max(1) - 1)?;
        Some(Found::new(value, *first..last + 1))
    }
}

fn stock(words: &Words<'_>) -> Vec<Found> {
    /// Words before a state that may deny it: "is not currently in stock".
    const REACH: usize = 4;
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.0.len() {
        let Some((stock, length)) = stock_at(words, at) else {
            at += 1;
            continue;
        };
        let denied =
            words.has_before(at, REACH, NEGATIONS) || words.has_before(at, REACH, &["kein", "keine", "keinen"]);
        let stock = match stock {
            Stock::In if denied => Stock::Out,
            Stock::Out if denied => Stock::In,
            other => other,
        };
        found.extend(words.found(Value::Stock(stock), at, length));
        at += length;
    }
    found
}

fn stock_at(words: &Words<'_>, at: usize) -> Option<(Stock, usize)> {
    if let Some(left) = left_at(words, at) {
        return Some(left);
    }
    if let Some(length) = words.first_of(at, FEW) {
        return Some((Stock::Low, length));
    }
    if let Some(length) = words.first_of(at, BACKORDER) {
        return Some((Stock::Backorder, length));
    }
    if words.get(at) == "out" && words.get(at + 1) == "of" && words.get(at + 2) != "stock" {
        return None;
    }
    if matches!(words.get(at), "gone" | "discontinued") && !words.has_before(at, 2, &["is", "are"]) {
        return None;
    }
    if let Some(length) = words.first_of(at, STOCK_OUT) {
        return Some((Stock::Out, length));
    }
    if let Some(length) = words.first_of(at, STOCK_IN) {
        return Some((Stock::In, length));
    }
    let is_available = matches!(words.get(at), "available" | "verfügbar" | "lieferbar" | "erhältlich");
    let is_of_stock = !NOT_OF_STOCK.contains(&words.get(at + 1)) && !words.has(PEOPLE);
    (is_available && is_of_stock).then_some((Stock::In, 1))
}

/// Words between a count and what it says of the things.
const COUNTED: &[&str] = &[
    "items",
    "item",
    "pieces",
    "piece",
    "units",
    "unit",
    "of",
    "them",
    "more",
    "stück",
    "exemplare",
    "are",
    "pairs",
    "pair",
    "sind",
];

/// "only 3 left", "nur noch 3 Stück", "we have 3 in stock".
fn left_at(words: &Words<'_>, at: usize) -> Option<(Stock, usize)> {
    // "The Tarn 2 in stock" counts nothing.
    const BEFORE: &[&str] = &[
        "only",
        "just",
        "nur",
        "noch",
        "have",
        "are",
        "is",
        "still",
        "haben",
        "sind",
        "with",
        "about",
        "exactly",
        "than",
        "stock",
        "left",
        "currently",
        "derzeit",
        "aktuell",
        "gerade",
        "there's",
    ];
    let word = words.get(at);
    let before = at.checked_sub(1);
    if before.is_some_and(|before| words.is_next(before) && !BEFORE.contains(&words.get(before))) {
        return None;
    }
    let count = word.parse::<i64>().ok().or_else(|| super::number::value(word)).filter(|count| *count < 100_000)?;
    let mut end = at + 1;
    while COUNTED.contains(&words.get(end)) {
        end += 1;
    }
    if !(at..end).all(|place| words.is_next(place)) {
        return None;
    }
    let behind = words.first_of(
        end,
        &[
            "left in stock",
            "left",
            "in stock",
            "auf lager",
            "available",
            "verfügbar",
            "remaining",
            "übrig",
            "vorrätig",
            "remain",
        ],
    );
    let before = words.has_before(at, 1, &["noch"]) && words.has_before(at, 2, &["nur"]);
    match behind {
        Some(length) => Some((Stock::Left(count), end + length - at)),
        None if before && end > at + 1 => Some((Stock::Left(count), end - at)),
        None => None,
    }
}

fn statuses(words: &Words<'_>, is_data: bool) -> Vec<Found> {
    const HAS: &[&str] = &[
        "has", "have", "had", "hasn't", "haven't", "been", "was", "were", "wasn't", "weren't", "wurde", "wurden",
        "worden", "already", "bereits", "we've", "i've", "it's",
    ];
    const IS: &[&str] = &[
        "is",
        "are",
        "isn't",
        "aren't",
        "ist",
        "sind",
        "currently",
        "still",
        "now",
        "wird",
        "noch",
        "status",
        "as",
        "just",
        "it's",
        "marked",
        "derzeit",
        "aktuell",
        "gerade",
    ];
    /// Not that it is so, but that it will, may or would be.
    const NOT_YET: &[&str] = &[
        "will",
        "can",
        "may",
        "might",
        "could",
        "would",
        "must",
        "should",
        "be",
        "soon",
        "usually",
        "normally",
        "typically",
        "orders",
        "parcels",
        "packages",
        "bestellungen",
        "pakete",
        "kann",
        "können",
        "werden",
        "usually",
        "to",
    ];
    let of_one_order = words.has(ORDERS) || words.has(&["it", "it's", "sie", "es"]);
    let is_plural = words.has(&["both", "all", "beide"]) || words.has(&["your", "ihre", "deine", "two", "three"]);
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.0.len() {
        let here = STATES.iter().filter_map(|(phrases, status)| Some((words.first_of(at, phrases)?, *status)));
        let Some((length, status)) = here.max_by_key(|(length, _)| *length) else {
            at += 1;
            continue;
        };
        let not_yet = words.has_before(at, 4, NOT_YET) && !words.has_before(at, 4, &["been"]);
        let general = words.has(&["orders", "parcels", "packages", "bestellungen", "pakete", "items"]) && !is_plural;
        // "Shipped" is a verb in the past as well: "we shipped it on Monday".
        let by_us = words.has_before(at, 2, &["we", "i", "wir", "ich", "haben", "habe"]);
        let is_said =
            words.has_before(at, 4, HAS) || words.has_before(at, 3, IS) || by_us || words.get(at + length) == "worden";
        if is_data || of_one_order && is_said && !not_yet && !general {
            let negated = words.has_before(at, 4, NEGATIONS);
            found.extend(words.found(Value::Status { status, negated }, at, length));
        }
        at += length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::text::tokens;
    use super::*;

    fn values(text: &str) -> Vec<Value> {
        states(&tokens(text), false).into_iter().map(|found| found.value).collect()
    }

    #[test]
    fn stock_is_recognised_in_both_languages() {
        for (text, expected) in [
            ("The Tarn 2 is in stock.", vec![Stock::In]),
            ("It is currently not available.", vec![Stock::Out]),
            ("Sold out, sorry!", vec![Stock::Out]),
            ("There are only 3 left.", vec![Stock::Left(3)]),
            ("We have three pieces in stock.", vec![Stock::Left(3)]),
            ("Das Zelt ist auf Lager.", vec![Stock::In]),
            ("Das Zelt ist leider ausverkauft.", vec![Stock::Out]),
            ("Nur noch 2 Stück.", vec![Stock::Left(2)]),
            ("Der Becher ist nicht mehr lieferbar.", vec![Stock::Out]),
            ("Our team is available from 9 to 5.", vec![]),
            ("Express is available in Germany only.", vec![]),
            ("It has two doors.", vec![]),
        ] {
            let expected: Vec<Value> = expected.into_iter().map(Value::Stock).collect();
            assert_eq!(values(text), expected, "{text}");
        }
    }

    #[test]
    fn the_state_of_an_order_is_told_from_rules_about_orders() {
        let status = |status, negated| vec![Value::Status { status, negated }];
        for (text, expected) in [
            ("Your order has been shipped.", status(Status::Shipped, false)),
            ("Your parcel is on its way.", status(Status::Shipped, false)),
            ("Your order hasn't been shipped yet.", status(Status::Shipped, true)),
            ("Order #10023 is currently being processed.", status(Status::Processing, false)),
            ("Ihre Bestellung wurde storniert.", status(Status::Cancelled, false)),
            ("Ihr Paket ist unterwegs.", status(Status::Shipped, false)),
            ("Orders are shipped within 24 hours.", vec![]),
            ("Your order will be shipped on Monday.", vec![]),
            ("Items that were shipped by mistake.", vec![]),
        ] {
            assert_eq!(values(text), expected, "{text}");
        }
    }
}
