//! Input made to exhaust its reader, and input made of anything: the entry points of `fuzz/` under a stable compiler.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use omniops_crawler::{Document, Robots, decode, extract, parse_sitemap};
use proptest::prelude::*;
use url::Url;

fn url() -> Url {
    Url::parse("https://shop.example/").unwrap()
}

/// Reads on a small stack and within bounded time, as a worker thread would.
fn read(html: String) -> Document {
    let started = Instant::now();
    let reading = std::thread::Builder::new().stack_size(512 * 1024).spawn(move || extract(&html, &url())).unwrap();
    let document = reading.join().expect("the stack was not enough");
    assert!(started.elapsed() < Duration::from_secs(60), "took {:?}", started.elapsed());
    document
}

fn text(document: &Document) -> String {
    document.to_text()
}

#[test]
fn a_hundred_thousand_nested_tags_neither_overflow_nor_lose_the_text() {
    for tag in ["div", "b", "span", "blockquote", "ul><li", "table><tr><td", "details", "header", "section><h1"] {
        let html = format!("<title>deep</title>{}needle in here</p>", format!("<{tag}>").repeat(100_000));
        assert!(text(&read(html)).contains("needle in here"), "<{tag}> lost the text");
    }
}

#[test]
fn markup_that_grows_by_the_square_is_stopped() {
    let formatting: String = (0..20_000).map(|n| format!("<b id={n}>")).collect();
    let page = read(format!("<p>start {formatting}{}needle", "<p>x".repeat(50_000)));
    assert!(text(&page).contains("needle"));
    let fooled: String = (0..20_000).map(|n| format!("<b id={n}><marquee></b></marquee>")).collect();
    assert!(text(&read(format!("{fooled}{}needle", "<p>x".repeat(50_000)))).contains("needle"));
}

#[test]
fn a_tag_with_very_many_attributes_is_no_obstacle() {
    let attributes: String = (0..200_000).map(|n| format!(" a{n}")).collect();
    assert!(text(&read(format!("<div{attributes}>needle</div>"))).contains("needle"));
}

#[test]
fn unclosed_everything_is_read() {
    for html in [
        "<!--",
        "<script>",
        "<title>",
        "<a href=\"",
        "<",
        "</",
        "<!",
        "&",
        "&#",
        "&#xffffffff;",
        "<pre>",
        "<table><dl><dt>",
    ] {
        read(format!("<p>before{html}after"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_read_as_a_page(body: Vec<u8>, content_type in proptest::option::of(".{0,40}")) {
        extract(&decode(&body, content_type.as_deref()), &url());
    }

    #[test]
    fn any_markup_is_read_as_a_page(html in "(<(/)?(p|div|table|tr|td|th|li|ul|dl|dt|dd|h[1-6]|a|b|pre|details|summary|svg|title|main|nav|br)( [a-z]+=\"[^\"]{0,5}\")?>|[a-zé &;<>\u{ad}]{0,6}|<!--|-->){0,60}") {
        let page = extract(&html, &url());
        prop_assert!(!page.title.is_empty());
        prop_assert!(page.blocks.iter().all(|block| !block.text.trim().is_empty()));
    }

    #[test]
    fn any_bytes_are_read_as_robots_txt(body: Vec<u8>, path in ".{0,40}") {
        let robots = Robots::parse("OmniOpsBot", &body);
        if let Ok(url) = url().join(&path) {
            robots.allows(&url);
        }
    }

    #[test]
    fn any_rules_are_read_as_robots_txt(body in "((User-agent|Disallow|Allow|Crawl-delay|Sitemap): ?[*a-z/$0-9.%-]{0,12}\r?\n){0,20}", path in "/[a-z*$%/]{0,20}") {
        let robots = Robots::parse("OmniOpsBot", body.as_bytes());
        if let Ok(url) = url().join(&path) {
            robots.allows(&url);
        }
    }

    #[test]
    fn any_bytes_are_read_as_a_sitemap_of_web_addresses(body: Vec<u8>) {
        let torn_gzip = [&[0x1f, 0x8b], body.as_slice()].concat();
        for found in [parse_sitemap(&body), parse_sitemap(&torn_gzip)] {
            prop_assert!(found.pages.iter().chain(&found.sitemaps).all(|url| matches!(url.scheme(), "http" | "https")));
        }
    }

    #[test]
    fn any_sitemap_lists_no_address_that_is_not_in_it_and_the_same_ones_when_gzipped(body in "<urlset>(<(/)?(url|loc|sitemap|image:loc)>|(https?|mailto|javascript):(//)?[a-z]{1,3}[.]example/[a-z]{0,3}|<!\\[CDATA\\[|\\]\\]>|&amp;|&|[ -~]{0,5}){0,40}") {
        let found = parse_sitemap(body.as_bytes());
        for url in found.pages.iter().chain(&found.sitemaps) {
            prop_assert!(matches!(url.scheme(), "http" | "https"), "{url}");
        }
        prop_assert!(found.pages.len() + found.sitemaps.len() <= body.matches("http").count());
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(body.as_bytes()).unwrap();
        prop_assert_eq!(parse_sitemap(&gzip.finish().unwrap()), found);
    }
}
