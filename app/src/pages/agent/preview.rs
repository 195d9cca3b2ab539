//! Talking to the AI as a visitor would, with the settings as they stand in the fields, saved or not.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use omniops_types::{BudgetState, MicroUsd, PreviewLine, PreviewReply, PreviewRequest};

use super::form::AgentForm;
use super::trace::{duration, facts, money, percent, trace};
use crate::error::AppError;
use crate::i18n::use_messages;
use crate::pages::conversations::cited;
use crate::rpc::agent as rpc;
use crate::state::session::leave_if_signed_out;
use crate::ui::{
    Badge, Button, ButtonSize, ButtonVariant, Choice, Disclosure, EmptyState, Field, IconButton, IconName, Segmented,
    Select, Skeleton, TextInput, Textarea, Tone,
};

/// As much of the talk as the server takes, in lines.
const MAX_HISTORY: usize = 40;
const VERIFIED: &str = "verified";

/// One thing that was said.
#[derive(Clone)]
enum Said {
    ByCustomer(String),
    ByAi(Arc<PreviewReply>),
}

/// The talk so far. Cheap to copy.
#[derive(Clone, Copy)]
struct Talk {
    form: AgentForm,
    budget: RwSignal<BudgetState>,
    domain: RwSignal<String>,
    visitor: RwSignal<String>,
    email: RwSignal<String>,
    lines: RwSignal<Vec<Said>>,
    /// What became of the last line, if there is no answer.
    failed: RwSignal<Option<AppError>>,
    waiting: RwSignal<bool>,
    /// Goes up with each question, so that an answer nobody waits for any more is told from the others.
    question: StoredValue<u32>,
}

impl Talk {
    fn say(self, text: String) {
        self.lines.update(|lines| lines.push(Said::ByCustomer(text)));
        self.ask();
    }

    /// Asks what was said last, with the settings as they stand in the fields.
    fn ask(self) {
        let Some(trial) = self.trial() else { return };
        self.failed.set(None);
        self.waiting.set(true);
        let question = self.question.get_value().wrapping_add(1);
        self.question.set_value(question);
        spawn_local(async move {
            let answer = Box::pin(rpc::preview(trial)).await;
            if self.question.try_get_value() != Some(question) {
                return;
            }
            match answer {
                Ok(reply) => self.lines.update(|lines| lines.push(Said::ByAi(Arc::new(reply)))),
                Err(error) => {
                    leave_if_signed_out(&error);
                    // Settings that are not acceptable are marked where they stand.
                    self.form.errors.update(|errors| errors.extend(error.0.fields.clone()));
                    self.failed.set(Some(error));
                }
            }
            self.waiting.set(false);
            if let Ok(budget) = rpc::budget().await {
                let _ = self.budget.try_set(budget);
            }
        });
    }

    /// Nothing where a field cannot be read: that is marked then.
    fn trial(self) -> Option<PreviewRequest> {
        let settings = match untrack(move || self.form.settings()) {
            Ok(settings) => Some(settings).filter(|new| self.form.saved.with_untracked(|saved| saved.settings != *new)),
            Err(errors) => {
                self.form.refuse(errors);
                return None;
            }
        };
        let mut history: Vec<PreviewLine> = self.lines.with_untracked(|lines| {
            lines
                .iter()
                .map(|line| match line {
                    Said::ByCustomer(text) => PreviewLine { by_customer: true, text: text.clone() },
                    Said::ByAi(reply) => PreviewLine { by_customer: false, text: reply.text.clone() },
                })
                .collect()
        });
        let message = history.pop()?.text;
        history.drain(..history.len().saturating_sub(MAX_HISTORY));
        let email = self.email.with_untracked(|email| email.trim().to_owned());
        let verified = self.visitor.with_untracked(|visitor| visitor == VERIFIED) && !email.is_empty();
        Some(PreviewRequest {
            domain: self.domain.get_untracked(),
            settings,
            message,
            history,
            verified_email: verified.then_some(email),
            locale: None,
        })
    }

    /// No longer waits for an answer; what was asked can be asked again.
    fn stop(self) {
        self.question.update_value(|question| *question = question.wrapping_add(1));
        self.waiting.set(false);
    }

    fn reset(self) {
        self.stop();
        self.failed.set(None);
        self.lines.set(Vec::new());
    }

    fn cost(self) -> MicroUsd {
        self.lines.with(|lines| {
            lines.iter().fold(MicroUsd::ZERO, |sum, line| match line {
                Said::ByAi(reply) => sum.saturating_add(reply.receipt.cost),
                Said::ByCustomer(_) => sum,
            })
        })
    }
}

