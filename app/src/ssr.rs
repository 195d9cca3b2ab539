//! How pages and server functions reach the business on the server.
//!
//! The host builds one [`RequestContext`] a request, for server rendering and for `/rpc` alike, and hands it over with
//! [`provide`]. A server function asks for [`authenticated`] and calls its service; nothing here knows SQL or HTTP routes.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use omniops_domain::accounts::RequestMeta;
use omniops_domain::{Domain, Error, Principal, chain};
use omniops_types::{ErrorCode, Me};
use server_fn::ServerFn;
use server_fn::error::ServerFnErrorErr;

use crate::error::AppError;
use crate::i18n::{LOCALE_COOKIE, Locale};
use crate::rpc::auth::{Login, Logout};
use crate::state::session::{Bootstrap, RAIL_COOKIE, THEME_COOKIE, Theme};

/// A proven log-in.
#[derive(Clone)]
pub struct Session {
    pub principal: Principal,
    pub me: Me,
    /// The secret in the cookie.
    pub token: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("principal", &self.principal).finish_non_exhaustive()
    }
}

/// What one request brings: the business, who asks, and how they like their pages.
#[derive(Clone, Debug)]
pub struct RequestContext {
    pub domain: Domain,
    pub session: Option<Session>,
    pub request_id: String,
    pub locale: Locale,
    pub theme: Theme,
    pub rail_collapsed: bool,
    pub production: bool,
    /// Address and user agent, for log-in limits and the session list.
    pub meta: RequestMeta,
}

impl RequestContext {
    /// Reads the preferences from the cookies and from `Accept-Language`.
    pub fn new(
        domain: Domain,
        session: Option<Session>,
        request_id: String,
        headers: &HeaderMap,
        meta: RequestMeta,
    ) -> Self {
        let locale = cookie(headers, LOCALE_COOKIE).and_then(Locale::from_tag).or_else(|| {
            let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
            Locale::negotiate(accepted)
        });
        Self {
            production: domain.settings.production,
            domain,
            session,
            request_id,
            locale: locale.unwrap_or_default(),
            theme: cookie(headers, THEME_COOKIE).and_then(Theme::parse).unwrap_or_default(),
            rail_collapsed: cookie(headers, RAIL_COOKIE) == Some("collapsed"),
            meta,
        }
    }

    pub(crate) fn bootstrap(&self) -> Bootstrap {
        Bootstrap {
            me: self.session.as_ref().map(|session| session.me.clone()),
            locale: self.locale,
            theme: self.theme,
            rail_collapsed: self.rail_collapsed,
            development: !self.production,
        }
    }

    /// Maps a service's error to what a page may know, and sets the response's status.
    pub(crate) fn fail(&self, error: Error) -> AppError {
        let error = self.told(error);
        set_status(&error);
        error
    }

    /// What a page may know of a service's error; logs what is ours to mend.
    pub(crate) fn told(&self, error: Error) -> AppError {
        let told = AppError(error.detail(self.request_id.clone()));
        if let Some(source) = error.into_source() {
            tracing::error!(request_id = %self.request_id, error = %chain(&*source), "a server function failed");
        }
        told
    }
}

fn set_status(error: &AppError) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let status = StatusCode::from_u16(error.code().status());
    response.set_status(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    if let Some(seconds) = error.0.retry_after {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// What a caller is told when a server function did not run, or could not say what came of it. The framework's own words
/// are for the log: they tell about types of ours.
pub(crate) fn not_run(code: ErrorCode, why: &ServerFnErrorErr) -> AppError {
    let context = use_context::<RequestContext>();
    if let Some(context) = &context
        && context.session.is_none()
        && !takes_anybody()
    {
        // The function would have said so, had its arguments been readable: who is nobody learns nothing about them.
        return context.fail(Error::Unauthenticated);
    }
    let message = match code {
        ErrorCode::Malformed => "the arguments are not those that this function takes",
        ErrorCode::MethodNotAllowed => "this address does not take that method",
        _ => "something went wrong on our side",
    };
    let mut error = AppError::local(code, message);
    error.0.request_id = context.map(|context| context.request_id).unwrap_or_default();
    match code {
        ErrorCode::Internal => tracing::error!(request_id = %error.0.request_id, %why, "a server function failed"),
        _ => tracing::debug!(request_id = %error.0.request_id, %why, "a server function was not run"),
    }
    set_status(&error);
    error
}

/// Whether the function that is called begins or ends a session.
fn takes_anybody() -> bool {
    let path = use_context::<Parts>().map(|parts| parts.uri.path().to_owned());
    path.is_some_and(|path| [Login::PATH, Logout::PATH].contains(&path.as_str()))
}

/// Makes the request's context known to pages and server functions. Call it inside leptos' additional context.
pub fn provide(context: RequestContext) {
    provide_context(context);
}

/// The request's context. Missing only when the host forgot [`provide`].
pub(crate) fn request() -> Result<RequestContext, AppError> {
    use_context().ok_or_else(|| AppError::local(ErrorCode::Internal, "no request context was provided"))
}

/// The context and the proven caller.
pub(crate) fn authenticated() -> Result<(RequestContext, Session), AppError> {
    let context = request()?;
    match context.session.clone() {
        Some(session) => Ok((context, session)),
        None => Err(context.fail(Error::Unauthenticated)),
    }
}

/// Whether the browser itself asks (a form without script), so that it wants a page and not data.
pub(crate) fn wants_page() -> bool {
    let accept = use_context::<Parts>().and_then(|parts| parts.headers.get(header::ACCEPT).cloned());
    accept.is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")))
}

/// Hands the browser a cookie, and keeps the reply out of every cache.
pub(crate) fn set_cookie(cookie: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.append_header(header::SET_COOKIE, value);
    }
    response.insert_header(HeaderName::from_static("cache-control"), HeaderValue::from_static("no-store"));
}

/// The value of a cookie of the request.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_not_by_half_its_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; xomniops_theme=light; omniops_theme=dark"));
        assert_eq!(cookie(&headers, THEME_COOKIE), Some("dark"));
        assert_eq!(cookie(&headers, "theme"), None);
    }
}
