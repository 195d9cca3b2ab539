//! Whole crawls over HTTP on loopback.

use std::collections::HashMap;
use std::io::Write;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt;
use omniops_crawler::{Crawled, Crawler, CrawlerOptions, Known};

use crate::site::{Outcome, Site, article, page, redirect, request, status, typed};

#[tokio::test]
async fn a_site_is_crawled_along_its_links_each_page_once_and_in_order() {
    let site = Site::of_pages(&[
        ("/", &article("home", &["/a", "/b#part", "/a?utm_source=x"])),
        ("/a", &article("a", &["/b", "c", "/"])),
        ("/b", &article("b", &["/missing", "https://other.example/"])),
        ("/c", &article("c", &["/picture.jpg", "mailto:x@y.z"])),
    ])
    .await;
    let outcome = site.crawl(request(site.url("/"))).await;
    assert_eq!(outcome.pages(), ["/", "/a", "/b", "/c"]);
    assert_eq!(outcome.gone(), ["/missing"]);
    assert!(outcome.summary.complete);
    let mut requests = site.requests();
    requests.sort();
    assert_eq!(requests, ["/", "/a", "/b", "/c", "/missing", "/robots.txt", "/sitemap.xml"]);
}

#[tokio::test]
async fn robots_txt_is_obeyed_and_its_gzipped_sitemap_index_followed() {
    let site = Site::start(|request| {
        let host = request.headers()["host"].to_str().unwrap();
        match request.uri().path() {
            "/robots.txt" => {
                typed("text/plain", format!("User-agent: *\nDisallow: /private\nSitemap: http://{host}/index.xml\n"))
            }
            "/index.xml" => typed(
                "application/xml",
                format!("<sitemapindex><sitemap><loc>http://{host}/one.xml.gz</loc></sitemap></sitemapindex>"),
            ),
            "/one.xml.gz" => {
                let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
                write!(gzip, "<urlset><url><loc>http://{host}/hidden</loc></url>").unwrap();
                write!(gzip, "<url><loc>http://{host}/private/x</loc></url></urlset>").unwrap();
                typed("application/gzip", gzip.finish().unwrap())
            }
            "/" => page(&article("home", &["/private/y"])),
            "/hidden" => page(&article("hidden", &[])),
            other => page(&article(other, &[])),
        }
    })
    .await;
    let outcome = site.crawl(request(site.url("/"))).await;
    assert_eq!(outcome.pages(), ["/", "/hidden"]);
    assert!(!site.requests().iter().any(|path| path.starts_with("/private")));
    assert!(outcome.summary.complete, "what robots.txt hides does not belong to the site");
}

/// An index that lists itself and a thousand files more, each of which does the same.
fn endless_index(host: &str, path: &str) -> String {
    let files = (0..1_000).map(|n| format!("<sitemap><loc>http://{host}{path}/{n}</loc></sitemap>"));
    format!(
        "<sitemapindex><sitemap><loc>http://{host}{path}</loc></sitemap>{}</sitemapindex>",
        files.collect::<String>()
    )
}

#[tokio::test]
async fn an_index_without_end_is_read_for_fifty_files_each_once_and_the_crawl_knows_that_it_is_not_through() {
    let site = Site::start(|request| {
        let host = request.headers()["host"].to_str().unwrap();
        match request.uri().path() {
            "/" => page(&article("home", &[])),
            path if path.starts_with("/sitemap.xml") => typed("application/xml", endless_index(host, path)),
            _ => status(404),
        }
    })
    .await;
    let outcome = site.crawl(request(site.url("/"))).await;
    let mut files: Vec<String> = site.requests().into_iter().filter(|path| path.starts_with("/sitemap.xml")).collect();
    assert_eq!(files.len(), 50);
    files.sort();
    files.dedup();
    assert_eq!(files.len(), 50);
    assert_eq!(outcome.pages(), ["/"]);
    assert!(!outcome.summary.complete, "pages of the files that were not read must not be taken for gone");
}

#[tokio::test]
async fn a_site_whose_robots_txt_fails_is_left_alone() {
    let site =
        Site::start(|request| if request.uri().path() == "/robots.txt" { status(500) } else { page("<p>x") }).await;
    let outcome = site.crawl(request(site.url("/"))).await;
    assert!(outcome.summary.error.unwrap().to_string().contains("robots.txt"));
    assert_eq!(site.requests(), ["/robots.txt"]);
}

