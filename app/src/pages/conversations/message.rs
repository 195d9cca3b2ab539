//! One entry of a transcript: a message, a note or a line about what happened.

use leptos::prelude::*;
use omniops_types::{Author, AuthorKind, Message, MessageFeedback, MessageKind, Rating, Source};

use super::receipt::{ReceiptButton, ReceiptOf};
use super::text::{Segment, safe_href, segments, short_address};
use super::thread_state::ThreadState;
use crate::i18n::use_messages;
use crate::state::clock::use_clock;
use crate::state::thread::{Outgoing, Row, Thread};
use crate::time;
use crate::ui::{Badge, Icon, IconName, RelativeTime, TimeStyle, Tone};

#[component]
pub fn MessageRow(thread: ThreadState, row: Row) -> impl IntoView {
    let at = row.message.created_at;
    let previous_at = row.previous_at;
    let entry = if row.message.kind == MessageKind::Activity {
        view! { <ActivityLine message=Message::clone(&row.message) /> }.into_any()
    } else {
        view! { <Bubble thread=thread message=Message::clone(&row.message) continued=row.continued /> }.into_any()
    };
    view! {
        <DayDivider at=at previous_at=previous_at />
        {entry}
    }
}

/// Stands before the first message of a day, as the reader's zone has it.
#[component]
fn DayDivider(at: omniops_types::Timestamp, previous_at: Option<omniops_types::Timestamp>) -> impl IntoView {
    let messages = use_messages();
    let clock = use_clock();
    let day = move |at| time::day(messages, clock.now(), at, clock.offset_minutes(at));
    let label = Memo::new(move |_| {
        let label = day(at);
        (previous_at.map(day).as_ref() != Some(&label)).then_some(label)
    });
    move || {
        label.get().map(|label| {
            view! {
                <div class="flex items-center gap-3 py-3 text-xs font-medium text-muted">
                    <span class="h-px flex-1 bg-base-300"></span>
                    {label}
                    <span class="h-px flex-1 bg-base-300"></span>
                </div>
            }
        })
    }
}

#[component]
fn ActivityLine(message: Message) -> impl IntoView {
    view! {
        <p class="py-2 text-center text-xs text-muted">
            {message.text} " · " <RelativeTime at=message.created_at style=TimeStyle::Clock />
        </p>
    }
}

/// Which side, which ground: the customer on the left, the team on the right, notes unlike either.
fn looks(kind: MessageKind, author: AuthorKind) -> (&'static str, &'static str) {
    match (kind, author) {
        (MessageKind::Note, _) => ("items-end", "rounded-ee-sm border border-note-edge bg-note"),
        (_, AuthorKind::Customer) => ("items-start", "rounded-es-sm bg-base-300"),
        (_, AuthorKind::Ai) => ("items-end", "rounded-ee-sm border border-base-300 bg-base-100"),
        (_, AuthorKind::Agent | AuthorKind::System) => ("items-end", "rounded-ee-sm bg-accent-soft"),
    }
}

const BUBBLE: &str = "max-w-[85%] rounded-2xl px-3.5 py-2 break-words whitespace-pre-wrap";

#[component]
fn Bubble(thread: ThreadState, message: Message, continued: bool) -> impl IntoView {
    let (side, ground) = looks(message.kind, message.author.kind);
    let gap = if continued { "pt-0.5" } else { "pt-3" };
    let at = message.created_at;
    let sources = message.sources.clone();
    let is_of_ai = message.author.kind == AuthorKind::Ai && message.kind == MessageKind::Reply;
    let receipt = is_of_ai.then_some(ReceiptOf {
        conversation: message.conversation_id,
        message: message.id,
        confidence: message.confidence,
    });
    let id = message.id;
    let opinion = is_of_ai.then(|| {
        let feedback = Memo::new(move |_| thread.thread.with(|thread: &Thread| thread.feedback_on(id).cloned()));
        move || feedback.get().map(|feedback| view! { <Opinion feedback=feedback /> }.into_any())
    });
    view! {
        <article class=format!("flex flex-col {side} {gap}") data-message-kind=message.kind.as_str() data-author=message.author.kind.as_str()>
            {(!continued)
                .then(|| {
                    view! {
                        <header class="flex items-center gap-1.5 px-1 pb-1 text-xs text-muted">
                            <AuthorLine author=message.author.clone() kind=message.kind />
                            <RelativeTime at=at style=TimeStyle::Clock />
                        </header>
                    }
                })}
            <div class=format!("{BUBBLE} {ground}")>
                {cited(&message.text, &sources)}
            </div>
            <Evidence confidence=message.confidence sources=sources />
            {opinion}
            {receipt.map(|of| view! { <ReceiptButton of=of /> })}
        </article>
    }
}

