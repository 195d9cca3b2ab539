//! Where the visitor writes.

use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlElement, HtmlTextAreaElement, KeyboardEvent};

use super::super::dispatch;
use super::super::dom::{append, append_text, button, element, icon, icon_button, listen, set, set_text, show, toggle};
use super::{Action, icons};
use crate::chat::{Chat, HandoffState};
use crate::locale::{Strings, fill};
use crate::plain::decimal;

/// From so many characters before the limit on, the rest is counted.
const COUNT_FROM: i64 = 200;

pub(super) struct Composer {
    form: HtmlElement,
    input: HtmlTextAreaElement,
    send: HtmlElement,
    person: HtmlElement,
    count: HtmlElement,
}

impl Composer {
    pub(super) fn build(panel: &Element, strings: &'static Strings) -> Self {
        let form = element("form", "composer");
        let field = element("div", "field");
        let input: HtmlTextAreaElement = element("textarea", "").unchecked_into();
        input.set_rows(1);
        set(&input, "aria-label", strings.message);
        set(&input, "enterkeyhint", "send");
        set(&input, "maxlength", "20000");
        let send = icon_button("send", strings.send, icons::SEND);
        set(&send, "type", "submit");
        let foot = element("div", "foot");
        let person = button("quiet", "");
        append(&person, &icon(icons::PERSON));
        append_text(&person, strings.talk_to_person);
        let count = element("span", "count");
        set(&count, "role", "status");
        append(&field, &input);
        append(&field, &send);
        append(&foot, &person);
        append(&foot, &count);
        append(&form, &field);
        append(&form, &foot);
        append(panel, &form);
        let composer = Self { form, input, send, person, count };
        composer.listen(strings);
        composer
    }

    pub(super) fn render(&self, chat: &Chat, shown: bool, strings: &Strings) {
        show(&self.form, shown);
        show(&self.person, !chat.is_with_person());
        toggle(&self.person, "disabled", chat.config.is_none() || chat.handoff == HandoffState::Asking);
        if let Some(config) = &chat.config {
            set(&self.input, "placeholder", &config.texts.input_placeholder);
            set(&self.form, "data-limit", &decimal(config.max_message_chars.into()));
        }
        measure(&self.form, &self.input, &self.send, &self.count, strings);
    }

    pub(super) fn focus(&self) {
        let _ = self.input.focus();
    }

    pub(super) fn submit(&self) {
        submit(&self.input, &self.send);
    }

    pub(super) fn clear(&self) {
        self.input.set_value("");
        grow(&self.input);
        toggle(&self.send, "disabled", true);
        set_text(&self.count, "");
    }

    fn listen(&self, strings: &'static Strings) {
        let (form, input, send, count) = (self.form.clone(), self.input.clone(), self.send.clone(), self.count.clone());
        listen(&self.input, "input", move |_| {
            grow(&input);
            measure(&form, &input, &send, &count, strings);
            if !input.value().is_empty() {
                dispatch(Action::Typed);
            }
        });

        let (input, send) = (self.input.clone(), self.send.clone());
        let submit = move || {
            submit(&input, &send);
            let _ = input.focus();
        };
        let by_key = submit.clone();
        listen(&self.input, "keydown", move |event: Event| {
            let event: KeyboardEvent = event.unchecked_into();
            // 229: some input methods end a composition with a key that is not marked as part of it.
            if event.key() == "Enter" && !event.shift_key() && !event.is_composing() && event.key_code() != 229 {
                event.prevent_default();
                by_key();
            }
        });
        listen(&self.form, "submit", move |event: Event| {
            event.prevent_default();
            submit();
        });
        listen(&self.person, "click", |_| dispatch(Action::TalkToPerson));
    }
}

/// Unless it cannot be sent; see [`measure`].
fn submit(input: &HtmlTextAreaElement, send: &Element) {
    if !send.has_attribute("disabled") {
        dispatch(Action::Submit(input.value()));
    }
}

/// As high as the text needs; the style sheet sets the most.
fn grow(input: &HtmlTextAreaElement) {
    let style = input.style();
    let _ = style.set_property("height", "auto");
    let height = input.scroll_height();
    if height > 0 {
        let _ = style.set_property("height", &[decimal(height.into()).as_str(), "px"].concat());
    }
}

/// Whether it can be sent, and how much more fits.
fn measure(form: &Element, input: &HtmlTextAreaElement, send: &Element, count: &Element, strings: &Strings) {
    let limit = form.get_attribute("data-limit").and_then(|limit| limit.parse::<i64>().ok());
    let text = input.value();
    let length = text.trim().chars().fold(0_i64, |length, _| length + 1);
    let left = limit.map_or(i64::MAX, |limit| limit - length);
    toggle(send, "disabled", length == 0 || left < 0);
    toggle(count, "data-over", left < 0);
    let words = match left {
        ..0 => fill(strings.too_long, &decimal(-left)),
        0..=COUNT_FROM => fill(strings.chars_left, &decimal(left)),
        _ => String::new(),
    };
    set_text(count, &words);
}
