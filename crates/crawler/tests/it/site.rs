//! A site on loopback that a test scripts.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use omniops_crawler::{
    AllowList, CrawlRequest, CrawlSummary, Crawled, CrawledPage, Crawler, CrawlerOptions, HttpOptions,
};
use url::Url;

pub type Handler = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

#[derive(Clone)]
pub struct Site {
    pub address: SocketAddr,
    handler: Handler,
    /// Path and query of every request, in order.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub async fn start(handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site =
            Self { address: listener.local_addr().unwrap(), handler: Arc::new(handler), requests: Arc::default() };
        let app = Router::new().fallback(answer).with_state(site.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        site
    }

    /// A site of HTML pages by path; `HOST` in them stands for the site's own address.
    pub async fn of_pages(pages: &[(&str, &str)]) -> Self {
        let pages: HashMap<String, String> =
            pages.iter().map(|(path, html)| ((*path).to_owned(), (*html).to_owned())).collect();
        Self::start(move |request| {
            let host = request.headers()["host"].to_str().unwrap();
            match pages.get(request.uri().path()) {
                Some(html) => page(&html.replace("HOST", host)),
                None => status(404),
            }
        })
        .await
    }

    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// A crawler that may fetch from this site.
    pub fn crawler(&self) -> Crawler {
        Crawler::new(self.options()).unwrap()
    }

    pub fn options(&self) -> CrawlerOptions {
        CrawlerOptions {
            http: HttpOptions {
                allow_private: AllowList::new([self.address.to_string()]),
                timeout: Duration::from_secs(5),
                ..HttpOptions::default()
            },
            retry_delay: Duration::from_millis(1),
            ..CrawlerOptions::default()
        }
    }

    /// Crawls one page and gives it.
    pub async fn page(&self, path: &str) -> CrawledPage {
        let outcome = self.crawl(CrawlRequest { max_depth: 0, ..request(self.url(path)) }).await;
        let page = outcome.events.into_iter().find_map(|event| match event {
            Crawled::Page(page) => Some(*page),
            _ => None,
        });
        page.unwrap()
    }

    pub async fn crawl(&self, request: CrawlRequest) -> Outcome {
        Outcome::of(&self.crawler(), request).await
    }
}

async fn answer(State(site): State<Site>, request: Request) -> Response {
    let target = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    site.requests.lock().unwrap().push(target);
    (site.handler)(&request)
}

pub fn page(html: &str) -> Response {
    typed("text/html; charset=utf-8", html.to_owned())
}

pub fn typed(content_type: &str, body: impl Into<Body>) -> Response {
    Response::builder().header("content-type", content_type).body(body.into()).unwrap()
}

pub fn status(code: u16) -> Response {
    Response::builder().status(code).body(Body::empty()).unwrap()
}

pub fn redirect(to: &str) -> Response {
    Response::builder().status(302).header("location", to).body(Body::empty()).unwrap()
}

/// A page with enough words to count, and links.
pub fn article(title: &str, links: &[&str]) -> String {
    let links: String = links.iter().map(|link| format!("<p><a href=\"{link}\">more about {link}</a></p>")).collect();
    format!("<html lang=en><title>{title}</title><h1>{title}</h1><p>Everything worth knowing about {title}.</p>{links}")
}

pub fn request(start: Url) -> CrawlRequest {
    CrawlRequest {
        start,
        max_pages: 100,
        max_depth: 10,
        include: Vec::new(),
        exclude: Vec::new(),
        known: HashMap::new(),
    }
}

/// Everything that a crawl reported.
#[derive(Debug)]
pub struct Outcome {
    pub events: Vec<Crawled>,
    pub summary: CrawlSummary,
}

impl Outcome {
    pub async fn of(crawler: &Crawler, request: CrawlRequest) -> Self {
        let mut crawl = crawler.crawl(request);
        let mut events = Vec::new();
        while let Some(event) = crawl.next().await {
            events.push(event);
        }
        let Some(Crawled::Finished(summary)) = events.pop() else { panic!("a crawl without an end: {events:?}") };
        Self { events, summary }
    }

    /// Paths of the pages, in order.
    pub fn pages(&self) -> Vec<String> {
        self.paths(|event| match event {
            Crawled::Page(page) => Some(&page.url),
            _ => None,
        })
    }

    pub fn not_modified(&self) -> Vec<String> {
        self.paths(|event| match event {
            Crawled::NotModified { url } => Some(url),
            _ => None,
        })
    }

    pub fn gone(&self) -> Vec<String> {
        self.paths(|event| match event {
            Crawled::Gone { url } => Some(url),
            _ => None,
        })
    }

    /// Path and reason of what was skipped or failed.
    pub fn left_out(&self) -> Vec<(String, String)> {
        let of = |event: &Crawled| match event {
            Crawled::Skipped { url, reason } => Some((target(url), reason.to_string())),
            Crawled::Failed { url, reason } => Some((target(url), reason.clone())),
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }

    fn paths<'a>(&'a self, pick: impl Fn(&'a Crawled) -> Option<&'a Url>) -> Vec<String> {
        self.events.iter().filter_map(pick).map(target).collect()
    }
}

fn target(url: &Url) -> String {
    url[url::Position::BeforePath..].to_owned()
}
