//! What a view says when it could not be loaded: what happened, a way to try again, the request id for support.

use leptos::prelude::*;

use super::button::{Button, ButtonSize};
use super::icon::{Icon, IconName};
use crate::error::AppError;
use crate::i18n::use_messages;

#[component]
pub fn ErrorState(
    #[prop(into)] title: String,
    error: AppError,
    #[prop(optional, into)] on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let messages = use_messages();
    let text = error.text(messages);
    let request_id = error.request_id().map(str::to_owned);
    view! {
        <div class="flex flex-col items-center gap-1 px-6 py-12 text-center" role="alert">
            <span class="mb-2 flex size-10 items-center justify-center rounded-full bg-danger-soft text-danger">
                <Icon name=IconName::Alert class="size-5" />
            </span>
            <p class="font-medium">{title}</p>
            <p class="max-w-72 text-balance text-muted">{text}</p>
            {on_retry
                .map(|on_retry| {
                    view! {
                        <div class="mt-3">
                            <Button size=ButtonSize::Small on_click=move |_| on_retry.run(())>
                                {messages.common.retry}
                            </Button>
                        </div>
                    }
                })}
            {request_id
                .map(|id| {
                    view! {
                        <p class="mt-3 text-xs text-muted">
                            {messages.common.request_id} " " <code class="select-all">{id}</code>
                        </p>
                    }
                })}
        </div>
    }
}
