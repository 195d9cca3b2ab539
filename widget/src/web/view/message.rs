//! One message on the screen.

use js_sys::{Date, Object, Reflect};
use omniops_types::{AuthorKind, Source};
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement};

use super::super::dispatch;
use super::super::dom::{
    append, append_text, button, clear, element, listen, outbound_link, set, text_element, toggle,
};
use super::Action;
use super::log::{dots, out_icon};
use super::thumbs::Thumbs;
use crate::chat::{Entry, EntryState, FailureKind};
use crate::locale::{Strings, fill};
use crate::plain::decimal;
use crate::rich_text::{Inline, host_of, is_safe_url, paragraphs, settled_prefix};

/// An entry as it was last drawn.
pub(super) struct Drawn {
    pub(super) key: u32,
    pub(super) node: HtmlElement,
    revision: u32,
    thumbs: Option<Thumbs>,
}

impl Drawn {
    pub(super) fn new(entry: &Entry, strings: &Strings) -> Self {
        let mut drawn = Self { key: entry.key, node: element("article", ""), revision: entry.revision, thumbs: None };
        drawn.draw(entry, strings);
        drawn
    }

    pub(super) fn update(&mut self, entry: &Entry, strings: &Strings) {
        if self.revision != entry.revision {
            self.revision = entry.revision;
            self.draw(entry, strings);
        }
        if let Some(thumbs) = &mut self.thumbs {
            thumbs.render(&entry.opinion, strings);
        }
    }

    fn draw(&mut self, entry: &Entry, strings: &Strings) {
        clear(&self.node);
        self.node.set_class_name(if entry.is_activity {
            "message activity"
        } else if entry.is_outgoing() {
            "message mine"
        } else {
            "message theirs"
        });
        let arrives = entry.is_answer_in_progress();
        // A text that still changes is not read out piece by piece: it is announced when it is complete.
        set(&self.node, "aria-live", if arrives { "off" } else { "polite" });
        toggle(&self.node, "data-arriving", arrives);
        if !entry.is_activity {
            append(&self.node, &byline(entry, strings));
        }
        if !entry.text.is_empty() {
            append(&self.node, &bubble(entry, strings));
        }
        if arrives && entry.text.is_empty() {
            append(&self.node, &progress(entry, strings));
        }
        if !arrives && !entry.sources.is_empty() {
            append(&self.node, &source_list(&entry.sources, strings));
        }
        if let Some(note) = note(entry, strings) {
            append(&self.node, &note);
        }
        if let Some(id) = entry.id.filter(|_| entry.is_answer) {
            let thumbs = self.thumbs.get_or_insert_with(|| Thumbs::build(id, strings));
            thumbs.render(&entry.opinion, strings);
            append(&self.node, &thumbs.row);
        }
    }
}

/// Who wrote it, and when.
fn byline(entry: &Entry, strings: &Strings) -> HtmlElement {
    let line = element("p", if entry.is_outgoing() { "byline unseen" } else { "byline" });
    let name = match entry.author {
        AuthorKind::Customer => strings.you,
        AuthorKind::Ai => {
            let badge = text_element("abbr", "badge", strings.ai_badge);
            set(&badge, "title", strings.ai_badge_long);
            append(&line, &badge);
            strings.ai_name
        }
        AuthorKind::Agent | AuthorKind::System if entry.author_name.is_empty() => strings.team,
        AuthorKind::Agent | AuthorKind::System => entry.author_name.as_str(),
    };
    append(&line, &text_element("span", "name", name));
    if let Some(created) = &entry.created_at {
        append(&line, &text_element("time", "", &moment(created, strings)));
    }
    line
}

