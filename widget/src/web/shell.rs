//! Holds the parts together: events of the browser go into the state machine, its effects come out, the view follows.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlElement, KeyboardEvent, VisibilityState};

use super::dom::{after, document, listen, random, window};
use super::host::Host;
use super::storage;
use super::stream::EventStream;
use super::view::{Action, View};
use crate::chat::Chat;
use crate::ids;
use crate::plain::decimal;

/// Milliseconds between two signs that the visitor is typing.
const TYPING_INTERVAL_MS: f64 = 3_000.0;

/// The running panel.
pub(super) struct Shell {
    pub(super) chat: RefCell<Chat>,
    pub(super) view: View,
    pub(super) host: Host,
    pub(super) base: String,
    pub(super) domain: String,
    pub(super) locale: String,
    /// The visitor's secret: in memory until the visitor does something, then also on this device.
    pub(super) session: RefCell<Option<String>>,
    pub(super) stream: RefCell<Option<EventStream>>,
    /// How often the stream was lost in a row.
    pub(super) losses: Cell<u32>,
    /// When the stream last gave a sign, in milliseconds since 1970.
    pub(super) heard_at: Cell<f64>,
    is_open: Cell<bool>,
    is_ticking: Cell<bool>,
    typing_told_at: Cell<f64>,
}

impl Shell {
    pub(super) fn start(mount: HtmlElement, host: Host, base: String, domain: String, locale: String) -> Rc<Self> {
        host.style(include_str!(concat!(env!("OUT_DIR"), "/panel.css")));
        let view = View::build(&mount, &locale);
        let shell = Rc::new(Self {
            chat: RefCell::default(),
            view,
            host,
            base,
            session: RefCell::new(storage::session(&domain)),
            domain,
            locale,
            stream: RefCell::default(),
            losses: Cell::new(0),
            heard_at: Cell::new(0.0),
            is_open: Cell::new(false),
            is_ticking: Cell::new(false),
            typing_told_at: Cell::new(0.0),
        });
        shell.listen(&mount);
        shell.settle();
        shell
    }

    pub(super) fn open(self: &Rc<Self>, focus: bool) {
        self.is_open.set(true);
        let remembered = self.session.borrow().is_some();
        self.update(|chat| {
            chat.boot(remembered);
            chat.opened();
        });
        self.view.opened(focus, self.host.full());
    }

    pub(super) fn close(self: &Rc<Self>) {
        self.is_open.set(false);
        self.update(Chat::closed);
    }

    pub(super) fn resume(self: &Rc<Self>) {
        if self.session.borrow().is_some() {
            self.update(|chat| chat.boot(true));
        }
    }

    /// Lets something happen and carries out what follows from it.
    pub(super) fn update(self: &Rc<Self>, change: impl FnOnce(&mut Chat)) {
        change(&mut self.chat.borrow_mut());
        self.settle();
    }

    fn settle(self: &Rc<Self>) {
        self.view.render(&self.chat.borrow());
        let effects = self.chat.borrow_mut().take_effects();
        for effect in effects {
            self.carry_out(effect);
        }
        if self.chat.borrow().needs_tick() && !self.is_ticking.replace(true) {
            let shell = Rc::clone(self);
            after(1_000, move || {
                shell.is_ticking.set(false);
                shell.update(Chat::tick);
            });
        }
    }

    /// The visitor's secret, made on first use.
    pub(super) fn session_id(&self) -> String {
        let mut session = self.session.borrow_mut();
        if session.is_none() {
            // Another tab may have begun meanwhile.
            *session = storage::session(&self.domain);
        }
        session.get_or_insert_with(|| ids::session_id(random())).clone()
    }

    /// An address of the API.
    pub(super) fn url(&self, path: &str) -> String {
        [self.base.as_str(), path].concat()
    }

    fn listen(self: &Rc<Self>, mount: &HtmlElement) {
        let shell = Rc::clone(self);
        listen(mount, "keydown", move |event: Event| {
            let event: KeyboardEvent = event.unchecked_into();
            shell.view.key(&event, shell.host.full());
        });

        let shell = Rc::clone(self);
        listen(&window(), "online", move |_| shell.update(Chat::came_online));
        let shell = Rc::clone(self);
        listen(&window(), "offline", move |_| shell.update(Chat::went_offline));

        let shell = Rc::clone(self);
        listen(&document(), "visibilitychange", move |_| {
            let looked_at = shell.is_open.get() && document().visibility_state() == VisibilityState::Visible;
            shell.update(|chat| if looked_at { chat.opened() } else { chat.closed() });
            shell.check_stream();
        });

        if let Some(viewport) = window().visual_viewport() {
            // The on-screen keyboard of some phones covers the page instead of shrinking it.
            let (shell, mount, watched) = (Rc::clone(self), mount.clone(), viewport.clone());
            listen(&viewport, "resize", move |_| {
                let style = mount.style();
                if shell.host.full() && watched.scale() < 1.01 {
                    let _ = style.set_property("height", &[decimal(watched.height() as i64).as_str(), "px"].concat());
                } else {
                    let _ = style.remove_property("height");
                }
            });
        }
    }

    /// The visitor did something.
    pub(super) fn act(self: &Rc<Self>, action: Action) {
        match action {
            Action::Typed => {
                self.update(Chat::interact);
                self.tell_typing();
            }
            Action::Submit(text) => {
                let client_id = ids::client_id(js_sys::Date::now() as u64, random());
                let mut taken = false;
                self.update(|chat| taken = chat.submit(client_id, text));
                if taken {
                    self.typing_told_at.set(0.0);
                    self.view.submitted();
                }
            }
            Action::Retry(client_id) => self.update(|chat| chat.retry(client_id)),
            Action::TalkToPerson => self.update(Chat::request_person),
            Action::Consent(granted) => {
                if granted {
                    self.update(|chat| chat.answer_consent(true));
                } else {
                    // Nothing was stored or sent, so there is nothing to take back.
                    self.host.close();
                }
            }
            Action::WithdrawConsent => self.update(|chat| chat.answer_consent(false)),
            Action::AskErasure => {
                self.update(Chat::ask_erasure);
                self.view.focus_question();
            }
            Action::Erase(sure) => self.update(if sure { Chat::erase } else { Chat::keep_data }),
            Action::Say(message, said) => self.update(|chat| chat.say(message, said)),
            Action::ShowOlder => self.update(Chat::show_older),
            Action::Reload => {
                let remembered = self.session.borrow().is_some();
                self.update(|chat| chat.boot(remembered));
            }
            Action::Close => self.host.close(),
        }
    }

    fn tell_typing(self: &Rc<Self>) {
        let now = js_sys::Date::now();
        if self.chat.borrow().conversation.is_some() && now - self.typing_told_at.get() > TYPING_INTERVAL_MS {
            self.typing_told_at.set(now);
            self.post_typing();
        }
    }
}
