//! A panel that slides in from a side: a modal dialog of full height.

use leptos::html;
use leptos::prelude::*;

use super::button::IconButton;
use super::dialog::follow_open;
use super::icon::IconName;
use crate::i18n::use_messages;

/// From which side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DrawerSide {
    Start,
    #[default]
    End,
}

#[component]
pub fn Drawer(
    #[prop(into)] id: String,
    #[prop(into)] title: String,
    open: RwSignal<bool>,
    #[prop(optional)] side: DrawerSide,
    /// For details that need more room than a list of links.
    #[prop(optional)]
    wide: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    follow_open(node, open);
    let heading_id = format!("{id}-title");
    let class = match side {
        DrawerSide::Start => "modal modal-start",
        DrawerSide::End => "modal modal-end",
    };
    let panel = if wide {
        "modal-box flex w-[34rem] max-w-[94vw] flex-col p-0"
    } else {
        "modal-box flex w-80 max-w-[88vw] flex-col p-0"
    };
    view! {
        <dialog class=class id=id node_ref=node aria-labelledby=heading_id on:close=move |_| open.set(false)>
            <div class=panel>
                <div class="flex h-12 shrink-0 items-center justify-between border-b border-base-300 ps-4 pe-2.5">
                    <h2 id=heading_id.clone() class="text-base font-semibold">
                        {title}
                    </h2>
                    <IconButton
                        icon=IconName::Close
                        label=use_messages().common.close.to_owned()
                        on_click=move |_| open.set(false)
                    />
                </div>
                <div class="relative min-h-0 flex-1 overflow-y-auto p-2">{move || open.get().then(|| children())}</div>
            </div>
            <form method="dialog" class="modal-backdrop">
                <button tabindex="-1">{use_messages().common.close}</button>
            </form>
        </dialog>
    }
}
