//! Customer-written and AI-written text, made safe to show.

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment<'t> {
    Text(&'t str),
    /// `[2]`: the index of the source that it points at.
    Citation(usize),
}

/// Splits an AI's answer at its `[n]` marks. A mark without a source stays text.
pub fn segments(text: &str, sources: usize) -> Vec<Segment<'_>> {
    let mut out = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(open) = rest.get(from..).and_then(|tail| tail.find('[')).map(|at| at + from) {
        let after = rest.get(open + 1..).unwrap_or_default();
        let citation = after.find(']').and_then(|close| {
            let number: usize = after.get(..close)?.parse().ok()?;
            (1..=sources).contains(&number).then(|| (number - 1, open + close + 2))
        });
        let Some((index, end)) = citation else {
            from = open + 1;
            continue;
        };
        if let Some(before) = rest.get(..open).filter(|before| !before.is_empty()) {
            out.push(Segment::Text(before));
        }
        out.push(Segment::Citation(index));
        rest = rest.get(end..).unwrap_or_default();
        from = 0;
    }
    if !rest.is_empty() {
        out.push(Segment::Text(rest));
    }
    out
}

/// The address if a browser may be led there: the web, and nothing that runs (`javascript:`, `data:`).
pub fn safe_href(address: &str) -> Option<&str> {
    let scheme = address.split_once("://")?.0;
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")).then_some(address)
}

/// An address as people read it: without scheme and trailing slash.
pub fn short_address(address: &str) -> &str {
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    bare.strip_suffix('/').unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_found_and_everything_else_stays_text() {
        assert_eq!(
            segments("Free [1] within [a] the EU [2][3].", 2),
            [
                Segment::Text("Free "),
                Segment::Citation(0),
                Segment::Text(" within [a] the EU "),
                Segment::Citation(1),
                Segment::Text("[3]."),
            ]
        );
        assert_eq!(segments("[", 3), [Segment::Text("[")]);
        assert_eq!(segments("ends [1]", 1), [Segment::Text("ends "), Segment::Citation(0)]);
        assert_eq!(segments("größer [0] [99999999999999999999]", 1).len(), 1);
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(safe_href("https://shop.example/a"), Some("https://shop.example/a"));
        for hostile in
            ["javascript:alert(1)", "data:text/html,x", "javascript://%0aalert(1)", "/relative", " https://x"]
        {
            assert_eq!(safe_href(hostile), None, "{hostile}");
        }
        assert_eq!(short_address("https://shop.example/returns/"), "shop.example/returns");
    }
}