#[component]
pub fn Preview(form: AgentForm, budget: RwSignal<BudgetState>, domains: Vec<String>) -> impl IntoView {
    let words = &use_messages().agent;
    let Some(first) = domains.first().cloned() else {
        return view! { <EmptyState icon=IconName::Bot title=words.no_domain hint=words.no_domain_hint /> }.into_any();
    };
    if !form.writable {
        return view! { <EmptyState icon=IconName::Lock title=words.preview_closed hint=words.preview_closed_hint /> }
            .into_any();
    }
    let talk = Talk {
        form,
        budget,
        domain: RwSignal::new(first),
        visitor: RwSignal::new("anonymous".to_owned()),
        email: RwSignal::new(String::new()),
        lines: RwSignal::new(Vec::new()),
        failed: RwSignal::new(None),
        waiting: RwSignal::new(false),
        question: StoredValue::new(0),
    };
    let begun = move || talk.lines.with(|lines| !lines.is_empty());
    let unsaved = Memo::new(move |_| form.dirty());
    let note = move || {
        if form.secrets_changed() { Some(words.secrets_not_tried) } else { unsaved.get().then_some(words.unsaved_used) }
    };
    view! {
        <div class="flex min-h-0 flex-1 flex-col">
            <div class="flex h-12 shrink-0 items-center gap-2 border-b border-base-300 ps-4 pe-2">
                <h2 class="font-semibold max-xl:sr-only">{words.preview}</h2>
                <span class="ms-auto text-xs text-muted tabular-nums">
                    {move || begun().then(|| (words.cost_so_far)(&money(talk.cost())))}
                </span>
                <IconButton
                    icon=IconName::Reopen
                    label=words.reset.to_owned()
                    class="text-muted"
                    disabled=Signal::derive(move || !begun())
                    on_click=move |_| talk.reset()
                />
            </div>
            <Visitor talk=talk domains=domains />
            <Log talk=talk />
            <p class="shrink-0 px-4 pt-1 text-xs text-balance text-warn empty:hidden" role="status">
                {note}
            </p>
            <Composer talk=talk />
            <p class="shrink-0 px-4 pb-3 text-xs text-muted">{words.preview_costs}</p>
        </div>
    }
    .into_any()
}

/// On which shop, and as whom one asks.
#[component]
fn Visitor(talk: Talk, domains: Vec<String>) -> impl IntoView {
    let words = &use_messages().agent;
    let visitors = vec![Choice::new("anonymous", words.anonymous), Choice::new(VERIFIED, words.identified)];
    let choices: Vec<Choice> = domains.into_iter().map(|domain| Choice::new(domain.clone(), domain)).collect();
    let domain = talk.domain;
    view! {
        <div class="flex shrink-0 flex-wrap items-center gap-2 border-b border-base-300 px-4 py-2.5">
            <div class="min-w-32 flex-1">
                <Select label=words.preview_domain choices=choices value=domain on_change=move |to| domain.set(to) />
            </div>
            <Segmented name="visitor" legend=words.visitor choices=visitors value=talk.visitor bare=true />
            <Show when=move || talk.visitor.with(|visitor| visitor == VERIFIED)>
                <div class="w-full">
                    <Field id="visitor-email" label=words.visitor_email hint=words.visitor_email_hint>
                        <TextInput
                            id="visitor-email"
                            name="visitor-email"
                            kind="email"
                            value=talk.email
                            placeholder="ana@example.com"
                            autocomplete="off"
                        />
                    </Field>
                </div>
            </Show>
        </div>
    }
}

#[component]
fn Log(talk: Talk) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.agent;
    let scroller = NodeRef::<html::Div>::new();
    // What was said last is in sight, and moves no more when a part below it is unfolded.
    Effect::new(move || {
        talk.lines.track();
        talk.waiting.track();
        request_animation_frame(move || {
            if let Some(scroller) = scroller.try_get_untracked().flatten() {
                scroller.set_scroll_top(scroller.scroll_height());
            }
        });
    });
    let lines = move || talk.lines.get().into_iter().enumerate().collect::<Vec<_>>();
    let empty = move || talk.lines.with(Vec::is_empty);
    view! {
        <div class="relative min-h-0 flex-1 overflow-y-auto" node_ref=scroller tabindex="0" role="region" aria-label=words.talk>
            <Show when=empty>
                <EmptyState icon=IconName::Bot title=words.preview_empty hint=words.preview_empty_hint />
            </Show>
            <div class="flex flex-col gap-3 p-4 empty:hidden" role="log" aria-live="polite" aria-label=words.talk>
                <For each=lines key=|(place, _)| *place let:line>
                    {match line.1 {
                        Said::ByCustomer(text) => customer_line(text),
                        Said::ByAi(reply) => ai_line(reply),
                    }}
                </For>
                {move || talk.waiting.get().then(|| view! { <Waiting talk=talk /> }.into_any())}
                {move || {
                    let unanswered = talk.lines.with(|lines| matches!(lines.last(), Some(Said::ByCustomer(_))));
                    let error = talk.failed.get();
                    (unanswered && !talk.waiting.get()).then(|| view! { <Unanswered talk=talk error=error /> }.into_any())
                }}
            </div>
        </div>
    }
}

