//! What is still to be fetched: each address once, nearest to the start first, and never endlessly many.

use std::collections::{HashMap, HashSet, VecDeque};

use url::Url;

use crate::address::{Scope, is_asset, looks_like_a_trap};

/// Addresses of one path that differ in their query only: calendars and filters make them without end.
const MAX_VARIANTS: usize = 60;

/// An address to fetch.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) url: Url,
    /// Clicks from the start.
    pub(crate) depth: usize,
}

/// The queue of a crawl.
#[derive(Debug)]
pub(crate) struct Frontier {
    queue: VecDeque<Entry>,
    seen: HashSet<Url>,
    variants: HashMap<String, usize>,
    max_depth: usize,
    max_seen: usize,
    limited: bool,
}

impl Frontier {
    pub(crate) fn new(max_depth: usize, max_pages: usize) -> Self {
        Self {
            queue: VecDeque::new(),
            seen: HashSet::new(),
            variants: HashMap::new(),
            max_depth,
            max_seen: max_pages.saturating_mul(20).saturating_add(1_000),
            limited: false,
        }
    }

    /// Queues an address unless it is known, out of scope or not worth fetching.
    pub(crate) fn push(&mut self, url: Url, depth: usize, scope: &Scope) {
        if self.seen.contains(&url) || !scope.contains(&url) || is_asset(&url) {
            return;
        }
        if depth > self.max_depth || self.seen.len() >= self.max_seen || looks_like_a_trap(&url) {
            self.limited = true;
            return;
        }
        if url.query().is_some() {
            let variants = self.variants.entry(url.path().to_owned()).or_default();
            *variants += 1;
            if *variants > MAX_VARIANTS {
                self.limited = true;
                return;
            }
        }
        self.seen.insert(url.clone());
        self.queue.push_back(Entry { url, depth });
    }

    /// Marks an address as dealt with; false when it already was.
    pub(crate) fn mark(&mut self, url: &Url) -> bool {
        self.seen.insert(url.clone())
    }

    pub(crate) fn pop(&mut self) -> Option<Entry> {
        self.queue.pop_front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// How many addresses were found so far.
    pub(crate) fn found(&self) -> usize {
        self.seen.len()
    }

    /// A limit kept some addresses out.
    pub(crate) const fn is_limited(&self) -> bool {
        self.limited
    }
}
