//! Everything that happens around every handler, as one service.
//!
//! axum boxes each layer of a route, and for every request copies it with all the layers below. As layers of their own
//! these steps cost more than the handlers inside.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use tower::{Layer, Service, ServiceExt};
use tracing::Instrument;

use super::body::{self, refuse_unread};
use super::client_ip::TrustedProxies;
use super::load::Room;
use super::request_id::RequestId;
use super::trace::{Observed, Requests};
use super::{compression, limited, panic, security};
use crate::AppState;
use crate::limits::{self, Limits};

/// Puts a service into the middle of all that.
#[derive(Clone, Debug)]
pub struct AroundLayer(Arc<Around>);

#[derive(Debug)]
struct Around {
    proxies: TrustedProxies,
    limits: Arc<Limits>,
    longest_read: Duration,
    room: Room,
    production: bool,
    requests: Requests,
}

impl AroundLayer {
    pub fn new(state: &AppState) -> Self {
        let http = &state.config.http;
        Self(Arc::new(Around {
            proxies: TrustedProxies::new(&http.trusted_proxies),
            limits: state.limits.clone(),
            longest_read: http.read_timeout,
            room: Room::new(http.max_in_flight),
            production: state.domain.settings.production,
            requests: Requests::default(),
        }))
    }
}

impl<S> Layer<S> for AroundLayer {
    type Service = AroundService<S>;

    fn layer(&self, inner: S) -> AroundService<S> {
        AroundService { around: self.0.clone(), inner: Arc::new(inner) }
    }
}

/// A service with everything around it. A clone is two pointers.
#[derive(Debug)]
pub struct AroundService<S> {
    around: Arc<Around>,
    inner: Arc<S>,
}

impl<S> Clone for AroundService<S> {
    fn clone(&self) -> Self {
        Self { around: self.around.clone(), inner: self.inner.clone() }
    }
}

impl<S> Service<Request> for AroundService<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    /// Always: there may be no room for a request, which it is then told.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Self { around, inner } = self.clone();
        Box::pin(async move { Ok(around.answer(request, &*inner).await) })
    }
}

impl Around {
    /// Names the request, observes it, and writes what every reply has.
    async fn answer<S>(&self, mut request: Request, inner: &S) -> Response
    where
        S: Service<Request, Response = Response, Error = Infallible> + Clone,
    {
        let id = RequestId::of(request.headers());
        request.extensions_mut().insert(id.clone());
        if let Some(client) = self.proxies.client_of(&request) {
            request.extensions_mut().insert(client);
        }
        let observed = Observed::begin(&request, &id);
        let work = limits::announce(panic::catch(self.work(request, inner)));
        let mut response = id.scope(work.instrument(observed.span.clone())).await;
        security::defaults(response.headers_mut(), self.production);
        observed.end(response.status(), &self.requests);
        id.write(response.headers_mut());
        response
    }

    /// Counts the request, reads it whole, finds a place for it, and compresses what comes out.
    async fn work<S>(&self, request: Request, inner: &S) -> Response
    where
        S: Service<Request, Response = Response, Error = Infallible> + Clone,
    {
        let has_body = body::is_expected(&request);
        let accepted = compression::Accepted::of(request.headers());
        let request = match self.read(request).await {
            Ok(request) => request,
            Err(error) if has_body => return refuse_unread(error),
            Err(error) => return error.into_response(),
        };
        let response = self.room.work(async {
            match inner.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        });
        compression::compress(accepted, response.await).await
    }

    async fn read(&self, request: Request) -> crate::ApiResult<Request> {
        limited::by_address(&self.limits, &request)?;
        body::read(request, self.longest_read).await
    }
}
