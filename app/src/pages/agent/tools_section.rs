//! What the AI may do beside searching the pages.

use leptos::prelude::*;

use super::fields::{ListProblem, Pair, Section};
use super::form::AgentForm;
use super::rows::ToolForm;
use crate::i18n::use_messages;
use crate::ui::{
    Button, ButtonSize, ButtonVariant, Disclosure, Field, IconName, SecretInput, Switch, TextInput, Textarea,
};

const TOOLS: &str = "tools.http";
const SECRETS: &str = "tool_secrets";

#[component]
pub fn ToolsSection(form: AgentForm) -> impl IntoView {
    let words = &use_messages().agent;
    let switches = [
        (words.products, words.products_hint, form.products),
        (words.orders, words.orders_hint, form.orders),
        (words.contact, words.contact_hint, form.capture_contact),
    ];
    view! {
        <Section id="tools" title=words.tools_title lead=words.tools_lead>
            {switches
                .into_iter()
                .map(|(label, hint, checked)| {
                    view! { <Switch label=label hint=hint checked=checked disabled=!form.writable /> }.into_any()
                })
                .collect_view()}
            <div class="flex flex-col gap-3">
                <div>
                    <h3 class="font-medium">{words.own_tools}</h3>
                    <p class="text-xs text-muted">{words.own_tools_hint}</p>
                </div>
                <ListProblem form=form id=TOOLS />
                <ListProblem form=form id=SECRETS />
                <div class="rounded-lg border border-base-300 px-3 empty:hidden">
                    <For each=move || form.tools.get() key=|tool| tool.key let:tool>
                        <ToolRow form=form tool=tool />
                    </For>
                </div>
                {form
                    .writable
                    .then(|| {
                        let add = move |_| {
                            let tool = ToolForm::empty(form.key());
                            form.tools.update(|tools| tools.push(tool));
                            form.edited(TOOLS);
                        };
                        view! {
                            <div>
                                <Button size=ButtonSize::Small icon=IconName::Plus on_click=add>
                                    {words.add_tool}
                                </Button>
                            </div>
                        }.into_any()
                    })}
            </div>
        </Section>
    }
}

#[component]
fn ToolRow(form: AgentForm, tool: ToolForm) -> impl IntoView {
    let words = &use_messages().agent;
    let disabled = !form.writable;
    let title = Signal::derive(move || {
        let name = tool.name.get();
        if name.trim().is_empty() { words.new_tool.to_owned() } else { name }
    });
    let edited = move |()| {
        form.edited(TOOLS);
        form.edited(SECRETS);
    };
    let id = move |part: &str| format!("tool-{}-{part}", tool.key);
    let kept = Signal::derive(move || {
        let name = tool.name.get();
        form.saved.with(|saved| saved.tool_secrets.contains(&name)).then(String::new)
    });
    let line = move |part: &'static str, label: &'static str, hint: &'static str, value, placeholder: &'static str| {
        view! {
            <Field id=id(part) label=label hint=hint>
                <TextInput
                    id=id(part)
                    name=part
                    value=value
                    placeholder=placeholder
                    autocomplete="off"
                    disabled=disabled
                    on_edit=edited
                />
            </Field>
        }
        .into_any()
    };
    let remove = move |_| {
        form.tools.update(|tools| tools.retain(|other| other.key != tool.key));
        edited(());
    };
    view! {
        <Disclosure title=title note=tool.url open=!tool.known>
            <div class="flex flex-col gap-4 pt-1">
                <Pair>
                    {line("name", words.tool_name, words.tool_name_hint, tool.name, "loyalty_points")}
                    {line("url", words.tool_url, words.tool_url_hint, tool.url, "https://shop.example/api/points")}
                </Pair>
                {line("description", words.tool_description, words.tool_description_hint, tool.description, "")}
                <Field id=id("parameters") label=words.tool_parameters hint=words.tool_parameters_hint>
                    <Textarea
                        id=id("parameters")
                        value=tool.parameters
                        rows=4
                        mono=true
                        disabled=disabled
                        on_typing=edited
                    />
                </Field>
                <Pair>
                    {line("header", words.tool_header, words.tool_header_hint, tool.secret_header, "x-api-key")}
                    <Field id=id("secret") label=words.tool_secret>
                        <SecretInput id=id("secret") draft=tool.secret kept=kept disabled=disabled on_edit=edited />
                    </Field>
                </Pair>
                <Switch
                    label=words.tool_verified
                    hint=words.tool_verified_hint
                    checked=tool.requires_verification
                    disabled=disabled
                />
                {form
                    .writable
                    .then(|| {
                        view! {
                            <div>
                                <Button
                                    variant=ButtonVariant::Ghost
                                    size=ButtonSize::Small
                                    icon=IconName::Trash
                                    on_click=remove
                                >
                                    {words.remove_tool}
                                </Button>
                            </div>
                        }.into_any()
                    })}
            </div>
        </Disclosure>
    }
}
