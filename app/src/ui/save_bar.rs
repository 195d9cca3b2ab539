//! The one bar with which a form of settings is saved. It is there as soon as something was changed.

use leptos::prelude::*;

use super::button::{Button, ButtonVariant};
use crate::i18n::use_messages;

#[component]
pub fn SaveBar(
    #[prop(into)] dirty: Signal<bool>,
    #[prop(into)] saving: Signal<bool>,
    /// Somebody else saved meanwhile: only theirs can be loaded now.
    #[prop(into)]
    conflict: Signal<bool>,
    #[prop(into)] on_save: Callback<()>,
    #[prop(into)] on_discard: Callback<()>,
    #[prop(into)] on_reload: Callback<()>,
) -> impl IntoView {
    let words = &use_messages().common;
    let shown = Memo::new(move |_| dirty.get() || conflict.get());
    view! {
        <Show when=move || shown.get()>
            <div
                class="flex shrink-0 flex-wrap items-center justify-end gap-x-3 gap-y-2 border-t border-base-300 bg-base-200 px-4 py-2.5"
                role="group"
                aria-label=words.unsaved
            >
                {move || {
                    if conflict.get() {
                        view! {
                            <p class="me-auto min-w-0 text-danger" role="alert">
                                {words.conflict}
                            </p>
                            <Button on_click=move |_| on_reload.run(())>{words.reload}</Button>
                        }
                            .into_any()
                    } else {
                        view! {
                            <p class="me-auto min-w-0 font-medium">{words.unsaved}</p>
                            <Button variant=ButtonVariant::Ghost disabled=saving on_click=move |_| on_discard.run(())>
                                {words.discard}
                            </Button>
                            <Button variant=ButtonVariant::Primary loading=saving on_click=move |_| on_save.run(())>
                                {words.save}
                            </Button>
                        }
                            .into_any()
                    }
                }}
            </div>
        </Show>
    }
}
