//! `/dashboard/settings/connections`: the store and the identity keys, of one domain at a time.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use omniops_types::{ErrorCode, Permission};

use super::keys::Keys;
use super::keys_section::{KeyDialogs, KeysSection};
use super::store_form::StoreForm;
use super::store_section::{Disconnect, StoreSection};
use crate::error::AppError;
use crate::i18n::use_messages;
use crate::rpc::connections::{self as rpc, Connections};
use crate::state::browser::use_go;
use crate::state::session::{may, use_me};
use crate::ui::{
    Choice, CodeBlock, EmptyState, ErrorState, IconName, LeaveGuard, PageTitle, SaveBar, Select, Skeleton,
};

const PATH: &str = "/dashboard/settings/connections";

#[component]
pub fn ConnectionsPage() -> impl IntoView {
    let words = &use_messages().connections;
    if !may(Permission::SettingsRead) {
        return view! {
            <PageTitle text=words.page />
            <NoPermission />
        }
        .into_any();
    }
    let connections = Resource::new(|| (), |()| rpc::read());
    let reload = Callback::new(move |()| connections.refetch());
    view! {
        <PageTitle text=words.page />
        <Suspense fallback=PageSkeleton>
            {move || {
                connections
                    .get()
                    .map(|answer| match answer {
                        Ok(all) => view! { <Loaded all=all /> }.into_any(),
                        Err(error) => view! { <NotLoaded error=error on_retry=reload /> }.into_any(),
                    })
            }}
        </Suspense>
    }
    .into_any()
}

/// What stands in the middle of a page that has nothing else.
#[component]
fn Middle(children: Children) -> impl IntoView {
    view! {
        <div class="flex min-h-0 flex-1 items-center justify-center overflow-y-auto">
            <h1 class="sr-only">{use_messages().connections.page}</h1>
            {children()}
        </div>
    }
}

#[component]
fn NoPermission() -> impl IntoView {
    let words = &use_messages().agent;
    view! {
        <Middle>
            <EmptyState icon=IconName::Lock title=words.no_permission hint=words.no_permission_hint />
        </Middle>
    }
}

#[component]
fn NotLoaded(error: AppError, on_retry: Callback<()>) -> impl IntoView {
    if error.code() == ErrorCode::Forbidden {
        return view! { <NoPermission /> }.into_any();
    }
    view! {
        <Middle>
            <ErrorState title=use_messages().agent.load_failed error=error on_retry=on_retry />
        </Middle>
    }
    .into_any()
}

#[component]
fn NoDomain() -> impl IntoView {
    let words = &use_messages().connections;
    let tenant = use_me().map(|me| me.current.slug).unwrap_or_default();
    let command = format!("omniops tenant add-domain --tenant {tenant} shop.example");
    view! {
        <Middle>
            <EmptyState icon=IconName::Plug title=words.no_domain hint=words.no_domain_hint>
                <div class="max-w-[min(30rem,calc(100vw-3rem))] text-start">
                    <CodeBlock label=words.command code=command />
                </div>
            </EmptyState>
        </Middle>
    }
}

/// A domain and what it is connected to. Cheap to copy.
#[derive(Clone, Copy)]
struct Place {
    host: StoredValue<String>,
    store: StoreForm,
    keys: Keys,
}

impl Place {
    fn new(connections: Connections) -> Self {
        let Connections { domain, store, identity_keys } = connections;
        Self {
            host: StoredValue::new(domain.clone()),
            store: StoreForm::new(domain.clone(), store),
            keys: Keys::new(domain, identity_keys),
        }
    }
}

#[component]
fn Loaded(all: Vec<Connections>) -> impl IntoView {
    let places: Vec<Place> = all.into_iter().map(Place::new).collect();
    match places.first().copied() {
        Some(first) => view! { <Settings places=places first=first /> }.into_any(),
        None => view! { <NoDomain /> }.into_any(),
    }
}

#[component]
fn Settings(places: Vec<Place>, first: Place) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.connections;
    let several = places.len() > 1;
    let places = StoredValue::new(places);
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|query| query.get("domain")).unwrap_or_default());
    // What is typed for a domain stays while another one is shown.
    let place = move || {
        let wanted = wanted.get();
        let found = places.with_value(|all| all.iter().find(|place| place.host.get_value() == wanted).copied());
        found.unwrap_or(first)
    };
    let store = move || place().store;
    let dirty = Memo::new(move |_| places.with_value(|all| all.iter().any(|place| place.store.dirty())));
    view! {
        <div class="flex min-h-0 flex-1 flex-col">
            <header class="flex h-12 shrink-0 items-center gap-3 border-b border-base-300 px-4">
                <h1 class="truncate text-base font-semibold">{words.page}</h1>
                <div class="ms-auto min-w-0">
                    {if several {
                        view! { <DomainSelect places=places host=Signal::derive(move || place().host.get_value()) /> }
                            .into_any()
                    } else {
                        view! { <p class="truncate text-muted">{first.host.get_value()}</p> }.into_any()
                    }}
                </div>
            </header>
            <div
                class="@container relative min-h-0 flex-1 overflow-y-auto"
                tabindex="0"
                role="region"
                aria-label=words.page
            >
                {move || {
                    let Place { store, keys, .. } = place();
                    view! {
                        <form
                            id="store-form"
                            class="mx-auto w-full max-w-4xl px-4 pb-16 @3xl:px-8"
                            aria-label=words.page
                            on:submit=move |event| {
                                event.prevent_default();
                                store.save();
                            }
                        >
                            {(!store.writable)
                                .then(|| view! { <p class="pt-4 text-muted">{messages.agent.read_only}</p> }.into_any())}
                            <StoreSection form=store />
                            <KeysSection keys=keys />
                            // What Enter in a field presses; the button that one sees stands in the bar.
                            <button type="submit" class="sr-only" tabindex="-1" aria-hidden="true"></button>
                        </form>
                        <Disconnect form=store />
                        <KeyDialogs keys=keys />
                    }
                }}
            </div>
            <SaveBar
                dirty=Signal::derive(move || store().dirty())
                saving=Signal::derive(move || store().saving.get())
                conflict=false
                on_save=move |()| untrack(store).save()
                on_discard=move |()| untrack(store).load()
                on_reload=|()| ()
            />
        </div>
        <LeaveGuard dirty=dirty />
    }
}

/// Chooses the domain; its host stands in the address, so that a reload and a link lead to the same.
#[component]
fn DomainSelect(places: StoredValue<Vec<Place>>, host: Signal<String>) -> impl IntoView {
    let choices = places.with_value(|all| {
        let choice = |place: &Place| Choice::new(place.host.get_value(), place.host.get_value());
        all.iter().map(choice).collect::<Vec<_>>()
    });
    let go = use_go();
    view! {
        <Select
            label=use_messages().connections.domain
            choices=choices
            value=host
            on_change=move |host: String| go(&format!("{PATH}?domain={host}"))
        />
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
                    <Skeleton class="h-16 w-full rounded-xl" />
                    <Skeleton class="h-9 w-full" />
                    <Skeleton class="h-9 w-2/3" />
                </div>
            </div>
        }
    };
    view! {
        <div class="min-h-0 flex-1 overflow-hidden" role="status" aria-label=use_messages().common.loading>
            <div class="flex h-12 items-center border-b border-base-300 px-4">
                <Skeleton class="h-4 w-32" />
            </div>
            <div class="mx-auto max-w-4xl px-4 md:px-8">{block()} {block()}</div>
        </div>
    }
}
