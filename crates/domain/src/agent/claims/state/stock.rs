//! Whether a product can be had.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{NEGATIONS, Words};
use crate::agent::claims::lexicon::{Class, Concept, concepts};
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
    /// More than a few are left.
    Plenty,
    Left(i64),
}

/// So many are few.
const FEW: i64 = 5;

impl Stock {
    /// Both cannot be so.
    pub fn contradicts(self, other: Self) -> bool {
        let is_there = |stock: Self| match stock {
            Self::In | Self::Low | Self::Plenty => true,
            Self::Left(count) => count > 0,
            Self::Out | Self::Backorder => false,
        };
        is_there(self) != is_there(other)
    }

    /// What is claimed is so, when `stated` is.
    pub fn is_told_by(self, stated: Self) -> bool {
        match self {
            Self::In => {
                matches!(stated, Self::In | Self::Low | Self::Plenty)
                    || matches!(stated, Self::Left(count) if count > 0)
            }
            Self::Out => stated == Self::Out || matches!(stated, Self::Left(count) if count <= 0),
            Self::Backorder => stated == Self::Backorder,
            Self::Low => stated == Self::Low || matches!(stated, Self::Left(count) if (1..=FEW).contains(&count)),
            Self::Plenty => stated == Self::Plenty || matches!(stated, Self::Left(count) if count > FEW),
            Self::Left(count) => stated == Self::Left(count),
        }
    }
}

