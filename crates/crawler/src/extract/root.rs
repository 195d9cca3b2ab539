//! Where on the page the content is.

use std::collections::HashMap;

use ego_tree::{NodeId, NodeRef};
use scraper::Node;
use scraper::node::Element;

use super::tree::{Descend, Step, is_invisible, walk};

/// A `<main>` with less than this share of the body's text is not where the content is.
const MAIN_SHARE: usize = 4;
/// The same for a single `<article>`, which may also be a teaser: one half.
const ARTICLE_SHARE: usize = 2;

/// Characters of visible text below each element, how many of them are in links, and how many `<h1>` there are.
pub(super) struct TextSizes {
    sizes: HashMap<NodeId, Size>,
    depth: usize,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    pub text: usize,
    pub link_text: usize,
    pub links: usize,
    pub titles: usize,
}

impl TextSizes {
    /// Measures a whole tree in one walk.
    pub(super) fn measure(root: NodeRef<'_, Node>) -> Self {
        let mut sizes = HashMap::new();
        let mut open: Vec<Size> = Vec::new();
        let mut deepest = 0;
        walk(root, |step| match step {
            Step::Enter(node) => match node.value() {
                Node::Text(text) => {
                    if let Some(parent) = open.last_mut() {
                        parent.text += text.split_whitespace().map(str::len).sum::<usize>();
                    }
                    Descend::No
                }
                Node::Element(element) if is_invisible(element.name()) => Descend::No,
                _ => {
                    open.push(Size::default());
                    deepest = deepest.max(open.len());
                    Descend::Yes
                }
            },
            Step::Leave(node) => {
                let mut size = open.pop().unwrap_or_default();
                match node.value().as_element().map(Element::name) {
                    Some("a") => {
                        size.link_text = size.text;
                        size.links = 1;
                    }
                    Some("h1") => size.titles += 1,
                    _ => {}
                }
                if let Some(parent) = open.last_mut() {
                    parent.text += size.text;
                    parent.link_text += size.link_text;
                    parent.links += size.links;
                    parent.titles += size.titles;
                }
                sizes.insert(node.id(), size);
                Descend::Yes
            }
        });
        Self { sizes, depth: deepest }
    }

    pub(super) fn of(&self, node: NodeRef<'_, Node>) -> Size {
        self.sizes.get(&node.id()).copied().unwrap_or_default()
    }

    /// Of the deepest element.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }
}

/// The body, or the document where there is none.
pub(super) fn find_body(root: NodeRef<'_, Node>) -> NodeRef<'_, Node> {
    let html = root.children().find(|node| has_name(*node, "html")).unwrap_or(root);
    html.children().find(|node| has_name(*node, "body")).unwrap_or(html)
}

/// The element that holds the page's own content: the fullest `<main>` or `role=main`, else an `<article>` that
/// holds most of the page, else the body.
pub(super) fn find_main<'a>(root: NodeRef<'a, Node>, sizes: &TextSizes) -> NodeRef<'a, Node> {
    let body = find_body(root);
    let whole = sizes.of(body).text;
    let fullest = |accept: &dyn Fn(NodeRef<'a, Node>) -> bool| {
        body.descendants().filter(|node| accept(*node)).max_by_key(|node| sizes.of(*node).text)
    };
    if let Some(main) = fullest(&is_main)
        && sizes.of(main).text * MAIN_SHARE >= whole
    {
        return main;
    }
    if let Some(article) = fullest(&|node| has_name(node, "article"))
        && sizes.of(article).text * ARTICLE_SHARE >= whole
    {
        return article;
    }
    body
}

fn is_main(node: NodeRef<'_, Node>) -> bool {
    node.value().as_element().is_some_and(|element| {
        element.name() == "main" || element.attr("role").is_some_and(|role| role.eq_ignore_ascii_case("main"))
    })
}

fn has_name(node: NodeRef<'_, Node>, name: &str) -> bool {
    node.value().as_element().is_some_and(|element| element.name() == name)
}
