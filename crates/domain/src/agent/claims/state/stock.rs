//! Whether a product can be had.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{NEGATIONS, Words};
use crate::agent::claims::number;
use crate::agent::claims::values::{Found, Value};
use crate::agent::claims::word_list::{Phrases, set};

/// Whether a product can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent::claims) enum Stock {
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

static STATES: LazyLock<Phrases<Stock>> = LazyLock::new(|| {
    Phrases::new([
        (
            "in stock | auf lager | vorrätig | am lager | back in stock | wieder da | noch da | readily available",
            Stock::In,
        ),
        ("out of stock | sold out | ausverkauft | vergriffen | unavailable | no longer in stock", Stock::Out),
        ("is gone | are gone | is discontinued | are discontinued", Stock::Out),
        ("on backorder | backorder | backordered | back ordered | nachbestellt", Stock::Backorder),
        (
            "few left | low stock | low in stock | almost sold out | nearly sold out | last one | last pieces | \
             selling fast | wenige | fast ausverkauft | limited stock | limited quantity | limited quantities | \
             running low | letzte | knapp",
            Stock::Low,
        ),
    ])
});
/// What stands behind a count of things that are left.
static REMAINING: LazyLock<Phrases<()>> = LazyLock::new(|| {
    let list =
        "left in stock | left | in stock | auf lager | available | verfügbar | remaining | übrig | vorrätig | remain";
    Phrases::new([(list, ())])
});
/// What stands before one. "The Tarn 2 in stock" counts nothing.
static COUNTING: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "only just nur noch have are is still haben sind with about exactly than stock left currently derzeit aktuell gerade \
         there's",
    )
});
/// Words between a count and what it says of the things.
static COUNTED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set("items item pieces piece units unit of them more stück exemplare are pairs pair sind flaschen bottles")
});
static FROM: LazyLock<HashSet<&str>> = LazyLock::new(|| set("ab from on am will wird"));
static DENYING: LazyLock<HashSet<&str>> = LazyLock::new(|| set(NEGATIONS));
/// Behind "available", these tell where, when or in what, and not whether.
static NOT_OF_STOCK: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "for to at via by from until till between on in as during through within 24 monday für bei ab von bis über per als zu \
         zur zum only",
    )
});
/// They are available in another sense.
static OTHERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set("team support colleague colleagues agent agents person we service chat hotline phone staff kollege kollegen \
         mitarbeiter kundenservice wir information details option options discount code appointment rabatt")
});

pub(super) fn states(words: &Words<'_>) -> Vec<Found> {
    /// Words before a state that may deny it: "is not currently in stock".
    const REACH: usize = 4;
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some((stock, length)) = state_at(words, at) else {
            at += 1;
            continue;
        };
        let stock = match stock {
            Stock::In if words.has_before(at, REACH, &DENYING) => Stock::Out,
            Stock::Out if words.has_before(at, REACH, &DENYING) => Stock::In,
            other => other,
        };
        found.extend(words.found(Value::Stock(stock), at, length));
        at += length;
    }
    found
}

fn state_at(words: &Words<'_>, at: usize) -> Option<(Stock, usize)> {
    if let Some((stock, length)) = left_at(words, at).or_else(|| STATES.longest(|distance| words.get(at + distance))) {
        // "Back in stock on 3 May" is not there now.
        let again = usize::from(words.is(at + length, &["again"]));
        let later = words.is(at + length + again, &["ab", "from", "on", "by", "soon", "bald", "next", "am", "around"]);
        // "Ab dem 15. Juni wieder da" neither.
        let returns = words.is(at, &["back", "wieder"]) && words.has_before(at, 7, &FROM);
        return (stock != Stock::In || !later && !returns).then_some((stock, length));
    }
    let is_available = words.is(at, &["available", "verfügbar", "lieferbar", "erhältlich"]);
    let says_where = words.get(at + 1).is_some_and(|next| NOT_OF_STOCK.contains(next));
    (is_available && !says_where && !words.has(&OTHERS)).then_some((Stock::In, 1))
}

/// "only 3 left", "nur noch 3 Stück", "we have 3 in stock".
fn left_at(words: &Words<'_>, at: usize) -> Option<(Stock, usize)> {
    const MOST: i64 = 100_000;
    let word = words.get(at)?;
    let count = word.parse::<i64>().ok().or_else(|| number::value(word)).filter(|count| *count < MOST)?;
    let before = at.checked_sub(1);
    let counts = |before: usize| words.get(before).is_some_and(|word| COUNTING.contains(word));
    if before.is_some_and(|before| words.is_next(before) && !counts(before)) {
        return None;
    }
    let mut end = at + 1;
    while words.get(end).is_some_and(|word| COUNTED.contains(word)) {
        end += 1;
    }
    if !(at..end).all(|place| words.is_next(place)) {
        return None;
    }
    let only = before.is_some_and(|before| words.is(before, &["noch"]) && words.is(before.saturating_sub(1), &["nur"]));
    match REMAINING.longest(|distance| words.get(end + distance)) {
        Some(((), length)) => Some((Stock::Left(count), end + length - at)),
        None if only && end > at + 1 => Some((Stock::Left(count), end - at)),
        None => None,
    }
}
