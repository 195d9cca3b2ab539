//! `GET /api/dashboard/events`: everything that happens at a tenant, as it happens, for its team.

use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event as SseEvent;
use futures::future::BoxFuture;
use http::HeaderMap;
use omniops_domain::{Domain, Principal, accounts};
use omniops_postgres::HubItem;
use omniops_types::{ErrorBody, Permission};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::live::{Feed, Live, holds, position};
use crate::extract::{Credential, Meta, Query, Signed, credential};
use crate::limits::Audience;
use crate::{ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(events))
}

#[derive(Debug, Deserialize, IntoParams)]
struct EventsQuery {
    /// Begin with what came after this event; without it, with what comes from now on.
    after: Option<i64>,
}

/// The tenant's events, live
///
/// Server-sent events. `event` carries an entry of the log; its `id` is the entry's number, which `Last-Event-ID` (or
/// `after`) resumes from without a gap. `signal` carries what is not in the log, such as typing. `heartbeat` comes every
/// fifteen seconds and names the newest number.
#[utoipa::path(
    get, path = "/api/dashboard/events", tag = "events", operation_id = "dashboardEvents", params(EventsQuery),
    responses(
        (status = 200, content_type = "text/event-stream", body = omniops_types::Event),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 429, body = ErrorBody, description = "Too many open streams; see Retry-After"),
    )
)]
async fn events(
    State(state): State<AppState>,
    Signed(principal): Signed,
    Meta(meta): Meta,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    principal.require(Permission::ConversationsRead)?;
    let place = state.limits.streams.enter(Audience::Agents, meta.ip, principal.tenant_id)?;
    let position = position(&state.domain, principal.tenant_id, &headers, query.after).await?;
    let subscription = omniops_domain::events::subscribe(&state.domain, &principal, position).await?;
    let credential = credential(&headers, state.domain.settings.production);
    let feed = AgentFeed { domain: state.domain.clone(), principal, credential };
    let recheck = state.config.limits.stream_recheck;
    Ok(Live { feed, subscription, position, place, stopping: state.stopping.clone(), recheck }.into_response())
}

/// Passes everything on, for as long as the credential holds and stands for the same tenant.
struct AgentFeed {
    domain: Domain,
    principal: Principal,
    credential: Option<Credential>,
}

impl Feed for AgentFeed {
    fn translate(&self, item: &HubItem) -> Option<(Option<i64>, SseEvent)> {
        match item {
            HubItem::Event(event) => {
                let json = serde_json::to_string(&**event).ok()?;
                Some((Some(event.seq), SseEvent::default().event("event").data(json)))
            }
            HubItem::Signal(signal) => {
                let json = serde_json::to_string(&**signal).ok()?;
                Some((None, SseEvent::default().event("signal").data(json)))
            }
        }
    }

    fn still_allowed(&self) -> BoxFuture<'_, bool> {
        Box::pin(async {
            let now = match &self.credential {
                Some(Credential::Session(token)) => accounts::principal_of_session(&self.domain, token).await,
                Some(Credential::ApiKey(key)) => accounts::authenticate_api_key(&self.domain, key).await,
                None => return false,
            };
            holds(now.map(|now| {
                now.tenant_id == self.principal.tenant_id && now.require(Permission::ConversationsRead).is_ok()
            }))
        })
    }
}
