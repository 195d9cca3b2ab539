//! A labelled table of what models say, with the evidence that they had: what must be removed, what must be kept.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use omniops_types::PassageHit;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Evidence, Verdict, check};

const SOURCES: &str = include_str!("sources.json");

/// The tables, in the order in which they were written. Each but the first was written when the check did well on all
/// before it, and tried once before anything was changed: that first sight is what sentences of another shop may expect.
/// What was true and kept, and what was false and removed, at first sight: second 57 of 73 and 79 of 89, third 51 of 55
/// and 58 of 64, fourth 50 of 58 and 60 of 67, fifth 44 of 51 and 46 of 54, sixth 29 of 34 and 35 of 35, seventh
/// 51 of 71 and 42 of 99. The second to the fifth were made to be hard; the sixth is what customers of the demo shop ask;
/// the seventh has that in other words, and what was not looked for until then: numbers in words, promises, whether a
/// human being speaks, secrets, the prompt. The eighth grew while the seventh was mended and tells nothing of first sight.
const TABLES: &[(&str, &str)] = &[
    ("first", include_str!("first.tsv")),
    ("second", include_str!("second.tsv")),
    ("third", include_str!("third.tsv")),
    ("fourth", include_str!("fourth.tsv")),
    ("fifth", include_str!("fifth.tsv")),
    ("sixth", include_str!("sixth.tsv")),
    ("seventh", include_str!("seventh.tsv")),
    ("eighth", include_str!("eighth.tsv")),
];

#[derive(Deserialize)]
struct Sources {
    passages: BTreeMap<String, Page>,
    tools: BTreeMap<String, Json>,
}

#[derive(Deserialize)]
struct Page {
    title: String,
    heading_path: Vec<String>,
    url: String,
    text: String,
}

/// What the sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    /// Its evidence says so.
    True,
    /// It says more than its evidence, or something else.
    False,
    /// It claims nothing.
    Talk,
}

/// One row: label, kind, evidence, the customer's question, the sentence; with tabs between.
struct Row<'a> {
    label: Label,
    kind: &'a str,
    evidence: &'a str,
    question: &'a str,
    sentence: &'a str,
}

fn rows(table: &str) -> Vec<Row<'_>> {
    table
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [label, kind, evidence, question, sentence] = cells.as_slice() else {
                panic!("not five cells: {line}")
            };
            let label = match *label {
                "true" => Label::True,
                "false" => Label::False,
                "talk" => Label::Talk,
                other => panic!("unknown label {other}"),
            };
            Row { label, kind, evidence, question, sentence }
        })
        .collect()
}

fn hit(page: &Page) -> PassageHit {
    let id = "00000000-0000-0000-0000-000000000000";
    serde_json::from_value(serde_json::json!({
        "chunk_id": id, "page_id": id, "url": page.url, "title": page.title, "heading_path": page.heading_path,
        "text": page.text, "content_hash": "", "cosine": null, "text_rank": null, "score": 1.0
    }))
    .unwrap()
}

/// Read all at once.
fn evidence_of(passages: &[PassageHit], cited: &[usize], results: &[Json], question: &str) -> Evidence {
    let mut evidence = Evidence::of(question, NaiveDate::from_ymd_opt(2026, 5, 7));
    evidence.add(passages, results);
    evidence.cite(cited);
    evidence
}

/// `a, b, !c` are passages 1, 2 and 3 of which only the third is cited; `@order` is a result of a tool.
fn evidence(sources: &Sources, row: &Row<'_>) -> Evidence {
    let mut hits = Vec::new();
    let mut cited = Vec::new();
    let mut results = Vec::new();
    for name in row.evidence.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "-") {
        if let Some(tool) = name.strip_prefix('@') {
            results.push(sources.tools.get(tool).unwrap_or_else(|| panic!("no tool {tool}")).clone());
            continue;
        }
        let plain = name.trim_start_matches('!');
        hits.push(hit(sources.passages.get(plain).unwrap_or_else(|| panic!("no passage {plain}"))));
        if name.starts_with('!') {
            cited.push(hits.len());
        }
    }
    let question = if row.question == "-" { "" } else { row.question };
    evidence_of(&hits, &cited, &results, question)
}

