//! No such page.

use leptos::prelude::*;

use crate::i18n::use_messages;
use crate::ui::{ButtonLink, ButtonSize, ButtonVariant, PageTitle};

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
            <div class="mt-3">
                <ButtonLink
                    href="/dashboard/conversations".to_owned()
                    variant=ButtonVariant::Primary
                    size=ButtonSize::Medium
                >
                    {words.home}
                </ButtonLink>
            </div>
        </main>
    }
}
