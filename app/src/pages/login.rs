//! The log-in page. The form works before and without script; with it, errors appear in place.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use omniops_types::ErrorCode;

use crate::error::AppError;
use crate::i18n::use_messages;
use crate::rpc::auth::Login;
use crate::state::browser;
use crate::state::session::safe_next;
use crate::ui::{Button, ButtonSize, ButtonVariant, Field, IconButton, IconName, PageTitle, TextInput};

#[component]
pub fn LoginPage() -> impl IntoView {
    let messages = use_messages();
    let words = &messages.login;
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name));
    let next = move || asked("next").unwrap_or_default();
    // What a form that was sent without script came back with.
    let failed = asked("failed").and_then(|code| ErrorCode::parse(&code)).map(|code| {
        let mut error = AppError::local(code, "the form was refused");
        error.0.retry_after = asked("wait").and_then(|seconds| seconds.parse().ok());
        error
    });

    #[cfg(feature = "ssr")]
    if crate::state::session::use_me().is_some() {
        leptos_axum::redirect(&safe_next(Some(&next())));
    }

    let login = ServerAction::<Login>::new();
    let pending = login.pending();
    let password_shown = RwSignal::new(false);
    let error = Signal::derive(move || match &*login.value().read() {
        Some(Err(error)) => Some(error.clone()),
        Some(Ok(_)) => None,
        None => failed.clone(),
    });
    // The new session comes with a new page: who is signed in is part of what the server renders.
    Effect::new(move || {
        if let Some(Ok(page)) = login.value().get() {
            browser::open(&safe_next(Some(&page)));
        }
    });

    view! {
        <PageTitle text=words.page />
        <main class="flex min-h-dvh flex-col items-center justify-center bg-base-200 p-4">
            <div class="w-full max-w-sm">
                <div class="mb-6 flex flex-col gap-1">
                    <Logo />
                    <h1 class="mt-4 text-xl font-semibold tracking-tight">{words.heading}</h1>
                    <p class="text-muted">
                        {move || if next().is_empty() { words.lead } else { words.signed_out_hint }}
                    </p>
                </div>
                <ActionForm action=login attr:class="flex flex-col gap-4">
                    <input type="hidden" name="next" value=next() />
                    <div
                        class="rounded-lg border border-danger/40 bg-danger-soft px-3 py-2 text-danger empty:hidden"
                        role="alert"
                    >
                        {move || error.get().map(|error| error.text(messages))}
                    </div>
                    <Field id="email" label=words.email>
                        <TextInput
                            id="email"
                            name="email"
                            kind="email"
                            autocomplete="username"
                            required=true
                            autofocus=true
                            invalid=Signal::derive(move || error.get().is_some())
                        />
                    </Field>
                    <Field id="password" label=words.password>
                        <div class="relative">
                            <PasswordInput shown=password_shown invalid=Signal::derive(move || error.get().is_some()) />
                            <div class="absolute end-0.5 top-0.5">
                                <IconButton
                                    icon=IconName::Eye
                                    class="text-muted"
                                    label=Signal::derive(move || {
                                        if password_shown.get() { words.hide_password } else { words.show_password }
                                            .to_owned()
                                    })
                                    on_click=move |_| password_shown.update(|shown| *shown = !*shown)
                                />
                            </div>
                        </div>
                    </Field>
                    <Button variant=ButtonVariant::Primary size=ButtonSize::Block submit=true loading=pending>
                        {move || if pending.get() { words.submitting } else { words.submit }}
                    </Button>
                </ActionForm>
            </div>
        </main>
    }
}

#[component]
fn PasswordInput(shown: RwSignal<bool>, invalid: Signal<bool>) -> impl IntoView {
    view! {
        <input
            class="input h-9 w-full pe-11"
            class:input-error=move || invalid.get()
            aria-invalid=move || invalid.get().then_some("true")
            id="password"
            name="password"
            type=move || if shown.get() { "text" } else { "password" }
            autocomplete="current-password"
            required=true
        />
    }
}

/// The mark and the name.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <span class="flex items-center gap-2 font-semibold">
            <LogoMark />
            "OmniOps"
        </span>
    }
}

/// The mark alone.
#[component]
pub fn LogoMark() -> impl IntoView {
    view! {
        <svg class="size-7 shrink-0" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="#4d58c9"></rect>
            <path
                d="M9 10h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-6l-5 4v-4H9a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z"
                fill="#fff"
            ></path>
        </svg>
    }
}
