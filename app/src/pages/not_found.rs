//! No such page.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::i18n::use_messages;
use crate::ui::PageTitle;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    let words = &use_messages().not_found;
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    view! {
        <PageTitle text=words.page />
        <main class="flex min-h-dvh flex-col items-center justify-center gap-2 p-6 text-center">
            <p class="text-sm font-medium text-muted tabular-nums">"404"</p>
            <h1 class="text-xl font-semibold">{words.heading}</h1>
            <p class="text-muted">{words.hint}</p>
            <A href="/dashboard/conversations" attr:class="btn btn-primary btn-sm mt-3 h-8">
                {words.home}
            </A>
        </main>
    }
}