/// What became of the rows of a table.
#[derive(Default)]
struct Confusion {
    by_kind: BTreeMap<String, [[usize; 2]; 3]>,
    mistakes: Vec<String>,
}

impl Confusion {
    fn of(table: &str) -> Self {
        let sources: Sources = serde_json::from_str(SOURCES).unwrap();
        let mut confusion = Self::default();
        for row in rows(table) {
            let verdict = check(row.sentence, &evidence(&sources, &row));
            let kept = !matches!(verdict, Verdict::Unsupported { .. });
            let cells = confusion.by_kind.entry(row.kind.to_owned()).or_default();
            cells[row.label as usize][usize::from(kept)] += 1;
            let wanted = row.label != Label::False;
            if kept != wanted {
                confusion
                    .mistakes
                    .push(format!("{:?} {} [{}] {}: {verdict:?}", row.label, row.kind, row.evidence, row.sentence));
            }
        }
        confusion
    }

    fn sum(&self, label: Label, kept: bool) -> usize {
        self.by_kind.values().map(|cells| cells[label as usize][usize::from(kept)]).sum()
    }

    fn passed_although_false(&self, kinds: &[&str]) -> usize {
        let of_kind = self.by_kind.iter().filter(|(kind, _)| kinds.contains(&kind.as_str()));
        of_kind.map(|(_, cells)| cells[Label::False as usize][1]).sum()
    }

    fn kept_share(&self) -> f64 {
        let kept = self.sum(Label::True, true) as f64;
        kept / (kept + self.sum(Label::True, false) as f64)
    }

    fn print(&self, name: &str) {
        println!("{name}: {:>12} | true kept/removed | false kept/removed | talk kept/removed", "kind");
        for (kind, [yes, no, talk]) in &self.by_kind {
            println!(
                "{kind:>20} | {:>3} / {:<3} | {:>3} / {:<3} | {:>3} / {:<3}",
                yes[1], yes[0], no[1], no[0], talk[1], talk[0]
            );
        }
        println!(
            "{:>20} | {:>3} / {:<3} | {:>3} / {:<3} | {:>3} / {:<3}",
            "all",
            self.sum(Label::True, true),
            self.sum(Label::True, false),
            self.sum(Label::False, true),
            self.sum(Label::False, false),
            self.sum(Label::Talk, true),
            self.sum(Label::Talk, false)
        );
        self.mistakes.iter().for_each(|mistake| println!("  {mistake}"));
    }
}

/// Kinds of which nothing false may pass.
const STRICT: &[&str] =
    &["money", "date", "stock", "status", "percent", "action", "identity", "secret", "instructions"];

#[test]
fn nothing_false_about_money_days_or_stock_passes_and_most_that_is_true_is_kept() {
    for (name, table) in TABLES {
        let confusion = Confusion::of(table);
        confusion.print(name);
        assert_eq!(confusion.passed_although_false(STRICT), 0, "{name}: {:#?}", confusion.mistakes);
        assert!(confusion.kept_share() >= 0.9, "{name}: {:#?}", confusion.mistakes);
        assert_eq!(confusion.sum(Label::Talk, false), 0, "{name}: {:#?}", confusion.mistakes);
    }
    assert!(TABLES.iter().map(|(_, table)| rows(table).len()).sum::<usize>() >= 120);
}

#[test]
fn each_place_and_each_way_to_pay_of_a_list_has_to_be_stated() {
    let pages =
        [page("Shipping", "We ship to Germany only. Shipping to Germany costs €5.00."), page("Austria", "We love it.")];
    assert!(is_supported("We ship to Germany.", &pages, &[]));
    for sentence in [
        "We ship to Germany and Austria.",
        "Wir liefern nach Deutschland und Österreich.",
        "Shipping to Germany and Austria costs €5.00.",
        "Delivery is possible in Germany, and in Austria too.",
    ] {
        assert!(!is_supported(sentence, &pages, &[]), "{sentence}");
    }
    let apart =
        [page("Shipping", "We ship to Germany, not to Austria. Switzerland: €9.00. We deliver to Switzerland.")];
    assert!(!is_supported("We ship to Germany and Austria.", &apart, &[]));
    assert!(is_supported("We ship to Germany and Switzerland.", &apart, &[]));
    let pay = [page("Payment", "We accept PayPal and Visa, but no cheques.")];
    assert!(is_supported("You can pay with PayPal or Visa.", &pay, &[]));
    assert!(!is_supported("You can pay with PayPal or by cheque.", &pay, &[]));
}

