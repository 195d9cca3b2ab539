//! `GET /api/widget/events`: what happens in a visitor's own conversations.

use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use futures::future::BoxFuture;
use http::HeaderMap;
use omniops_domain::Domain;
use omniops_domain::accounts::RequestMeta;
use omniops_domain::chat;
use omniops_domain::widget::{self, Visitor, VisitorFilter};
use omniops_postgres::HubItem;
use omniops_types::{ErrorBody, VisitorEvent};
use serde::Deserialize;
use tracing::Instrument;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::counted_site;
use crate::extract::{Meta, Query};
use crate::limits::Audience;
use crate::routes::live::{Feed, Live, holds, position};
use crate::{ApiResult, AppState};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(events))
}

#[derive(Debug, Deserialize, IntoParams)]
struct EventsQuery {
    domain: String,
    session_id: String,
    /// Begin with what came after this event; without it, with what comes from now on.
    after: Option<i64>,
}

/// A visitor's events, live
///
/// Server-sent events: `message`, `conversation` and `typing` of the visitor's own conversations. `heartbeat` comes every
/// fifteen seconds; its `id` moves on even when nothing happens to this visitor, so that a resume is never far back.
#[utoipa::path(
    get, path = "/api/widget/events", tag = "widget", operation_id = "widgetEvents", params(EventsQuery),
    responses(
        (status = 200, content_type = "text/event-stream", body = VisitorEvent),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody, description = "No such session"),
        (status = 429, body = ErrorBody, description = "Too many open streams; see Retry-After"),
    ),
    security(())
)]
async fn events(
    State(state): State<AppState>,
    Meta(meta): Meta,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    counted_site(&state, &query.domain).await?;
    let domain = &state.domain;
    let visitor = widget::visitor(domain, &query.domain, &query.session_id, &meta).await?;
    let tenant = visitor.site.tenant_id;
    let place = state.limits.streams.enter(Audience::Visitors, meta.ip, tenant)?;
    let position = position(domain, tenant, &headers, query.after).await?;
    let (filter, subscription) = VisitorFilter::subscribe(domain, &visitor, Some(position)).await?;
    let presence = Presence::begin(domain.clone(), visitor);
    let feed = VisitorFeed { filter, presence, session_id: query.session_id, meta };
    let recheck = state.config.limits.stream_recheck;
    Ok(Live { feed, subscription, position, place, stopping: state.stopping.clone(), recheck }.into_response())
}

struct VisitorFeed {
    filter: VisitorFilter,
    presence: Presence,
    session_id: String,
    meta: RequestMeta,
}

impl Feed for VisitorFeed {
    fn translate(&self, item: &HubItem) -> Option<(Option<i64>, Event)> {
        let (seq, event) = self.filter.translate(item)?;
        let name = match &event {
            VisitorEvent::Message { .. } => "message",
            VisitorEvent::Conversation { .. } => "conversation",
            VisitorEvent::Typing { .. } => "typing",
        };
        let json = serde_json::to_string(&event).ok()?;
        Some((seq, Event::default().event(name).data(json)))
    }

    fn passed(&self) -> i64 {
        self.filter.passed()
    }

    /// While the session, the domain and the origin's permission are there, and all are the same visitor's.
    fn still_allowed(&self) -> BoxFuture<'_, bool> {
        Box::pin(async {
            let Presence { domain, visitor } = &self.presence;
            let now = widget::visitor(domain, &visitor.site.host, &self.session_id, &self.meta).await;
            holds(now.map(|now| now.customer_id == visitor.customer_id && now.site.tenant_id == visitor.site.tenant_id))
        })
    }
}

/// Tells the team that the visitor is there, and that they left when the stream ends. Who was gone before they were
/// answered is answered now.
struct Presence {
    domain: Domain,
    visitor: Visitor,
}

impl Presence {
    fn begin(domain: Domain, visitor: Visitor) -> Self {
        let this = Self { domain, visitor };
        this.tell(true);
        this
    }

    fn tell(&self, online: bool) {
        let (domain, visitor) = (self.domain.clone(), self.visitor.clone());
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let telling = async move {
            if let Err(error) = widget::presence(&domain, &visitor, online).await {
                tracing::debug!(%error, "a visitor's presence was not told");
            }
            if online && let Err(error) = chat::welcome_back(&domain, &visitor).await {
                tracing::warn!(%error, "who came back is not answered yet");
            }
        };
        runtime.spawn(telling.in_current_span());
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.tell(false);
    }
}
