//! Where sentences begin and end in a passage, which is Markdown-like text.

use std::ops::Range;

/// Words after which a full stop does not end the sentence, lower-cased and without it.
const ABBREVIATIONS: &[&str] = &[
    "e.g", "i.e", "cf", "vs", "approx", "ca", "dr", "mr", "mrs", "ms", "prof", "st", "no", "nos", "fig", "vol", "pp",
    "inc", "ltd", "co", "al", "resp", "incl", "excl", "min", "max", "tel", "dept", "est", "z.b", "d.h", "u.a", "u.s",
    "bzw", "usw", "evtl", "ggf", "inkl", "exkl", "zzgl", "nr", "str", "abs", "art", "vgl", "mind", "sog", "tägl",
];
/// A label is a few words: characters.
pub(super) const MAX_LABEL: usize = 40;
const GERMAN_MONTHS: &[&str] = &[
    "januar",
    "jänner",
    "februar",
    "märz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
];

/// How a sentence stands on its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Prose,
    /// One label with its value: a row of two cells, a definition.
    Pair,
    /// Several labels, each with its value: a row of a table, complete by itself.
    Row,
}

/// What a sentence's labels tell of where it stood: `Where to: Austria; Cost: €6.90` was a row.
pub(super) fn shape(sentence: &str) -> Shape {
    let is_pair = |part: &&str| {
        part.split_once(": ").is_some_and(|(label, value)| {
            !value.trim().is_empty() && label.chars().count() <= MAX_LABEL && !label.contains(['.', ',', '!', '?'])
        })
    };
    match sentence.split("; ").filter(is_pair).count() {
        0 => Shape::Prose,
        1 if sentence.ends_with(['.', '!', '?']) => Shape::Prose,
        1 => Shape::Pair,
        _ => Shape::Row,
    }
}

/// The sentences of a passage as byte ranges, in order, each without the white space and the list marker before it. A
/// line break ends one, as it ends a paragraph, a list item and a table row. Headings and code are left out: a heading
/// says nothing by itself, and a line of code misleads.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut fenced = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let trimmed = line.trim();
        let fence = trimmed.starts_with("```");
        if !fence && !fenced && !trimmed.starts_with('#') && !looks_like_code(trimmed) {
            let indent = line.len() - line.trim_start().len();
            let marker = marker_len(line.trim_start());
            found.extend(split_line(text, start + indent + marker..end));
        }
        fenced ^= fence;
        start = end;
    }
    found
}

/// Whether a line is a program's rather than a person's.
fn looks_like_code(line: &str) -> bool {
    let symbols = line.chars().filter(|c| "{}<>=;|\\".contains(*c)).count();
    line.ends_with([';', '{', '}']) && !line.contains(": ") || symbols >= 2 && symbols * 20 > line.chars().count()
}

/// How long the list marker at the start of the line is, with the space after it; 0 without one.
pub(crate) fn marker_len(line: &str) -> usize {
    for bullet in ["- ", "* ", "+ ", "• ", "– ", "> "] {
        if line.starts_with(bullet) {
            return bullet.len();
        }
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..).unwrap_or_default();
    let numbered = (1..=3).contains(&digits) && (rest.starts_with(". ") || rest.starts_with(") "));
    if numbered { digits + 2 } else { 0 }
}

/// The sentences of one line, as byte ranges of the text; `block` is the line without its list marker.
pub(crate) fn split_line(text: &str, block: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = block.start;
    let body = text.get(block.clone()).unwrap_or_default();
    for (offset, mark) in body.char_indices() {
        if !matches!(mark, '.' | '!' | '?' | '…') {
            continue;
        }
        let after = block.start + offset + mark.len_utf8();
        let Some(end) = boundary(text.get(after..block.end).unwrap_or_default()).map(|closing| after + closing) else {
            continue;
        };
        let before = text.get(start..after - mark.len_utf8()).unwrap_or_default();
        if mark == '.' && goes_on(before, text.get(end..block.end).unwrap_or_default()) {
            continue;
        }
        found.extend(trimmed(text, start..end));
        start = end;
    }
    found.extend(trimmed(text, start..block.end));
    found
}

/// What may stand between a full stop and the end of its sentence.
pub(crate) const fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '“' | '’' | '»' | ')' | ']' | '*' | '_' | '`')
}

