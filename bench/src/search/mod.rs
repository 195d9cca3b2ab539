//! How good and how quick the search is.

mod corpus;
mod quality;
mod questions;
mod scale;

pub use corpus::Corpus;
pub use quality::quality;
pub use scale::scale;
