//! robots.txt: what a site asks crawlers to leave alone, and how fast they may be (RFC 9309).

use std::time::Duration;

use texting_robots::Robot;
use url::Url;

/// RFC 9309 asks for at least this much to be read; the rest is ignored.
pub const MAX_BYTES: usize = 512 * 1024;
/// A longer crawl-delay is taken as this: a site that wants fewer requests disallows paths.
const MAX_DELAY: Duration = Duration::from_secs(10);
/// Sitemaps taken from one robots.txt.
const MAX_SITEMAPS: usize = 20;

/// A site's wishes.
#[derive(Debug)]
pub struct Robots {
    rules: Option<Robot>,
    /// The pause between two requests that the site asks for.
    pub delay: Option<Duration>,
    pub sitemaps: Vec<Url>,
}

impl Robots {
    /// A site without robots.txt: everything is allowed.
    pub fn allow_all() -> Self {
        Self { rules: None, delay: None, sitemaps: Vec::new() }
    }

    /// Reads a robots.txt for the crawler of this name. Whatever cannot be read allows everything, as the RFC says.
    pub fn parse(agent: &str, body: &[u8]) -> Self {
        let body = body.get(..MAX_BYTES).unwrap_or(body);
        let Ok(rules) = Robot::new(agent, body) else {
            return Self::allow_all();
        };
        let delay =
            rules.delay.and_then(|seconds| Duration::try_from_secs_f32(seconds).ok()).map(|delay| delay.min(MAX_DELAY));
        let sitemaps = rules.sitemaps.iter().take(MAX_SITEMAPS).filter_map(|url| Url::parse(url).ok()).collect();
        Self { rules: Some(rules), delay, sitemaps }
    }

    /// Whether the crawler may fetch the address.
    pub fn allows(&self, url: &Url) -> bool {
        self.rules.as_ref().is_none_or(|rules| rules.allowed(url.as_str()))
    }
}

/// Where a site keeps its robots.txt.
pub fn robots_url(url: &Url) -> Url {
    let mut robots = url.clone();
    robots.set_path("/robots.txt");
    robots.set_query(None);
    robots.set_fragment(None);
    robots
}

/// `noindex` and `nofollow` of a page, from its header or its meta tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    pub noindex: bool,
    pub nofollow: bool,
}

impl Directives {
    /// Reads `noindex, nofollow`, `none`, and the header's form with a crawler's name before a colon.
    pub fn parse(value: &str) -> Self {
        let has = |word: &str| {
            value.split([',', ':', ' ']).any(|directive| {
                directive.trim().eq_ignore_ascii_case(word) || directive.trim().eq_ignore_ascii_case("none")
            })
        };
        Self { noindex: has("noindex"), nofollow: has("nofollow") }
    }

    pub fn or(self, other: Self) -> Self {
        Self { noindex: self.noindex || other.noindex, nofollow: self.nofollow || other.nofollow }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(robots: &str, path: &str) -> bool {
        let url = Url::parse(&format!("https://shop.example{path}")).unwrap();
        Robots::parse("OmniOpsBot", robots.as_bytes()).allows(&url)
    }

    #[test]
    fn our_own_group_wins_over_the_one_for_all() {
        let robots = "User-agent: *\nDisallow: /\n\nUser-agent: omniopsbot\nDisallow: /cart\n";
        assert!(allows(robots, "/help"));
        assert!(!allows(robots, "/cart/1"));
    }

    #[test]
    fn the_longest_rule_wins() {
        let robots = "User-agent: *\nDisallow: /a\nAllow: /a/b\n";
        assert!(!allows(robots, "/a/c"));
        assert!(allows(robots, "/a/b/c"));
    }

    #[test]
    fn delays_are_read_and_bounded_and_sitemaps_found() {
        let robots = Robots::parse(
            "OmniOpsBot",
            b"User-agent: *\nCrawl-delay: 86400\nSitemap: https://s.example/map.xml\nSitemap: not a url",
        );
        assert_eq!(robots.delay, Some(MAX_DELAY));
        assert_eq!(robots.sitemaps.len(), 1);
    }

    #[test]
    fn directives_are_read_in_every_form() {
        assert_eq!(Directives::parse("noindex, nofollow"), Directives { noindex: true, nofollow: true });
        assert_eq!(Directives::parse("NONE"), Directives { noindex: true, nofollow: true });
        assert_eq!(Directives::parse("googlebot: noindex"), Directives { noindex: true, nofollow: false });
        assert_eq!(Directives::parse("index,follow"), Directives::default());
    }
}
