//! `/dashboard/settings/agent`: the settings, and beside them, or behind a tab where there is no room, the preview.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use omniops_types::{ErrorCode, Permission};

use super::alerts_section::{AlertsForm, AlertsSection};
use super::budget_section::BudgetSection;
use super::escalation_section::EscalationSection;
use super::form::AgentForm;
use super::model_section::{InForce, ModelSection};
use super::persona_section::{LanguageSection, PersonaSection};
use super::preview::Preview;
use super::tools_section::ToolsSection;
use crate::error::AppError;
use crate::i18n::use_messages;
use crate::rpc::agent::{self as rpc, AgentOverview};
use crate::state::browser;
use crate::state::session::may;
use crate::ui::{EmptyState, ErrorState, IconName, LeaveGuard, PageTitle, SaveBar, Skeleton, TabLink, Tabs};

const PATH: &str = "/dashboard/settings/agent";
const PREVIEW_PATH: &str = "/dashboard/settings/agent?view=preview";
/// How often the page looks what the AI has cost.
const BUDGET_EVERY: Duration = Duration::from_secs(15);

#[component]
pub fn AgentSettingsPage() -> impl IntoView {
    let words = &use_messages().agent;
    if !may(Permission::SettingsRead) {
        return view! {
            <PageTitle text=words.page />
            <NoPermission />
        }
        .into_any();
    }
    let overview = Resource::new(|| (), |()| rpc::read());
    let reload = Callback::new(move |()| overview.refetch());
    view! {
        <PageTitle text=words.page />
        <Suspense fallback=PageSkeleton>
            {move || {
                overview
                    .get()
                    .map(|answer| match answer {
                        Ok(overview) => view! { <Settings overview=overview on_reload=reload /> }.into_any(),
                        Err(error) => view! { <NotLoaded error=error on_retry=reload /> }.into_any(),
                    })
            }}
        </Suspense>
    }
    .into_any()
}

#[component]
fn NoPermission() -> impl IntoView {
    let words = &use_messages().agent;
    view! {
        <div class="flex flex-1 items-center justify-center">
            <h1 class="sr-only">{words.page}</h1>
            <EmptyState icon=IconName::Lock title=words.no_permission hint=words.no_permission_hint />
        </div>
    }
}

#[component]
fn NotLoaded(error: AppError, on_retry: Callback<()>) -> impl IntoView {
    if error.code() == ErrorCode::Forbidden {
        return view! { <NoPermission /> }.into_any();
    }
    let words = &use_messages().agent;
    view! {
        <div class="flex flex-1 items-center justify-center">
            <h1 class="sr-only">{words.page}</h1>
            <ErrorState title=words.load_failed error=error on_retry=on_retry />
        </div>
    }
    .into_any()
}

