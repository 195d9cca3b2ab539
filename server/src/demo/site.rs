//! The demo store at `/demo`: the static pages of `end2end/store`, carried in the binary.

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use include_dir::{Dir, include_dir};

static PAGES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../end2end/store");

/// Stands in the pages where the widget's domain belongs.
const DOMAIN_MARK: &str = "__OMNIOPS_DOMAIN__";

/// The store's routes. `domain` is the host under which the demo tenant's widget is registered.
pub fn routes(domain: String) -> Router {
    Router::new()
        .route("/demo", get(|| async { Redirect::permanent("/demo/") }))
        .route("/demo/", get(|state: State<String>| page(state, Path("index.html".to_owned()))))
        .route("/demo/{*file}", get(page))
        .with_state(domain)
}

async fn page(State(domain): State<String>, Path(file): Path<String>) -> Response {
    let Some(found) = PAGES.get_file(&file) else {
        return (StatusCode::NOT_FOUND, "there is no such page in the demo store").into_response();
    };
    let content_type = content_type(&file);
    let caching = (header::CACHE_CONTROL, "no-cache");
    match found.contents_utf8() {
        Some(text) if text.contains(DOMAIN_MARK) => {
            ([(header::CONTENT_TYPE, content_type), caching], text.replace(DOMAIN_MARK, &domain)).into_response()
        }
        _ => ([(header::CONTENT_TYPE, content_type), caching], found.contents()).into_response(),
    }
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_has_about_twenty_five_pages_and_each_carries_the_widget() {
        let pages: Vec<_> =
            PAGES.files().filter(|file| file.path().extension().is_some_and(|extension| extension == "html")).collect();
        assert!(pages.len() >= 25, "{} pages", pages.len());
        for page in pages {
            let text = page.contents_utf8().unwrap();
            assert!(text.contains(&format!("/embed.js?domain={DOMAIN_MARK}")), "{}", page.path().display());
        }
    }
}
