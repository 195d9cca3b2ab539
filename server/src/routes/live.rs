//! One server-sent event stream over one subscription: what agents' and visitors' streams have in common.
//!
//! The stream opens with a heartbeat that names the log's position, so that a client can resume even before the first
//! event, and repeats it every fifteen seconds. A client that falls behind is cut by the hub and resumes from the log.
//! Whether the caller still may listen is looked at again and again, however much there is to tell.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use futures::stream;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use omniops_domain::{Domain, Error, events};
use omniops_postgres::{HubItem, Subscription};
use omniops_types::TenantId;
use rand::Rng;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, interval_at};
use tokio_util::sync::CancellationToken;

use crate::limits::StreamPlace;
use crate::middleware::request_id;
use crate::{ApiError, ApiResult};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a client waits before it connects again.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// What a kind of stream makes of the hub's items.
pub(super) trait Feed: Send + 'static {
    /// The event for the client, with the log's number if it has one; `None` for what this client does not get.
    fn translate(&self, item: &HubItem) -> Option<(Option<i64>, Event)>;

    /// The newest number that was looked at and is not for this client; see `VisitorFilter::passed`.
    fn passed(&self) -> i64 {
        0
    }

    /// Whether the caller still may listen.
    fn still_allowed(&self) -> BoxFuture<'_, bool>;
}

/// A stream about to be opened.
pub(super) struct Live<F> {
    pub(super) feed: F,
    pub(super) subscription: Subscription,
    /// Where the subscription starts.
    pub(super) position: i64,
    #[allow(dead_code, reason = "held while the stream lives; dropping it frees the place")]
    pub(super) place: StreamPlace,
    pub(super) stopping: CancellationToken,
    /// How often to look at whether the caller still may listen.
    pub(super) recheck: Duration,
}

struct Open<F> {
    live: Live<F>,
    beats: Interval,
    checks: Interval,
}

impl<F: Feed> Live<F> {
    pub(super) fn into_response(self) -> Response {
        let mut beats = interval(HEARTBEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut checks = interval_at(Instant::now() + first_look(self.recheck), self.recheck);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let open = Open { live: self, beats, checks };
        let events = request_id::carried(stream::unfold(open, |mut open| async move {
            let event = open.next().await?;
            Some((Ok::<_, Infallible>(event), open))
        }));
        let headers = HeaderMap::from_iter([
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
        ]);
        let mut response = Sse::new(events).into_response();
        response.headers_mut().extend(headers);
        response
    }
}

impl<F: Feed> Open<F> {
    /// The next event for the client; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            // Read before the queue is found empty: everything up to here has then been given out.
            let passed = if self.live.subscription.is_live() { self.live.feed.passed() } else { 0 };
            tokio::select! {
                biased;
                () = self.live.stopping.cancelled() => return None,
                // Before the events: a busy tenant's stream always has some.
                _ = self.checks.tick() => {
                    if !self.live.feed.still_allowed().await {
                        return None;
                    }
                }
                item = self.live.subscription.next() => {
                    let item = item?;
                    if let HubItem::Event(event) = &item {
                        self.live.position = event.seq;
                    }
                    if let Some((seq, event)) = self.live.feed.translate(&item) {
                        return Some(seq.map_or_else(|| event.clone(), |seq| event.clone().id(seq.to_string())));
                    }
                }
                _ = self.beats.tick() => {
                    self.live.position = self.live.position.max(passed);
                    return Some(self.heartbeat());
                }
            }
        }
    }

    fn heartbeat(&self) -> Event {
        let id = self.live.position.to_string();
        Event::default().event("heartbeat").id(id).retry(RECONNECT_AFTER).data("{}")
    }
}

/// Streams that were opened together, as after a restart, look at different times.
fn first_look(recheck: Duration) -> Duration {
    recheck.mul_f64(rand::rng().random_range(0.0..1.0))
}

/// What a look at the caller's rights means for the stream: the database being away says nothing about the caller.
pub(super) fn holds(outcome: Result<bool, Error>) -> bool {
    outcome.unwrap_or_else(|error| matches!(error, Error::Unavailable { .. }))
}

/// From where to go on: what the browser sends when it connects again wins over the address, which stays as it was when
/// the page was loaded. Without either, and with a number that the log has not reached, its end.
pub(super) async fn position(
    domain: &Domain,
    tenant: TenantId,
    headers: &HeaderMap,
    after: Option<i64>,
) -> ApiResult<i64> {
    let wanted = last_event_id(headers)?.or(after);
    Ok(events::position(domain, tenant, wanted).await?)
}

fn last_event_id(headers: &HeaderMap) -> ApiResult<Option<i64>> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    match value.to_str().unwrap_or("-").trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| ApiError::malformed("Last-Event-ID is not one of ours")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_opened_together_look_apart_and_none_later_than_it_should() {
        let recheck = Duration::from_secs(25);
        let looks: Vec<Duration> = (0..200).map(|_| first_look(recheck)).collect();
        assert!(looks.iter().all(|look| *look < recheck));
        for fifth in 0..5 {
            let (from, to) = (recheck * fifth / 5, recheck * (fifth + 1) / 5);
            assert!(looks.iter().any(|look| (from..to).contains(look)), "none between {from:?} and {to:?}");
        }
    }

    #[test]
    fn only_a_number_of_the_log_resumes() {
        let read = |text: &'static str| {
            last_event_id(&HeaderMap::from_iter([(
                HeaderName::from_static("last-event-id"),
                HeaderValue::from_static(text),
            )]))
        };
        assert_eq!(read("42").unwrap(), Some(42));
        assert_eq!(read("").unwrap(), None);
        assert!(read("made-up").is_err());
    }
}
