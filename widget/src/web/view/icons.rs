//! Line drawings of 24 by 24, as path data.

pub(super) const CLOSE: &str = "M6 6l12 12M18 6L6 18";
pub(super) const MORE: &str = "M5 12h.01M12 12h.01M19 12h.01";
pub(super) const SEND: &str = "M12 19V5M5.5 11.5L12 5l6.5 6.5";
pub(super) const DOWN: &str = "M12 5v14M5.5 12.5L12 19l6.5-6.5";
pub(super) const PERSON: &str =
    "M12 11.5a3.8 3.8 0 1 0 0-7.6 3.8 3.8 0 0 0 0 7.6zM4.5 20c.7-3.6 3.7-5.5 7.5-5.5s6.8 1.9 7.5 5.5";
pub(super) const OUT: &str = "M9 5h10v10M19 5L6 18";
/// Up; the style sheet turns it for down.
pub(super) const THUMB: &str =
    "M7 11l4-8a2.6 2.6 0 0 1 2.6 2.6V9h5.2a2 2 0 0 1 2 2.3l-1.2 7.7a2 2 0 0 1-2 1.7H7zM7 20.7H3.4V11H7";
