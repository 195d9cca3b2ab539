//! From HTML to the passages that a page is about: title, language, headings and the blocks below them.
//!
//! The page's own markup says where its content is (`<main>`, `<article>`, `role`), names say what is around it
//! (navigation, cookie banners, menus), and when both leave next to nothing, readability and finally the whole
//! body are tried: a page with words never comes out empty. Any input ends in bounded time and memory, without
//! recursion: pages come from strangers.

mod blocks;
mod flat;
mod furniture;
mod language;
mod metadata;
mod root;
mod table;
mod tree;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::robots::Directives;
use furniture::Strictness;
pub(crate) use language::primary_subtag;

/// Fewer words than this are suspicious of a page that holds more.
const FEW_WORDS: usize = 8;
/// The readability library recurses; it gets ordinary trees only.
const MAX_READABILITY_DEPTH: usize = 256;
const MAX_READABILITY_BYTES: usize = 1024 * 1024;
const MAX_TITLE_CHARS: usize = 300;

/// What a block was on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    Paragraph,
    /// One item a line.
    List,
    /// One row a line, `label: value` where the table has labels.
    Table,
    /// One entry a line, `term: definition`.
    Definitions,
    /// As written, line breaks and all.
    Code,
}

/// A piece of a page below one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The headings above, outermost first; the page's title is not among them.
    pub heading_path: Vec<String>,
    /// The words of the page, white space made even.
    pub text: String,
    pub kind: BlockKind,
}

/// A page as a reader sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Never empty: the title, else the first heading, else the address.
    pub title: String,
    /// ISO 639-1, as declared or as the text reads.
    pub language: Option<String>,
    /// `rel=canonical`, if the page names one.
    pub canonical: Option<Url>,
    /// The page's own `<meta name=robots>`.
    pub directives: Directives,
    pub blocks: Vec<Block>,
    /// Where the page links to: canonical spelling, each once, in order.
    pub links: Vec<Url>,
}

impl Document {
    /// Markdown-like text: the title, headings with their level, blocks separated by blank lines.
    pub fn to_text(&self) -> String {
        let mut text = format!("# {}\n", self.title);
        let mut path: &[String] = &[];
        for block in &self.blocks {
            let shared = path.iter().zip(&block.heading_path).take_while(|(a, b)| a == b).count();
            for (depth, heading) in block.heading_path.iter().enumerate().skip(shared) {
                text.push_str(&format!("\n{} {heading}\n", "#".repeat(depth + 2)));
            }
            path = &block.heading_path;
            text.push('\n');
            text.push_str(&block.text);
            text.push('\n');
        }
        text
    }

    /// SHA-256 of what a reader sees: equal as long as title, headings and text are.
    pub fn content_hash(&self) -> [u8; 32] {
        Sha256::digest(self.to_text()).into()
    }

    /// How many words the blocks hold.
    pub fn words(&self) -> usize {
        words_of(&self.blocks)
    }
}

/// Reads a page. Never fails and never panics, whatever the input.
pub fn extract(html: &str, url: &Url) -> Document {
    let Some(tree) = tree::parse(html) else {
        return finish(flat::extract(html), url);
    };
    let root = tree.tree.root();
    let mut document = metadata::read(&tree, url);
    let sizes = root::TextSizes::measure(root);
    let main = root::find_main(root, &sizes);
    document.blocks = blocks::collect(main, &sizes, Strictness::MainContent);
    let body = root::find_body(root);
    if words_of(&document.blocks) < FEW_WORDS {
        // Each fallback counts only if it brings clearly more than what is there.
        consider(&mut document.blocks, || blocks::collect(body, &sizes, Strictness::MainContent));
        consider(&mut document.blocks, || blocks::collect(body, &sizes, Strictness::WithLinkLists));
        consider(&mut document.blocks, || readable(html, url, &sizes));
        consider(&mut document.blocks, || blocks::collect(body, &sizes, Strictness::Everything));
    }
    finish(document, url)
}

fn consider(blocks: &mut Vec<Block>, other: impl FnOnce() -> Vec<Block>) {
    let have = words_of(blocks);
    if have >= FEW_WORDS {
        return;
    }
    let other = other();
    if words_of(&other) > have * 2 {
        *blocks = other;
    }
}

fn readable(html: &str, url: &Url, sizes: &root::TextSizes) -> Vec<Block> {
    if sizes.depth() > MAX_READABILITY_DEPTH || html.len() > MAX_READABILITY_BYTES {
        return Vec::new();
    }
    let article = dom_smoothie::Readability::new(html, Some(url.as_str()), None).and_then(|mut page| page.parse());
    let Some(tree) = article.ok().and_then(|article| tree::parse(&article.content)) else {
        return Vec::new();
    };
    let sizes = root::TextSizes::measure(tree.tree.root());
    blocks::collect(root::find_body(tree.tree.root()), &sizes, Strictness::Everything)
}

fn finish(mut document: Document, url: &Url) -> Document {
    if document.title.is_empty() {
        let heading = document.blocks.iter().find_map(|block| block.heading_path.first());
        document.title = heading.cloned().unwrap_or_else(|| url.as_str().to_owned());
    }
    document.title = document.title.chars().take(MAX_TITLE_CHARS).collect();
    document.language = language::settle(document.language.as_deref(), &document.blocks);
    document
}

fn words_of(blocks: &[Block]) -> usize {
    blocks.iter().map(|block| block.text.split_whitespace().count()).sum()
}

/// White space made even, invisible characters dropped.
fn push_text(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}' | '\0' => {}
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
}
