//! Words and phrases as a list: each a chip that can be taken away, with a field that makes new ones.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::icon::{Icon, IconName};
use crate::i18n::use_messages;

/// One entry of a list, with a button that takes it away.
#[component]
pub fn Chip(
    #[prop(into)] text: String,
    /// Behind the text, in a lower voice.
    #[prop(optional, into)]
    note: Signal<Option<String>>,
    #[prop(optional)] disabled: bool,
    #[prop(into)] on_remove: Callback<()>,
) -> impl IntoView {
    let label = (use_messages().common.remove_named)(&text);
    view! {
        <span class="inline-flex h-6 max-w-full items-center gap-1 rounded-md bg-base-300 ps-2 pe-0.5 has-[button:disabled]:pe-2">
            <span class="truncate">{text}</span>
            {move || note.get().map(|note| view! { <span class="text-xs whitespace-nowrap text-muted">{note}</span> }.into_any())}
            <button
                type="button"
                class="flex size-5 shrink-0 cursor-pointer items-center justify-center rounded hover:bg-base-content/10 disabled:hidden"
                aria-label=label.clone()
                title=label
                disabled=disabled
                on:click=move |_| on_remove.run(())
            >
                <Icon name=IconName::Close class="size-3 shrink-0" />
            </button>
        </span>
    }
}

/// To stand in a [`super::Field`] with the same id. Enter, a comma or leaving the field makes a chip of what was typed;
/// Backspace in the empty field takes the last one away.
#[component]
pub fn ChipInput(
    #[prop(into)] id: String,
    value: RwSignal<Vec<String>>,
    #[prop(optional, into)] placeholder: String,
    #[prop(optional, into)] invalid: Signal<bool>,
    #[prop(optional)] disabled: bool,
    #[prop(optional, into)] on_edit: Option<Callback<()>>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let node = NodeRef::<html::Input>::new();
    let edited = move || {
        if let Some(on_edit) = on_edit {
            on_edit.run(());
        }
    };
    let add = move || {
        let text = typed.get_untracked();
        if text.trim().is_empty() {
            return;
        }
        typed.set(String::new());
        value.update(|all| take_in(all, &text));
        edited();
    };
    let remove = move |text: &str| {
        value.update(|all| all.retain(|other| other != text));
        edited();
        if let Some(node) = node.get_untracked() {
            // A field that has gone cannot take focus.
            let _ = node.focus();
        }
    };
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" | "," => {
            event.prevent_default();
            add();
        }
        "Backspace" if typed.with_untracked(String::is_empty) && value.with_untracked(|all| !all.is_empty()) => {
            value.update(|all| drop(all.pop()));
            edited();
        }
        _ => {}
    };
    view! {
        <div
            class="input h-auto min-h-9 w-full flex-wrap gap-1 py-1"
            class:input-error=move || invalid.get()
            class=("bg-base-200", disabled)
        >
            <For each=move || value.get() key=Clone::clone let:text>
                {
                    let own = text.clone();
                    view! { <Chip text=text disabled=disabled on_remove=move |()| remove(&own) /> }
                }
            </For>
            <input
                class="h-6 min-w-32 flex-1"
                aria-invalid=move || invalid.get().then_some("true")
                aria-describedby=format!("{id}-hint {id}-error")
                id=id
                type="text"
                autocomplete="off"
                enterkeyhint="done"
                placeholder=placeholder
                node_ref=node
                disabled=disabled
                prop:value=move || typed.get()
                on:input=move |event| typed.set(event_target_value(&event))
                on:keydown=on_key
                on:blur=move |_| add()
            />
        </div>
    }
}

/// Adds what was typed or pasted: each part between commas, once, whatever its case.
fn take_in(all: &mut Vec<String>, typed: &str) {
    for part in typed.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        if !all.iter().any(|other| other.to_lowercase() == part.to_lowercase()) {
            all.push(part.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_list_becomes_its_parts_and_nothing_is_there_twice() {
        let mut all = vec!["Refund".to_owned()];
        take_in(&mut all, " refund, lawyer ;;legal action,");
        assert_eq!(all, ["Refund", "lawyer", "legal action"]);
    }
}
