//! What comes over the page.

use leptos::prelude::*;

use super::Part;
use crate::ui::{
    Button, ButtonVariant, Dialog, Drawer, Icon, IconName, Menu, MenuAction, MenuDivider, MenuHeading, Toast, Tone,
    use_toasts,
};

#[component]
pub fn Overlays() -> impl IntoView {
    let (dialog, drawer) = (RwSignal::new(false), RwSignal::new(false));
    let picked = RwSignal::new(0);
    view! {
        <Part name="Dialog, drawer, menu, toast">
            <div class="flex flex-wrap gap-2">
                <Button on_click=move |_| dialog.set(true)>"Open dialog"</Button>
                <Button on_click=move |_| drawer.set(true)>"Open drawer"</Button>
                <Menu
                    id="gallery-menu"
                    label="Example menu".to_owned()
                    class="btn btn-outline btn-sm h-8 border-base-300"
                    trigger=|| view! { "Open menu" <Icon name=IconName::ChevronDown /> }
                >
                    <MenuHeading text="Pick one" />
                    {["First", "Second"]
                        .into_iter()
                        .enumerate()
                        .map(|(index, label)| {
                            view! {
                                <MenuAction
                                    label=label
                                    checked=Signal::derive(move || picked.get() == index)
                                    on_click=move |()| picked.set(index)
                                />
                            }
                        })
                        .collect_view()}
                    <MenuDivider />
                    <MenuAction label="With an icon" icon=IconName::Copy />
                    <MenuAction label="Disabled" disabled=Signal::from(true) />
                </Menu>
                <ToastButtons />
            </div>
        </Part>
        <Dialog
            id="gallery-dialog"
            title="A dialog"
            open=dialog
            actions=move || {
                view! {
                    <Button on_click=move |_| dialog.set(false)>"Cancel"</Button>
                    <Button variant=ButtonVariant::Primary on_click=move |_| dialog.set(false)>
                        "Do it"
                    </Button>
                }
            }
        >
            <p>"Focus stays inside, Escape closes, and focus returns to the button that opened it."</p>
        </Dialog>
        <Drawer id="gallery-drawer" title="A drawer" open=drawer>
            <p class="p-2">"For details beside a page, and for the menu on a phone."</p>
        </Drawer>
    }
}

#[component]
fn ToastButtons() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <Button on_click=move |_| toasts.show(Toast::new(Tone::Good, "Saved"))>"Toast"</Button>
        <Button on_click=move |_| {
            let again = move |()| toasts.show(Toast::new(Tone::Good, "Worked this time"));
            toasts
                .show(
                    Toast::new(Tone::Bad, "Not sent").detail("The server cannot be reached.").action("Try again", again),
                );
        }>"Error toast"</Button>
    }
}
