//! Any bytes as a robots.txt, asked about any path, and as a sitemap.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omniops_crawler::{ROBOTS_NAME, Robots, parse_sitemap};

fuzz_target!(|input: (&[u8], &str)| {
    let (body, path) = input;
    let robots = Robots::parse(ROBOTS_NAME, body);
    let site = url::Url::parse("https://shop.example/").expect("a constant");
    if let Ok(url) = site.join(path) {
        robots.allows(&url);
    }
    parse_sitemap(body);
});