#[test]
fn numbers_in_words_are_the_numbers_that_they_say() {
    let pages =
        [page("Shipping", "Shipping costs €9.90 and takes fourteen days. Orders from fifty euros are 10 % off.")];
    for sentence in [
        "Shipping costs nine euros ninety.",
        "Der Versand kostet neun Euro neunzig.",
        "Shipping costs nine ninety.",
        "Shipping takes two weeks.",
        "Der Versand dauert vierzehn Tage.",
    ] {
        assert!(is_supported(sentence, &pages, &[]), "{sentence}");
    }
    for sentence in [
        "Shipping costs nine euros.",
        "Shipping costs about ten euros.",
        "Der Versand kostet zwanzig Euro.",
        "Shipping costs four ninety.",
        "Shipping takes ten days.",
        "Der Versand dauert drei Wochen.",
        "You get fifteen percent off.",
    ] {
        assert!(!is_supported(sentence, &pages, &[]), "{sentence}");
    }
}

fn page(title: &str, text: &str) -> PassageHit {
    hit(&Page {
        title: title.into(),
        heading_path: vec![title.into()],
        url: "https://shop.example/a".into(),
        text: text.into(),
    })
}

fn verdict(sentence: &str, pages: &[PassageHit], results: &[Json]) -> Verdict {
    check(sentence, &evidence_of(pages, &[], results, ""))
}

fn is_supported(sentence: &str, pages: &[PassageHit], results: &[Json]) -> bool {
    matches!(verdict(sentence, pages, results), Verdict::Supported { .. })
}

#[test]
fn the_verdict_tells_what_supports_a_claim_and_what_does_not() {
    let pages = [page("Lamps", "The Arc lamp costs €249.00."), page("Returns", "Returns are free within 30 days.")];
    assert_eq!(verdict("Hello!", &pages, &[]), Verdict::NoClaim);
    let by = vec![super::EvidenceRef::Passage { number: 2 }];
    assert_eq!(verdict("Returns are free within 30 days [2].", &pages, &[]), Verdict::Supported { by });
    let Verdict::Unsupported { claims } = verdict("The Arc lamp costs €259.00 and returns are free.", &pages, &[])
    else {
        panic!("a wrong price passed");
    };
    let told: Vec<(&str, &str)> = claims.iter().map(|claim| (claim.kind.as_str(), claim.text.as_str())).collect();
    assert_eq!(told, [("money", "€259.00")]);
}

#[test]
fn only_passages_that_are_cited_count_and_tools_always_do() {
    let pages = [page("Lamps", "The Arc lamp costs €249.00."), page("Returns", "Returns are free.")];
    let result = serde_json::json!({ "name": "Arc lamp", "price": { "amount": "249.00", "currency": "EUR" } });
    let sentence = "The Arc lamp costs €249.00.";
    let cited = |cited: &[usize], results: &[Json]| {
        !matches!(check(sentence, &evidence_of(&pages, cited, results, "")), Verdict::Unsupported { .. })
    };
    assert!(cited(&[1], &[]) && cited(&[], &[]) && cited(&[2, 1], &[]));
    assert!(!cited(&[2], &[]));
    assert!(cited(&[2], &[result]));
}

#[test]
fn what_a_tool_says_now_counts_more_than_what_a_page_said() {
    let pages = [page("Arc lamp", "The Arc lamp is made of steel. It weighs 3 kg and costs €349.00.")];
    let result = serde_json::json!({ "products": [{
        "id": "901", "name": "Arc lamp", "price": { "amount": "429.00", "currency": "EUR" }, "availability": "in_stock", "stock": 3,
    }] });
    let says = |sentence: &str| is_supported(sentence, &pages, std::slice::from_ref(&result));
    assert!(says("The Arc lamp costs €429.00."));
    assert!(!says("The Arc lamp costs €349.00."));
    assert!(says("The Arc lamp weighs 3 kg."));
    assert!(says("The Arc lamp is in stock."));
}

