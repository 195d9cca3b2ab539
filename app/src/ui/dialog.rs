//! A modal dialog on the native `<dialog>`: the browser traps focus, closes on Escape and gives focus back.

use leptos::html;
use leptos::prelude::*;

use super::button::IconButton;
use super::icon::IconName;
use crate::i18n::use_messages;

/// Opens and closes the `<dialog>` with the signal, and the signal with the `<dialog>` (Escape, a form's `dialog` method).
pub(super) fn follow_open(node: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    Effect::new(move || {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.open() {
            // Fails only when the element is not in the document: then there is nothing to show.
            let _ = dialog.show_modal();
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
}

#[component]
pub fn Dialog(
    #[prop(into)] id: String,
    #[prop(into)] title: String,
    open: RwSignal<bool>,
    children: ChildrenFn,
    /// The actions, right-aligned at the foot.
    #[prop(optional, into)]
    actions: Option<ViewFn>,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    follow_open(node, open);
    let heading_id = format!("{id}-title");
    view! {
        <dialog class="modal" id=id node_ref=node aria-labelledby=heading_id on:close=move |_| open.set(false)>
            <div class="modal-box max-w-lg rounded-xl p-0">
                <div class="flex items-center justify-between border-b border-base-300 py-2.5 ps-4 pe-2.5">
                    <h2 id=heading_id.clone() class="text-base font-semibold">
                        {title}
                    </h2>
                    <IconButton
                        icon=IconName::Close
                        label=use_messages().common.close.to_owned()
                        on_click=move |_| open.set(false)
                    />
                </div>
                // Built when opened, so that a page does not pay for dialogs that nobody opens.
                <div class="p-4">{move || open.get().then(|| children())}</div>
                {actions
                    .map(|actions| {
                        view! {
                            <div class="flex justify-end gap-2 border-t border-base-300 bg-base-200 px-4 py-2.5">
                                {move || actions.run()}
                            </div>
                        }
                    })}
            </div>
            <form method="dialog" class="modal-backdrop">
                <button tabindex="-1">{use_messages().common.close}</button>
            </form>
        </dialog>
    }
}
