//! Addresses: one spelling a page, which of them belong to a crawl, and which smell of a trap.

use url::Url;

/// Query parameters that say where a visitor came from, never what a page holds.
const TRACKING: &[&str] = &[
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "twclid",
    "ttclid",
    "yclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "oly_anon_id",
    "oly_enc_id",
    "vero_id",
    "srsltid",
    "phpsessid",
    "jsessionid",
    "aspsessionid",
    "sid",
    "sessionid",
];

/// Longer addresses are traps far more often than pages.
const MAX_LENGTH: usize = 1500;
const MAX_SEGMENTS: usize = 20;
/// How often one path segment may return within a path.
const MAX_REPEATS: usize = 3;

/// The one spelling of an address: no fragment, no tracking parameters, no session in the path, no empty query.
/// The order of the other parameters is kept, for some sites read it.
pub fn canonicalise(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    if let Some(query) = url.query() {
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair)).collect();
        let kept = kept.join("&");
        url.set_query(if kept.is_empty() { None } else { Some(&kept) });
    }
    let path = url.path();
    if let Some(start) = path.to_ascii_lowercase().find(";jsessionid=") {
        let path = path.get(..start).unwrap_or(path).to_owned();
        url.set_path(&path);
    }
    url
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

/// An address as written in a document, resolved and canonical; none for `mailto:`, `javascript:` and the like.
pub fn resolve(base: &Url, href: &str) -> Option<Url> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let url = base.join(href).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| canonicalise(&url))
}

/// Whether an address looks like one of endlessly many: too long, too deep, or going round in circles.
pub fn looks_like_a_trap(url: &Url) -> bool {
    if url.as_str().len() > MAX_LENGTH {
        return true;
    }
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    segments.len() > MAX_SEGMENTS
        || segments.iter().any(|segment| segments.iter().filter(|other| *other == segment).count() > MAX_REPEATS)
}

/// File names that are never pages, told by their ending to save the request.
pub fn is_asset(url: &Url) -> bool {
    const ENDINGS: &[&str] = &[
        "7z", "avi", "avif", "bmp", "bz2", "css", "csv", "deb", "dmg", "doc", "docx", "eot", "exe", "gif", "gz", "ico",
        "iso", "jar", "jpeg", "jpg", "js", "json", "m4a", "map", "mjs", "mov", "mp3", "mp4", "mpeg", "msi", "odg",
        "odt", "ogg", "otf", "pdf", "png", "ppt", "pptx", "rar", "rpm", "svg", "tar", "tgz", "tif", "tiff", "ttf",
        "wasm", "wav", "webm", "webp", "woff", "woff2", "xls", "xlsx", "xz", "zip",
    ];
    let name = url.path().rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

/// Which addresses of a site a crawl takes: those of one origin that an include pattern names, if there are any,
/// and no exclude pattern does. A pattern is matched against path and query; `*` stands for anything, and a
/// pattern without `*` matches what starts with it.
#[derive(Clone, Debug)]
pub struct Scope {
    origin: url::Origin,
    include: Vec<String>,
    exclude: Vec<String>,
}

impl Scope {
    pub fn new(start: &Url, include: &[String], exclude: &[String]) -> Self {
        Self { origin: start.origin(), include: include.to_vec(), exclude: exclude.to_vec() }
    }

    /// Whether the address is of the site at all.
    pub fn same_site(&self, url: &Url) -> bool {
        url.origin() == self.origin
    }

    /// Whether the crawl takes the address.
    pub fn contains(&self, url: &Url) -> bool {
        let target = target_of(url);
        self.same_site(url)
            && (self.include.is_empty() || self.include.iter().any(|pattern| matches(pattern, target)))
            && !self.exclude.iter().any(|pattern| matches(pattern, target))
    }
}

fn target_of(url: &Url) -> &str {
    url.as_str().get(url[..url::Position::BeforePath].len()..).unwrap_or_default()
}

/// Glob with `*` only, in O(pattern × text) at worst.
fn matches(pattern: &str, text: &str) -> bool {
    if !pattern.contains('*') {
        return text.starts_with(pattern);
    }
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = "";
    for part in parts {
        // Every part but the last may match as early as it likes.
        match rest.find(last) {
            Some(at) => rest = rest.get(at + last.len()..).unwrap_or_default(),
            None => return false,
        }
        last = part;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn tracking_fragments_and_sessions_are_dropped_and_nothing_else() {
        for (given, wanted) in [
            ("https://Shop.Example:443/a#top", "https://shop.example/a"),
            ("https://shop.example/a?utm_source=x&id=7&FBCLID=1", "https://shop.example/a?id=7"),
            ("https://shop.example/a?", "https://shop.example/a"),
            ("https://shop.example/a;jsessionid=99", "https://shop.example/a"),
            ("https://shop.example/a?b=2&a=1", "https://shop.example/a?b=2&a=1"),
        ] {
            assert_eq!(canonicalise(&url(given)).as_str(), wanted);
        }
    }

    #[test]
    fn links_that_lead_to_no_page_are_not_resolved() {
        let base = url("https://shop.example/help/");
        for href in ["", "#top", "mailto:a@b.c", "javascript:void(0)", "tel:1", "http://[bad"] {
            assert_eq!(resolve(&base, href), None, "{href}");
        }
        assert_eq!(resolve(&base, " ../faq#a ").unwrap().as_str(), "https://shop.example/faq");
    }

    #[test]
    fn patterns_match_prefixes_and_stars() {
        assert!(matches("/help", "/help/a"));
        assert!(matches("/*/print", "/a/b/print"));
        assert!(!matches("/*/print", "/a/printer"));
        assert!(matches("*?page=*", "/list?page=2"));
        assert!(matches("/a*b*c", "/a-b-b-c"));
        assert!(!matches("/a*b", "/b"));
    }

    #[test]
    fn a_scope_is_one_origin_with_includes_and_excludes() {
        let start = url("https://shop.example/");
        let scope = Scope::new(&start, &["/help".into()], &["/help/old*".into()]);
        assert!(scope.contains(&url("https://shop.example/help/a")));
        assert!(!scope.contains(&url("https://shop.example/help/old/a")));
        assert!(!scope.contains(&url("https://shop.example/blog")));
        assert!(!scope.contains(&url("https://shop.example:8443/help/a")));
        assert!(!scope.contains(&url("http://shop.example/help/a")));
    }

    #[test]
    fn circles_and_endless_paths_are_traps() {
        assert!(looks_like_a_trap(&url("https://s.example/a/b/a/b/a/b/a/b")));
        assert!(looks_like_a_trap(&url(&format!("https://s.example/?{}", "x".repeat(2000)))));
        assert!(!looks_like_a_trap(&url("https://s.example/2024/05/05/shipping")));
    }

    #[test]
    fn assets_are_told_by_their_ending() {
        assert!(is_asset(&url("https://s.example/a/b.JPG?x=1")));
        assert!(!is_asset(&url("https://s.example/v1.2/page")));
        assert!(!is_asset(&url("https://s.example/a.html")));
    }
}