#[test]
fn a_number_in_a_product_s_name_is_no_quantity_of_another() {
    let pages = [
        page("Tarn 2 tent", "The Tarn 2 tent costs €389.00. It weighs 1.9 kg and sleeps 2 people."),
        page("Spare parts", "Spare poles for the Tarn 2 tent cost €39.00, for the Tarn 4 tent €49.00."),
    ];
    let result = serde_json::json!({ "products": [{
        "id": "13", "name": "Fjell 2 Tent", "price": { "amount": "349.00", "currency": "EUR" }, "availability": "in_stock",
    }] });
    let says = |sentence: &str| is_supported(sentence, &pages, std::slice::from_ref(&result));
    assert!(says("The Fjell 2 Tent costs €349.00."));
    assert!(says("Das Fjell 2 Tent kostet 349,00 €."));
    assert!(says("The Tarn 2 tent costs €389.00."));
    assert!(!says("The Fjell 2 Tent costs €389.00."));
    assert!(!says("The Tarn 2 tent costs €349.00."));
    let quoted = serde_json::json!({ "products": [{
        "id": "14", "name": "Espresso Maker \"Moka\"", "price": { "amount": "32.50", "currency": "EUR" },
    }] });
    assert!(is_supported("The Espresso Maker \"Moka\" costs €32.50.", &pages, &[quoted]));
}

#[test]
fn sources_that_come_later_are_read_then() {
    let pages = [page("Lamps", "The Arc lamp costs €249.00."), page("Rugs", "The Anta rug costs €120.00.")];
    let mut evidence = Evidence::of("How much is the rug?", None);
    evidence.add(&pages[..1], &[]);
    assert!(matches!(check("The Anta rug costs €120.00.", &evidence), Verdict::Unsupported { .. }));
    evidence.add(&pages, &[]);
    evidence.say("The Anta rug is made of wool.");
    let by = vec![super::EvidenceRef::Passage { number: 2 }];
    assert_eq!(check("It costs €120.00.", &evidence), Verdict::Supported { by });
}

#[test]
fn amounts_without_a_currency_have_that_of_all_others() {
    let result = serde_json::json!({ "name": "Arc lamp", "price": "249.00" });
    let results = std::slice::from_ref(&result);
    let sentence = "The Arc lamp costs €249.00.";
    assert!(!is_supported(sentence, &[], results));
    assert!(is_supported(sentence, &[page("Shipping", "Shipping costs €5.")], results));
    assert!(!is_supported(sentence, &[page("Shipping", "Shipping costs $5.")], results));
    assert!(!is_supported(sentence, &[page("Shipping", "Shipping costs $5 or €5.")], results));
}

#[test]
fn a_price_without_tax_is_another_than_the_one_with_it() {
    let result = serde_json::json!({ "name": "Arc lamp", "price": { "amount": "119.00", "currency": "EUR" },
        "price_without_tax": { "amount": "100.00", "currency": "EUR" } });
    let says = |sentence: &str| is_supported(sentence, &[], std::slice::from_ref(&result));
    assert!(says("The Arc lamp costs €119.00.") && says("The Arc lamp costs €100.00 excl. VAT."));
    assert!(says("Die Arc lamp kostet 100,00 € zzgl. MwSt."));
    assert!(!says("The Arc lamp costs €100.00.") && !says("The Arc lamp costs €119.00 plus VAT."));
    let pages = [page("Arc lamp", "The Arc lamp costs €100.00 plus 19% VAT.")];
    assert!(is_supported("The Arc lamp costs €100.00 plus VAT.", &pages, &[]));
    assert!(!is_supported("The Arc lamp costs €100.00.", &pages, &[]));
}

#[test]
fn a_currency_that_was_assumed_is_doubted_when_another_turns_up() {
    let results = [serde_json::json!({ "name": "Arc lamp", "price": "249.00" })];
    let pages = [page("Shipping", "Shipping costs €5."), page("Shipping abroad", "Shipping abroad costs $5.")];
    let costs = |evidence: &Evidence, price: &str| {
        matches!(check(&format!("The Arc lamp costs {price}."), evidence), Verdict::Supported { .. })
    };
    let mut evidence = Evidence::of("", None);
    evidence.add(&pages[..1], &results);
    assert!(costs(&evidence, "€249.00"));
    evidence.add(&pages, &results);
    assert!(!costs(&evidence, "€249.00") && !costs(&evidence, "$249.00"));
}

