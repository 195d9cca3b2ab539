//! Whether a sentence tells what the assistant was instructed to do.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use super::Line;
use crate::agent::claims::reading::Text;
use crate::agent::claims::text::{Kind, Token, tokens};
use crate::agent::prompt::TEMPLATE;
use crate::knowledge::extractive::sentences::{marker_len, split_line};

/// Words in a row of a rule of the prompt that are its recital: half of the rule, within these.
const FEWEST: usize = 6;
const MOST: usize = 16;
/// The part of the prompt that tells the assistant who it is, which it may tell.
const MAY_BE_TOLD: &str = "role";

/// The beginnings, middles and ends of the prompt's rules that are long enough to be their recital, by their length in
/// words.
static RULES: LazyLock<BTreeMap<usize, HashSet<String>>> = LazyLock::new(|| {
    let mut runs: BTreeMap<usize, HashSet<String>> = BTreeMap::new();
    let sections = TEMPLATE.split("\n# ").filter_map(|section| section.trim_start_matches("# ").split_once('\n'));
    let lines = sections.filter(|(name, _)| *name != MAY_BE_TOLD).flat_map(|(_, text)| text.lines());
    for line in lines {
        let line = line.get(marker_len(line)..).unwrap_or_default();
        for sentence in split_line(line, 0..line.len()) {
            // What stands in a place that is filled is not known here.
            for rule in line.get(sentence).unwrap_or_default().split(['{', '}']) {
                let tokens = tokens(rule);
                let words = words(&tokens);
                let length = (words.len() / 2).clamp(FEWEST, MOST);
                runs.entry(length).or_default().extend(words.windows(length).map(|run| run.join(" ")));
            }
        }
    }
    runs
});

fn words(tokens: &[Token]) -> Vec<&str> {
    let words = tokens.iter().filter(|token| matches!(token.kind, Kind::Word | Kind::Number));
    words.map(|token| token.lower.as_str()).collect()
}

/// Whether the sentence repeats half of a rule of the prompt, word for word.
pub(super) fn are_recited(read: &Text) -> bool {
    let words = words(&read.tokens);
    RULES.iter().any(|(length, runs)| words.windows(*length).any(|run| runs.contains(&run.join(" "))))
}

/// Whether the clause tells that there are instructions, and what they are.
pub(super) fn are_told(line: &Line<'_>) -> bool {
    const NAMED: &str = "system prompt | systemprompt | system message | system instructions | here is my prompt | \
        here are my instructions | here are my rules | here are my guidelines | hier ist mein prompt | \
        hier sind meine anweisungen | hier sind meine regeln";
    const REFERRED: &str = "per my instructions | per my prompt | per my rules | per my guidelines | according to my instructions | \
        according to my prompt | according to my rules | according to my guidelines | based on my instructions | \
        following my instructions | following my rules | by my instructions | in my instructions | in my prompt | \
        laut meinen anweisungen | laut meinem prompt | laut meinen regeln | laut meinen vorgaben | \
        gemäß meinen anweisungen | gemäß meinen vorgaben | nach meinen anweisungen | nach meinen regeln | \
        meinen anweisungen zufolge";
    const OWN: &[&str] =
        &["instructions", "prompt", "rules", "guidelines", "anweisungen", "instruktionen", "vorgaben", "regeln"];
    const TELLING: &[&str] = &[
        "say",
        "says",
        "tell",
        "tells",
        "state",
        "states",
        "require",
        "requires",
        "forbid",
        "forbids",
        "are",
        "is",
        "include",
        "read",
        "reads",
        "want",
        "ask",
        "allow",
        "begin",
        "start",
        "lauten",
        "lautet",
        "sagen",
        "sagt",
        "besagen",
        "besagt",
        "verbieten",
        "verbietet",
        "verlangen",
        "erlauben",
        "sind",
        "schreiben",
    ];
    const TOLD: &[&str] =
        &["told", "instructed", "programmed", "prompted", "ordered", "angewiesen", "instruiert", "programmiert"];
    const TO: &[&str] = &["to", "not", "never", "darauf", "nie", "niemals", "nur", "nicht"];
    let own = line.words.windows(2).enumerate().any(|(at, pair)| {
        let is_own = matches!(pair, ["my" | "mein" | "meine", noun] if OWN.contains(noun));
        // "I can't tell what my instructions say."
        let before = line.words.get(..at).unwrap_or_default();
        let is_refused = before.iter().any(|word| matches!(*word, "not" | "cannot" | "nicht") || word.ends_with("n't"));
        let behind = line.words.get(at + 2..(at + 5).min(line.words.len())).unwrap_or_default();
        is_own && !is_refused && behind.iter().any(|word| TELLING.contains(word))
    });
    let of_itself = line.has(&["i", "i'm", "i've", "ich", "mir"]);
    let told = line.words.iter().enumerate().filter(|(_, word)| TOLD.contains(word)).any(|(at, word)| {
        let before = line.words.get(at.saturating_sub(3)..at).unwrap_or_default();
        let behind = line.words.get(at + 1..(at + 3).min(line.words.len())).unwrap_or_default();
        let by_somebody = before
            .iter()
            .any(|word| matches!(*word, "was" | "am" | "i'm" | "been" | "wurde" | "bin" | "worden" | "were"));
        let german = matches!(*word, "angewiesen" | "instruiert" | "programmiert");
        by_somebody && (german || behind.iter().any(|word| TO.contains(word))) || german && line.has(&["wurde", "bin"])
    });
    line.has_any(NAMED) && !line.clause.negated || line.has_any(REFERRED) || own || of_itself && told
}