#[component]
fn Settings(overview: AgentOverview, on_reload: Callback<()>) -> impl IntoView {
    let words = &use_messages().agent;
    let AgentOverview { config, budget, domains, alerts } = overview;
    let form = AgentForm::new(config);
    let alerts = AlertsForm::new(alerts);
    let budget = RwSignal::new(budget);
    let dirty = Memo::new(move |_| form.writable && (form.dirty() || alerts.dirty()));
    let save = move || {
        if untrack(move || form.dirty()) {
            form.save();
        }
        if untrack(move || alerts.dirty()) {
            alerts.save();
        }
    };
    let discard = move || {
        form.load();
        alerts.load();
    };
    let query = use_query_map();
    let previewing = Memo::new(move |_| query.with(|query| query.get_str("view") == Some("preview")));
    let tabs = move || {
        let tab = |label: &str, href: &str, current| TabLink {
            label: label.to_owned(),
            href: href.to_owned(),
            current,
            count: None,
        };
        let here = previewing.get();
        vec![tab(words.settings, PATH, !here), tab(words.preview, PREVIEW_PATH, here)]
    };
    Effect::new(|| {
        request_animation_frame(browser::scroll_to_named_part);
    });
    Effect::new(move || {
        let look = move || {
            if browser::is_visible() {
                spawn_local(async move {
                    // A look that fails is made again by itself.
                    if let Ok(state) = rpc::budget().await {
                        let _ = budget.try_set(state);
                    }
                });
            }
        };
        if let Ok(every) = set_interval_with_handle(look, BUDGET_EVERY) {
            on_cleanup(move || every.clear());
        }
    });
    view! {
        <div class="flex min-h-0 flex-1 flex-col">
            <div class="flex min-h-0 flex-1 flex-col xl:flex-row">
                <div class="flex min-h-0 min-w-0 flex-col xl:flex-1" class=("flex-1", move || !previewing.get())>
                    <header class="flex h-12 shrink-0 items-center gap-3 border-b border-base-300 px-4">
                        <h1 class="truncate text-base font-semibold">{words.page}</h1>
                        <div class="ms-auto xl:hidden">
                            <Tabs label=words.parts tabs=Signal::derive(tabs) />
                        </div>
                    </header>
                    <div
                        class="@container relative min-h-0 flex-1 overflow-y-auto"
                        class=("max-xl:hidden", move || previewing.get())
                        tabindex="0"
                        role="region"
                        aria-label=words.settings
                    >
                        <SectionLinks />
                        <form
                            id="agent-form"
                            class="mx-auto w-full max-w-4xl px-4 pt-4 pb-16 @3xl:px-8"
                            aria-label=words.page
                            on:submit=move |event| {
                                event.prevent_default();
                                save();
                            }
                        >
                            <InForce form=form budget=budget />
                            {(!form.writable)
                                .then(|| view! { <p class="mt-3 text-muted">{words.read_only}</p> }.into_any())}
                            <ModelSection form=form />
                            <PersonaSection form=form />
                            <LanguageSection form=form />
                            <EscalationSection form=form />
                            <ToolsSection form=form />
                            <BudgetSection form=form budget=budget />
                            <AlertsSection form=alerts />
                            // What Enter in a field presses; the button that one sees stands in the bar.
                            <button type="submit" class="sr-only" tabindex="-1" aria-hidden="true"></button>
                        </form>
                    </div>
                </div>
                <aside
                    class="flex min-h-0 min-w-0 flex-1 flex-col border-base-300 xl:w-[26rem] xl:flex-none xl:border-s 2xl:w-[32rem]"
                    class=("max-xl:hidden", move || !previewing.get())
                    aria-label=words.preview
                >
                    <Preview form=form budget=budget domains=domains />
                </aside>
            </div>
            <SaveBar
                dirty=dirty
                saving=Signal::derive(move || form.saving.get() || alerts.saving.get())
                conflict=Signal::derive(move || form.conflict.get() || alerts.conflict.get())
                on_save=move |()| save()
                on_discard=move |()| discard()
                on_reload=on_reload
            />
        </div>
        <LeaveGuard dirty=dirty />
    }
}

/// The sections by name, above them all the while.
#[component]
fn SectionLinks() -> impl IntoView {
    let messages = use_messages();
    let words = &messages.agent;
    let links = [
        ("#model", words.model_title),
        ("#persona", words.persona_title),
        ("#languages", words.languages_title),
        ("#escalation", words.escalation_title),
        ("#tools", words.tools_title),
        ("#budgets", words.budgets_title),
        ("#alerts", messages.telemetry.alerts),
    ];
    view! {
        <nav
            aria-label=words.sections
            class="sticky top-0 z-10 border-b border-base-300 bg-base-100"
        >
            <div class="mx-auto flex max-w-4xl gap-1 overflow-x-auto px-2 py-1 @3xl:px-6">
            {links
                .map(|(href, label)| {
                    view! {
                        <a
                            href=href
                            class="rounded-md px-2 py-1 whitespace-nowrap text-muted hover:bg-base-200 hover:text-base-content"
                            data-noscroll="true"
                        >
                            {label}
                        </a>
                    }.into_any()
                })
                .collect_view()}
            </div>
        </nav>
    }
}

#[component]
fn PageSkeleton() -> impl IntoView {
    let block = || {
        view! {
            <div class="grid gap-x-10 gap-y-4 border-t border-base-300 py-7 first:border-t-0 md:grid-cols-[13rem_minmax(0,1fr)]">
                <div class="flex flex-col gap-2.5">
                    <Skeleton class="h-4 w-24" />
                    <Skeleton class="h-3 w-40" />
                </div>
                <div class="flex flex-col gap-5">
                    <Skeleton class="h-9 w-full" />
                    <Skeleton class="h-9 w-full" />
                    <Skeleton class="h-9 w-2/3" />
                </div>
            </div>
        }
    };
    view! {
        <div class="flex min-h-0 flex-1 overflow-hidden" role="status" aria-label=use_messages().common.loading>
            <div class="min-w-0 flex-1">
                <div class="flex h-12 items-center border-b border-base-300 px-4">
                    <Skeleton class="h-4 w-32" />
                </div>
                <div class="mx-auto max-w-4xl px-4 pt-4 md:px-8">
                    <Skeleton class="mt-8 h-16 w-full rounded-xl" />
                    {block()} {block()} {block()}
                </div>
            </div>
            <div class="hidden w-[26rem] shrink-0 flex-col gap-4 border-s border-base-300 p-4 xl:flex 2xl:w-[32rem]">
                <Skeleton class="h-4 w-24" />
                <Skeleton class="h-8 w-full" />
                <Skeleton class="mt-auto h-12 w-full rounded-xl" />
            </div>
        </div>
    }
}
