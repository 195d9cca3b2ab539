//! A menu behind a button. Arrow keys move, Escape closes and gives focus back, a click elsewhere closes.

use leptos::context::Provider;
use leptos::ev::{self, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::icon::{Icon, IconName};

/// Lets an item close the menu that it stands in.
#[derive(Clone, Copy)]
struct MenuState {
    open: RwSignal<bool>,
    trigger: NodeRef<html::Button>,
}

impl MenuState {
    fn close_and_refocus(self) {
        self.open.set(false);
        if let Some(trigger) = self.trigger.get_untracked() {
            // A trigger that has gone cannot take focus, and then the page keeps it.
            let _ = trigger.focus();
        }
    }
}

/// Closes the menu around the calling component, for items that are forms or links.
pub fn close_menu() {
    if let Some(menu) = use_context::<MenuState>() {
        menu.close_and_refocus();
    }
}

/// A button that opens a menu below it.
#[component]
pub fn Menu(
    #[prop(into)] id: String,
    /// The button's accessible name.
    #[prop(into)]
    label: Signal<String>,
    /// What the button shows.
    #[prop(into)]
    trigger: ViewFn,
    #[prop(default = "btn btn-ghost btn-sm")] class: &'static str,
    /// Opens towards the start of the line, for buttons at the right edge.
    #[prop(optional)]
    align_end: bool,
    /// Opens upwards, for buttons at the lower edge.
    #[prop(optional)]
    upwards: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Div>::new();
    let list = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let state = MenuState { open, trigger: button };

    Effect::new(move || {
        if open.get() {
            request_animation_frame(move || focus_item(list, Move::First));
        }
    });
    Effect::new(move || {
        let handle = window_event_listener(ev::pointerdown, move |event| {
            let Some(root) = root.get_untracked() else { return };
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
            if open.get_untracked() && !root.contains(target.as_ref()) {
                open.set(false);
            }
        });
        on_cleanup(move || handle.remove());
    });

    let on_key = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "Escape" => {
                event.stop_propagation();
                event.prevent_default();
                state.close_and_refocus();
                return;
            }
            "Tab" => {
                open.set(false);
                return;
            }
            "ArrowDown" => Move::Next,
            "ArrowUp" => Move::Previous,
            "Home" => Move::First,
            "End" => Move::Last,
            _ => return,
        };
        event.prevent_default();
        focus_item(list, step);
    };

    let side = if align_end { "end-0" } else { "start-0" };
    let edge = if upwards { "bottom-full mb-1" } else { "top-full mt-1" };
    let panel = format!(
        "absolute {side} {edge} z-30 max-h-[70vh] w-max max-w-[min(20rem,70vw)] min-w-56 overflow-y-auto rounded-lg border border-base-300 bg-base-100 p-1 shadow-lg"
    );
    let id = StoredValue::new(id);
    let children = StoredValue::new(children);
    view! {
        <div class="relative min-w-0" node_ref=root>
            <button
                type="button"
                class=class
                node_ref=button
                aria-haspopup="menu"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-controls=move || open.get().then(|| id.get_value())
                aria-label=move || label.get()
                title=move || label.get()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {trigger.run()}
            </button>
            // A context of its own: two menus side by side must not answer for each other.
            <Provider value=state>
            <Show when=move || open.get()>
                <div
                    class=panel.clone()
                    role="menu"
                    id=id.get_value()
                    aria-label=move || label.get()
                    node_ref=list
                    on:keydown=on_key
                >
                    {children.with_value(|children| children())}
                </div>
            </Show>
            </Provider>
        </div>
    }
}

#[derive(Clone, Copy)]
enum Move {
    First,
    Last,
    Next,
    Previous,
}

/// Moves focus among the items of an open menu, round and round.
fn focus_item(list: NodeRef<html::Div>, step: Move) {
    let Some(list) = list.get_untracked() else { return };
    let Ok(items) = list.query_selector_all("[role^=menuitem]:not([disabled])") else { return };
    let count = items.length();
    if count == 0 {
        return;
    }
    let active = document().active_element();
    let current = (0..count).find(|index| {
        items.item(*index).is_some_and(|item| active.as_ref().is_some_and(|active| active.is_same_node(Some(&item))))
    });
    let index = match (step, current) {
        (Move::First, _) | (Move::Next, None) => 0,
        (Move::Last, _) | (Move::Previous, None) => count - 1,
        (Move::Next, Some(index)) => (index + 1) % count,
        (Move::Previous, Some(index)) => (index + count - 1) % count,
    };
    if let Some(item) = items.item(index).and_then(|item| item.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An item that left the page cannot take focus.
        let _ = item.focus();
    }
}

/// The classes of an item, for items that are links or submit buttons.
pub const ITEM_CLASS: &str = "flex w-full cursor-pointer items-center gap-2 rounded-md px-2 py-1.5 text-start text-sm hover:bg-base-200 focus:bg-base-200 disabled:cursor-not-allowed disabled:opacity-50";

/// An item that does something and closes the menu.
#[component]
pub fn MenuAction(
    #[prop(into)] label: String,
    /// A second line, for what tells like things apart.
    #[prop(optional, into)]
    hint: Option<String>,
    #[prop(optional)] icon: Option<IconName>,
    /// For items of which one is chosen: shows a tick.
    #[prop(optional, into)]
    checked: Option<Signal<bool>>,
    /// Sends the form that it stands in and leaves the menu to it.
    #[prop(optional)]
    submit: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_click: Option<Callback<()>>,
) -> impl IntoView {
    let menu = use_context::<MenuState>();
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            role=if checked.is_some() { "menuitemradio" } else { "menuitem" }
            tabindex="-1"
            class=ITEM_CLASS
            aria-checked=move || checked.map(|checked| if checked.get() { "true" } else { "false" })
            disabled=move || disabled.get()
            on:click=move |_| {
                if submit {
                    return;
                }
                if let Some(menu) = menu {
                    menu.close_and_refocus();
                }
                if let Some(on_click) = on_click {
                    on_click.run(());
                }
            }
        >
            {icon.map(|name| view! { <Icon name=name class="size-4 shrink-0 text-muted" /> })}
            <span class="flex min-w-0 flex-1 flex-col">
                <span class="truncate">
                    {label}
                </span>
                {hint.map(|hint| view! { <span class="truncate text-xs text-muted">{hint}</span> })}
            </span>
            {move || {
                checked.is_some_and(|checked| checked.get()).then(|| view! { <Icon name=IconName::Check /> })
            }}
        </button>
    }
}

/// A small heading over a group of items.
#[component]
pub fn MenuHeading(#[prop(into)] text: String) -> impl IntoView {
    view! {
        <div class="px-2 pt-1.5 pb-1 text-xs font-medium text-muted" role="presentation">
            {text}
        </div>
    }
}

/// A line between groups.
#[component]
pub fn MenuDivider() -> impl IntoView {
    view! { <div class="my-1 border-t border-base-300" role="separator"></div> }
}
