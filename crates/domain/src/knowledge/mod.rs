//! What the AI may answer from: how it is searched, and how it is quoted.

mod chunks;
mod crawl_run;
pub(crate) mod extractive;
mod ingest;
mod ingest_queries;
mod job_queries;
mod jobs;
mod reembed;
mod search;
mod source_queries;
mod sources;
mod spaces;
mod text_search;

pub use extractive::{Answered, Extractive, OneReply, one_reply, questions_of, retrieval_query};
pub(crate) use extractive::{offer_after, sentences_of};
pub use jobs::{
    Failure, JobKind, cancel, crawl_now, failures, progress, queue_reembeddings, run_worker, start_crawl,
    start_own_crawl, try_run_one,
};
pub use search::{Evidence, SearchOutcome, SearchRequest, nearest_passages, passage, search, search_with};
pub use sources::{SourceOptions, SourceSummary, add_source, find_source, remove_source, sources};
pub use spaces::{StoredSpace, active_space};
