//! A page is sent when all of it is there; one that is not there in time is rendered once more, and then sent as it comes.
//!
//! The parts of a page wait for each other through Leptos' signals. Once in many thousand renders on a busy machine a part
//! is never told that what it waits for is there, and the page stays open without its end: the visitor sees a skeleton for
//! ever (leptos-rs/leptos#4578 and #4647 tell of the like). Nothing has been sent by then, so the page can be made anew.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;

use super::turns;
use crate::ApiError;

/// Far more than any page takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Renders a page. The second time it is sent as it comes, so that one that is slow and not stuck comes after all.
pub async fn render(request: Request, next: Next) -> Response {
    if *request.method() != Method::GET {
        return turns::render(next.run(request)).await;
    }
    // Nobody reads the body of a GET.
    let (parts, _) = request.into_parts();
    let made = async |next: Next| turns::render(next.run(Request::from_parts(parts.clone(), Body::empty()))).await;
    let whole = async { whole(made(next.clone()).await).await };
    if let Ok(page) = tokio::time::timeout(PATIENCE, whole).await {
        return page;
    }
    metrics::counter!("omniops_pages_stalled_total").increment(1);
    tracing::warn!(path = parts.uri.path(), "a page stood still while it was rendered, and is rendered again");
    made(next).await
}

async fn whole(page: Response) -> Response {
    let (parts, body) = page.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(html) => Response::from_parts(parts, Body::from(html)),
        Err(error) => ApiError::internal(error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::Bytes;
    use axum::routing::any;
    use axum::{Router, middleware};
    use futures::{StreamExt, stream};
    use tower::ServiceExt;

    use super::*;

    /// Answers the first `stalled` requests with half a page that never ends; gives how often it was asked.
    fn router(stalled: usize) -> (Router, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let page = any(async move || {
            let half = stream::iter([Ok::<_, axum::Error>(Bytes::from("half "))]);
            if count.fetch_add(1, Ordering::SeqCst) < stalled {
                Body::from_stream(half.chain(stream::pending()))
            } else {
                Body::from_stream(half.chain(stream::iter([Ok(Bytes::from("and half"))])))
            }
        });
        (Router::new().route("/", page).layer(middleware::from_fn(render)), asked)
    }

    async fn answer(router: Router, method: Method) -> String {
        let request = Request::builder().method(method).uri("/").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        String::from_utf8(to_bytes(response.into_body(), 100).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_stands_still_is_rendered_again() {
        for (stalled, times) in [(0, 1), (1, 2)] {
            let (router, asked) = router(stalled);
            assert_eq!(answer(router, Method::GET).await, "half and half");
            assert_eq!(asked.load(Ordering::SeqCst), times);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_change_something_is_done_once() {
        let (router, asked) = router(1);
        let answer = tokio::time::timeout(PATIENCE * 10, answer(router, Method::POST)).await;
        assert!(answer.is_err());
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}
