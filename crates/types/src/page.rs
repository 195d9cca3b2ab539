//! Keyset pages.

use serde::{Deserialize, Serialize};

/// How many items a list gives when the caller names no limit.
pub const DEFAULT_LIMIT: u16 = 30;
/// The most items that one page may hold.
pub const MAX_LIMIT: u16 = 100;

/// An opaque place in a list. A caller hands back what it was given and reads nothing into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Cursor(pub String);

/// One page of a list; `next_cursor` is absent on the last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<Cursor>,
}

impl<T> Page<T> {
    /// The same page with each item changed.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next_cursor: self.next_cursor }
    }
}
