//! Passages: the part of a page that is embedded, found and quoted as one.
//!
//! A passage lies below one heading and never reaches over the next. About 120 to 200 words say enough to be
//! understood and little enough to be about one thing, and fit the embedding model's window with title and headings.

use omniops_crawler::{Block, Document};
use sha2::{Digest, Sha256};
use text_splitter::{ChunkConfig, TextSplitter};

/// Characters of a passage: it is filled up to the second and broken, where the text allows it, after the first.
const CAPACITY: std::ops::Range<usize> = 700..1_100;
/// Characters of title and headings that go before the passage when it is embedded.
const MAX_PREFIX: usize = 240;

/// A passage of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The page's title, then the headings above the passage.
    pub heading_path: Vec<String>,
    /// As it stands on the page: what is quoted.
    pub text: String,
}

impl Passage {
    /// SHA-256 over title, headings and text: what is embedded, so a passage with the same hash keeps its vector.
    pub fn content_hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for heading in &self.heading_path {
            hash.update(heading);
            hash.update([0x1f]);
        }
        hash.update([0x1e]);
        hash.update(&self.text);
        hash.finalize().into()
    }

    /// What the embedding model reads: a sentence under "Returns › Sale items" means more than the sentence alone.
    pub fn embedding_text(&self) -> String {
        let prefix: String = self.heading_path.join(" › ").chars().take(MAX_PREFIX).collect();
        format!("{prefix}\n{}", self.text)
    }
}

/// The passages of a page, in reading order.
pub fn passages(document: &Document) -> Vec<Passage> {
    let splitter = TextSplitter::new(ChunkConfig::new(CAPACITY));
    let mut passages = Vec::new();
    for section in document.blocks.chunk_by(|a, b| a.heading_path == b.heading_path) {
        let heading_path = full_path(&document.title, section);
        let text = section.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n\n");
        passages.extend(
            splitter
                .chunks(&text)
                .filter(|piece| has_words(piece))
                .map(|piece| Passage { heading_path: heading_path.clone(), text: piece.to_owned() }),
        );
    }
    passages
}

/// Most pages repeat their title as the first heading; once is enough.
fn full_path(title: &str, section: &[Block]) -> Vec<String> {
    let headings = section.first().map(|block| block.heading_path.as_slice()).unwrap_or_default();
    let headings = match headings {
        [first, rest @ ..] if first.trim().eq_ignore_ascii_case(title.trim()) => rest,
        headings => headings,
    };
    std::iter::once(title).chain(headings.iter().map(String::as_str)).map(str::to_owned).collect()
}

/// A rule or a row of dots answers nothing.
fn has_words(text: &str) -> bool {
    text.chars().filter(|character| character.is_alphanumeric()).count() >= 3
}

#[cfg(test)]
mod tests {
    use omniops_crawler::extract;

    use super::*;

    fn of(html: &str) -> Vec<Passage> {
        passages(&extract(html, &"https://shop.example/returns".parse().unwrap()))
    }

    #[test]
    fn a_passage_never_crosses_a_heading_and_carries_its_path() {
        let passages =
            of("<title>Returns</title><h1>Returns</h1><p>Within 30 days.</p><p>Unworn.</p><h2>Sale</h2><p>Final.</p>");
        assert_eq!(passages.len(), 2);
        assert_eq!(passages[0].text, "Within 30 days.\n\nUnworn.");
        assert_eq!(passages[0].heading_path, ["Returns"]);
        assert_eq!(passages[1].heading_path, ["Returns", "Sale"]);
        assert_eq!(passages[1].embedding_text(), "Returns › Sale\nFinal.");
    }

    #[test]
    fn long_sections_are_broken_between_sentences_and_lose_nothing() {
        let sentences: Vec<String> =
            (0..200).map(|n| format!("Sentence number {n} says something about the parcel service.")).collect();
        let passages = of(&format!("<title>T</title><h1>Long</h1><p>{}</p>", sentences.join(" ")));
        assert!(passages.len() > 5);
        for passage in &passages {
            assert!(passage.text.ends_with('.'), "broken within a sentence: {}", passage.text);
            assert!(passage.text.len() <= CAPACITY.end);
        }
        let together = passages.iter().map(|passage| passage.text.as_str()).collect::<Vec<_>>().join(" ");
        assert_eq!(together, sentences.join(" "));
    }

    #[test]
    fn the_hash_tells_headings_from_text() {
        let a = Passage { heading_path: vec!["A".into(), "B".into()], text: "C".into() };
        let b = Passage { heading_path: vec!["A".into()], text: "BC".into() };
        assert_ne!(a.content_hash(), b.content_hash());
    }
}
