//! Short news where it hides nothing that one is about to use: at the lower left, or on a phone, where the composer
//! stands below, under the header. Errors stay until dismissed, the rest goes after a few seconds.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use uuid::Uuid;

use super::badge::Tone;
use super::button::IconButton;
use super::icon::{Icon, IconName};
use crate::i18n::use_messages;

/// How long news that needs no answer stays.
const LIFETIME: Duration = Duration::from_secs(6);

/// A button on a toast: undo, try again. Not a [`Callback`], which goes with the part of the page that made it: a toast
/// outlives the button that was clicked.
#[derive(Clone)]
pub struct ToastAction {
    label: String,
    run: Arc<dyn Fn(()) + Send + Sync>,
}

impl std::fmt::Debug for ToastAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ToastAction").field("label", &self.label).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
pub struct Toast {
    pub tone: Tone,
    pub text: String,
    /// A second line: what to do, the request id.
    pub detail: Option<String>,
    pub action: Option<ToastAction>,
    /// What it is about. Newer news about the same thing takes its place.
    pub about: Option<Uuid>,
}

impl Toast {
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into(), detail: None, action: None, about: None }
    }

    pub fn about(mut self, thing: Uuid) -> Self {
        self.about = Some(thing);
        self
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub fn action(mut self, label: impl Into<String>, run: impl Fn(()) + Send + Sync + 'static) -> Self {
        self.action = Some(ToastAction { label: label.into(), run: Arc::new(run) });
        self
    }
}

/// The toasts on the page. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    items: RwSignal<Vec<(u32, Toast)>>,
    next_id: StoredValue<u32>,
}

impl Toasts {
    /// Called once, by the app.
    pub fn provide() -> Self {
        let toasts = Self { items: RwSignal::new(Vec::new()), next_id: StoredValue::new(0) };
        provide_context(toasts);
        toasts
    }

    pub fn show(self, toast: Toast) {
        let id = self.next_id.get_value();
        self.next_id.set_value(id.wrapping_add(1));
        let lasting = toast.tone == Tone::Bad;
        if let Some(thing) = toast.about {
            self.settle(thing);
        }
        self.items.update(|items| items.push((id, toast)));
        if !lasting {
            set_timeout(move || self.dismiss(id), LIFETIME);
        }
    }

    /// What was said about this is over: it worked in the end, or was undone.
    pub fn settle(self, thing: Uuid) {
        let outdated = |(_, toast): &(u32, Toast)| toast.about == Some(thing);
        if self.items.try_with_untracked(|items| items.iter().any(outdated)) == Some(true) {
            self.items.update(|items| items.retain(|item| !outdated(item)));
        }
    }

    fn dismiss(self, id: u32) {
        // The region may be gone with its page when the timer fires.
        let _ = self.items.try_update(|items| items.retain(|(other, _)| *other != id));
    }
}

/// The page's toasts.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(Toasts::provide)
}

/// Where toasts appear; stands once in the app.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <section
            class="pointer-events-none fixed inset-x-0 top-12 z-50 flex flex-col items-center gap-2 p-3 sm:top-auto sm:bottom-0 sm:items-start sm:p-4"
            aria-label=use_messages().shell.notifications
            aria-live="polite"
            aria-relevant="additions"
        >
            <For each=move || toasts.items.get() key=|(id, _)| *id let:item>
                <ToastCard id=item.0 toast=item.1 />
            </For>
        </section>
    }
}

#[component]
fn ToastCard(id: u32, toast: Toast) -> impl IntoView {
    let toasts = use_toasts();
    let (icon, colour) = match toast.tone {
        Tone::Bad => (IconName::Alert, "text-danger"),
        Tone::Warning => (IconName::Alert, "text-warn"),
        Tone::Good | Tone::Accent | Tone::Neutral => (IconName::Check, "text-good"),
    };
    view! {
        <div
            class="pointer-events-auto flex w-full max-w-sm items-start gap-2.5 rounded-lg border border-base-300 bg-base-100 py-2.5 ps-3 pe-2 shadow-lg"
            role=if toast.tone == Tone::Bad { "alert" } else { "status" }
        >
            <span class=format!("mt-0.5 {colour}")>
                <Icon name=icon />
            </span>
            <div class="min-w-0 flex-1">
                <p class="font-medium">{toast.text}</p>
                {toast.detail.map(|detail| view! { <p class="text-xs break-words text-muted">{detail}</p> })}
            </div>
            {toast
                .action
                .map(|action| {
                    view! {
                        <button
                            type="button"
                            class="btn btn-ghost btn-xs font-medium text-link"
                            on:click=move |_| {
                                toasts.dismiss(id);
                                (action.run)(());
                            }
                        >
                            {action.label}
                        </button>
                    }
                })}
            <IconButton
                icon=IconName::Close
                label=use_messages().common.dismiss.to_owned()
                class="btn-xs"
                on_click=move |_| toasts.dismiss(id)
            />
        </div>
    }
}
