//! Marks of sources in an answer: `[1]`, `[1, 2]`, and the `【1】` that some models write.

use crate::knowledge::extractive::sentences::marker_len;

/// A source's number has at most this many digits.
const MAX_DIGITS: usize = 3;
/// Characters of a mark at most.
const MAX_MARK: usize = 40;

/// A mark and where it stands.
struct Mark {
    start: usize,
    end: usize,
    numbers: Vec<usize>,
}

/// Marks at the beginning of a text.
pub(super) struct Leading {
    /// Bytes, the spaces before and between them included.
    pub length: usize,
    /// Nothing follows yet that could not be another mark.
    pub may_go_on: bool,
}

/// The numbers of the sources that the text cites, in order, each once.
pub(crate) fn source_marks(text: &str) -> Vec<usize> {
    let mut numbers = Vec::new();
    for number in marks(text).into_iter().flat_map(|mark| mark.numbers) {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

/// The sentence without marks of sources and without the mark of a list's item.
pub(crate) fn bare(sentence: &str) -> String {
    let unmarked = renumbered(sentence, |_| None);
    let unmarked = unmarked.trim();
    unmarked.get(marker_len(unmarked)..).unwrap_or_default().to_owned()
}

/// The text with each mark's number replaced by what `place` gives for it. Where it gives nothing the number is removed,
/// and with the last number of a mark the mark and the space before it.
pub(crate) fn renumbered(text: &str, place: impl Fn(usize) -> Option<usize>) -> String {
    let mut written = String::with_capacity(text.len());
    let mut from = 0;
    let mut last: Option<(usize, Vec<usize>)> = None;
    for mark in marks(text) {
        let mut places: Vec<usize> = Vec::new();
        for place in mark.numbers.iter().filter_map(|number| place(*number)) {
            let is_repeated = last.as_ref().is_some_and(|(end, said)| *end == mark.start && said.contains(&place));
            if !places.contains(&place) && !is_repeated {
                places.push(place);
            }
        }
        written.push_str(text.get(from..mark.start).unwrap_or_default());
        if places.is_empty() {
            written.truncate(written.trim_end_matches(' ').len());
        } else {
            let list: Vec<String> = places.iter().map(usize::to_string).collect();
            written.push_str(&format!("[{}]", list.join(", ")));
        }
        from = mark.end;
        last = Some((mark.end, places));
    }
    written.push_str(text.get(from..).unwrap_or_default());
    written
}

fn marks(text: &str) -> Vec<Mark> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find(['[', '【'])).map(|at| from + at) {
        let rest = text.get(start..).unwrap_or_default();
        match mark_length(rest) {
            Some((length, numbers)) => {
                found.push(Mark { start, end: start + length, numbers });
                from = start + length;
            }
            None => from = start + rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// The mark with which the text begins: its bytes and numbers. A number in brackets before a parenthesis is a link.
fn mark_length(text: &str) -> Option<(usize, Vec<usize>)> {
    let (open, close) = if text.starts_with('【') { ('【', '】') } else { ('[', ']') };
    let inside = text.strip_prefix(open)?;
    let length = inside.find(close)?;
    let inside = inside.get(..length)?;
    if inside.chars().count() > MAX_MARK {
        return None;
    }
    // OpenAI's own marks tell lines behind a dagger.
    let numbers = inside.split('†').next().unwrap_or_default();
    let numbers: Option<Vec<usize>> =
        numbers.split([',', ';']).map(|number| number_of(number.trim_matches(' '))).collect();
    let end = open.len_utf8() + length + close.len_utf8();
    let is_link = text.get(end..).is_some_and(|rest| rest.starts_with('('));
    if is_link { None } else { Some((end, numbers?)) }
}

fn number_of(text: &str) -> Option<usize> {
    let text = text.trim_start_matches('^');
    let is_number = (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// The marks with which the text begins, on the same line.
pub(super) fn leading(text: &str) -> Leading {
    let mut length = 0;
    loop {
        let rest = text.get(length..).unwrap_or_default();
        let spaces = rest.len() - rest.trim_start_matches([' ', '\u{a0}', '\t']).len();
        let next = rest.get(spaces..).unwrap_or_default();
        if let Some((mark, _)) = mark_length(next) {
            // Whether a mark at the very end is a link's text is told by the next character.
            if next.len() == mark {
                return Leading { length: length + spaces + mark, may_go_on: true };
            }
            length += spaces + mark;
            continue;
        }
        return Leading { length, may_go_on: next.is_empty() || may_become_mark(next) };
    }
}

/// Whether the text is the beginning of a mark.
fn may_become_mark(text: &str) -> bool {
    let Some(inside) = text.strip_prefix(['[', '【']) else { return false };
    inside.chars().count() <= MAX_MARK
        && (inside.chars().all(|c| c.is_ascii_digit() || " ,;^".contains(c))
            || inside.contains('†') && !inside.contains('】'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_sources_are_found() {
        for (text, expected) in [
            ("Free [1]. Fast [2][3].", vec![1, 2, 3]),
            ("Free [1, 3]; again [3].", vec![1, 3]),
            ("Free【2†L1-L4】.", vec![2]),
            ("See [1](a.html), [a], [], [12345] and [1.5].", vec![]),
        ] {
            assert_eq!(source_marks(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_replaced_and_unknown_ones_removed() {
        let place = |number| match number {
            3 => Some(1),
            7 | 8 => Some(2),
            _ => None,
        };
        for (text, expected) in [
            ("Free [3].", "Free [1]."),
            ("Free [9].", "Free."),
            ("Free [3, 9, 7].", "Free [1, 2]."),
            ("Free [7][8] now", "Free [2] now"),
            ("Free 【3】", "Free [1]"),
            ("[9] Free [3](x)", " Free [3](x)"),
        ] {
            assert_eq!(renumbered(text, place), expected, "{text}");
        }
    }
}
