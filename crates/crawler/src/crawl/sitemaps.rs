//! The sitemaps of a site: which files are read, and what they add to a crawl.

use std::collections::{HashSet, VecDeque};

use url::Url;

use super::run::Run;
use crate::address;
use crate::fetch::{FetchError, Fetched, Validators};
use crate::sitemap::{self, Sitemap};

/// Sitemap files read in one crawl.
const MAX_FILES: usize = 50;

impl Run {
    /// Queues what the site's sitemaps list. A sitemap that cannot be read, or that is one too many, costs the crawl its
    /// completeness only when the site promised it.
    pub(super) async fn read_sitemaps(&mut self) {
        let mut files = Files::default();
        for url in self.robots.sitemaps.clone() {
            files.add(url, true);
        }
        if files.queue.is_empty()
            && let Ok(usual) = self.request.start.join("/sitemap.xml")
        {
            files.add(usual, false);
        }
        while let Some(file) = files.queue.pop_front() {
            match self.fetch_sitemap(&file.url).await {
                Ok(fetched) if (200..300).contains(&fetched.status) => {
                    self.take_sitemap(read(fetched).await, &mut files);
                }
                Ok(fetched) => self.had_passing_failure |= file.is_promised && fetched.status >= 500,
                Err(_) => self.had_passing_failure |= file.is_promised,
            }
        }
        self.had_passing_failure |= files.is_limited;
    }

    async fn fetch_sitemap(&self, url: &Url) -> Result<Fetched, FetchError> {
        let _turn = self.pace.turn(self.delay(url)).await;
        self.crawler.request(url, Validators::default(), sitemap::MAX_BYTES).await
    }

    fn take_sitemap(&mut self, found: Sitemap, files: &mut Files) {
        for url in found.sitemaps {
            files.add(url, true);
        }
        for page in found.pages {
            self.frontier.push(address::canonicalise(&page), 0, &self.scope);
        }
    }
}

/// Unpacking and reading megabytes is work for the processor: it runs beside the async threads.
async fn read(fetched: Fetched) -> Sitemap {
    let reading = tokio::task::spawn_blocking(move || sitemap::parse(&fetched.body));
    reading.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a sitemap could not be read");
        Sitemap::default()
    })
}

struct File {
    url: Url,
    /// The site names it; otherwise it is only the usual place.
    is_promised: bool,
}

/// The files to read: each once, however often it is listed, and never more than [`MAX_FILES`].
#[derive(Default)]
struct Files {
    queue: VecDeque<File>,
    seen: HashSet<Url>,
    /// One too many was listed.
    is_limited: bool,
}

impl Files {
    fn add(&mut self, url: Url, is_promised: bool) {
        if self.seen.contains(&url) {
            return;
        }
        if self.seen.len() == MAX_FILES {
            self.is_limited = true;
            return;
        }
        self.seen.insert(url.clone());
        self.queue.push_back(File { url, is_promised });
    }
}