/// If a sentence may end before `rest`: the length of the closing quotes and brackets that still belong to it.
fn boundary(rest: &str) -> Option<usize> {
    let tail = rest.trim_start_matches(is_closing);
    let next = tail.trim_start().chars().next();
    let opens = |c: char| c.is_uppercase() || c.is_numeric() || !c.is_alphanumeric() || !c.is_lowercase();
    (tail.is_empty() || tail.starts_with(char::is_whitespace) && next.is_none_or(opens))
        .then(|| rest.len() - tail.len())
}

/// Whether a full stop after `before` and before `rest` is part of an abbreviation, an initial or a date.
pub(crate) fn goes_on(before: &str, rest: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || "([\"'„“".contains(c)).next().unwrap_or_default();
    let lower = word.to_lowercase();
    if ABBREVIATIONS.contains(&lower.as_str()) {
        return !rest.trim().is_empty();
    }
    let mut chars = word.chars();
    if let (Some(initial), None) = (chars.next(), chars.next()) {
        // "J. Smith", but not "vitamin C. It …" any better known: a name is likelier.
        if initial.is_uppercase() && initial != 'I' {
            return true;
        }
    }
    let day = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    let next = rest.split_whitespace().next().unwrap_or_default().trim_end_matches([',', '.']).to_lowercase();
    day && GERMAN_MONTHS.contains(&next.as_str())
}

/// The range without white space around it; nothing where only that or punctuation is left.
fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let slice = text.get(range.clone())?;
    if !slice.chars().any(char::is_alphanumeric) {
        return None;
    }
    let start = range.start + (slice.len() - slice.trim_start().len());
    Some(start..start + slice.trim().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn sentences_end_at_full_stops_question_marks_and_exclamation_marks() {
        assert_eq!(
            split("Free returns! Really? Yes, within 30 days. Enjoy."),
            ["Free returns!", "Really?", "Yes, within 30 days.", "Enjoy."]
        );
    }

    #[test]
    fn abbreviations_decimals_and_initials_do_not_end_one() {
        for whole in [
            "Use a soft brush, e.g. Nylon, and 1.5 l of water.",
            "It weighs 3.7 kg.",
            "Ask Dr. Miller or J. Smith.",
            "Das gilt z.B. Für Zelte bis zum 3. Mai.",
            "See example.com/help for the file main.rs and version 2.0.",
        ] {
            assert_eq!(split(whole), [whole]);
        }
    }

    #[test]
    fn list_items_are_sentences_without_their_marker() {
        assert_eq!(
            split("We ship to:\n- Austria\n- Germany within 2 days\n1. Pack it.\n2) Send it."),
            ["We ship to:", "Austria", "Germany within 2 days", "Pack it.", "Send it."]
        );
    }

    #[test]
    fn a_line_break_ends_a_sentence() {
        assert_eq!(
            split("Parcels leave daily\nPickup is free\n\nSize M: 96 cm"),
            ["Parcels leave daily", "Pickup is free", "Size M: 96 cm"]
        );
    }

    #[test]
    fn headings_and_code_are_left_out() {
        assert_eq!(
            split("# Returns\nSend it back.\n```\nSELECT 1. FROM x;\n```\nif (a == b) {\nCall open() first."),
            ["Send it back.", "Call open() first."]
        );
    }

    #[test]
    fn closing_quotes_and_brackets_stay_with_their_sentence() {
        assert_eq!(
            split("He said \"go.\" Then (at last.) He went."),
            ["He said \"go.\"", "Then (at last.)", "He went."]
        );
    }

    #[test]
    fn rows_are_told_from_prose() {
        for (text, expected) in [
            ("Where to: Austria; Cost: €6.90; Free from: €75", Shape::Row),
            ("Saturday: 10:00 to 16:00", Shape::Pair),
            ("Yes: poles, pegs and zips.", Shape::Prose),
            ("Free returns within 30 days.", Shape::Prose),
            ("We ship at 14:00; later orders wait", Shape::Prose),
        ] {
            assert_eq!(shape(text), expected, "{text}");
        }
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert!(split(" \n\n -- \n").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn ranges_are_in_order_and_within_the_text(text in "\\PC{0,200}") {
            let mut last = 0;
            for range in sentences(&text) {
                proptest::prop_assert!(range.start >= last && range.end > range.start);
                proptest::prop_assert!(text.get(range.clone()).is_some());
                last = range.end;
            }
        }
    }
}
