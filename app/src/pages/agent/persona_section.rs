//! How the AI speaks, and in which languages.

use leptos::prelude::*;
use omniops_types::{AnswerLength, Tone};

use super::fields::{Line, Pair, Section, phrases};
use super::form::AgentForm;
use crate::i18n::use_messages;
use crate::ui::{Chip, Choice, Field, Segmented, Select, Textarea};

/// As many characters as the server takes.
const MAX_INSTRUCTIONS: usize = 4_000;

/// Languages that can be picked, by their own names. Others that were set by the API are shown by their tags.
const LANGUAGES: [(&str, &str); 24] = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("it", "Italiano"),
    ("pt", "Português"),
    ("nl", "Nederlands"),
    ("da", "Dansk"),
    ("sv", "Svenska"),
    ("nb", "Norsk bokmål"),
    ("fi", "Suomi"),
    ("pl", "Polski"),
    ("cs", "Čeština"),
    ("sk", "Slovenčina"),
    ("hu", "Magyar"),
    ("ro", "Română"),
    ("bg", "Български"),
    ("hr", "Hrvatski"),
    ("el", "Ελληνικά"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("ar", "العربية"),
    ("ja", "日本語"),
    ("zh", "中文"),
];

#[component]
pub fn PersonaSection(form: AgentForm) -> impl IntoView {
    let words = &use_messages().agent;
    let tones = Tone::ALL.iter().map(|tone| Choice::new(tone.as_str(), (words.tone_of)(*tone))).collect();
    let lengths = AnswerLength::ALL.iter().map(|length| Choice::new(length.as_str(), (words.length_of)(*length)));
    let id = "persona.instructions";
    let problem = form.problem(id);
    let count = Memo::new(move |_| form.instructions.with(|text| text.chars().count()));
    view! {
        <Section id="persona" title=words.persona_title lead=words.persona_lead>
            {Line::new("persona.name", words.name, form.name).placeholder(words.name_none).view(form)}
            <Pair>
                <Segmented name="tone" legend=words.tone choices=tones value=form.tone disabled=!form.writable />
                <Segmented
                    name="length"
                    legend=words.length
                    choices=lengths.collect()
                    value=form.length
                    disabled=!form.writable
                />
            </Pair>
            <Field id=id label=words.instructions error=problem>
                <Textarea
                    id=id
                    value=form.instructions
                    rows=5
                    placeholder=words.instructions_example
                    invalid=Signal::derive(move || problem.read().is_some() || count.get() > MAX_INSTRUCTIONS)
                    disabled=!form.writable
                    on_typing=move |()| form.edited(id)
                />
                <p class="flex flex-wrap justify-between gap-x-3 text-xs text-muted">
                    <span id=format!("{id}-hint")>{words.instructions_hint}</span>
                    <span class="tabular-nums" class=("text-danger", move || count.get() > MAX_INSTRUCTIONS)>
                        {move || (words.characters)(count.get(), MAX_INSTRUCTIONS)}
                    </span>
                </p>
            </Field>
            {phrases(form, "persona.forbidden_topics", words.topics, words.topics_hint, form.forbidden_topics)}
        </Section>
    }
}

#[component]
pub fn LanguageSection(form: AgentForm) -> impl IntoView {
    let words = &use_messages().agent;
    let id = "languages.allowed";
    let problem = form.problem(id);
    let left = Signal::derive(move || {
        let taken = form.languages.get();
        let left = LANGUAGES.iter().filter(|(tag, _)| taken.iter().all(|other| other != tag));
        let prompt = Choice::new("", words.add_language);
        std::iter::once(prompt).chain(left.map(|(tag, name)| Choice::new(*tag, *name))).collect::<Vec<_>>()
    });
    let add = move |tag: String| {
        if !tag.is_empty() {
            form.languages.update(|all| all.push(tag));
            form.edited(id);
        }
    };
    let entries = move || form.languages.get().into_iter().enumerate().collect::<Vec<_>>();
    let chips = move || {
        entries()
            .into_iter()
            .map(|(place, tag)| {
                let name =
                    LANGUAGES.iter().find(|(known, _)| *known == tag).map_or(tag.clone(), |(_, name)| (*name).into());
                let note = Signal::stored((place == 0).then(|| words.first_language.to_owned()));
                let remove = move |()| form.languages.update(|all| all.retain(|other| *other != tag));
                view! { <Chip text=name note=note disabled=!form.writable on_remove=remove /> }.into_any()
            })
            .collect_view()
    };
    view! {
        <Section id="languages" title=words.languages_title lead=words.languages_lead>
            <Field id=id label=words.languages hint=words.languages_hint error=problem>
                <div class="flex flex-wrap gap-1.5 empty:hidden">{chips}</div>
                <div class="max-w-64">
                    // Goes back to its first line after each choice.
                    <Select id=id choices=left value=String::new() on_change=add disabled=!form.writable />
                </div>
            </Field>
        </Section>
    }
}
