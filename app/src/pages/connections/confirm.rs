//! Asks once more before something is taken away, and stays open until that was done.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::error::AppError;
use crate::i18n::use_messages;
use crate::state::browser::focus_by_id;
use crate::state::session::leave_if_signed_out;
use crate::ui::{Button, ButtonVariant, Dialog};

/// A question and what became of it. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Question {
    /// Of the dialog; unique on the page.
    id: &'static str,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    problem: RwSignal<Option<AppError>>,
}

impl Question {
    pub fn new(id: &'static str) -> Self {
        Self { id, open: RwSignal::new(false), busy: RwSignal::new(false), problem: RwSignal::new(None) }
    }

    pub fn ask(self) {
        self.problem.set(None);
        self.open.set(true);
    }

    /// Does what was confirmed. The dialog closes when that worked; what went wrong is told inside it.
    pub fn answer<T: 'static>(
        self,
        work: impl Future<Output = Result<T, AppError>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.problem.set(None);
        spawn_local(async move {
            let outcome = work.await;
            if self.busy.try_set(false).is_some() {
                // The page is gone.
                return;
            }
            match outcome {
                Ok(value) => {
                    self.open.set(false);
                    done(value);
                }
                Err(error) => {
                    leave_if_signed_out(&error);
                    self.problem.set(Some(error));
                    // A button that takes no click loses the focus.
                    request_animation_frame(move || focus_by_id(&button_id(self.id)));
                }
            }
        });
    }
}

fn button_id(question: &str) -> String {
    format!("{question}-do")
}

#[component]
pub fn Confirm(
    question: Question,
    title: &'static str,
    #[prop(into)] text: Signal<String>,
    /// What the button says that does it.
    action: &'static str,
    #[prop(into)] on_confirm: Callback<()>,
) -> impl IntoView {
    let messages = use_messages();
    let Question { id, open, busy, problem } = question;
    let actions = move || {
        view! {
            <Button on_click=move |_| open.set(false)>{messages.connections.cancel}</Button>
            <Button
                variant=ButtonVariant::Danger
                loading=busy
                attr:id=button_id(id)
                on_click=move |_| on_confirm.run(())
            >
                {action}
            </Button>
        }
    };
    view! {
        <Dialog id=id title=title open=open actions=actions>
            <p class="text-pretty break-words">{move || text.get()}</p>
            <div role="alert" class="mt-3 rounded-lg bg-danger-soft px-3 py-2 text-danger empty:hidden">
                {move || problem.get().map(|error| error.text(messages))}
            </div>
        </Dialog>
    }
}
