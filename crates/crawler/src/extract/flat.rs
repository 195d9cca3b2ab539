//! The reading of last resort: tags are cut out in one pass over the bytes, without a tree. For pages that are
//! made, or broken enough, to exhaust a parser.

use super::{Block, BlockKind, Document, push_text};

const MAX_TEXT: usize = 500_000;

/// Title, headings and text. No links are followed from such a page, and no canonical address believed.
pub(super) fn extract(html: &str) -> Document {
    let mut document = Document::default();
    let mut heading = Vec::new();
    let mut line = String::new();
    let mut written = 0;
    let mut rest = html;
    while !rest.is_empty() && written < MAX_TEXT {
        let Some(start) = rest.find('<') else {
            push_text(&mut line, &decode(rest));
            break;
        };
        let (text, tag) = rest.split_at_checked(start).unwrap_or((rest, ""));
        push_text(&mut line, &decode(text));
        let name = tag_name(tag);
        rest = match name.trim_start_matches('/') {
            "" => {
                line.push('<');
                tag.get(1..).unwrap_or_default()
            }
            "!" => after(tag, if tag.starts_with("<!--") { "-->" } else { ">" }),
            _ => after(tag, ">"),
        };
        match name.as_str() {
            "script" | "style" | "noscript" | "textarea" | "svg" => rest = skip_raw(rest, &name),
            "title" => line.clear(),
            "/title" => std::mem::take(&mut line).trim().clone_into(&mut document.title),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => written += end_line(&mut document, &heading, &mut line),
            "/h1" | "/h2" | "/h3" | "/h4" | "/h5" | "/h6" => {
                let text: String = std::mem::take(&mut line).trim().chars().take(200).collect();
                heading = if text.is_empty() { heading } else { vec![text] };
            }
            name if is_boundary(name.trim_start_matches('/')) => {
                written += end_line(&mut document, &heading, &mut line);
            }
            _ => {}
        }
    }
    end_line(&mut document, &heading, &mut line);
    document
}

fn end_line(document: &mut Document, heading: &[String], line: &mut String) -> usize {
    let text = std::mem::take(line);
    let text = text.trim();
    if text.is_empty() {
        return 0;
    }
    document.blocks.push(Block { heading_path: heading.to_vec(), text: text.to_owned(), kind: BlockKind::Paragraph });
    text.len()
}

/// `div`, `/div`, `!` for comments and the like, empty when it is no tag.
fn tag_name(tag: &str) -> String {
    const LONGEST: usize = 12;
    let inner = tag.get(1..).unwrap_or_default();
    if inner.starts_with(['!', '?']) {
        return "!".to_owned();
    }
    let (slash, inner) = inner.strip_prefix('/').map_or(("", inner), |rest| ("/", rest));
    if !inner.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return String::new();
    }
    let name: String = inner.chars().take_while(char::is_ascii_alphanumeric).take(LONGEST).collect();
    format!("{slash}{}", name.to_ascii_lowercase())
}

fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end).and_then(|at| text.get(at + end.len()..)).unwrap_or_default()
}

/// Past the end tag of an element whose content is no markup; everything, when it never ends.
fn skip_raw<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some(at) = rest.find("</") {
        rest = rest.get(at + 2..).unwrap_or_default();
        if rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return after(rest, ">");
        }
    }
    ""
}

fn is_boundary(name: &str) -> bool {
    matches!(
        name,
        "p" | "div" | "li" | "br" | "tr" | "td" | "th" | "dt" | "dd" | "section" | "article" | "ul" | "ol" | "pre"
    )
}

/// The handful of character references that prose is written with.
fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_without_a_tree() {
        let page = extract(
            "<title>Shop</title><script>var x='<p>no</p>'</script><h1>Returns</h1><p>Within &lt;30 days.</p><!-- <p>no -->1 < 2",
        );
        assert_eq!(page.title, "Shop");
        let texts: Vec<&str> = page.blocks.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(texts, ["Within <30 days.", "1 < 2"]);
        assert_eq!(page.blocks[0].heading_path, ["Returns"]);
    }
}
