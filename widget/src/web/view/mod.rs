//! The panel on the screen. It is built once; [`View::render`] then changes only what differs.

mod composer;
mod header;
mod icons;
mod log;
mod message;
mod question;
mod thumbs;

use std::cell::RefCell;

use omniops_types::MessageId;
use uuid::Uuid;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, MediaQueryList, ShadowRoot};

use super::dispatch;
use super::dom::{append, element, listen, set, set_text, show, window};
use crate::chat::{Chat, Link, Said};
use crate::locale::{self, Strings};
use composer::Composer;
use header::Header;
use log::Log;
use question::Questions;

/// What the visitor did.
pub(super) enum Action {
    Typed,
    Submit(String),
    Retry(Uuid),
    TalkToPerson,
    Consent(bool),
    WithdrawConsent,
    AskErasure,
    /// Whether the visitor is sure that everything is to be deleted.
    Erase(bool),
    /// About an answer.
    Say(MessageId, Said),
    ShowOlder,
    /// Load the panel again after that failed.
    Reload,
    Close,
}

/// The panel's elements.
pub(super) struct View {
    panel: HtmlElement,
    header: Header,
    banner: HtmlElement,
    log: Log,
    questions: Questions,
    composer: Composer,
    announcer: HtmlElement,
    strings: &'static Strings,
    dark: Option<MediaQueryList>,
    /// The theme as it was last applied.
    look: RefCell<String>,
}

impl View {
    /// Draws the empty panel into `mount`.
    pub(super) fn build(mount: &Element, tag: &str) -> Self {
        let strings = locale::strings(tag);
        let panel = element("section", "panel");
        set(&panel, "role", "dialog");
        set(&panel, "lang", strings.tag);
        set(&panel, "dir", if locale::is_right_to_left(strings.tag) { "rtl" } else { "ltr" });
        let banner = element("p", "banner");
        set(&banner, "role", "status");
        let announcer = element("div", "unseen");
        set(&announcer, "role", "status");
        let view = Self {
            header: Header::build(&panel, strings),
            log: Log::build(&panel, &banner, strings),
            questions: Questions::build(&panel, strings),
            composer: Composer::build(&panel, strings),
            dark: window().match_media("(prefers-color-scheme: dark)").ok().flatten(),
            look: RefCell::default(),
            panel,
            banner,
            announcer,
            strings,
        };
        append(&view.panel, &view.announcer);
        append(mount, &view.panel);
        if let Some(dark) = view.dark.clone() {
            let (panel, query) = (view.panel.clone(), dark.clone());
            listen(&dark, "change", move |_: Event| choose_scheme(&panel, Some(&query)));
        }
        view
    }

    /// Shows what the state machine knows.
    pub(super) fn render(&self, chat: &Chat) {
        let focused = self.focused().filter(|element| self.panel.contains(Some(element)));
        let was_asking = self.questions.is_asked();
        if let Some(config) = &chat.config {
            self.apply_theme(config);
        }
        self.header.render(chat, self.strings);
        let banner = match chat.link {
            Link::Connected => "",
            Link::Reconnecting => self.strings.reconnecting,
            Link::Offline => self.strings.offline,
        };
        set_text(&self.banner, banner);
        show(&self.banner, !banner.is_empty());
        self.log.render(chat, self.strings);
        self.questions.render(chat, self.strings);
        let asks = self.questions.is_asked();
        self.composer.render(chat, !asks, self.strings);
        if let Some(focused) = focused {
            self.hold_focus(&focused, was_asking && !asks);
        }
    }

    /// A control that had the focus may be gone now: the focus stays in the panel, so that the keyboard still works.
    fn hold_focus(&self, focused: &Element, is_answered: bool) {
        let focused: &HtmlElement = focused.unchecked_ref();
        if !is_answered && focused.is_connected() && focused.offset_height() > 0 && !focused.has_attribute("disabled") {
            return;
        }
        // On a phone the input would bring up the keyboard unasked.
        if self.questions.is_asked()
            || (!is_answered && self.panel.get_attribute("aria-modal").as_deref() == Some("true"))
        {
            self.log.focus();
        } else {
            self.composer.focus();
        }
    }

    fn focused(&self) -> Option<Element> {
        self.panel.get_root_node().unchecked_into::<ShadowRoot>().active_element()
    }

    /// The panel has become visible. `modal`: it covers the whole screen.
    pub(super) fn opened(&self, focus: bool, modal: bool) {
        set(&self.panel, "aria-modal", if modal { "true" } else { "false" });
        self.log.scroll_to_end();
        if focus && !self.questions.focus() {
            self.composer.focus();
        }
    }

    /// The visitor wants to be asked something: the focus goes there.
    pub(super) fn focus_question(&self) {
        self.questions.focus();
    }

    /// As if the visitor had asked for it now.
    pub(super) fn submit(&self) {
        self.composer.submit();
    }

    /// The message was taken: the input is empty again and the log shows its end.
    pub(super) fn submitted(&self) {
        self.composer.clear();
        self.log.scroll_to_end();
    }

    pub(super) fn announce_answer(&self, text: &str) {
        set_text(&self.announcer, &[self.strings.ai_name, ": ", text].concat());
    }

    /// Escape closes; Tab stays within a panel that covers the whole screen.
    pub(super) fn key(&self, event: &KeyboardEvent, traps_focus: bool) {
        match event.key().as_str() {
            "Escape" if !event.is_composing() => {
                event.stop_propagation();
                if !self.header.close_menu() {
                    dispatch(Action::Close);
                }
            }
            "Tab" if traps_focus => self.keep_focus(event),
            _ => {}
        }
    }

    fn keep_focus(&self, event: &KeyboardEvent) {
        let Ok(found) = self.panel.query_selector_all("button,a[href],textarea,[tabindex]") else { return };
        let reachable: Vec<HtmlElement> = (0..found.length())
            .filter_map(|index| found.get(index))
            .map(JsCast::unchecked_into::<HtmlElement>)
            .filter(|element| element.offset_height() > 0 && !element.has_attribute("disabled"))
            .collect();
        let (Some(first), Some(last)) = (reachable.first(), reachable.last()) else { return };
        let focused = self.focused();
        let (edge, target) = if event.shift_key() { (first, last) } else { (last, first) };
        if focused.is_none_or(|focused| &focused == edge.as_ref()) {
            event.prevent_default();
            let _ = target.focus();
        }
    }

    fn apply_theme(&self, config: &omniops_types::WidgetConfig) {
        let theme = &config.theme;
        set(&self.panel, "aria-label", &config.texts.title);
        let colours = [&theme.accent, &theme.on_accent, &theme.accent_dark, &theme.on_accent_dark];
        let look = [theme.color_scheme.as_str(), &colours.map(String::as_str).concat()].concat();
        if *self.look.borrow() == look {
            return;
        }
        self.look.replace(look);
        set(&self.panel, "data-theme", &theme.color_scheme);
        let style = self.panel.style();
        let names = ["--accent-light", "--on-accent-light", "--accent-dark", "--on-accent-dark"];
        for (name, value) in names.into_iter().zip(colours) {
            let _ = style.set_property(name, value);
        }
        choose_scheme(&self.panel, self.dark.as_ref());
    }
}

/// Light or dark: what the tenant chose, or what the visitor's system prefers.
fn choose_scheme(panel: &Element, dark: Option<&MediaQueryList>) {
    let is_dark = match panel.get_attribute("data-theme").as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => dark.is_some_and(MediaQueryList::matches),
    };
    set(panel, "data-scheme", if is_dark { "dark" } else { "light" });
}
