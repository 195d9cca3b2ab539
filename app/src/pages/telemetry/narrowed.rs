//! What the rows are narrowed to: their time and each filter, with a way out of each and of all.

use leptos::prelude::*;
use omniops_types::{LocalSpan, TelemetryQuery, TurnFilter};

use super::address;
use super::turns_page::ROWS;
use crate::i18n::telemetry::Telemetry;
use crate::i18n::use_messages;
use crate::state::browser::focus_by_id;
use crate::ui::{Icon, IconName};

/// `span`: the time of the rows, where they are there.
#[component]
pub fn Narrowed(asked: (TelemetryQuery, TurnFilter), span: Option<LocalSpan>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let (query, filter) = &asked;
    let parts: Vec<Part> =
        time(query, filter, span.as_ref(), words).into_iter().chain(filters(query, filter, words)).collect();
    let is_narrowed = parts.iter().any(|part| part.without.is_some());
    let zone = span.map(|span| (words.zone)(&span.time_zone));
    view! {
        <div class="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1.5">
            <ul class="flex min-w-0 flex-wrap gap-1" aria-label=words.filtered_by>
                {parts.into_iter().map(chip).collect_view()}
            </ul>
            {is_narrowed
                .then(|| {
                    view! {
                        <a
                            href=address::TURNS
                            class="text-link hover:underline"
                            data-noscroll="true"
                            on:click=|_| focus_by_id(ROWS)
                        >
                            {words.clear_filters}
                        </a>
                    }
                })}
            {zone.map(|zone| view! { <span class="ms-auto text-xs text-muted">{zone}</span> })}
        </div>
    }
}

/// One thing that narrows the rows, and the address without it.
struct Part {
    text: String,
    without: Option<String>,
}

fn chip(Part { text, without }: Part) -> impl IntoView {
    let label = (use_messages().common.remove_named)(&text);
    let padding = if without.is_some() { "" } else { "pe-2" };
    view! {
        <li class=format!("inline-flex h-6 max-w-full items-center gap-0.5 rounded-md bg-accent-soft ps-2 text-link {padding}")>
            <span class="truncate text-xs font-medium tabular-nums">{text}</span>
            {without
                .map(|href| {
                    view! {
                        // What was clicked goes away with the rows: focus goes on to those that come.
                        <a
                            href=href
                            class="flex size-6 shrink-0 items-center justify-center rounded-md hover:bg-base-content/10"
                            aria-label=label.clone()
                            title=label
                            data-noscroll="true"
                            on:click=|_| focus_by_id(ROWS)
                        >
                            <Icon name=IconName::Close class="size-3 shrink-0" />
                        </a>
                    }
                })}
        </li>
    }
}

/// The time of the rows. Without another word it is the last day, which is no filter that one could take away.
fn time(query: &TelemetryQuery, filter: &TurnFilter, span: Option<&LocalSpan>, words: &Telemetry) -> Option<Part> {
    let text = match (query.from, query.to, span) {
        (None, None, _) => return Some(Part { text: words.last_day.to_owned(), without: None }),
        (.., None) => return None,
        (Some(_), None, Some(span)) => (words.since_time)(&span.from),
        (_, Some(_), Some(span)) => (words.from_to)(&span.from, &span.to),
    };
    let always = TelemetryQuery { from: None, to: None, ..query.clone() };
    Some(Part { text, without: Some(address::turns(&always, filter)) })
}

fn filters(query: &TelemetryQuery, filter: &TurnFilter, words: &Telemetry) -> Vec<Part> {
    let part = |text: Option<String>, clear: fn(&mut TelemetryQuery, &mut TurnFilter)| {
        text.map(|text| {
            let (mut query, mut filter) = (query.clone(), filter.clone());
            clear(&mut query, &mut filter);
            Part { text, without: Some(address::turns(&query, &filter)) }
        })
    };
    let TurnFilter {
        outcome,
        error,
        fallback,
        tool,
        weekday,
        hour,
        rating,
        zero_results,
        resolution,
        last_in_conversation,
    } = filter;
    let weekday = weekday
        .and_then(|weekday| words.weekdays.get(usize::try_from(weekday - 1).ok()?))
        .map(|name| (*name).to_owned());
    let outcome = outcome.map(|outcome| (words.outcome_of)(outcome).to_owned());
    let fallback = fallback.map(|fallback| format!("{}: {}", words.fallbacks, (words.fallback_of)(fallback)));
    let rating = rating.map(|rating| (words.thumb_of)(rating).to_owned());
    let zero_results = (*zero_results == Some(true)).then(|| words.zero_results.name.to_owned());
    let resolution = resolution.map(|resolution| (words.resolution_of)(resolution).to_owned());
    let last = (*last_in_conversation == Some(true)).then(|| words.last_in_conversation.to_owned());
    [
        part(query.domain.clone(), |query, _| query.domain = None),
        part(query.model.clone(), |query, _| query.model = None),
        part(outcome, |_, filter| filter.outcome = None),
        part(error.clone(), |_, filter| filter.error = None),
        part(fallback, |_, filter| filter.fallback = None),
        part(tool.clone(), |_, filter| filter.tool = None),
        part(weekday, |_, filter| filter.weekday = None),
        part(hour.map(|hour| format!("{hour}:00")), |_, filter| filter.hour = None),
        part(rating, |_, filter| filter.rating = None),
        part(zero_results, |_, filter| filter.zero_results = None),
        part(resolution, |_, filter| filter.resolution = None),
        part(last, |_, filter| filter.last_in_conversation = None),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use omniops_types::TurnOutcome;

    use super::*;
    use crate::i18n::Locale;

    fn words() -> &'static Telemetry {
        &Locale::En.messages().telemetry
    }

    fn november() -> (TelemetryQuery, LocalSpan) {
        let from = Some("2026-10-31T23:00:00Z".parse().unwrap());
        let query = TelemetryQuery { from, model: Some("small".to_owned()), ..TelemetryQuery::default() };
        let [from, to] = ["2026-11-01 00:00", "2026-11-23 14:15"].map(str::to_owned);
        (query, LocalSpan { from, to, time_zone: "Europe/Vienna".to_owned() })
    }

    #[test]
    fn each_filter_can_be_taken_away_and_leaves_the_others() {
        let (query, _) = november();
        let filter = TurnFilter { outcome: Some(TurnOutcome::Failed), weekday: Some(7), ..TurnFilter::default() };
        let parts = filters(&query, &filter, words());
        let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(texts, ["small", "Failed", "Sun"]);
        let without = parts[1].without.as_deref().unwrap();
        assert!(
            !without.contains("outcome") && without.contains("weekday=7") && without.contains("model=small"),
            "{without}"
        );
    }

    #[test]
    fn the_time_is_told_as_it_was_asked_for() {
        let (query, span) = november();
        let filter = TurnFilter::default();
        let told = |query: &TelemetryQuery| time(query, &filter, Some(&span), words()).unwrap();
        let since = told(&query);
        assert_eq!(since.text, "since 2026-11-01 00:00");
        assert_eq!(since.without.as_deref(), Some("/dashboard/telemetry/turns?model=small"));
        let closed = TelemetryQuery { to: Some("2026-11-23T13:15:00Z".parse().unwrap()), ..query.clone() };
        assert_eq!(told(&closed).text, "2026-11-01 00:00 to 2026-11-23 14:15");
        let last_day = told(&TelemetryQuery::default());
        assert_eq!((last_day.text.as_str(), last_day.without), ("Last 24 hours", None));
        assert!(time(&query, &filter, None, words()).is_none(), "what was not read is not told");
    }
}
