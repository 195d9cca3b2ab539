//! Polite site crawling and main-content extraction, with a guard against private addresses.
