//! Crawls and pages as a caller of the crate sees them.

mod crawl;
mod extraction;
mod guard;
mod hostile;
mod site;