/// What the customer thinks of an answer, in their words where they gave some.
#[component]
fn Opinion(feedback: MessageFeedback) -> impl IntoView {
    let words = &use_messages().thread;
    let MessageFeedback { message_id: _, rating, reason, comment } = feedback;
    let (icon, class) = match rating {
        Rating::Up => (IconName::ThumbUp, "text-good"),
        Rating::Down => (IconName::ThumbDown, "text-danger"),
    };
    view! {
        <div class=format!("max-w-[85%] px-1.5 pt-1.5 text-xs {class}") data-rating=rating.as_str()>
            <p class="flex items-center justify-end gap-1 font-medium">
                <Icon name=icon class="size-3.5 shrink-0" />
                {(words.opinion)(rating)}
                {reason.map(|reason| format!(": {}", (words.reason_of)(reason)))}
            </p>
            {comment
                .map(|comment| {
                    view! {
                        <blockquote class="mt-1 border-s-2 border-base-300 ps-2 break-words whitespace-pre-wrap text-muted">
                            {comment}
                        </blockquote>
                    }
                        .into_any()
                })}
        </div>
    }
}

/// The text, with its `[n]` marks as links to what they quote.
pub fn cited(text: &str, sources: &[Source]) -> impl IntoView + use<> {
    segments(text, sources.len())
        .into_iter()
        .map(|segment| match segment {
            Segment::Text(text) => text.to_owned().into_any(),
            Segment::Citation(index) => {
                let mark = format!("{}", index + 1);
                let source = sources.get(index);
                let title = source.map(|source| source.title.clone());
                match source.and_then(|source| safe_href(&source.url)).map(str::to_owned) {
                    Some(href) => view! {
                        <a
                            href=href
                            title=title
                            target="_blank"
                            rel="noopener noreferrer"
                            class="mx-0.5 inline-flex h-4 min-w-4 items-center justify-center rounded bg-accent-soft px-1 align-text-top text-[10px] font-semibold text-link no-underline"
                        >
                            {mark}
                        </a>
                    }
                    .into_any(),
                    None => view! { <sup>{mark}</sup> }.into_any(),
                }
            }
        })
        .collect_view()
}

#[component]
fn AuthorLine(author: Author, kind: MessageKind) -> impl IntoView {
    let words = &use_messages().thread;
    let label = match (kind, author.kind) {
        (MessageKind::Note, _) => view! {
            <Icon name=IconName::Note class="size-3.5 shrink-0" />
            <span class="font-medium text-warn">{words.note_label}</span>
        }
        .into_any(),
        (_, AuthorKind::Ai) => view! {
            <Icon name=IconName::Bot class="size-3.5 shrink-0" />
            <span class="font-medium text-link">{words.ai_label}</span>
        }
        .into_any(),
        _ => ().into_any(),
    };
    let name = (!author.name.is_empty()).then(|| view! { <span class="font-medium">{author.name}</span> });
    view! {
        {label}
        {name}
    }
}

