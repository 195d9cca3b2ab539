//! Plain text into what may be shown of it: paragraphs, line breaks, links, citations.
//!
//! Nothing here makes HTML. The view turns each part into a text node or an element of its own, so that no
//! text, whoever wrote it, can become markup.

/// A part of a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inline<'a> {
    Text(&'a str),
    /// An `http` or `https` address.
    Link(&'a str),
    /// `[2]` in the text: number 2, pointing at the second source.
    Citation(usize),
    Break,
}

/// Splits a text into paragraphs (at blank lines) and these into parts.
pub fn paragraphs(text: &str) -> Vec<Vec<Inline<'_>>> {
    let mut paragraphs = Vec::new();
    let mut current = Vec::new();
    for line in text.lines() {
        if line.trim().is_empty() {
            if !current.is_empty() {
                paragraphs.push(core::mem::take(&mut current));
            }
            continue;
        }
        if !current.is_empty() {
            current.push(Inline::Break);
        }
        inlines(line.trim_end(), &mut current);
    }
    if !current.is_empty() {
        paragraphs.push(current);
    }
    paragraphs
}

/// Whether an address may be linked to: `http` or `https` and nothing that hides in it.
pub fn is_safe_url(url: &str) -> bool {
    (starts_with_ignoring_case(url, "https://") || starts_with_ignoring_case(url, "http://"))
        && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// The host of an address, for showing where a link leads; empty when it has none.
pub fn host_of(url: &str) -> &str {
    let rest = url.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//")).unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit('@').next().unwrap_or(authority)
}

/// The part of a text that is still arriving which can be shown already: without a citation that is not
/// complete yet (`[`, `[1`), which would otherwise appear and change its shape.
pub fn settled_prefix(text: &str) -> &str {
    match text.rfind('[') {
        Some(at)
            if text.get(at + 1..).is_some_and(|rest| rest.len() <= 2 && rest.bytes().all(|b| b.is_ascii_digit())) =>
        {
            text.get(..at).unwrap_or(text)
        }
        _ => text,
    }
}

fn inlines<'a>(line: &'a str, parts: &mut Vec<Inline<'a>>) {
    let mut plain_from = 0;
    let mut at = 0;
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let found = citation(rest).or_else(|| if starts_a_word(line, at) { link(rest) } else { None });
        if let Some((part, length)) = found {
            push_text(line.get(plain_from..at), parts);
            parts.push(part);
            at += length;
            plain_from = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    push_text(line.get(plain_from..), parts);
}

fn push_text<'a>(text: Option<&'a str>, parts: &mut Vec<Inline<'a>>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        parts.push(Inline::Text(text));
    }
}

fn starts_a_word(line: &str, at: usize) -> bool {
    line.get(..at).and_then(|before| before.chars().next_back()).is_none_or(|c| !c.is_ascii_alphanumeric())
}

/// `[1]` to `[99]` at the start of `rest`.
fn citation(rest: &str) -> Option<(Inline<'_>, usize)> {
    let (digits, _) = rest.strip_prefix('[')?.split_once(']')?;
    if digits.is_empty() || digits.len() > 2 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse().ok().filter(|number| *number > 0)?;
    Some((Inline::Citation(number), digits.len() + 2))
}

/// An address at the start of `rest`, without the punctuation of the sentence around it.
fn link(rest: &str) -> Option<(Inline<'_>, usize)> {
    if !starts_with_ignoring_case(rest, "http") {
        return None;
    }
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '[' | ']')).unwrap_or(rest.len());
    let mut url = rest.get(..end)?;
    loop {
        let unbalanced = url.ends_with(')') && url.matches(')').count() > url.matches('(').count();
        if !unbalanced && !url.ends_with(['.', ',', ';', ':', '!', '?', '\'', '…', '*', '_']) {
            break;
        }
        let mut chars = url.chars();
        chars.next_back();
        url = chars.as_str();
    }
    (!host_of(url).is_empty() && is_safe_url(url)).then_some((Inline::Link(url), url.len()))
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Inline::{Break, Citation, Link, Text};
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn blank_lines_part_paragraphs_and_single_ones_break_lines() {
        assert_eq!(
            paragraphs("One\ntwo\n\n \nthree\n"),
            vec![vec![Text("One"), Break, Text("two")], vec![Text("three")]]
        );
    }

    #[test]
    fn citations_are_numbers_in_brackets_and_nothing_else() {
        assert_eq!(
            paragraphs("Free [1], quick[12] [x] [0] [123] [ 1]"),
            vec![vec![Text("Free "), Citation(1), Text(", quick"), Citation(12), Text(" [x] [0] [123] [ 1]")]]
        );
    }

    #[test]
    fn an_address_is_linked_without_the_punctuation_around_it() {
        assert_eq!(
            paragraphs("See (https://shop.example/a_(b)?x=1). Or HTTP://shop.example!"),
            vec![vec![
                Text("See ("),
                Link("https://shop.example/a_(b)?x=1"),
                Text("). Or "),
                Link("HTTP://shop.example"),
                Text("!")
            ]]
        );
    }

    #[test]
    fn only_web_addresses_with_a_host_are_linked() {
        for text in ["javascript:alert(1)", "data:text/html,x", "http://", "https:///x", "xhttps://a.example", "httpd"]
        {
            assert_eq!(paragraphs(text), vec![vec![Text(text)]], "{text}");
        }
    }

    #[test]
    fn markup_stays_text() {
        assert_eq!(paragraphs("<img src=x onerror=alert(1)>"), vec![vec![Text("<img src=x onerror=alert(1)>")]]);
    }

    #[test]
    fn a_safe_address_is_a_web_address_without_blanks_or_controls() {
        assert!(is_safe_url("https://shop.example/returns#fees"));
        for url in
            ["javascript:alert(1)", "https://a.example/\u{0}", "https://a.example/ x", "//a.example", "/returns", ""]
        {
            assert!(!is_safe_url(url), "{url:?}");
        }
    }

    #[test]
    fn the_host_is_what_the_browser_will_ask() {
        assert_eq!(host_of("https://shop.example:8443/a?b#c"), "shop.example:8443");
        assert_eq!(host_of("https://bank.example@evil.example/"), "evil.example");
    }

    #[test]
    fn an_unfinished_citation_is_held_back() {
        assert_eq!(settled_prefix("Free returns ["), "Free returns ");
        assert_eq!(settled_prefix("Free returns [1"), "Free returns ");
        assert_eq!(settled_prefix("Free returns [1]"), "Free returns [1]");
        assert_eq!(settled_prefix("Sizes [see"), "Sizes [see");
    }

    proptest! {
        #[test]
        fn no_character_is_lost_or_made_up(line in "[a-zA-Z0-9 \\[\\]():/.,?ß👟-]{0,60}") {
            let shown: String = paragraphs(&line).into_iter().flatten().map(|part| match part {
                Text(text) | Link(text) => text.to_owned(),
                // Leading zeros, as in `[01]`, are the one thing that is not kept.
                Citation(number) => format!("[{number}]"),
                Break => "\n".to_owned(),
            }).collect();
            let expected = line.trim_end();
            prop_assume!(!expected.contains("[0"));
            if expected.trim().is_empty() {
                prop_assert_eq!(shown, "");
            } else {
                prop_assert_eq!(shown, expected);
            }
        }
    }
}