/// The time of day, with the date when it is not today's.
fn moment(created_at: &str, strings: &Strings) -> String {
    let date = Date::new(&JsValue::from_str(created_at));
    let options = Object::new();
    let mut wanted = vec![("hour", "numeric"), ("minute", "2-digit")];
    if date.to_date_string() != Date::new_0().to_date_string() {
        wanted.extend([("day", "numeric"), ("month", "short")]);
    }
    for (name, value) in wanted {
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    date.to_locale_string(strings.tag, &options).into()
}

fn bubble(entry: &Entry, strings: &Strings) -> HtmlElement {
    let bubble = element("div", "bubble");
    set(&bubble, "dir", "auto");
    let text = if entry.is_answer_in_progress() { settled_prefix(&entry.text) } else { &entry.text };
    for parts in paragraphs(text) {
        let paragraph = element("p", "");
        for part in parts {
            append_inline(&paragraph, part, &entry.sources, strings);
        }
        append(&bubble, &paragraph);
    }
    bubble
}

fn append_inline(paragraph: &Element, part: Inline<'_>, sources: &[Source], strings: &Strings) {
    match part {
        Inline::Text(text) => append_text(paragraph, text),
        Inline::Break => append(paragraph, &element("br", "")),
        Inline::Link(url) => {
            let link = outbound_link("", url);
            append_text(&link, url);
            append(paragraph, &link);
        }
        Inline::Citation(number) => {
            let source = sources.get(number - 1).filter(|source| is_safe_url(&source.url));
            let digits = decimal(number as i64);
            match source {
                Some(source) => {
                    let link = outbound_link("cite", &source.url);
                    append_text(&link, &digits);
                    let label =
                        [&fill(strings.source, &digits), ": ", &source.title, " (", strings.new_tab, ")"].concat();
                    set(&link, "aria-label", &label);
                    set(&link, "title", &source.title);
                    append(paragraph, &link);
                }
                None if sources.is_empty() => append(paragraph, &text_element("span", "cite", &digits)),
                None => append_text(paragraph, &["[", &digits, "]"].concat()),
            }
        }
    }
}

/// The pages that the answer quotes, numbered as in its text.
fn source_list(sources: &[Source], strings: &Strings) -> HtmlElement {
    let list = element("ol", "sources");
    set(&list, "aria-label", strings.sources);
    for (index, source) in sources.iter().enumerate().filter(|(_, source)| is_safe_url(&source.url)) {
        let item = element("li", "");
        let card = outbound_link("source", &source.url);
        append(&card, &text_element("span", "cite", &decimal(index as i64 + 1)));
        let words = element("span", "words");
        append(&words, &text_element("span", "source-title", &source.title));
        append(&words, &text_element("q", "", &source.quote));
        append(&words, &text_element("span", "host", host_of(&source.url)));
        append(&words, &text_element("span", "unseen", strings.new_tab));
        append(&card, &words);
        append(&card, &out_icon());
        append(&item, &card);
        append(&list, &item);
    }
    list
}

/// What is going on before the first word of an answer.
fn progress(entry: &Entry, strings: &Strings) -> HtmlElement {
    let progress = element("p", "typing");
    append(&progress, &dots());
    let words = if entry.step.is_some() { strings.searching } else { strings.thinking };
    append(&progress, &text_element("span", "", words));
    progress
}

/// What is the matter with a message that is not settled, and the way on.
fn note(entry: &Entry, strings: &Strings) -> Option<HtmlElement> {
    let (class, words, retries) = match &entry.state {
        EntryState::Settled | EntryState::Answering | EntryState::Interrupted { .. } => return None,
        EntryState::Queued | EntryState::Sending => ("note", strings.sending.to_owned(), false),
        EntryState::Waiting { seconds } => ("note", fill(strings.wait, &decimal((*seconds).into())), false),
        EntryState::Failed(FailureKind::Refused(message)) => {
            ("note failed", [strings.refused, " ", message].concat(), false)
        }
        EntryState::Failed(FailureKind::Network | FailureKind::Server) => {
            ("note failed", strings.not_sent.to_owned(), true)
        }
        EntryState::AnswerFailed => ("note failed", strings.answer_failed.to_owned(), true),
    };
    let note = text_element("p", class, &words);
    if let Some(client_id) = entry.client_id.filter(|_| retries) {
        let retry = button("quiet", strings.retry);
        listen(&retry, "click", move |_| dispatch(Action::Retry(client_id)));
        append(&note, &retry);
    }
    Some(note)
}