#[tokio::test]
async fn redirects_are_followed_within_the_site_and_loops_end() {
    let site = Site::start(|request| match request.uri().path() {
        "/" => page(&article("home", &["/old", "/loop1", "/away"])),
        "/old" => redirect("/new"),
        "/new" => page(&article("new", &[])),
        "/loop1" => redirect("/loop2"),
        "/loop2" => redirect("/loop1"),
        "/away" => redirect("http://10.0.0.1/admin"),
        _ => status(404),
    })
    .await;
    let outcome = site.crawl(request(site.url("/"))).await;
    assert_eq!(outcome.pages(), ["/", "/new"]);
    assert!(outcome.left_out().contains(&("/away".to_owned(), "it leads to http://10.0.0.1/admin".to_owned())));
    assert!(outcome.summary.complete);
}

#[tokio::test]
async fn a_start_page_on_another_host_moves_the_crawl_there_unless_that_is_private() {
    let target = Site::of_pages(&[("/", &article("target", &["/a"])), ("/a", &article("a", &[]))]).await;
    let port = target.address.port();
    let start = Site::start(move |_| redirect(&format!("http://127.0.0.1:{port}/"))).await;

    let refused = start.crawl(request(start.url("/"))).await;
    assert!(refused.summary.error.unwrap().to_string().contains("private address (127.0.0.1)"));
    assert_eq!(target.requests(), [] as [&str; 0], "the private host was asked nothing");

    let mut options = start.options();
    options.http.allow_private = omniops_crawler::AllowList::new(["127.0.0.1"]);
    let allowed = Outcome::of(&Crawler::new(options).unwrap(), request(start.url("/x"))).await;
    assert_eq!(allowed.pages(), ["/", "/a"]);
}

