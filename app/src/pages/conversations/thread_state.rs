//! The open conversation: its live transcript and what can be done with it.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use omniops_types::{
    ConversationDetail, ConversationId, DEFAULT_LIMIT, ErrorCode, MessageKind, NewMessage, Permission,
};
use uuid::Uuid;

use super::drafts;
use super::state::{Draft, InboxState};
use crate::rpc::conversations as rpc;
use crate::state::browser;
use crate::state::live::{Live, LiveItem};
use crate::state::session::may;
use crate::state::thread::Thread;

/// How often stale typing is looked for.
const TYPING_SWEEP: Duration = Duration::from_secs(1);

/// Cheap to copy.
#[derive(Clone, Copy)]
pub struct ThreadState {
    pub id: ConversationId,
    pub thread: RwSignal<Thread>,
    pub loading_older: RwSignal<bool>,
    /// Whether the user may answer and change things.
    pub writable: bool,
    inbox: InboxState,
    /// Up to which message the server knows that this agent has read.
    read_to: StoredValue<i64>,
}

impl ThreadState {
    /// Called once for each conversation that is opened.
    pub fn new(inbox: InboxState, detail: ConversationDetail) -> Self {
        let id = detail.conversation.id;
        let read_to = if detail.conversation.unread == 0 {
            detail.transcript.messages.last().map_or(0, |message| message.seq)
        } else {
            0
        };
        inbox.inbox.update(|inbox| inbox.learn(detail.conversation));
        Self {
            id,
            thread: RwSignal::new(Thread::new(id, detail.transcript)),
            loading_older: RwSignal::new(false),
            writable: may(Permission::ConversationsWrite),
            inbox,
            read_to: StoredValue::new(read_to),
        }
    }

    /// Keeps the transcript live and tells the server what was read. Call it from an effect.
    pub fn follow(self, live: Live) {
        let me = self.inbox.me;
        live.listen(move |item| match item {
            LiveItem::Fresh => self.refresh(),
            LiveItem::Event(event) => {
                // Most events are other conversations': only this one's wake the transcript.
                if event.conversation_id == Some(self.id) {
                    self.thread.update(|thread| {
                        thread.apply(event);
                    });
                }
            }
            LiveItem::Signal(signal) => self.thread.update(|thread| thread.signal(signal, me, now_ms())),
        });
        if let Ok(sweep) = set_interval_with_handle(move || self.sweep(), TYPING_SWEEP) {
            on_cleanup(move || sweep.clear());
        }
        let visible = RwSignal::new(browser::is_visible());
        let handle = window_event_listener(ev::visibilitychange, move |_| visible.set(browser::is_visible()));
        let inbox = self.inbox.inbox;
        on_cleanup(move || {
            handle.remove();
            inbox.update(|inbox| inbox.read(None));
        });
        let last = Memo::new(move |_| self.thread.with(Thread::last_seq));
        Effect::new(move || {
            let last = last.get();
            if visible.get() {
                inbox.update(|inbox| inbox.read(Some(self.id)));
                self.mark_read(last);
            } else {
                inbox.update(|inbox| inbox.read(None));
            }
        });
    }

    fn sweep(self) {
        if self.thread.try_with_untracked(|thread| thread.typing().next().is_some()) == Some(true) {
            self.thread.update(|thread| {
                thread.expire_typing(now_ms());
            });
        }
    }

    fn mark_read(self, last: Option<i64>) {
        let Some(last) = last.filter(|last| *last > self.read_to.get_value()) else { return };
        self.read_to.set_value(last);
        spawn_local(async move {
            if rpc::mark_read(self.id, last).await.is_err() {
                // The next message, or the next visit, says it again.
                let _ = self.read_to.try_update_value(|read_to| *read_to = 0);
            }
        });
    }

    fn refresh(self) {
        spawn_local(async move {
            if let Ok(detail) = rpc::get(self.id).await {
                self.inbox.inbox.update(|inbox| inbox.learn(detail.conversation));
                let _ = self.thread.try_update(|thread| thread.refresh(detail.transcript));
            }
        });
    }

    pub fn load_older(self) {
        let Some((before, true)) = self.thread.try_with_untracked(|thread| (thread.first_seq(), thread.has_older()))
        else {
            return;
        };
        if self.loading_older.get_untracked() {
            return;
        }
        self.loading_older.set(true);
        let title = self.inbox.words().thread.load_failed;
        spawn_local(async move {
            match rpc::transcript(self.id, before, DEFAULT_LIMIT).await {
                Ok(older) => {
                    let _ = self.thread.try_update(|thread| thread.prepend(older));
                }
                Err(error) => self.inbox.failed(title, &error, None, Callback::new(move |()| self.load_older())),
            }
            let _ = self.loading_older.try_set(false);
        });
    }

    /// Shows the message at once and sends it.
    pub fn send(self, kind: MessageKind, text: String) {
        let message = NewMessage { kind, text, client_id: Uuid::now_v7() };
        self.thread.update(|thread| thread.begin(&message));
        self.deliver(message);
    }

    /// Sends what failed again, under the same `client_id`.
    pub fn retry(self, client_id: Uuid) {
        if let Some(Some(message)) = self.thread.try_update(|thread| thread.retry(client_id)) {
            self.deliver(message);
        }
    }

    /// Gives a message that was not sent back to the composer.
    pub fn take_back(self, client_id: Uuid) {
        self.inbox.settled(client_id);
        if let Some(Some(outgoing)) = self.thread.try_update(|thread| thread.discard(client_id)) {
            self.inbox.restore.set(Some(Draft { kind: outgoing.kind, text: outgoing.text }));
        }
    }

    fn deliver(self, message: NewMessage) {
        let title = self.inbox.words().composer.send_failed;
        self.inbox.settled(message.client_id);
        spawn_local(async move {
            match rpc::send(self.id, message.clone()).await {
                Ok(stored) => {
                    let _ = self.thread.try_update(|thread| thread.insert(stored));
                }
                Err(error) => {
                    let client_id = message.client_id;
                    let _ = self.thread.try_update(|thread| thread.fail(client_id, error.clone()));
                    if error.code() == ErrorCode::Unauthenticated {
                        // The page goes to the log-in now; after it the message waits in the composer.
                        let draft = Draft { kind: message.kind, text: message.text.clone() };
                        drafts::keep(self.inbox.me, self.id, &draft);
                    }
                    // The toast outlives this conversation's pane, so the message is not lost by going elsewhere.
                    let again = Callback::new(move |()| self.deliver_again(message.clone()));
                    self.inbox.failed(title, &error, Some(client_id), again);
                }
            }
        });
    }

    fn deliver_again(self, message: NewMessage) {
        let _ = self.thread.try_update(|thread| thread.retry(message.client_id));
        self.deliver(message);
    }

    pub fn inbox(self) -> InboxState {
        self.inbox
    }
}

/// The browser's clock, in milliseconds.
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}
