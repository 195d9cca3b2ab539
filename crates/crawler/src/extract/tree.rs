//! Parsing and walking, both with bounds.

use std::time::{Duration, Instant};

use ego_tree::NodeRef;
use html5ever::driver::{self, ParseOpts};
use html5ever::tendril::{StrTendril, TendrilSink};
use scraper::{Html, HtmlTreeSink, Node};

/// More nodes than the longest honest page has. Some markup makes the parser create nodes by the square of its
/// length (unclosed formatting before each of many paragraphs).
const MAX_NODES: usize = 200_000;
/// Other markup makes it slow by the square (scopes of very deep trees, very many attributes).
const MAX_TIME: Duration = Duration::from_secs(3);
/// The most nodes that one step of parsing may add when every tag in it re-opens every node there is.
const NODES_A_STEP: usize = 4_000_000;

/// The tree of a page, or none when the page is made to exhaust its reader.
pub(super) fn parse(html: &str) -> Option<Html> {
    let started = Instant::now();
    let mut parser = driver::parse_document(HtmlTreeSink::new(Html::new_document()), ParseOpts::default());
    let mut rest = html;
    while !rest.is_empty() {
        let nodes = parser.tokenizer.sink.sink.0.borrow().tree.values().len();
        if nodes > MAX_NODES || started.elapsed() > MAX_TIME {
            return None;
        }
        // A tag takes three bytes at least.
        let step = (3 * NODES_A_STEP / nodes.max(1)).clamp(32, 16 * 1024);
        let cut = rest.ceil_char_boundary(step.min(rest.len()));
        let (piece, after) = rest.split_at_checked(cut)?;
        parser.process(StrTendril::from_slice(piece));
        rest = after;
    }
    let html = parser.finish();
    (html.tree.values().len() <= MAX_NODES).then_some(html)
}

/// Whether a walk goes below a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Descend {
    Yes,
    No,
}

/// One step of a walk.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Enter(NodeRef<'a, Node>),
    /// Comes after the children, for nodes that the walk went below.
    Leave(NodeRef<'a, Node>),
}

/// Walks a subtree in document order without recursion. What `visit` answers to `Leave` does not matter.
pub(super) fn walk<'a>(root: NodeRef<'a, Node>, mut visit: impl FnMut(Step<'a>) -> Descend) {
    let mut node = root;
    loop {
        if visit(Step::Enter(node)) == Descend::Yes {
            if let Some(child) = node.first_child() {
                node = child;
                continue;
            }
            visit(Step::Leave(node));
        }
        loop {
            if node.id() == root.id() {
                return;
            }
            if let Some(sibling) = node.next_sibling() {
                node = sibling;
                break;
            }
            let Some(parent) = node.parent() else {
                return;
            };
            visit(Step::Leave(parent));
            node = parent;
        }
    }
}

/// Elements whose text no reader sees.
pub(super) fn is_invisible(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "svg"
            | "math"
            | "iframe"
            | "object"
            | "embed"
            | "canvas"
            | "video"
            | "audio"
            | "picture"
            | "map"
            | "head"
            | "select"
            | "textarea"
            | "input"
            | "datalist"
            | "dialog"
    )
}

/// The text of a subtree on one line.
pub(super) fn text_of(root: NodeRef<'_, Node>) -> String {
    let mut text = String::new();
    walk(root, |step| {
        if let Step::Enter(node) = step {
            match node.value() {
                Node::Text(piece) => super::push_text(&mut text, piece),
                // The head's title is asked for by its own node.
                Node::Element(element) if is_invisible(element.name()) && node.id() != root.id() => return Descend::No,
                Node::Element(element) if matches!(element.name(), "br" | "p" | "div" | "li") => text.push(' '),
                _ => {}
            }
        }
        Descend::Yes
    });
    let mut even = String::with_capacity(text.len());
    super::push_text(&mut even, &text);
    even.truncate(even.trim_end().len());
    even
}
