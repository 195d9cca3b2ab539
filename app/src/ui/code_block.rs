//! Code to read or copy.

use leptos::prelude::*;

use super::badge::Tone;
use super::button::IconButton;
use super::icon::IconName;
use super::toast::{Toast, use_toasts};
use crate::i18n::use_messages;

#[component]
pub fn CodeBlock(
    /// Names the block for screen readers.
    #[prop(into)]
    label: String,
    #[prop(into)] code: String,
) -> impl IntoView {
    let messages = use_messages();
    let toasts = use_toasts();
    let text = StoredValue::new(code.clone());
    let copy = move |_| {
        // Browsers give no clipboard outside secure contexts; then the text can still be selected by hand.
        if !window().is_secure_context() {
            return;
        }
        let _ = window().navigator().clipboard().write_text(&text.get_value());
        toasts.show(Toast::new(Tone::Good, messages.common.copied));
    };
    view! {
        // Beside each other: a long line ends before the button, however far it is scrolled.
        <div class="flex items-start rounded-lg border border-base-300 bg-base-200">
            <pre class="min-w-0 flex-1 overflow-x-auto p-3 text-xs" tabindex="0" role="region" aria-label=label>
                <code>{code}</code>
            </pre>
            <div class="shrink-0 p-1.5">
                <IconButton icon=IconName::Copy label=messages.common.copy.to_owned() on_click=copy />
            </div>
        </div>
    }
}
