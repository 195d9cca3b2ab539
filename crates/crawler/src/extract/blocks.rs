//! Blocks: what stands between two headings, one piece after the other.

use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;

use super::furniture::Strictness;
use super::root::TextSizes;
use super::tree::{Descend, Step, is_invisible, walk};
use super::{Block, BlockKind, push_text, table};

const MAX_HEADING_CHARS: usize = 200;
/// Characters that one page may give.
const MAX_TEXT: usize = 2_000_000;
/// A question of an accordion sits below every real heading.
const SUMMARY_LEVEL: u8 = 7;
/// The blocks below an element.
pub(super) fn collect(root: NodeRef<'_, Node>, sizes: &TextSizes, strictness: Strictness) -> Vec<Block> {
    let whole = sizes.of(root).text;
    let mut writer = Writer::default();
    walk(root, |step| match step {
        Step::Enter(node) => match node.value() {
            Node::Text(text) => {
                writer.text(text);
                Descend::No
            }
            Node::Element(element) => {
                if is_invisible(element.name()) || writer.full() {
                    return Descend::No;
                }
                let is_root = node.id() == root.id();
                if !is_root && strictness.leaves_out(node, element, sizes, whole) {
                    return Descend::No;
                }
                if element.name() == "button" && !writer.in_heading() && !is_disclosure(element) {
                    return Descend::No;
                }
                if element.name() == "table"
                    && let Some(rows) = table::rows(node)
                {
                    writer.table(rows);
                    return Descend::No;
                }
                writer.enter(element);
                Descend::Yes
            }
            Node::Document | Node::Fragment => Descend::Yes,
            _ => Descend::No,
        },
        Step::Leave(node) => {
            if let Node::Element(element) = node.value() {
                writer.leave(element);
            }
            Descend::Yes
        }
    });
    writer.finish()
}

/// A button that opens an answer below it carries the question.
fn is_disclosure(element: &Element) -> bool {
    element.attr("aria-expanded").is_some() || element.attr("aria-controls").is_some()
}

/// Turns a walk over elements into blocks.
#[derive(Default)]
struct Writer {
    blocks: Vec<Block>,
    written: usize,
    /// Level and text of the headings above.
    headings: Vec<(u8, String)>,
    /// The heading that is being read.
    heading: Option<(u8, String)>,
    /// Headings to go back to when an accordion's entry ends.
    details: Vec<Vec<(u8, String)>>,
    /// The line that is being read.
    line: String,
    /// The lines of the list or definition list that is being read.
    lines: Vec<String>,
    /// How many lists are open, the outermost one's kind.
    list_depth: usize,
    list_kind: Option<BlockKind>,
    /// The term before the colon of the next definition.
    term: String,
    /// How many `<pre>` are open.
    pre_depth: usize,
}

impl Writer {
    fn full(&self) -> bool {
        self.written > MAX_TEXT
    }

    fn in_heading(&self) -> bool {
        self.heading.is_some()
    }

    fn text(&mut self, text: &str) {
        if let Some((_, heading)) = &mut self.heading {
            push_text(heading, text);
        } else if self.pre_depth > 0 {
            self.line.extend(text.chars().filter(|c| *c != '\0' && *c != '\r'));
        } else {
            push_text(&mut self.line, text);
        }
    }

    fn enter(&mut self, element: &Element) {
        let name = element.name();
        match name {
            "br" => self.line_break(),
            "pre" => {
                self.end_block();
                self.pre_depth += 1;
            }
            "summary" => self.begin_heading(SUMMARY_LEVEL),
            "details" => {
                self.end_line();
                self.details.push(self.headings.clone());
            }
            "ul" | "ol" | "dl" => {
                self.end_line();
                if self.list_depth == 0 {
                    self.end_block();
                    self.list_kind = Some(if name == "dl" { BlockKind::Definitions } else { BlockKind::List });
                }
                self.list_depth += 1;
            }
            _ => match heading_level(element) {
                Some(level) => self.begin_heading(level),
                None if is_block(name) => self.end_line(),
                None => {}
            },
        }
    }

