//! Pages that are rendered once and kept.
//!
//! The log-in page is the same for everybody who is not signed in and likes pages in the same way, but for the nonce of
//! its policy, which is never given out twice. The process serves one build for as long as it lives, so nothing that is
//! kept grows old.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use leptos::nonce::Nonce;
use omniops_app::i18n::Locale;
use omniops_app::ssr::RequestContext;
use omniops_app::state::session::Theme;

use crate::ApiError;
use crate::middleware::security;

const PATH: &str = "/login";

/// Everything that the kept page depends on: a new field of the page's bootstrap belongs here too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Look {
    locale: Locale,
    theme: Theme,
    rail_collapsed: bool,
}

impl Look {
    /// Nothing for a request whose page says more: why a log-in failed, where it leads, or who is signed in.
    fn of(request: &Request) -> Option<Self> {
        let context = request.extensions().get::<RequestContext>()?;
        let (method, uri) = (request.method(), request.uri());
        let is_plain = *method == Method::GET && uri.path() == PATH && uri.query().is_none();
        (is_plain && context.session.is_none()).then_some(Self {
            locale: context.locale,
            theme: context.theme,
            rail_collapsed: context.rail_collapsed,
        })
    }
}

/// The pages, one for each look.
#[derive(Debug, Default)]
pub struct KeptPages(RwLock<HashMap<Look, Arc<Page>>>);

#[derive(Debug)]
struct Page {
    headers: HeaderMap,
    /// Between each two stands the nonce.
    pieces: Vec<String>,
}

impl KeptPages {
    /// The kept page where there is one for this request, else what is rendered.
    pub async fn answer(&self, request: Request, next: Next) -> Response {
        let Some(look) = Look::of(&request) else { return next.run(request).await };
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&look).cloned();
        match kept {
            Some(page) => page.with(&Nonce::new()),
            None => self.keep(look, next.run(request).await).await,
        }
    }

    async fn keep(&self, look: Look, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let html = match to_bytes(body, usize::MAX).await {
            Ok(html) => html,
            Err(error) => return ApiError::internal(error).into_response(),
        };
        if parts.status == StatusCode::OK
            && let Some(page) = Page::of(&parts.headers, &html)
        {
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(look, Arc::new(page));
        }
        Response::from_parts(parts, Body::from(html))
    }
}

impl Page {
    /// Nothing where the page has no nonce that could be replaced.
    fn of(headers: &HeaderMap, html: &[u8]) -> Option<Self> {
        let policy = headers.get(header::CONTENT_SECURITY_POLICY)?.to_str().ok()?;
        let (nonce, _) = policy.split_once("'nonce-")?.1.split_once('\'')?;
        let pieces = std::str::from_utf8(html).ok()?.split(nonce).map(str::to_owned).collect();
        Some(Self { headers: headers.clone(), pieces })
    }

    fn with(&self, nonce: &Nonce) -> Response {
        let mut headers = self.headers.clone();
        match HeaderValue::from_str(&security::page_policy(Some(nonce))) {
            Ok(policy) => headers.insert(header::CONTENT_SECURITY_POLICY, policy),
            Err(error) => return ApiError::internal(error).into_response(),
        };
        (headers, self.pieces.join(nonce)).into_response()
    }
}
