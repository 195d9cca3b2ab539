//! The transcript: greeting, disclosure, messages, and where the conversation stands.

use std::cell::{Cell, RefCell};

use omniops_types::ConversationStatus;
use web_sys::{Element, HtmlElement, Node};

use super::super::dispatch;
use super::super::dom::{
    append, button, element, icon, icon_button, listen, set, set_text, show, text_element, toggle,
};
use super::message::Drawn;
use super::{Action, icons};
use crate::chat::{Chat, HandoffState, Phase};
use crate::locale::{Strings, fill};

/// Pixels from the end within which the log follows what is new.
const NEAR_END: i32 = 80;

pub(super) struct Log {
    log: HtmlElement,
    loading: HtmlElement,
    failure: HtmlElement,
    greeting: HtmlElement,
    disclosure: HtmlElement,
    disclosure_text: HtmlElement,
    older: HtmlElement,
    entries: HtmlElement,
    typing: HtmlElement,
    typing_text: HtmlElement,
    status: HtmlElement,
    newest: HtmlElement,
    drawn: RefCell<Vec<Drawn>>,
    oldest: Cell<Option<u32>>,
}

impl Log {
    pub(super) fn build(panel: &Element, banner: &Element, strings: &Strings) -> Self {
        let frame = element("div", "frame");
        append(&frame, banner);
        let log = element("div", "log");
        set(&log, "role", "log");
        set(&log, "aria-live", "polite");
        set(&log, "aria-label", strings.messages);
        set(&log, "tabindex", "0");

        let loading = element("div", "skeleton");
        set(&loading, "role", "status");
        set(&loading, "aria-label", strings.loading);
        for _ in 0..3 {
            append(&loading, &element("span", ""));
        }

        let failure = element("div", "failure");
        append(&failure, &text_element("p", "", strings.load_failed));
        let reload = button("quiet", strings.retry);
        listen(&reload, "click", |_| dispatch(Action::Reload));
        append(&failure, &reload);

        let greeting = element("p", "greeting");
        let disclosure = element("p", "disclosure");
        let badge = text_element("span", "badge", strings.ai_badge);
        set(&badge, "aria-hidden", "true");
        let disclosure_text = element("span", "");
        append(&disclosure, &badge);
        append(&disclosure, &disclosure_text);

        let older = button("quiet older", strings.older);
        listen(&older, "click", |_| dispatch(Action::ShowOlder));

        let entries = element("div", "entries");
        let typing = element("p", "typing");
        append(&typing, &dots());
        let typing_text = element("span", "");
        append(&typing, &typing_text);
        let status = element("p", "status");
        for part in [&loading, &failure, &greeting, &disclosure, &older, &entries, &typing, &status] {
            append(&log, part);
        }
        append(&frame, &log);

        let newest = icon_button("newest", strings.newest, icons::DOWN);
        append(&frame, &newest);
        append(panel, &frame);

        let built = Self {
            log,
            loading,
            failure,
            greeting,
            disclosure,
            disclosure_text,
            older,
            entries,
            typing,
            typing_text,
            status,
            newest,
            drawn: RefCell::default(),
            oldest: Cell::new(None),
        };
        let (log, button) = (built.log.clone(), built.newest.clone());
        listen(&built.log, "scroll", move |_| show(&button, !is_near_end(&log)));
        let log = built.log.clone();
        listen(&built.newest, "click", move |_| {
            log.set_scroll_top(log.scroll_height());
            let _ = log.focus();
        });
        show(&built.newest, false);
        built
    }

    pub(super) fn render(&self, chat: &Chat, strings: &Strings) {
        let follows = is_near_end(&self.log);
        let height_before = self.log.scroll_height();
        show(&self.loading, matches!(chat.phase, Phase::Idle | Phase::Loading));
        show(&self.failure, chat.phase == Phase::Failed);
        let texts = chat.config.as_ref().map(|config| &config.texts);
        let greeting = texts.map_or("", |texts| texts.greeting.as_str());
        set_text(&self.greeting, greeting);
        show(&self.greeting, !greeting.is_empty() && !chat.transcript.has_older);
        let disclosure = texts.map_or("", |texts| texts.ai_disclosure.as_str());
        set_text(&self.disclosure_text, disclosure);
        show(&self.disclosure, !disclosure.is_empty() && !chat.transcript.has_older);
        show(&self.older, chat.transcript.has_older);
        toggle(&self.older, "disabled", chat.transcript.loading_older);
        self.render_entries(chat, strings);
        self.render_status(chat, strings);

        let oldest = chat.transcript.entries().next().map(|entry| entry.key);
        let grew_at_top = self.oldest.replace(oldest).is_some_and(|before| oldest != Some(before));
        if follows {
            self.scroll_to_end();
        } else if grew_at_top {
            // Older messages came in above: what was being read stays where it was.
            self.log.set_scroll_top(self.log.scroll_top() + self.log.scroll_height() - height_before);
        }
    }

    pub(super) fn focus(&self) {
        let _ = self.log.focus();
    }

    pub(super) fn scroll_to_end(&self) {
        self.log.set_scroll_top(self.log.scroll_height());
    }

    fn render_entries(&self, chat: &Chat, strings: &Strings) {
        let mut drawn = self.drawn.borrow_mut();
        drawn.retain(|old| {
            let stays = chat.transcript.entries().any(|entry| entry.key == old.key);
            if !stays {
                old.node.remove();
            }
            stays
        });
        let mut cursor: Option<Node> = self.entries.first_child();
        for entry in chat.transcript.entries() {
            let known = drawn.iter_mut().find(|old| old.key == entry.key);
            let node: Node = match known {
                Some(old) => {
                    old.update(entry, strings);
                    old.node.clone().into()
                }
                None => {
                    let new = Drawn::new(entry, strings);
                    let node = new.node.clone().into();
                    drawn.push(new);
                    node
                }
            };
            if cursor.as_ref() == Some(&node) {
                cursor = node.next_sibling();
            } else {
                let _ = self.entries.insert_before(&node, cursor.as_ref());
            }
        }
    }

    fn render_status(&self, chat: &Chat, strings: &Strings) {
        let status = match (chat.handoff, chat.status) {
            (HandoffState::Asking, _) => strings.asking_for_person,
            (HandoffState::Failed, _) => strings.handoff_failed,
            (HandoffState::None, Some(ConversationStatus::Resolved)) => strings.resolved,
            (HandoffState::None, _) if chat.is_with_person() && chat.agent.is_none() => strings.waiting_for_person,
            (HandoffState::None, _) => "",
        };
        set_text(&self.status, status);
        show(&self.status, !status.is_empty());
        let typing = chat.typing.as_deref().map(|name| fill(strings.is_typing, name));
        set_text(&self.typing_text, typing.as_deref().unwrap_or_default());
        show(&self.typing, typing.is_some());
    }
}

/// Three dots that move while something is being written.
pub(super) fn dots() -> Element {
    let dots = element("span", "dots");
    set(&dots, "aria-hidden", "true");
    for _ in 0..3 {
        append(&dots, &element("i", ""));
    }
    dots.into()
}

/// The sign that leads out of the page.
pub(super) fn out_icon() -> Element {
    icon(icons::OUT)
}

fn is_near_end(log: &Element) -> bool {
    log.scroll_height() - log.scroll_top() - log.client_height() < NEAR_END
}
