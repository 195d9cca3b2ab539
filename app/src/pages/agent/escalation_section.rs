//! When a person is offered or called.

use leptos::prelude::*;
use omniops_types::EscalationAction;

use super::fields::{Line, ListProblem, Section};
use super::form::AgentForm;
use super::rows::RuleForm;
use crate::i18n::use_messages;
use crate::ui::{Button, ButtonSize, ChipInput, Choice, Field, IconButton, IconName, Select, Switch};

const RULES: &str = "escalation.rules";

#[component]
pub fn EscalationSection(form: AgentForm) -> impl IntoView {
    let words = &use_messages().agent;
    view! {
        <Section id="escalation" title=words.escalation_title lead=words.escalation_lead>
            <Switch
                label=words.on_frustration
                hint=words.on_frustration_hint
                checked=form.on_frustration
                disabled=!form.writable
            />
            <Switch label=words.on_loop hint=words.on_loop_hint checked=form.on_loop disabled=!form.writable />
            <div class="@lg:max-w-1/2">
                {Line::new("escalation.below_confidence", words.below_confidence, form.below_confidence)
                    .hint(words.below_confidence_hint)
                    .percent()
                    .view(form)}
            </div>
            <div class="flex flex-col gap-3">
                <div>
                    <h3 class="font-medium">{words.rules}</h3>
                    <p class="text-xs text-muted">{words.rules_hint}</p>
                </div>
                <ListProblem form=form id=RULES />
                <For each=move || form.rules.get() key=|rule| rule.key let:rule>
                    <RuleRow form=form rule=rule />
                </For>
                {form
                    .writable
                    .then(|| {
                        let add = move |_| {
                            let rule = RuleForm::empty(form.key());
                            form.rules.update(|rules| rules.push(rule));
                            form.edited(RULES);
                        };
                        view! {
                            <div>
                                <Button size=ButtonSize::Small icon=IconName::Plus on_click=add>
                                    {words.add_rule}
                                </Button>
                            </div>
                        }.into_any()
                    })}
            </div>
        </Section>
    }
}

#[component]
fn RuleRow(form: AgentForm, rule: RuleForm) -> impl IntoView {
    let words = &use_messages().agent;
    let actions: Vec<Choice> =
        EscalationAction::ALL.iter().map(|action| Choice::new(action.as_str(), (words.action_of)(*action))).collect();
    let (words_id, action_id) = (format!("rule-{}-words", rule.key), format!("rule-{}-action", rule.key));
    let remove = move |_| {
        form.rules.update(|rules| rules.retain(|other| other.key != rule.key));
        form.edited(RULES);
    };
    view! {
        <div class="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-x-2 gap-y-3 @lg:grid-cols-[minmax(0,1fr)_12rem_auto]">
            <div class="@max-lg:col-span-2">
                <Field id=words_id.clone() label=words.rule_words>
                    <ChipInput
                        id=words_id
                        value=rule.words
                        placeholder=words.rule_words_example
                        disabled=!form.writable
                        on_edit=move |()| form.edited(RULES)
                    />
                </Field>
            </div>
            <Field id=action_id.clone() label=words.rule_action>
                <div class="flex h-9 items-center">
                    <Select
                        id=action_id
                        choices=actions
                        value=rule.action
                        on_change=move |action| rule.action.set(action)
                        disabled=!form.writable
                    />
                </div>
            </Field>
            {form
                .writable
                .then(|| {
                    view! {
                        <IconButton icon=IconName::Trash label=words.remove_rule.to_owned() class="mb-0.5" on_click=remove />
                    }.into_any()
                })}
        </div>
    }
}
