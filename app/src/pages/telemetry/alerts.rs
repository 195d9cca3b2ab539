//! What somebody should look at, above everything else.

use leptos::prelude::*;
use omniops_types::Alert;

use crate::i18n::use_messages;
use crate::ui::{Icon, IconName, RelativeTime};

#[component]
pub fn OpenAlerts(alerts: Memo<Vec<Alert>>) -> impl IntoView {
    let words = &use_messages().telemetry;
    view! {
        <Show when=move || alerts.with(|alerts| !alerts.is_empty())>
            <ul aria-label=words.alerts class="flex flex-col gap-1">
                {move || {
                    alerts
                        .get()
                        .into_iter()
                        .map(|alert| {
                            view! {
                                <li class="flex flex-wrap items-center gap-x-2 rounded-lg bg-danger-soft px-3 py-2 text-danger">
                                    <Icon name=IconName::Alert />
                                    <span class="font-medium">{(words.alert)(alert.kind, &alert.subject)}</span>
                                    <span class="text-xs">
                                        {words.since} " " <RelativeTime at=alert.opened_at />
                                    </span>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </Show>
    }
}
