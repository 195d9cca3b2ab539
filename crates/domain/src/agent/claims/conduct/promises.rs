//! Whether a clause grants a favour that no rule of the shop gives and no tool granted.

use super::Line;

/// Whether the clause promises something to this customer. `is_open`: the sentence gives neither a condition nor a value,
/// so it is no rule told in the second person.
pub(super) fn are_made(line: &Line<'_>, is_open: bool) -> bool {
    const FAVOURS: &str = "make an exception | make one exception | on the house | throw in | throw that in | \
        aus kulanz | kulanzweise | versprochen | you have my word | have our word | promise you | we promise | i promise | \
        verspreche ihnen | verspreche dir | versprechen ihnen";
    let for_less = line.joined.ends_with("for less") || line.joined.ends_with("for a bit less");
    let exception = line.has(&["mache", "machen", "mach"]) && line.has(&["ausnahme"]);
    for_less || exception || line.has_any(FAVOURS) || is_open && (lets_keep(line) || gives_money(line) || favours(line))
}

/// "Just keep the item", "Behalten Sie den Artikel".
fn lets_keep(line: &Line<'_>) -> bool {
    const KEPT: &[&str] =
        &["item", "items", "product", "parcel", "goods", "order", "it", "them", "both", "everything", "tent", "one"];
    const BEHALTEN: &[&str] = &[
        "artikel",
        "produkt",
        "ware",
        "paket",
        "sendung",
        "bestellung",
        "es",
        "ihn",
        "beides",
        "alles",
        "teil",
        "zelt",
    ];
    const BEHIND: &[&str] = &["anyway", "as", "for", "and", "too", "instead", "then", "of"];
    const ARTICLES: &[&str] = &["the", "your", "this", "that", "faulty", "broken", "damaged", "wrong"];
    let words = &line.words;
    let kept = words.iter().enumerate().filter(|(_, word)| matches!(**word, "keep" | "keeping")).any(|(at, _)| {
        let rest = words.get(at + 1..).unwrap_or_default();
        let Some(thing) = rest.iter().position(|word| !ARTICLES.contains(word)) else { return false };
        let behind = rest.get(thing + 1);
        rest.get(thing).is_some_and(|word| KEPT.contains(word)) && behind.is_none_or(|word| BEHIND.contains(word))
    });
    let of_us = line.has(&["i", "i'll", "we", "we'll", "ich", "wir"]);
    !of_us && (kept || line.has(&["behalten", "behalte", "behältst"]) && line.has(BEHALTEN))
}

/// "We'll give you your money back", "Wir geben Ihnen das Geld zurück".
fn gives_money(line: &Line<'_>) -> bool {
    const LATER: &[&str] = &["after", "once", "when", "nach", "nachdem", "sobald", "wenn", "until", "bis"];
    if line.has(LATER) {
        return false;
    }
    let words = &line.words;
    let will = line.has(&["we'll", "i'll", "you'll"])
        || words.windows(2).any(|pair| matches!(pair, ["we" | "i" | "you", "will"] | ["we're" | "i'm", "going"]));
    let refunds = |word: &&str| {
        ["refund", "reimburs", "compensat"].iter().any(|verb| word.starts_with(verb)) || matches!(*word, "credited")
    };
    let gives = line.has(&["give"]) && line.has(&["back"]) && line.has(&["money", "cash"]);
    let to_customer = line.has(&["you", "your"]);
    let refunds = to_customer && words.iter().any(refunds);
    let replaces =
        to_customer && line.has_any("a new one | a replacement | another one") && line.has(&["send", "ship"]);
    let english = will && (gives || line.has_any("money back") || refunds || replaces);
    let wir = line.has(&["wir", "ich"]) && line.has(&["ihnen", "dir", "euch"]);
    let you_get = line.has(&["bekommen", "bekommst", "erhalten", "erhältst", "kriegen", "kriegst"]);
    let back = line.has(&["zurück", "erstatten", "erstatte", "überweisen", "überweise", "gutschreiben", "ersetzen"]);
    let german = (wir || you_get) && line.has(&["geld", "kaufpreis", "betrag", "kosten"]) && back;
    english || german
}

/// "I'll give you a discount", "Ich erlasse Ihnen die Versandkosten", "Wir schicken Ihnen ein neues".
fn favours(line: &Line<'_>) -> bool {
    const GIVING: &[&str] = &[
        "give",
        "giving",
        "gave",
        "noted",
        "put",
        "grant",
        "gebe",
        "geben",
        "schenke",
        "schenken",
        "gewähre",
        "gewähren",
    ];
    const GIVEN: &[&str] = &["discount", "credit", "voucher", "rabatt", "nachlass", "gutschein", "gutschrift"];
    const NEW: &[&str] = &["neues", "neuen", "neue", "ersatz"];
    let by_us = line.has(&["i", "i'll", "i've", "we", "we'll", "we've", "ich", "wir"]);
    let to_customer = line.has(&["you", "your", "ihnen", "dir", "ihr", "ihrem", "sie"]);
    let gives = line.has(GIVING) && line.has(GIVEN) || line.has(&["erlasse", "erlassen"]);
    let replaces = line.has(&["schicke", "schicken", "sende", "senden"]) && line.has(NEW);
    let pays = line.has(&["übernehme", "übernehmen"]) && line.has(&["kosten", "versandkosten", "porto"]);
    by_us && to_customer && (gives || replaces || pays)
}
