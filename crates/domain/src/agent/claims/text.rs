//! Text as tokens: words, numbers as they were written, addresses and signs.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// Digits with the separators between them: `1.299,00`, `3.5.2026`.
    Number,
    /// One character that is neither.
    Sign,
    Link,
    Email,
}

/// A piece of text.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    /// As written, with hyphens and apostrophes of one kind each.
    pub text: String,
    pub lower: String,
    /// Nothing stands between it and the token before.
    pub glued: bool,
    /// Bytes of the text.
    pub range: Range<usize>,
}

impl Token {
    pub fn is(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }

    pub fn is_word(&self, words: &[&str]) -> bool {
        self.kind == Kind::Word && words.contains(&self.lower.as_str())
    }
}

/// Ends of host names that are believed without `http://` before them.
const TOP_LEVELS: &[&str] = &[
    "com", "net", "org", "de", "at", "ch", "eu", "uk", "fr", "nl", "it", "es", "be", "pl", "se", "no", "dk", "fi",
    "io", "shop", "store", "info", "biz", "app", "dev", "example", "test", "us", "ca",
];

/// The tokens of a text, in order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        // Ornaments of Markdown are not there: "**€389**" is an amount.
        if c.is_whitespace() || matches!(c, '*' | '_' | '`' | '~' | '\u{200b}' | '\u{ad}') {
            at += c.len_utf8();
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let (kind, length) = next(rest);
        let range = at..at + length;
        let written = text.get(range.clone()).unwrap_or_default();
        let plain: String = written.chars().map(folded).collect();
        let gap = text.get(found.last().map_or(0, |last| last.range.end)..at).unwrap_or_default();
        let glued = !found.is_empty() && !gap.contains(char::is_whitespace);
        found.push(Token { kind, lower: plain.to_lowercase(), text: plain, glued, range });
        at += length.max(1);
    }
    found
}

/// Hyphens, minus signs and apostrophes of one kind each; wide forms as ASCII.
fn folded(c: char) -> char {
    match c {
        '‐' | '‑' | '−' | '﹣' => '-',
        '’' | '‘' | '´' | '\u{a0}' | '\u{202f}' | '\u{2009}' => '\'',
        '＄' | '﹩' => '$',
        '％' => '%',
        '￡' => '£',
        '—' | '―' => '–',
        _ => c,
    }
}

/// What the text begins with, and how many bytes of it.
fn next(rest: &str) -> (Kind, usize) {
    if let Some(address) = address(rest) {
        return address;
    }
    let Some(first) = rest.chars().next() else { return (Kind::Sign, 1) };
    if first.is_ascii_digit() {
        (Kind::Number, number_length(rest))
    } else if first.is_alphanumeric() {
        (Kind::Word, word_length(rest))
    } else {
        (Kind::Sign, first.len_utf8())
    }
}

/// A link or an e-mail address at the beginning of the text.
fn address(rest: &str) -> Option<(Kind, usize)> {
    if !rest.starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let end = rest.find(|c: char| c.is_whitespace() || "()<>[]\"',;“”„|".contains(c)).unwrap_or(rest.len());
    let chunk = rest.get(..end)?.trim_end_matches(|c: char| ".,;:!?*_`…".contains(c));
    if !chunk.contains(['.', ':']) {
        return None;
    }
    let lower = chunk.to_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("www.") {
        return Some((Kind::Link, chunk.len()));
    }
    if let Some((name, host)) = lower.strip_prefix("mailto:").unwrap_or(&lower).split_once('@') {
        let is_mail =
            !name.is_empty() && host.contains('.') && host.chars().all(|c| c.is_alphanumeric() || ".-".contains(c));
        return is_mail.then_some((Kind::Email, chunk.len()));
    }
    let (host, _) = chunk.split_once(['/', '?', '#', ':']).unwrap_or((chunk, ""));
    let mut labels = host.split('.');
    let top = labels.next_back()?;
    let is_host = labels.clone().count() > 0
        && labels.all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_lowercase() || c.is_ascii_digit() || c == '-')
        });
    let has_letters = host.chars().filter(|c| c.is_alphabetic()).count() > top.len() + 1;
    (is_host && has_letters && TOP_LEVELS.contains(&top)).then_some((Kind::Link, chunk.len()))
}

/// Digits, and separators that stand between digits. White space separates thousands where it may not be broken.
fn number_length(rest: &str) -> usize {
    let chars: Vec<(usize, char)> = rest.char_indices().take(40).collect();
    let is_digit = |place: usize| chars.get(place).is_some_and(|(_, c)| c.is_ascii_digit());
    let mut place = 0;
    loop {
        while is_digit(place) {
            place += 1;
        }
        let Some((_, c)) = chars.get(place) else { break };
        let separates = match c {
            '.' | ',' => is_digit(place + 1),
            '\'' | '’' | '\u{a0}' | '\u{202f}' | '\u{2009}' => {
                (1..=3).all(|ahead| is_digit(place + ahead)) && !is_digit(place + 4)
            }
            _ => false,
        };
        if !separates {
            break;
        }
        place += 1;
    }
    chars.get(place).map_or_else(|| chars.iter().map(|(_, c)| c.len_utf8()).sum(), |(end, _)| *end)
}

/// Letters and digits, with an apostrophe between letters.
fn word_length(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let joins = matches!(c, '\'' | '’') && chars.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if !c.is_alphanumeric() && !joins && !matches!(c, '\u{ad}' | '\u{200b}' | '\u{300}'..='\u{36f}') {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn numbers_keep_their_separators() {
        assert_eq!(written("1.299,00 € or 3.5.2026."), ["1.299,00", "€", "or", "3.5.2026", "."]);
        assert_eq!(written("CHF 1’299.– and 1\u{a0}299 kg"), ["CHF", "1'299", ".", "–", "and", "1'299", "kg"]);
        assert_eq!(written("2–3 days, 35L"), ["2", "–", "3", "days", ",", "35", "L"]);
    }

    #[test]
    fn words_keep_apostrophes_and_lose_ornaments() {
        assert_eq!(written("**Don’t** `wait`"), ["Don't", "wait"]);
        assert_eq!(written("two-week"), ["two", "-", "week"]);
    }

    #[test]
    fn addresses_are_one_token() {
        for (text, kind, expected) in [
            ("See https://shop.example/a?b=1.", Kind::Link, "https://shop.example/a?b=1"),
            ("[page](www.shop.example/returns)", Kind::Link, "www.shop.example/returns"),
            ("at fjellfern.example/returns, now", Kind::Link, "fjellfern.example/returns"),
            ("to repair@fjellfern.example.", Kind::Email, "repair@fjellfern.example"),
        ] {
            let found = tokens(text).into_iter().find(|token| token.kind == kind).map(|token| token.text);
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        assert!(tokens("z.B. e.g. free.Returns 3.5 No.").iter().all(|token| token.kind != Kind::Link));
    }
}
