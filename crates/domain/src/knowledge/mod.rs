//! What the AI may answer from: how it is searched, and how it is quoted.

mod extractive;
mod search;
mod text_search;

pub use extractive::{Extractive, retrieval_query};
pub use search::{Evidence, SearchOutcome, SearchRequest, search, search_with};