/// What an AI answer rests on: how sure it is, and the quotes with their pages. What quotes nothing, a greeting or a
/// hand-off, claims nothing that one could be sure of.
#[component]
fn Evidence(sources: Vec<Source>, confidence: Option<f32>) -> impl IntoView {
    let words = &use_messages().thread;
    if sources.is_empty() {
        return ().into_any();
    }
    let sure = confidence.map(|confidence| {
        let tone = if confidence >= 0.7 {
            Tone::Good
        } else if confidence >= 0.4 {
            Tone::Warning
        } else {
            Tone::Bad
        };
        let percent = format!("{:.0} %", f64::from(confidence.clamp(0.0, 1.0)) * 100.0);
        view! {
            <span title=words.confidence_hint>
                <Badge tone=tone text=(words.confidence)(&percent) />
            </span>
        }
    });
    let count = i64::try_from(sources.len()).unwrap_or(i64::MAX);
    view! {
        <details class="group max-w-[85%] pt-1.5">
            <summary class="ms-auto flex w-fit cursor-pointer list-none items-center gap-2 rounded-full pe-1.5 text-xs font-medium text-muted hover:bg-base-200">
                {sure}
                <span class="flex items-center gap-1 py-0.5">
                    {(words.sources)(count)}
                    <span class="group-open:rotate-180">
                        <Icon name=IconName::ChevronDown class="size-3.5 shrink-0" />
                    </span>
                </span>
            </summary>
            <ol class="mt-1.5 flex flex-col gap-2 rounded-lg border border-base-300 p-3">
                {sources
                    .into_iter()
                    .enumerate()
                    .map(|(index, source)| view! { <Quote number=index + 1 source=source /> })
                    .collect_view()}
            </ol>
        </details>
    }
    .into_any()
}

#[component]
fn Quote(number: usize, source: Source) -> impl IntoView {
    let words = &use_messages().thread;
    let title = if source.title.is_empty() { short_address(&source.url).to_owned() } else { source.title.clone() };
    let label = (words.open_source)(&title);
    let heading = match safe_href(&source.url).map(str::to_owned) {
        Some(href) => view! {
            <a
                href=href
                target="_blank"
                rel="noopener noreferrer"
                aria-label=label
                class="inline-flex max-w-full items-center gap-1 font-medium text-link hover:underline"
            >
                <span class="truncate">{title}</span>
                <Icon name=IconName::External class="size-3.5 shrink-0" />
            </a>
        }
        .into_any(),
        None => view! { <span class="font-medium">{title}</span> }.into_any(),
    };
    view! {
        <li class="flex min-w-0 gap-2">
            <span class="w-4 shrink-0 text-end text-xs leading-5 text-muted tabular-nums">{number}</span>
            <div class="min-w-0 flex-1">
                {heading}
                <blockquote class="border-s-2 border-base-300 ps-2 text-muted">{source.quote}</blockquote>
            </div>
        </li>
    }
}

/// A message on its way, or one that did not get through.
#[component]
pub fn OutgoingRow(thread: ThreadState, outgoing: Outgoing) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.thread;
    let (side, ground) = looks(outgoing.kind, AuthorKind::Agent);
    let id = outgoing.client_id;
    let foot = match outgoing.error {
        None => view! { <span class="text-muted">{words.sending}</span> }.into_any(),
        Some(error) => view! {
            <span class="flex items-center gap-1 font-medium text-danger" title=error.text(messages)>
                <Icon name=IconName::Alert class="size-3.5 shrink-0" />
                {words.not_sent}
            </span>
            <button type="button" class="btn btn-ghost btn-xs text-link" on:click=move |_| thread.retry(id)>
                {messages.common.retry}
            </button>
            <button type="button" class="btn btn-ghost btn-xs" on:click=move |_| thread.take_back(id)>
                {words.edit}
            </button>
        }
        .into_any(),
    };
    view! {
        <article class=format!("flex flex-col {side} pt-3") data-outgoing="true">
            <div class=format!("{BUBBLE} {ground} opacity-80")>{outgoing.text}</div>
            <div class="flex items-center gap-1 px-1 pt-1 text-xs">{foot}</div>
        </article>
    }
}
