//! A labelled table of what models say, with the evidence that they had: what must be removed, what must be kept.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use omniops_types::PassageHit;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Evidence, Verdict, check};

const SOURCES: &str = include_str!("sources.json");
/// Written before the check was tried on anything.
const DEVELOPMENT: &str = include_str!("development.tsv");
/// Written when the check was done with the first; then tried once, and what was learnt is in `docs`.
const HELD_OUT: &str = include_str!("held_out.tsv");

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
    Evidence::new(&hits, &cited, &results, question).today(NaiveDate::from_ymd_opt(2026, 5, 7).unwrap())
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
const STRICT: &[&str] = &["money", "date", "stock", "status", "percent"];

#[test]
fn nothing_false_about_money_days_or_stock_passes_and_most_that_is_true_is_kept() {
    let confusion = Confusion::of(DEVELOPMENT);
    confusion.print("development");
    assert!(rows(DEVELOPMENT).len() >= 120);
    assert_eq!(confusion.passed_although_false(STRICT), 0, "{:#?}", confusion.mistakes);
    assert!(confusion.kept_share() >= 0.9, "{:#?}", confusion.mistakes);
}

#[test]
fn the_same_holds_of_sentences_that_it_was_not_made_with() {
    let confusion = Confusion::of(HELD_OUT);
    confusion.print("held out");
    assert_eq!(confusion.passed_although_false(STRICT), 0, "{:#?}", confusion.mistakes);
    assert!(confusion.kept_share() >= 0.9, "{:#?}", confusion.mistakes);
}

#[test]
#[ignore = "DEV"]
fn explain() {
    let sources: Sources = serde_json::from_str(SOURCES).unwrap();
    let wanted = std::env::var("S").unwrap();
    for row in rows(DEVELOPMENT).into_iter().chain(rows(HELD_OUT)).filter(|row| row.sentence.contains(&wanted)) {
        let evidence = evidence(&sources, &row);
        let read = super::Text::read(row.sentence, false, super::looks_german(row.sentence));
        println!("== {} [{}]", row.sentence, row.evidence);
        println!("terms {:?}", read.terms.iter().map(|t| t.name.as_str()).collect::<Vec<_>>());
        println!(
            "segments {:?}",
            read.segments
                .iter()
                .map(|r| read.tokens[r.clone()].iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" "))
                .collect::<Vec<_>>()
        );
        println!(
            "clauses {:?}",
            read.clauses
                .iter()
                .map(|c| (
                    read.tokens[c.tokens.clone()].iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" "),
                    c.conditional,
                    c.negated
                ))
                .collect::<Vec<_>>()
        );
        for found in &read.found {
            println!("found {:?}", found);
            super::anchor::explain(found, &read, &evidence);
        }
        super::policy::explain(&read, &evidence);
        println!("{:?}", check(row.sentence, &evidence));
    }
}