    fn leave(&mut self, element: &Element) {
        let name = element.name();
        match name {
            "pre" => {
                self.end_code();
                self.pre_depth = self.pre_depth.saturating_sub(1);
            }
            "details" => {
                self.end_block();
                self.headings = self.details.pop().unwrap_or_default();
            }
            "dt" => {
                let term = std::mem::take(&mut self.line);
                let term = term.trim().trim_end_matches(':');
                if !term.is_empty() {
                    if !self.term.is_empty() {
                        self.term.push_str(", ");
                    }
                    self.term.push_str(term);
                }
            }
            "dd" => {
                self.end_line();
                self.flush_term();
            }
            "ul" | "ol" | "dl" => {
                self.end_line();
                self.list_depth = self.list_depth.saturating_sub(1);
                if self.list_depth == 0 {
                    self.end_block();
                    self.list_kind = None;
                }
            }
            _ if name == "summary" || heading_level(element).is_some() => self.end_heading(),
            _ if is_block(name) => self.end_line(),
            _ => {}
        }
    }

    fn begin_heading(&mut self, level: u8) {
        self.end_block();
        if self.heading.is_none() {
            self.heading = Some((level, String::new()));
        }
    }

    fn end_heading(&mut self) {
        let Some((level, text)) = self.heading.take() else {
            return;
        };
        // The sign that links to the heading itself is not part of it.
        let text = text.trim().trim_end_matches(['¶', '#', '§']).trim_end();
        if text.is_empty() {
            return;
        }
        self.headings.retain(|(above, _)| *above < level);
        self.headings.push((level, text.chars().take(MAX_HEADING_CHARS).collect()));
    }

    fn line_break(&mut self) {
        if let Some((_, heading)) = &mut self.heading {
            heading.push(' ');
        } else if self.list_depth > 0 && self.pre_depth == 0 {
            push_text(&mut self.line, " ");
        } else {
            self.line.truncate(self.line.trim_end_matches(' ').len());
            if !self.line.is_empty() || self.pre_depth > 0 {
                self.line.push('\n');
            }
        }
    }

    /// Ends a line of a list, or a paragraph outside of one.
    fn end_line(&mut self) {
        if self.heading.is_some() || self.pre_depth > 0 {
            return;
        }
        let line = std::mem::take(&mut self.line);
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        if self.list_depth == 0 {
            self.push_block(line.to_owned(), BlockKind::Paragraph);
        } else if self.term.is_empty() {
            self.lines.push(line.to_owned());
        } else {
            self.lines.push(format!("{}: {line}", std::mem::take(&mut self.term)));
        }
    }

    /// A term without a definition stands alone.
    fn flush_term(&mut self) {
        if !self.term.is_empty() {
            self.lines.push(std::mem::take(&mut self.term));
        }
    }

    fn end_block(&mut self) {
        self.end_line();
        self.flush_term();
        if !self.lines.is_empty() {
            let text = std::mem::take(&mut self.lines).join("\n");
            self.push_block(text, self.list_kind.unwrap_or(BlockKind::List));
        }
    }

    fn end_code(&mut self) {
        if self.pre_depth == 1 {
            let code = std::mem::take(&mut self.line);
            let code = code.trim_start_matches('\n').trim_end();
            if !code.trim().is_empty() {
                self.push_block(code.to_owned(), BlockKind::Code);
            }
        }
    }

    fn table(&mut self, rows: Vec<String>) {
        self.end_block();
        if !rows.is_empty() {
            self.push_block(rows.join("\n"), BlockKind::Table);
        }
    }

    fn push_block(&mut self, text: String, kind: BlockKind) {
        self.written += text.len();
        let heading_path = self.headings.iter().map(|(_, text)| text.clone()).collect();
        self.blocks.push(Block { heading_path, text, kind });
    }

    fn finish(mut self) -> Vec<Block> {
        if self.pre_depth > 0 {
            self.pre_depth = 1;
            self.end_code();
            self.pre_depth = 0;
        }
        self.end_heading();
        self.end_block();
        self.blocks
    }
}

fn heading_level(element: &Element) -> Option<u8> {
    match element.name() {
        "h1" => Some(1),
        "h2" => Some(2),
        "h3" => Some(3),
        "h4" => Some(4),
        "h5" => Some(5),
        "h6" => Some(6),
        _ if element.attr("role") == Some("heading") => {
            Some(element.attr("aria-level").and_then(|level| level.parse().ok()).unwrap_or(2).clamp(1, 6))
        }
        _ => None,
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "main"
            | "header"
            | "footer"
            | "aside"
            | "li"
            | "dd"
            | "dt"
            | "table"
            | "thead"
            | "tbody"
            | "tfoot"
            | "caption"
            | "tr"
            | "td"
            | "th"
            | "form"
            | "fieldset"
            | "legend"
            | "figure"
            | "figcaption"
            | "address"
            | "blockquote"
            | "center"
            | "hr"
            | "button"
            | "body"
            | "html"
    )
}
