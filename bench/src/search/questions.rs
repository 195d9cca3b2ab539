//! The labelled questions: what a customer would ask, and the pages that answer it.

use anyhow::{Context, Result};
use serde::Deserialize;

/// Which half a question belongs to. Weights and thresholds were chosen on one and are judged on the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    Dev,
    Test,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Question {
    pub id: String,
    pub split: Half,
    pub question: String,
    /// Paths of the pages that answer it, the best first; none when the site does not answer it.
    pub pages: Vec<String>,
}

impl Question {
    pub fn is_answerable(&self) -> bool {
        !self.pages.is_empty()
    }

    /// Whether the page at this address answers it. `site` is the address of the site's root.
    pub fn accepts(&self, site: &str, url: &str) -> bool {
        url.strip_prefix(site).is_some_and(|path| self.pages.iter().any(|page| page == path))
    }
}

/// All of them, in the order of the file.
pub fn questions() -> Result<Vec<Question>> {
    include_str!("../../questions/sqlite.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("not a question: {line}")))
        .collect()
}