fn customer_line(text: String) -> AnyView {
    view! {
        <p class="max-w-[85%] self-end rounded-2xl rounded-ee-sm bg-primary px-3.5 py-2 break-words whitespace-pre-wrap text-primary-content">
            {text}
        </p>
    }
    .into_any()
}

fn ai_line(reply: Arc<PreviewReply>) -> AnyView {
    let messages = use_messages();
    let words = &messages.agent;
    let PreviewReply { text, sources, confidence, escalated, receipt, prompt, candidates } = &*reply;
    let tone = match confidence {
        0.7.. => Tone::Good,
        0.4.. => Tone::Warning,
        _ => Tone::Bad,
    };
    let stood_in = receipt.fallback.as_deref().and_then(messages.trace.stood_in);
    let (facts, trace) = (facts(receipt, Some(*confidence)), trace(receipt, prompt.clone(), candidates.clone()));
    let note = format!("{} · {}", money(receipt.cost), duration(i64::from(receipt.total_ms)));
    view! {
        <article class="flex min-w-0 flex-col gap-2">
            <div class="max-w-[92%] self-start rounded-2xl rounded-es-sm border border-base-300 px-3.5 py-2 break-words whitespace-pre-wrap">
                {cited(text, sources)}
            </div>
            <div class="flex flex-wrap gap-1.5">
                <Badge tone=tone text=(messages.thread.confidence)(&percent(*confidence)) />
                {escalated.then(|| view! { <Badge tone=Tone::Accent text=words.escalated.to_owned() /> }.into_any())}
                {stood_in
                    .map(|by| view! { <Badge tone=Tone::Warning text=by.to_owned() /> }.into_any())}
            </div>
            <div class="rounded-lg border border-base-300 px-2.5">
                <Disclosure title=words.how note=note>
                    <div class="flex flex-col gap-3">
                        {facts} {trace}
                    </div>
                </Disclosure>
            </div>
        </article>
    }
    .into_any()
}

/// The shape of the answer that is being made.
#[component]
fn Waiting(talk: Talk) -> impl IntoView {
    let messages = use_messages();
    view! {
        <div class="flex flex-col items-start gap-2" role="status" aria-label=messages.thread.ai_typing>
            <div class="flex w-3/5 flex-col gap-2 rounded-2xl rounded-es-sm border border-base-300 px-3.5 py-3">
                <Skeleton class="h-3 w-full" />
                <Skeleton class="h-3 w-4/5" />
                <Skeleton class="h-3 w-1/2" />
            </div>
            <div class="flex items-center gap-2 text-xs text-muted">
                {messages.agent.may_take} <Button variant=ButtonVariant::Ghost size=ButtonSize::Small on_click=move |_| talk.stop()>
                    {messages.agent.stop}
                </Button>
            </div>
        </div>
    }
}

/// The last question has no answer: it failed or was stopped.
#[component]
fn Unanswered(talk: Talk, error: Option<AppError>) -> impl IntoView {
    let messages = use_messages();
    let text = match &error {
        Some(error) => error.text(messages),
        None => messages.agent.stopped.to_owned(),
    };
    let request_id = error.as_ref().and_then(AppError::request_id).map(str::to_owned);
    let class = if error.is_some() { "bg-danger-soft text-danger" } else { "bg-base-200 text-muted" };
    view! {
        <div class=format!("flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-lg px-3 py-2 {class}") role="alert">
            <p class="min-w-0 flex-1 basis-48 break-words">
                {text}
                {request_id
                    .map(|id| {
                        view! {
                            <span class="block text-xs">
                                {messages.common.request_id} " " <code class="break-all select-all">{id}</code>
                            </span>
                        }.into_any()
                    })}
            </p>
            <Button size=ButtonSize::Small on_click=move |_| talk.ask()>
                {messages.common.retry}
            </Button>
        </div>
    }
}

#[component]
fn Composer(talk: Talk) -> impl IntoView {
    let words = &use_messages().agent;
    let text = RwSignal::new(String::new());
    let unsendable = Signal::derive(move || talk.waiting.get() || text.with(|text| text.trim().is_empty()));
    let send = move || {
        if !unsendable.get_untracked() {
            talk.say(text.with_untracked(|text| text.trim().to_owned()));
            text.set(String::new());
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    view! {
        <form
            class="shrink-0 p-3"
            aria-label=words.ask
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <div class="flex items-end rounded-xl border border-base-300 shadow-xs focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-link">
                <Textarea
                    id="preview-message"
                    label=Some(words.ask.to_owned())
                    value=text
                    placeholder=words.ask_placeholder
                    rows=1
                    bare=true
                    on_key=on_key
                />
                <div class="p-1.5">
                    <Button variant=ButtonVariant::Primary icon=IconName::Send submit=true disabled=unsendable>
                        <span class="sr-only">{words.ask_send}</span>
                    </Button>
                </div>
            </div>
        </form>
    }
}
