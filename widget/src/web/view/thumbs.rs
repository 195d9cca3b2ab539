//! The thumbs under an answer, and what a thumb down is asked.

use omniops_types::{FeedbackReason, MAX_FEEDBACK_COMMENT_CHARS, MessageId, Rating};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

use super::super::dispatch;
use super::super::dom::{append, button, element, icon_button, listen, set, set_text, show, text_element};
use super::{Action, icons};
use crate::chat::{Opinion, Said};
use crate::locale::Strings;
use crate::plain::decimal;

pub(super) struct Thumbs {
    pub(super) row: HtmlElement,
    message: MessageId,
    up: HtmlElement,
    down: HtmlElement,
    status: HtmlElement,
    /// From a thumb down on for as long as it stands.
    why: Option<Why>,
    shown: Opinion,
}

/// What was wrong: a reason, and words if one likes.
struct Why {
    form: HtmlElement,
    reasons: Vec<HtmlElement>,
}

impl Thumbs {
    pub(super) fn build(message: MessageId, strings: &Strings) -> Self {
        let row = element("div", "thumbs");
        // What changes here is no new message; the status speaks for itself.
        set(&row, "aria-live", "off");
        let up = icon_button("icon", strings.helpful, icons::THUMB);
        says(&up, message, Said::Rating(Rating::Up));
        let down = icon_button("icon", strings.unhelpful, icons::THUMB);
        says(&down, message, Said::Rating(Rating::Down));
        let status = element("span", "");
        set(&status, "role", "status");
        for part in [&up, &down, &status] {
            append(&row, part);
        }
        press(&up, false);
        press(&down, false);
        Self { row, message, up, down, status, why: None, shown: Opinion::default() }
    }

    pub(super) fn render(&mut self, opinion: &Opinion, strings: &Strings) {
        if self.shown == *opinion {
            return;
        }
        let verdict = &opinion.verdict;
        press(&self.up, verdict.rating == Some(Rating::Up));
        press(&self.down, verdict.rating == Some(Rating::Down));
        let words = match opinion {
            Opinion { failed: true, .. } => strings.opinion_failed,
            Opinion { thanks: true, .. } => strings.thanks,
            _ => "",
        };
        set_text(&self.status, words);
        self.status.set_class_name(if opinion.failed { "note failed" } else { "note" });
        if verdict.rating != Some(Rating::Down)
            && let Some(why) = self.why.take()
        {
            why.form.remove();
        }
        if opinion.asks_reason && self.why.is_none() {
            self.why = Some(Why::build(&self.row, &self.down, self.message, strings));
        }
        if let Some(why) = &self.why {
            show(&why.form, opinion.asks_reason);
            for (button, reason) in why.reasons.iter().zip(FeedbackReason::ALL) {
                press(button, verdict.reason == Some(*reason));
            }
        }
        self.shown = opinion.clone();
    }
}

impl Why {
    fn build(row: &Element, down: &HtmlElement, message: MessageId, strings: &Strings) -> Self {
        let form = element("form", "why");
        append(&form, &text_element("p", "", strings.what_was_wrong));
        let choices = element("div", "choices");
        set(&choices, "role", "group");
        set(&choices, "aria-label", strings.what_was_wrong);
        let mut reasons = Vec::new();
        for (reason, words) in FeedbackReason::ALL.iter().zip(strings.reasons) {
            let choice = button("chip", words);
            says(&choice, message, Said::Reason(*reason));
            append(&choices, &choice);
            reasons.push(choice);
        }
        let field = element("div", "field");
        let input: HtmlInputElement = element("input", "").unchecked_into();
        set(&input, "placeholder", strings.comment);
        set(&input, "aria-label", strings.comment);
        set(&input, "maxlength", &decimal(MAX_FEEDBACK_COMMENT_CHARS as i64));
        let send = icon_button("send", strings.send_comment, icons::SEND);
        set(&send, "type", "submit");
        append(&field, &input);
        append(&field, &send);
        append(&form, &choices);
        append(&form, &field);
        append(row, &form);
        let down = down.clone();
        listen(&form, "submit", move |event: Event| {
            event.prevent_default();
            // The form goes away, and with it what has the focus.
            let _ = down.focus();
            dispatch(Action::Say(message, Said::Comment(input.value().trim().to_owned())));
        });
        Self { form, reasons }
    }
}

fn says(button: &HtmlElement, message: MessageId, said: Said) {
    listen(button, "click", move |_| dispatch(Action::Say(message, said.clone())));
}

fn press(button: &Element, pressed: bool) {
    set(button, "aria-pressed", if pressed { "true" } else { "false" });
}
