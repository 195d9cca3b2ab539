//! Each effect of the state machine, carried out.

use std::rc::Rc;

use omniops_types::{FeedbackReason, HandoffResponse, MessageId, Rating, WidgetConfig};
use uuid::Uuid;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::dom::{after, random};
use super::shell::Shell;
use super::stream::{EventStream, StreamNews};
use super::{net, storage};
use crate::backoff;
use crate::chat::{Chat, Effect, Verdict};
use crate::json::{Json, ObjectWriter};
use crate::plain;
use crate::problem::Problem;
use crate::wire::{FromJson, Session, TranscriptPage, VisitorEvent};

/// Milliseconds without a sign of the stream after which it is taken for dead: two heartbeats and some.
const QUIET_MS: f64 = 35_000.0;

/// What to do with the outcome of a request.
type Outcome = Box<dyn FnOnce(&mut Chat, Result<Json, Problem>)>;

impl Shell {
    pub(super) fn carry_out(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::LoadConfig => self.load_config(),
            Effect::OpenSession => self.open_session(),
            Effect::Remember { live } => {
                storage::remember(&self.domain, &self.session_id(), live);
                self.host.emit("live", &live.into());
            }
            Effect::Forget => {
                storage::forget(&self.domain);
                self.session.replace(None);
                self.host.emit("live", &false.into());
            }
            Effect::PostConsent { version, granted } => self.post_consent(version, granted),
            Effect::PostMessage { client_id, text } => self.post_message(client_id, &text),
            Effect::Erase => self.erase(),
            Effect::PostHandoff => self.post_handoff(),
            Effect::Subscribe => self.subscribe(),
            Effect::Unsubscribe => drop(self.stream.take()),
            Effect::MarkRead { seq } => self.post_read(seq),
            Effect::PostOpinion { message, verdict } => self.post_opinion(message, verdict),
            Effect::LoadOlder { before } => self.load_older(before),
            Effect::Unread(count) => self.host.emit("unread", &JsValue::from_f64(count as f64)),
            Effect::NewMessage { author, text } => {
                let detail = js_sys::Object::new();
                let _ = js_sys::Reflect::set(&detail, &"author".into(), &author.into());
                let _ = js_sys::Reflect::set(&detail, &"text".into(), &text.into());
                self.host.emit("message", &detail);
            }
            Effect::Ready => self.host.emit("ready", &JsValue::UNDEFINED),
            Effect::Submit => self.view.submit(),
            Effect::Error(code) => self.host.emit("error", &code.into()),
            Effect::AnnounceAnswer(text) => self.view.announce_answer(&text),
        }
    }

    /// Runs a request and tells the state machine how it ended. Not generic, because each instance would weigh.
    fn request(self: &Rc<Self>, url: String, body: Option<String>, outcome: Outcome) {
        let shell = Rc::clone(self);
        spawn_local(async move {
            let result = net::exchange(&url, body, false).await;
            shell.update(|chat| outcome(chat, result));
        });
    }

    fn load_config(self: &Rc<Self>) {
        let locale = ["&locale=", &encode(&self.locale)].concat();
        let url = self.url(&["/api/customer/config?domain=", &encode(&self.domain), &locale].concat());
        let again = self.chat.borrow().config.is_some();
        let shell = Rc::clone(self);
        spawn_local(async move {
            let result = net::exchange(&url, None, again).await;
            shell.update(|chat| match read::<WidgetConfig>(result) {
                Ok(config) => chat.config_loaded(config),
                Err(problem) => chat.boot_failed(problem),
            });
        });
    }

    fn open_session(self: &Rc<Self>) {
        let body = self.body().text("page_url", &self.host.page()).text("locale", &self.locale).end();
        self.request(
            self.url("/api/widget/session"),
            Some(body),
            Box::new(|chat, result| match read::<Session>(result) {
                Ok(session) => chat.session_opened(session),
                Err(problem) => chat.session_failed(problem),
            }),
        );
    }

    fn post_consent(self: &Rc<Self>, version: String, granted: bool) {
        let body = self.body().text("version", &version).flag("granted", granted).end();
        self.request(
            self.url("/api/widget/consent"),
            Some(body),
            Box::new(move |chat, result| match result {
                Ok(_) => chat.consent_saved(version, granted),
                Err(_) => chat.consent_not_saved(),
            }),
        );
    }

    fn erase(self: &Rc<Self>) {
        self.request(
            self.url("/api/widget/erase"),
            Some(self.body().end()),
            Box::new(|chat, result| match result {
                Ok(_) => chat.erased(),
                Err(_) => chat.erase_failed(),
            }),
        );
    }

    fn post_message(self: &Rc<Self>, client_id: Uuid, text: &str) {
        let url = self.url("/api/chat");
        let body = self
            .body_in_conversation()
            .text("message", text)
            .text("client_id", &plain::uuid(client_id))
            .text("page_url", &self.host.page())
            .text("locale", &self.locale)
            .end();
        let shell = Rc::clone(self);
        spawn_local(async move {
            net::stream_answer(&url, body, |signals| {
                shell.update(|chat| {
                    for signal in signals {
                        chat.answer_signal(client_id, signal);
                    }
                });
            })
            .await;
        });
    }

    fn post_handoff(self: &Rc<Self>) {
        let body = self.body_in_conversation().text("locale", &self.locale).end();
        self.request(
            self.url("/api/widget/handoff"),
            Some(body),
            Box::new(|chat, result| match read::<HandoffResponse>(result) {
                Ok(response) => chat.handed_off(response),
                Err(_) => chat.handoff_failed(),
            }),
        );
    }

    /// Typing may get lost, so nothing depends on the answer.
    pub(super) fn post_typing(self: &Rc<Self>) {
        let body = self.body_in_conversation().flag("typing", true).end();
        self.request(self.url("/api/widget/typing"), Some(body), Box::new(|_, _| {}));
    }

    /// A later mark covers one that was lost, so nothing depends on the answer.
    fn post_read(self: &Rc<Self>, seq: i64) {
        let body = self.body_in_conversation().number("seq", seq).end();
        self.request(self.url("/api/widget/read"), Some(body), Box::new(|_, _| {}));
    }

    fn load_older(self: &Rc<Self>, before: i64) {
        let Some(conversation) = self.chat.borrow().conversation else { return };
        let place =
            ["&conversation_id=", &plain::uuid(conversation.uuid()), "&before=", &plain::decimal(before)].concat();
        let url = self.url(&["/api/widget/messages", &self.query(), &place].concat());
        self.request(
            url,
            None,
            Box::new(|chat, result| match read::<TranscriptPage>(result) {
                Ok(page) => chat.older_loaded(page),
                Err(_) => chat.older_failed(),
            }),
        );
    }

    fn post_opinion(self: &Rc<Self>, message: MessageId, verdict: Verdict) {
        let parts = [
            ("rating", verdict.rating.map_or("", Rating::as_str)),
            ("reason", verdict.reason.map_or("", FeedbackReason::as_str)),
            ("comment", &verdict.comment),
        ];
        let body = self.body().text("message_id", &plain::uuid(message.uuid()));
        let given = parts.into_iter().filter(|(_, value)| !value.is_empty());
        let body = given.fold(body, |body, (name, value)| body.text(name, value)).end();
        self.request(
            self.url("/api/widget/feedback"),
            Some(body),
            Box::new(move |chat, result| match result {
                Ok(_) => chat.opinion_saved(message, verdict),
                Err(_) => chat.opinion_not_saved(message),
            }),
        );
    }

    /// The fields that every request of the visitor has.
    fn body(&self) -> ObjectWriter {
        ObjectWriter::default().text("domain", &self.domain).text("session_id", &self.session_id())
    }

    fn body_in_conversation(&self) -> ObjectWriter {
        match self.chat.borrow().conversation {
            Some(conversation) => self.body().text("conversation_id", &plain::uuid(conversation.uuid())),
            None => self.body(),
        }
    }

    fn subscribe(self: &Rc<Self>) {
        let after_seq = plain::decimal(self.chat.borrow().event_seq);
        let url = self.url(&["/api/widget/events", &self.query(), "&after=", &after_seq].concat());
        let shell = Rc::clone(self);
        let stream = EventStream::open(&url, move |news| match news {
            StreamNews::Opened => {
                shell.losses.set(0);
                shell.heard_at.set(js_sys::Date::now());
                shell.update(Chat::stream_opened);
            }
            StreamNews::Lost => shell.resubscribe_later(),
            StreamNews::Event { id, data } => {
                shell.heard_at.set(js_sys::Date::now());
                let seq = id.parse().ok();
                match Json::parse(&data).as_ref().and_then(VisitorEvent::from_json) {
                    Some(event) => shell.update(|chat| chat.visitor_event(seq, event)),
                    // A heartbeat, or an event for a newer build: only its place in the log matters.
                    None => shell.chat.borrow_mut().passed(seq),
                }
            }
        });
        self.stream.replace(stream);
    }

    /// Opens the stream again if it has gone quiet without an error, as after a laptop slept.
    pub(super) fn check_stream(self: &Rc<Self>) {
        if self.stream.borrow().is_some() && js_sys::Date::now() - self.heard_at.get() > QUIET_MS {
            self.subscribe();
        }
    }

    fn resubscribe_later(self: &Rc<Self>) {
        let losses = self.losses.get();
        self.losses.set(losses + 1);
        self.update(Chat::stream_lost);
        let [random] = random();
        let shell = Rc::clone(self);
        after(backoff::delay_ms(losses, random), move || {
            // Unless the conversation was cleared, or coming online has opened a new one meanwhile.
            if shell.stream.borrow().as_ref().is_some_and(EventStream::is_closed) {
                shell.subscribe();
            }
        });
    }

    fn query(&self) -> String {
        ["?domain=", &encode(&self.domain), "&session_id=", &encode(&self.session_id())].concat()
    }
}

fn read<T: FromJson>(result: Result<Json, Problem>) -> Result<T, Problem> {
    T::from_json(&result?).ok_or(Problem::Server)
}

fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