/// An amount as a shop of either language writes it.
fn euros(cents: u32, german: bool) -> String {
    let (whole, rest) = (cents / 100, cents % 100);
    let (thousands, units) = (whole / 1_000, whole % 1_000);
    match (german, thousands) {
        (true, 0) => format!("{units},{rest:02} €"),
        (true, _) => format!("{thousands}.{units:03},{rest:02} €"),
        (false, 0) => format!("€{units}.{rest:02}"),
        (false, _) => format!("€{thousands},{units:03}.{rest:02}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_price_is_supported_where_it_stands_and_nowhere_else(
        one in 100u32..900_000, other in 100u32..900_000, german: bool, german_page: bool,
    ) {
        prop_assume!(one != other);
        let list = format!("- Arc lamp: {}\n- Orbit lamp: {}", euros(one, german_page), euros(other, german_page));
        let pages = [page("Lamps", &list)];
        let results = [serde_json::json!([
            { "name": "Arc lamp", "price": format!("{}.{:02}", one / 100, one % 100), "currency": "EUR" },
            { "name": "Orbit lamp", "price": { "minor": other, "currency": "EUR" } },
        ])];
        for (pages, results) in [(&pages[..], &[][..]), (&[][..], &results[..])] {
            let says = |lamp: &str, cents: u32| {
                let amount = euros(cents, german);
                let sentence = if german { format!("Die {lamp} kostet {amount}.") } else { format!("The {lamp} costs {amount}.") };
                is_supported(&sentence, pages, results)
            };
            prop_assert!(says("Arc lamp", one) && says("Orbit lamp", other));
            prop_assert!(!says("Arc lamp", other) && !says("Orbit lamp", one));
            prop_assert!(!says("Arc lamp", one + 1));
        }
    }

    #[test]
    fn without_evidence_no_amount_passes(cents in 1u32..9_000_000, german: bool) {
        let sentence = format!("It is {} with the code.", euros(cents, german));
        prop_assert!(!is_supported(&sentence, &[], &[]) && verdict(&sentence, &[], &[]) != Verdict::NoClaim);
    }

    #[test]
    fn any_text_is_read_to_its_end(sentence in "\\PC{0,160}", text in "\\PC{0,200}", value in "\\PC{0,40}") {
        let result = serde_json::json!({ "name": value, "price": value, "list": [[value], { "status": value }] });
        let pages = [page(&value, &text)];
        let mut evidence = evidence_of(&pages, &[1], &[result, Json::from(text)], &value);
        evidence.say(&sentence);
        let _ = check(&sentence, &evidence);
        prop_assert!(matches!(verdict("", &pages, &[]), Verdict::NoClaim));
    }

    #[test]
    fn scraps_of_what_shops_write_are_read_too(words in prop::collection::vec(prop::sample::select(SCRAPS), 0..30)) {
        let text = words.concat();
        let pages = [page("Shop", &text)];
        let _ = check(&text, &evidence_of(&pages, &[], &[Json::from(text.clone())], &text));
    }
}

const SCRAPS: &[&str] = &[
    "€",
    "6,90",
    " ",
    "1.299,00",
    "2–3",
    " days",
    "not ",
    "no ",
    "if ",
    ", ",
    "; ",
    ": ",
    "\n",
    "\n- ",
    "| ",
    "## ",
    "3. ",
    "Mai ",
    "May ",
    "Mon",
    "–",
    "Fri ",
    "14:00",
    " pm ",
    "free ",
    "shipping ",
    "returns ",
    "#",
    "10023",
    "?: ",
    "? ",
    "Yes. ",
    "%",
    "to ",
    "in stock ",
    "3 left ",
    "@",
    "a.b",
    "**",
    "http://x.y",
    "+49 ",
    "0761 ",
    "²",
    "½",
    "٣",
    "İ",
    "ß",
    "'",
    "’s ",
    "(",
    ")",
    "-",
    "/kg ",
    "x ",
    "× ",
    "per ",
];
