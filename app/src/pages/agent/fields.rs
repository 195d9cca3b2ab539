//! How a setting stands on the page: the same for all of them.

use leptos::prelude::*;

use super::form::AgentForm;
use crate::ui::{ChipInput, Field, TextInput};

/// A form as its fields see it. Cheap to copy.
pub trait FormOfFields: Copy + Send + Sync + 'static {
    fn is_writable(self) -> bool;

    /// What is wrong with a field.
    fn problem(self, field: &'static str) -> Signal<Option<String>>;

    /// The field was edited: what was said about it may be true no longer.
    fn edited(self, field: &str);
}

/// A titled group of settings: what it is about on the left, or above where there is no room, its fields beside it.
#[component]
pub fn Section(id: &'static str, title: &'static str, lead: &'static str, children: Children) -> impl IntoView {
    let heading = format!("{id}-heading");
    view! {
        <section
            id=id
            aria-labelledby=heading
            class="grid scroll-mt-10 gap-x-10 gap-y-4 border-t border-base-300 py-7 first-of-type:border-t-0 @3xl:grid-cols-[13rem_minmax(0,1fr)]"
        >
            <div>
                <h2 id=heading.clone() class="text-base font-semibold">
                    {title}
                </h2>
                <p class="mt-1 text-balance text-muted">{lead}</p>
            </div>
            <div class="flex min-w-0 flex-col gap-5">{children()}</div>
        </section>
    }
}

/// Fields that stand side by side where there is room.
#[component]
pub fn Pair(children: Children) -> impl IntoView {
    view! { <div class="grid items-start gap-x-4 gap-y-5 @lg:grid-cols-2">{children()}</div> }
}

/// A one-line setting.
#[derive(Clone, Copy)]
pub struct Line {
    id: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    hint: &'static str,
    placeholder: &'static str,
    inputmode: Option<&'static str>,
    before: Option<&'static str>,
    after: Option<&'static str>,
}

impl Line {
    /// `id`: the setting's dotted name.
    pub const fn new(id: &'static str, label: &'static str, value: RwSignal<String>) -> Self {
        Self { id, label, value, hint: "", placeholder: "", inputmode: None, before: None, after: None }
    }

    pub const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    pub const fn placeholder(mut self, placeholder: &'static str) -> Self {
        self.placeholder = placeholder;
        self
    }

    /// Phones show these keys.
    pub const fn keys(mut self, inputmode: &'static str) -> Self {
        self.inputmode = Some(inputmode);
        self
    }

    pub const fn dollars(mut self) -> Self {
        self.before = Some("$");
        self.keys("decimal")
    }

    pub const fn percent(mut self) -> Self {
        self.after = Some("%");
        self.keys("numeric")
    }

    pub fn view(self, form: impl FormOfFields) -> AnyView {
        let Self { id, label, value, hint, placeholder, inputmode, before, after } = self;
        let problem = form.problem(id);
        view! {
            <Field id=id label=label hint=hint error=problem>
                <TextInput
                    id=id
                    name=id
                    value=value
                    placeholder=placeholder
                    autocomplete="off"
                    invalid=Signal::derive(move || problem.read().is_some())
                    disabled=!form.is_writable()
                    inputmode=inputmode
                    before=before
                    after=after
                    on_edit=move |()| form.edited(id)
                />
            </Field>
        }
        .into_any()
    }
}

/// A setting that is a list of words.
pub fn phrases(
    form: AgentForm,
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    value: RwSignal<Vec<String>>,
) -> AnyView {
    let problem = form.problem(id);
    view! {
        <Field id=id label=label hint=hint error=problem>
            <ChipInput
                id=id
                value=value
                invalid=Signal::derive(move || problem.read().is_some())
                disabled=!form.writable
                on_edit=move |()| form.edited(id)
            />
        </Field>
    }
    .into_any()
}

/// What is wrong with a list as a whole. Takes focus, so that one is led there.
#[component]
pub fn ListProblem(form: AgentForm, id: &'static str) -> impl IntoView {
    let problem = form.problem(id);
    view! {
        <p
            class="rounded-lg bg-danger-soft px-3 py-2 font-medium text-danger empty:hidden"
            tabindex="-1"
            role="alert"
            data-invalid=move || problem.read().is_some().then_some("true")
        >
            {move || problem.get()}
        </p>
    }
}
