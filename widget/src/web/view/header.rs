//! Who answers, when, and what else can be done.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::super::dispatch;
use super::super::dom::{append, button, element, icon_button, listen, set, set_text, show, toggle};
use super::{Action, icons};
use crate::chat::Chat;
use crate::locale::{Strings, fill};

/// What a menu item does, made anew at each click.
type MakeAction = fn() -> Action;

pub(super) struct Header {
    avatar: HtmlElement,
    title: HtmlElement,
    subtitle: HtmlElement,
    menu: Rc<Menu>,
}

struct Menu {
    opener: HtmlElement,
    list: HtmlElement,
    person: HtmlElement,
    withdraw: HtmlElement,
    erase: HtmlElement,
}

impl Header {
    pub(super) fn build(panel: &Element, strings: &Strings) -> Self {
        // Not a `header`: on a page that has one it would be a second banner.
        let head = element("div", "head");
        let avatar = element("span", "avatar");
        set(&avatar, "aria-hidden", "true");
        let names = element("div", "names");
        let title = element("h2", "title");
        let subtitle = element("p", "subtitle");
        append(&names, &title);
        append(&names, &subtitle);
        append(&head, &avatar);
        append(&head, &names);
        let menu = Menu::build(&head, strings);
        let close = icon_button("icon", strings.close, icons::CLOSE);
        listen(&close, "click", |_| dispatch(Action::Close));
        append(&head, &close);
        append(panel, &head);
        Self { avatar, title, subtitle, menu }
    }

    pub(super) fn render(&self, chat: &Chat, strings: &Strings) {
        let title = chat.config.as_ref().map_or("", |config| config.texts.title.as_str());
        set_text(&self.title, title);
        let person = chat.agent.as_deref().filter(|_| chat.is_with_person());
        let reply_time = chat.config.as_ref().map_or("", |config| config.texts.reply_time.as_str());
        match person {
            Some(name) => set_text(&self.subtitle, &fill(strings.talking_to, name)),
            None => set_text(&self.subtitle, reply_time),
        }
        let initial = person.unwrap_or(title).chars().next().map(String::from).unwrap_or_default();
        set_text(&self.avatar, &initial);
        let offers_person = !chat.is_with_person() && !chat.needs_consent();
        show(&self.menu.person, offers_person);
        show(&self.menu.withdraw, chat.has_consented());
        show(&self.menu.erase, chat.has_data());
        show(&self.menu.opener, chat.config.is_some() && (offers_person || chat.has_data()));
    }

    /// Closes the menu; `false` when it was not open.
    pub(super) fn close_menu(&self) -> bool {
        let was_open = !self.menu.list.has_attribute("hidden");
        if was_open {
            self.menu.set_open(false);
            let _ = self.menu.opener.focus();
        }
        was_open
    }
}

impl Menu {
    fn build(head: &Element, strings: &Strings) -> Rc<Self> {
        let menu = Rc::new(Self {
            opener: icon_button("icon more", strings.menu, icons::MORE),
            list: element("div", "menu"),
            person: button("", strings.talk_to_person),
            withdraw: button("", strings.withdraw),
            erase: button("", strings.erase),
        });
        append(head, &menu.opener);
        append(head, &menu.list);
        let items: [(&HtmlElement, MakeAction); 3] = [
            (&menu.person, || Action::TalkToPerson),
            (&menu.withdraw, || Action::WithdrawConsent),
            (&menu.erase, || Action::AskErasure),
        ];
        for (item, action) in items {
            append(&menu.list, item);
            let chosen = Rc::clone(&menu);
            listen(item, "click", move |_| {
                chosen.set_open(false);
                let _ = chosen.opener.focus();
                dispatch(action());
            });
        }
        let opened = Rc::clone(&menu);
        listen(&menu.opener, "click", move |_| {
            let opens = opened.list.has_attribute("hidden");
            opened.set_open(opens);
        });
        let left = Rc::clone(&menu);
        listen(&menu.list, "keydown", move |event| {
            if event.unchecked_ref::<KeyboardEvent>().key() == "Tab" {
                left.set_open(false);
            }
        });
        menu.set_open(false);
        menu
    }

    fn set_open(&self, open: bool) {
        toggle(&self.list, "hidden", !open);
        set(&self.opener, "aria-expanded", if open { "true" } else { "false" });
    }
}