#[tokio::test]
async fn a_private_start_is_refused_without_a_connection() {
    let site = Site::of_pages(&[("/", "<p>secret")]).await;
    let crawler = Crawler::new(CrawlerOptions::default()).unwrap();
    let spellings = [
        site.url("/").to_string(),
        format!("http://localhost:{}/", site.address.port()),
        format!("http://2130706433:{}/", site.address.port()),
        format!("http://[::ffff:127.0.0.1]:{}/", site.address.port()),
    ];
    for start in spellings {
        let outcome = Outcome::of(&crawler, request(start.parse().unwrap())).await;
        assert!(outcome.summary.error.unwrap().to_string().contains("private address"), "{start}");
    }
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn an_endless_body_is_cut_and_what_came_is_kept() {
    let site = Site::start(|request| {
        if request.uri().path() != "/" {
            return status(404);
        }
        let head = Bytes::from(article("endless", &[]));
        let filler = Bytes::from(format!("<p>{}</p>", "again and ".repeat(1000)));
        let body = futures::stream::once(async move { head }).chain(futures::stream::repeat(filler));
        typed("text/html", Body::from_stream(body.map(Ok::<_, std::convert::Infallible>)))
    })
    .await;
    let mut options = site.options();
    options.max_page_bytes = 200_000;
    let outcome = Outcome::of(&Crawler::new(options).unwrap(), request(site.url("/"))).await;
    let [Crawled::Page(page), ..] = outcome.events.as_slice() else { panic!("{outcome:?}") };
    assert!(page.truncated);
    assert_eq!(page.document.title, "endless");
}

#[tokio::test]
async fn a_compression_bomb_is_cut_at_its_decoded_size() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(b"<title>bomb</title><p>tick").unwrap();
    for _ in 0..64 {
        gzip.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = Bytes::from(gzip.finish().unwrap());
    assert!(bomb.len() < 100_000);
    let site = Site::start(move |_| {
        Response::builder()
            .header(header::CONTENT_TYPE, "text/html")
            .header(header::CONTENT_ENCODING, "gzip")
            .body(Body::from(bomb.clone()))
            .unwrap()
    })
    .await;
    assert!(site.page("/").await.truncated);
}

#[tokio::test]
async fn a_server_that_never_finishes_costs_its_timeout_and_no_more() {
    let site = Site::start(|request| match request.uri().path() {
        "/" => page(&article("home", &["/slow", "/fast"])),
        "/slow" => {
            let body = futures::stream::once(async { Ok::<_, std::convert::Infallible>(Bytes::from("<p>wait")) });
            typed("text/html", Body::from_stream(body.chain(futures::stream::pending())))
        }
        "/fast" => page(&article("fast", &[])),
        _ => status(404),
    })
    .await;
    let mut options = site.options();
    options.http.timeout = Duration::from_millis(500);
    let started = Instant::now();
    let outcome = Outcome::of(&Crawler::new(options).unwrap(), request(site.url("/"))).await;
    assert!(started.elapsed() < Duration::from_secs(4));
    assert_eq!(outcome.pages(), ["/", "/fast"]);
    assert_eq!(outcome.left_out()[0].0, "/slow");
    assert!(!outcome.summary.complete, "the slow page may be there another time");
}

#[tokio::test]
async fn an_overloaded_server_is_asked_again() {
    let site = Site::start(|request| if request.uri().path() == "/" { status(503) } else { status(404) }).await;
    let outcome = site.crawl(request(site.url("/"))).await;
    assert!(outcome.summary.error.unwrap().to_string().contains("503"));
    assert_eq!(site.requests().iter().filter(|path| *path == "/").count(), 3);
}

#[tokio::test]
async fn a_page_in_another_charset_is_read_by_what_it_declares() {
    let site = Site::start(|request| match request.uri().path() {
        "/header" => typed("text/html; charset=iso-8859-1", &b"<title>Gr\xf6\xdfen</title><p>Gr\xf6\xdfen"[..]),
        "/wrong" => typed("text/html; charset=utf-8", &b"<title>x</title><p>Gr\xf6\xdfen sind da"[..]),
        _ => typed("text/html", &b"<meta charset=windows-1251><title>x</title><p>\xcf\xf0\xe8\xe2\xe5\xf2"[..]),
    })
    .await;
    let text = async |path: &str| site.page(path).await.document.blocks[0].text.clone();
    assert_eq!(text("/header").await, "Größen");
    assert_eq!(text("/meta").await, "Привет");
    assert_eq!(text("/wrong").await, "Gr\u{fffd}\u{fffd}en sind da", "a lie costs letters, not the page");
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again_and_its_links_still_lead_on() {
    let site = Site::start(|request| {
        let html = match request.uri().path() {
            "/" => article("home", &["/a"]),
            "/a" => article("a", &["/b"]),
            "/b" => article("b", &[]),
            _ => return status(404),
        };
        let etag = format!("\"{}\"", request.uri().path());
        if request.headers().get(header::IF_NONE_MATCH).is_some_and(|value| *value == *etag) {
            return status(304);
        }
        let mut response = page(&html);
        response.headers_mut().insert(header::ETAG, etag.parse().unwrap());
        response
    })
    .await;
    let first = site.crawl(request(site.url("/"))).await;
    let known: HashMap<_, _> = first
        .events
        .iter()
        .filter_map(|event| match event {
            Crawled::Page(page) => Some((
                page.url.clone(),
                Known {
                    validators: page.validators.clone(),
                    content_hash: Some(page.content_hash),
                    links: page.document.links.clone(),
                },
            )),
            _ => None,
        })
        .collect();
    assert_eq!(known.len(), 3);
    let mut again = request(site.url("/"));
    again.known = known;
    let second = site.crawl(again).await;
    assert_eq!(second.not_modified(), ["/", "/a", "/b"]);
    assert!(second.pages().is_empty() && second.summary.complete);
}

#[tokio::test]
async fn an_endless_calendar_ends_at_the_limits() {
    let site = Site::start(|request| {
        let uri = request.uri();
        match uri.path() {
            "/robots.txt" | "/sitemap.xml" => status(404),
            path if path.starts_with("/deep") => page(&article(path, &[&format!("{path}/{}", path.len())])),
            _ => {
                let day: u64 = uri.query().and_then(|query| query.strip_prefix("day=")?.parse().ok()).unwrap_or(0);
                let next = [format!("/?day={}", day * 2 + 1), format!("/?day={}", day * 2 + 2), "/deep".to_owned()];
                page(&article(&format!("day {day}"), &next.each_ref().map(String::as_str)))
            }
        }
    })
    .await;
    let mut limits = request(site.url("/"));
    limits.max_pages = 1_000;
    limits.max_depth = 40;
    let outcome = site.crawl(limits).await;
    assert!(outcome.pages().len() < 120, "{} pages of a calendar", outcome.pages().len());
    assert!(!outcome.summary.complete);
}

#[tokio::test]
async fn page_and_depth_limits_hold() {
    let site = Site::start(|request| match request.uri().path().trim_matches('/').parse::<u32>() {
        Ok(number) => page(&article(&format!("page {number}"), &[&format!("/{}", number + 1)])),
        Err(_) => status(404),
    })
    .await;
    let mut few = request(site.url("/1"));
    few.max_pages = 3;
    assert_eq!(site.crawl(few).await.pages().len(), 3);
    let mut near = request(site.url("/1"));
    near.max_depth = 1;
    let near = site.crawl(near).await;
    assert_eq!(near.pages(), ["/1", "/2"]);
    assert!(!near.summary.complete);
    let mut single = request(site.url("/1"));
    single.max_depth = 0;
    assert_eq!(site.crawl(single).await.pages(), ["/1"]);
}

#[tokio::test]
async fn include_and_exclude_decide_what_is_fetched() {
    let site = Site::of_pages(&[
        ("/", &article("home", &["/help/a", "/help/print/a", "/blog"])),
        ("/help/a", &article("a", &[])),
        ("/help/print/a", &article("print", &[])),
        ("/blog", &article("blog", &[])),
    ])
    .await;
    let mut only_help = request(site.url("/"));
    only_help.include = vec!["/help".to_owned()];
    only_help.exclude = vec!["*/print/*".to_owned()];
    assert_eq!(site.crawl(only_help).await.pages(), ["/", "/help/a"]);
}

#[tokio::test]
async fn copies_and_canonical_addresses_are_one_page() {
    let site = Site::of_pages(&[
        ("/", &article("home", &["/shoe?color=red", "/copy", "/original", "/wrong"])),
        ("/shoe", "<link rel=canonical href=/shoe><title>shoe</title><p>A shoe for every day and every weather."),
        ("/original", "<title>t</title><p>The same words on two pages."),
        ("/copy", "<title>t</title><p>The same words on two pages."),
        ("/wrong", "<link rel=canonical href=/><title>w</title><p>Names the home page, as all pages of some shops do."),
    ])
    .await;
    let outcome = site.crawl(request(site.url("/"))).await;
    assert_eq!(outcome.pages(), ["/", "/shoe", "/copy", "/wrong"]);
    assert!(outcome.left_out()[0].1.ends_with("/copy"), "{:?}", outcome.left_out());
}

#[tokio::test]
async fn pages_that_ask_not_to_be_indexed_and_files_are_left_out() {
    let site = Site::start(|request| match request.uri().path() {
        "/" => page(&article("home", &["/meta", "/header", "/file", "/nothing"])),
        "/meta" => page("<meta name=robots content=noindex><p>Not for you.<a href=/behind>on</a>"),
        "/behind" => page(&article("behind", &[])),
        "/header" => {
            let mut response = page("<p>Not for you.");
            response.headers_mut().insert("x-robots-tag", "noindex, nofollow".parse().unwrap());
            response
        }
        "/file" => typed("application/pdf", "%PDF"),
        "/nothing" => page("<title>empty</title>"),
        _ => status(404),
    })
    .await;
    let outcome = site.crawl(request(site.url("/"))).await;
    assert_eq!(outcome.pages(), ["/", "/behind"]);
    assert_eq!(outcome.left_out().len(), 4, "{:?}", outcome.left_out());
    assert!(outcome.summary.complete);
}

#[tokio::test]
async fn a_dropped_crawl_stops_asking() {
    let site = Site::start(|request| match request.uri().path().trim_matches('/').parse::<u32>() {
        Ok(number) => page(&article(&format!("page {number}"), &[&format!("/{}", number + 1)])),
        Err(_) => status(404),
    })
    .await;
    let mut endless = request(site.url("/1"));
    (endless.max_pages, endless.max_depth) = (1_000_000, 1_000_000);
    let mut crawl = site.crawler().crawl(endless);
    while site.requests().len() < 20 {
        crawl.next().await.unwrap();
    }
    drop(crawl);
    // A request that was on its way may still arrive; then there is silence.
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let before = site.requests().len();
        tokio::time::timeout(Duration::from_millis(200), std::future::pending::<()>()).await.unwrap_err();
        if site.requests().len() == before {
            break;
        }
        assert!(Instant::now() < deadline, "the crawl goes on without a listener");
    }
}

#[tokio::test]
async fn a_crawl_delay_keeps_requests_apart() {
    let site = Site::start(|request| match request.uri().path() {
        "/robots.txt" => typed("text/plain", "User-agent: *\nCrawl-delay: 0.3\n"),
        "/" => page(&article("home", &["/a", "/b"])),
        "/sitemap.xml" => status(404),
        path => page(&article(path, &[])),
    })
    .await;
    let started = Instant::now();
    let outcome = site.crawl(request(site.url("/"))).await;
    assert_eq!(outcome.pages().len(), 3);
    assert!(started.elapsed() >= Duration::from_millis(900), "home, sitemap, a and b are four starts");
}
