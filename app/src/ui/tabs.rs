//! Tabs that are links: each has an address, so that back, reload and sharing work.

use leptos::prelude::*;

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabLink {
    pub label: String,
    pub href: String,
    pub current: bool,
    /// Shown behind the label.
    pub count: Option<i64>,
}

/// A row of tabs. `label` names the row for screen readers.
#[component]
pub fn Tabs(#[prop(into)] label: String, #[prop(into)] tabs: Signal<Vec<TabLink>>) -> impl IntoView {
    view! {
        <nav aria-label=label class="flex min-w-0 gap-0.5 overflow-x-auto">
            {move || {
                tabs.get()
                    .into_iter()
                    .map(|tab| {
                        let class = if tab.current {
                            "flex items-center gap-1.5 rounded-md bg-base-300 px-2.5 py-1 font-medium whitespace-nowrap"
                        } else {
                            "flex items-center gap-1.5 rounded-md px-2.5 py-1 whitespace-nowrap text-muted hover:bg-base-200"
                        };
                        view! {
                            <a href=tab.href class=class aria-current=tab.current.then_some("page") data-noscroll="true">
                                {tab.label}
                                {tab
                                    .count
                                    .map(|count| view! { <span class="text-xs tabular-nums">{count}</span> })}
                            </a>
                        }
                    })
                    .collect_view()
            }}
        </nav>
    }
}
