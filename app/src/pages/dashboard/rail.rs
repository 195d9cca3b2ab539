//! The main navigation: a slim rail, and the same links in a drawer on a phone.

use leptos::prelude::*;
use leptos_router::components::A;
use omniops_types::Permission;

use crate::i18n::use_messages;
use crate::state::browser;
use crate::state::session::{RAIL_COOKIE, may, use_bootstrap};
use crate::ui::{Drawer, DrawerSide, Icon, IconButton, IconName};

struct Destination {
    href: &'static str,
    label: &'static str,
    icon: IconName,
}

/// Where one can go. Only pages that exist.
fn destinations() -> Vec<Destination> {
    let words = &use_messages().shell;
    let mut all = vec![Destination { href: "/dashboard/conversations", label: words.inbox, icon: IconName::Inbox }];
    if may(Permission::AnalyticsRead) {
        all.push(Destination { href: "/dashboard/telemetry", label: words.telemetry, icon: IconName::Chart });
    }
    if may(Permission::SettingsRead) {
        all.push(Destination { href: "/dashboard/settings/agent", label: words.agent, icon: IconName::Bot });
        let (href, label) = ("/dashboard/settings/connections", words.connections);
        all.push(Destination { href, label, icon: IconName::Plug });
    }
    if use_bootstrap().development {
        all.push(Destination { href: "/dashboard/ui", label: words.ui_kit, icon: IconName::Layout });
    }
    all
}

#[component]
pub fn Rail() -> impl IntoView {
    let words = &use_messages().shell;
    let collapsed = RwSignal::new(use_bootstrap().rail_collapsed);
    let toggle = move |_| {
        collapsed.update(|collapsed| *collapsed = !*collapsed);
        browser::set_cookie(RAIL_COOKIE, if collapsed.get_untracked() { "collapsed" } else { "open" });
    };
    view! {
        <nav
            aria-label=words.navigation
            class="hidden shrink-0 flex-col border-e border-base-300 bg-base-200 p-1.5 md:flex"
            class:w-12=move || collapsed.get()
            class:w-22=move || !collapsed.get()
        >
            <ul class="flex flex-1 flex-col gap-1">
                {destinations()
                    .into_iter()
                    .map(|to| {
                        view! {
                            <li>
                                <A
                                    href=to.href
                                    attr:title=to.label
                                    attr:class="flex flex-col items-center gap-1 rounded-lg px-0 py-2 text-muted hover:bg-base-300 aria-[current=page]:bg-accent-soft aria-[current=page]:text-link"
                                >
                                    <Icon name=to.icon class="size-5" />
                                    <span
                                        class="max-w-full truncate text-[11px] leading-tight font-medium"
                                        class:sr-only=move || collapsed.get()
                                    >
                                        {to.label}
                                    </span>
                                </A>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            <div class="flex justify-center">
                <IconButton
                    icon=IconName::Panel
                    label=Signal::derive(move || {
                        if collapsed.get() { words.expand } else { words.collapse }.to_owned()
                    })
                    class="text-muted rotate-180"
                    on_click=toggle
                />
            </div>
        </nav>
    }
}

#[component]
pub fn NavigationDrawer(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Drawer id="navigation" title="OmniOps" open=open side=DrawerSide::Start>
            <nav aria-label=use_messages().shell.navigation>
                <ul class="flex flex-col gap-0.5">
                    {destinations()
                        .into_iter()
                        .map(|to| {
                            view! {
                                <li>
                                    <A
                                        href=to.href
                                        on:click=move |_| open.set(false)
                                        attr:class="flex items-center gap-3 rounded-lg px-3 py-2.5 hover:bg-base-200 aria-[current=page]:bg-accent-soft aria-[current=page]:text-link"
                                    >
                                        <Icon name=to.icon class="size-5" />
                                        {to.label}
                                    </A>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </nav>
        </Drawer>
    }
}
