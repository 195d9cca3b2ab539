//! Extractors whose rejections are our envelope. Handlers use these and never axum's own.

mod body;
mod meta;
mod signed;
mod url;

pub use body::{ExactJson, Json};
pub use meta::Meta;
pub use signed::{Credential, Signed, credential};
pub use url::{ExactQuery, Path, Query, Shapes};