static STATES: LazyLock<Phrases<Stock>> = LazyLock::new(|| {
    Phrases::new([
        (
            "in stock | auf lager | vorrätig | am lager | back in stock | wieder da | noch da | readily available | on hand | \
             on the shelf | on our shelves | still got it | still have it | still got them | still have them | \
             got them here | ready to ship | noch vorhanden | noch zu haben | haben wir da | versandfertig | \
             versandbereit | sofort lieferbar",
            Stock::In,
        ),
        (
            "out of stock | sold out | ausverkauft | vergriffen | unavailable | no longer in stock | run out of | \
             ran out of | none left | out of those | out of them | keine mehr | nicht mehr da | nichts mehr da",
            Stock::Out,
        ),
        // Denied as a rule: "we don't have any left".
        ("any left", Stock::In),
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
/// How many there are said to be, without a number.
static UNCOUNTED: LazyLock<Phrases<Stock>> = LazyLock::new(|| {
    Phrases::new([
        (
            "plenty | lots | loads | tons | more than enough | genug | genügend | reichlich | jede menge | viele | mehr als genug",
            Stock::Plenty,
        ),
        (
            "some | several | enough | many | a few | a couple | einige | mehrere | ein paar | welche | etliche",
            Stock::In,
        ),
    ])
});
/// The shop, which has them.
static HAVING: LazyLock<HashSet<&str>> =
    LazyLock::new(|| set("we we've there there's there're wir gibt davon vom they they've"));
/// Somebody else, who has other things.
static OTHER_OWNERS: LazyLock<HashSet<&str>> = LazyLock::new(|| set("i i've i'm you you've you'll ich sie du ihr"));
/// Behind an uncounted number: of the things, and not of others.
static OF_THEM: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "left remaining available übrig da vorrätig auf lager vorhanden verfügbar stück exemplare still here hier at right",
    )
});
static STILL: LazyLock<HashSet<&str>> = LazyLock::new(|| set("still noch"));
static ONLY: LazyLock<HashSet<&str>> = LazyLock::new(|| set("only just nur"));
/// There are still some of them, and no goods.
static TALKED_OF: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "question questions option options tip tips idea ideas time way ways room space work things details information fragen \
         möglichkeiten zeit tipps ideen wege informationen days tage hours stunden minutes minuten weeks wochen other others \
         andere anderen news offers deals examples recommendations suggestions alternatives customers people reviews \
         help support fun pockets storage choice reasons advice love kunden platz auswahl hilfe gründe slots appointments termine plätze",
    )
});
/// What stands behind a count of things that are left.
static REMAINING: LazyLock<Phrases<()>> = LazyLock::new(|| {
    let list = "left in stock | left | in stock | auf lager | available | verfügbar | remaining | übrig | vorrätig | remain | da";
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
    let counted = left_at(words, at).or_else(|| uncounted_at(words, at));
    if let Some((stock, length)) = counted.or_else(|| STATES.longest(|distance| words.get(at + distance))) {
        // "Back in stock on 3 May" is not there now.
        let again = usize::from(words.is(at + length, &["again"]));
        let later = words.is(at + length + again, &["ab", "from", "on", "by", "soon", "bald", "next", "am", "around"]);
        // "Ab dem 15. Juni wieder da" neither.
        let returns = words.is(at, &["back", "wieder"]) && words.has_before(at, 7, &FROM);
        return (stock != Stock::In || !later && !returns).then_some((stock, length));
    }
    let is_available = words.is(at, &["available", "verfügbar", "lieferbar", "erhältlich"]);
    let says_where = words.get(at + 1).is_some_and(|next| NOT_OF_STOCK.contains(next)) || is_of_a_service(words, at);
    (is_available && !says_where && !words.has(&OTHERS)).then_some((Stock::In, 1))
}

/// "Express delivery is available", "in Deutschland verfügbar", "bis 500 € verfügbar": what stands before it is a service, a
/// place or an amount.
fn is_of_a_service(words: &Words<'_>, at: usize) -> bool {
    const BETWEEN: &[&str] = &[
        "is",
        "are",
        "isn't",
        "aren't",
        "only",
        "not",
        "currently",
        "also",
        "now",
        "always",
        "ist",
        "sind",
        "nur",
        "nicht",
        "auch",
        "derzeit",
        "aktuell",
        "leider",
        "zurzeit",
        "immer",
        "jederzeit",
    ];
    const UP_TO: &[&str] = &["bis", "ab", "über", "unter", "zu"];
    let is_apart = |place: &usize| words.get(*place).is_some_and(|word| !BETWEEN.contains(&word));
    let Some(place) = (0..at).rev().find(is_apart) else { return false };
    let word = words.get(place).unwrap_or_default();
    let is_bound = place.checked_sub(1).is_some_and(|before| words.is(before, UP_TO));
    let is_amount = word.parse::<i64>().is_ok() && is_bound || matches!(word, "euro" | "eur");
    let is_service =
        |concept: &Concept| matches!(concept.class, Class::Place | Class::Trigger | Class::Method | Class::Qualifier);
    is_amount && words.is(at, &["verfügbar", "erhältlich"]) || concepts(word).iter().any(is_service)
}

/// "We have plenty of those", "still got some", "davon haben wir noch genug", "a few Tarn 2 tents left".
fn uncounted_at(words: &Words<'_>, at: usize) -> Option<(Stock, usize)> {
    const REACH: usize = 6;
    let (stock, length) = UNCOUNTED.longest(|distance| words.get(at + distance))?;
    let end = at + length;
    let still = words.has_before(at, 3, &STILL);
    let next = words.get(end).filter(|_| words.is_next(end - 1));
    let is_left = (end..end + REACH)
        .any(|place| words.is(place, &["left", "remaining", "übrig", "here", "hier", "stock", "lager"]))
        && !next.is_some_and(|next| TALKED_OF.contains(next));
    let is_ours = still || is_left || words.has_before(at, REACH, &HAVING);
    if !is_ours || words.has_before(at, REACH, &OTHER_OWNERS) {
        return None;
    }
    let of_those = matches!(next, Some("of" | "von"))
        && words.is(
            end + 1,
            &["those", "them", "these", "it", "that", "the", "this", "denen", "ihnen", "diesen", "dem", "der", "den"],
        )
        && !words.get(end + 2).is_some_and(|word| word.ends_with("est") || word == "most");
    // "We have plenty of Tarn 2 tents", not "of experience".
    let of_many = stock == Stock::Plenty
        && matches!(next, Some("of" | "von"))
        && words.get(end + 1).is_some_and(|word| !TALKED_OF.contains(word) && !word.ends_with("ence"));
    let of_goods = match next {
        None => true,
        Some(next) => OF_THEM.contains(next) || still && next != "of" && !TALKED_OF.contains(next),
    };
    let is_low = words.has_before(at, 2, &ONLY) || words.is(at, &["a"]) && words.is(end, &["left"]);
    let stock = if stock == Stock::In && is_low { Stock::Low } else { stock };
    let length = length + usize::from(next.is_some_and(|next| OF_THEM.contains(next)));
    (is_left || of_those || of_many || of_goods).then_some((stock, length))
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
