//! Knowledge: where it comes from, how far a crawl is, what a search found.

use serde::{Deserialize, Serialize};

use crate::conversation::text_enum;
use crate::{ChunkId, JobId, PageId, Timestamp};

text_enum! {
    /// What a knowledge source is.
    SourceKind {
        /// A whole site, by its sitemap and links.
        Site = "site",
        /// One page.
        Page = "page",
    }
}

text_enum! {
    /// Where a crawl stands.
    JobStatus { Queued = "queued", Running = "running", Succeeded = "succeeded", Failed = "failed", Cancelled = "cancelled" }
}

text_enum! {
    /// Why a crawl failed.
    RunFailure {
        /// The start page cannot be fetched.
        StartUnreachable = "start_unreachable",
        /// robots.txt cannot be read, and without it nothing may be fetched.
        RobotsUnreadable = "robots_unreadable",
        /// robots.txt asks to leave the start page alone.
        Disallowed = "disallowed",
        /// Not a single page with text was found.
        NoText = "no_text",
        /// It ended its process again and again.
        GaveUp = "gave_up",
        /// The database or the embedding service was down.
        Unavailable = "unavailable",
        /// Something went wrong on our side; the log says what.
        Internal = "internal",
    }
}

/// How far a crawl is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrawlProgress {
    pub job_id: JobId,
    pub status: JobStatus,
    pub url: String,
    pub pages_found: i64,
    pub pages_fetched: i64,
    pub pages_changed: i64,
    pub pages_failed: i64,
    pub chunks_embedded: i64,
    /// Why it failed; absent of what failed before there were codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<RunFailure>,
    /// The same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub started_at: Option<Timestamp>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub finished_at: Option<Timestamp>,
}

/// A passage that a search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PassageHit {
    pub chunk_id: ChunkId,
    pub page_id: PageId,
    pub url: String,
    pub title: String,
    /// From the page's title down to the passage's own heading.
    pub heading_path: Vec<String>,
    pub text: String,
    /// SHA-256 of the passage, hex: what a receipt keeps to prove what was read.
    pub content_hash: String,
    /// Cosine similarity to the question, −1 to 1; absent when the passage came from full text only.
    pub cosine: Option<f32>,
    /// Full-text rank as Postgres gives it; absent when the passage came from the vectors only.
    pub text_rank: Option<f32>,
    /// The fused score by which the hits are ordered.
    pub score: f32,
}
