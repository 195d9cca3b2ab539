//! `/dashboard/ui`: every part of the kit in every state. Development only.

mod forms;
mod overlays;
mod settings;
mod states;

use leptos::prelude::*;

use crate::i18n::use_messages;
use crate::pages::not_found::NotFoundPage;
use crate::state::session::use_bootstrap;
use crate::ui::{
    Avatar, Badge, Button, ButtonSize, ButtonVariant, Icon, IconButton, IconName, PageTitle, TabLink, Tabs, Tone,
    Tooltip,
};

use forms::Forms;
use overlays::Overlays;
use settings::Settings;
use states::{Data, States};

#[component]
pub fn UiGalleryPage() -> impl IntoView {
    if !use_bootstrap().development {
        return view! { <NotFoundPage /> }.into_any();
    }
    view! {
        <PageTitle text=use_messages().shell.ui_kit />
        <div class="relative min-h-0 flex-1 overflow-y-auto" tabindex="0" role="region" aria-label=use_messages().shell.ui_kit>
            <div class="mx-auto flex max-w-4xl flex-col gap-10 p-4 pb-16 sm:p-6">
                <h1 class="text-xl font-semibold tracking-tight">{use_messages().shell.ui_kit}</h1>
                <Buttons />
                <Labels />
                <Forms />
                <Settings />
                <Overlays />
                <Data />
                <States />
            </div>
        </div>
    }
    .into_any()
}

/// A titled part of the page. The gallery shows parts by their names in the code, which are English.
#[component]
fn Part(#[prop(into)] name: String, children: Children) -> impl IntoView {
    view! {
        <section class="flex flex-col gap-3">
            <h2 class="border-b border-base-300 pb-1.5 font-semibold">{name}</h2>
            {children()}
        </section>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let variants = [
        (ButtonVariant::Primary, "Primary"),
        (ButtonVariant::Secondary, "Secondary"),
        (ButtonVariant::Ghost, "Ghost"),
        (ButtonVariant::Danger, "Danger"),
    ];
    view! {
        <Part name="Button">
            {variants
                .into_iter()
                .map(|(variant, name)| {
                    view! {
                        <div class="flex flex-wrap items-center gap-2">
                            <Button variant=variant>{name}</Button>
                            <Button variant=variant size=ButtonSize::Small>
                                {format!("{name}, small")}
                            </Button>
                            <Button variant=variant icon=IconName::Check>
                                "With icon"
                            </Button>
                            <Button variant=variant loading=Signal::from(true)>
                                "Loading"
                            </Button>
                            <Button variant=variant disabled=Signal::from(true)>
                                "Disabled"
                            </Button>
                        </div>
                    }
                })
                .collect_view()} <div class="flex items-center gap-1">
                <IconButton icon=IconName::Reply label="Reply".to_owned() />
                <IconButton icon=IconName::Panel label="Panel, pressed".to_owned() pressed=Signal::from(true) />
                <IconButton icon=IconName::More label="More, disabled".to_owned() disabled=Signal::from(true) />
            </div>
        </Part>
        <Part name="Icon">
            <div class="flex flex-wrap gap-3 text-muted">
                {IconName::ALL.iter().map(|name| view! { <Icon name=*name class="size-5" /> }).collect_view()}
            </div>
        </Part>
    }
}

#[component]
fn Labels() -> impl IntoView {
    let tones = [
        (Tone::Neutral, "Neutral"),
        (Tone::Accent, "Accent"),
        (Tone::Good, "Good"),
        (Tone::Warning, "Warning"),
        (Tone::Bad, "Bad"),
    ];
    let people = ["Ana Sousa", "Ömer Kaya", "Visitor 7F3A", "Li Wei", "Jonas Berg", "Priya Nair"];
    let tab = |label: &str, current, count| TabLink {
        label: label.to_owned(),
        href: "/dashboard/ui".to_owned(),
        current,
        count,
    };
    view! {
        <Part name="Badge">
            <div class="flex flex-wrap gap-2">
                {tones.into_iter().map(|(tone, name)| view! { <Badge tone=tone text=name.to_owned() /> }).collect_view()}
            </div>
        </Part>
        <Part name="Avatar">
            <div class="flex gap-2">
                {people.into_iter().map(|name| view! { <Avatar name=name /> }).collect_view()}
            </div>
        </Part>
        <Part name="Tabs">
            <Tabs
                label="Example tabs"
                tabs=vec![tab("Mine", true, Some(4)), tab("Unassigned", false, Some(12)), tab("All", false, None)]
            />
        </Part>
        <Part name="Tooltip">
            <div>
                <Tooltip text="Also said elsewhere">
                    <Button>"Hover or focus me"</Button>
                </Tooltip>
            </div>
        </Part>
    }
}
