//! What the inbox's parts share, and what they can do. Actions show their effect at once and roll back with a toast.

use std::collections::HashMap;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_location, use_query_map};
use omniops_types::{
    Assignee, Conversation, ConversationDetail, ConversationFilter, ConversationId, ConversationPatch,
    ConversationStatus, DEFAULT_LIMIT, MessageKind, UserId,
};
use uuid::Uuid;

use super::receipt::ReceiptOf;
use super::{address, drafts};
use crate::error::AppError;
use crate::i18n::{Messages, use_messages};
use crate::rpc::conversations as rpc;
use crate::state::inbox::Inbox;
use crate::state::live::{Live, LiveItem};
use crate::state::session::{leave_if_signed_out, use_me};
use crate::state::shared::Shared;
use crate::ui::{Toast, Toasts, Tone, use_toasts};

/// How long to wait for more news before the counts are asked for again.
const COUNTS_SETTLE: Duration = Duration::from_millis(800);

/// A message that is being written.
#[derive(Clone, Debug)]
pub struct Draft {
    pub kind: MessageKind,
    pub text: String,
}

/// The inbox of this page. Cheap to copy.
#[derive(Clone, Copy)]
pub struct InboxState {
    pub me: UserId,
    pub inbox: Shared<Inbox>,
    agents: Resource<Result<Vec<Assignee>, AppError>>,
    pub filter: Memo<ConversationFilter>,
    /// The conversation in the address.
    pub selected: Memo<Option<ConversationId>>,
    /// The customer panel stands beside the conversation, where there is room.
    pub panel_open: RwSignal<bool>,
    /// The same as a drawer, where there is none.
    pub panel_drawer: RwSignal<bool>,
    pub keys_open: RwSignal<bool>,
    /// The answer whose receipt is open.
    pub receipt: RwSignal<Option<ReceiptOf>>,
    /// Asks the composer to take focus for a reply or a note.
    pub compose: RwSignal<Option<MessageKind>>,
    /// A message that was not sent, on its way back into the composer.
    pub restore: RwSignal<Option<Draft>>,
    pub loading_more: RwSignal<bool>,
    prefetched: StoredValue<HashMap<ConversationId, ConversationDetail>>,
    drafts: StoredValue<HashMap<ConversationId, Draft>>,
    messages: &'static Messages,
    toasts: Toasts,
}

impl InboxState {
    /// Called once, by the inbox page.
    pub fn provide() -> Self {
        let me = use_me().map_or(UserId(Uuid::nil()), |me| me.user_id);
        let query = use_query_map();
        let path = use_location().pathname;
        let filter = Memo::new(move |_| {
            query.with(|query| {
                address::filter_of(query.get_str("view"), query.get_str("status"), query.get_str("assignee"))
            })
        });
        let state = Self {
            me,
            inbox: Shared::new(Inbox::new(me, filter.get_untracked())),
            agents: Resource::new(|| (), |()| rpc::assignees()),
            filter,
            selected: Memo::new(move |_| path.with(|path| address::conversation_of(path))),
            panel_open: RwSignal::new(true),
            panel_drawer: RwSignal::new(false),
            keys_open: RwSignal::new(false),
            receipt: RwSignal::new(None),
            compose: RwSignal::new(None),
            restore: RwSignal::new(None),
            loading_more: RwSignal::new(false),
            prefetched: StoredValue::new(HashMap::new()),
            drafts: StoredValue::new(HashMap::new()),
            messages: use_messages(),
            toasts: use_toasts(),
        };
        provide_context(state);
        state
    }

    /// Keeps the list and the counts true while the page lives. Call it from an effect.
    pub fn follow(self, live: Live) {
        live.listen(move |item| match item {
            LiveItem::Fresh => self.reload(),
            LiveItem::Event(event) => {
                if let Some(id) = event.conversation_id {
                    self.prefetched.update_value(|all| {
                        all.remove(&id);
                    });
                }
                self.inbox.update(|inbox| inbox.apply(event));
            }
            LiveItem::Signal(_) => {}
        });
        let leaves = window_event_listener_untyped("pagehide", move |_| {
            self.drafts.with_value(|all| all.iter().for_each(|(id, draft)| drafts::keep(self.me, *id, draft)));
        });
        on_cleanup(move || leaves.remove());
        let stale = Memo::new(move |_| self.inbox.with(Inbox::counts_are_stale) == Some(true));
        Effect::new(move || {
            if stale.get() {
                set_timeout(move || self.reload_counts(), COUNTS_SETTLE);
            }
        });
    }

    fn reload(self) {
        self.prefetched.update_value(HashMap::clear);
        let filter = self.filter.get_untracked();
        spawn_local(async move {
            match rpc::list(filter, None, DEFAULT_LIMIT).await {
                // The agent may have gone on to another list, or away, meanwhile.
                Ok(page) if self.filter.try_get_untracked() == Some(filter) => {
                    self.inbox.update(|inbox| inbox.load(filter, page));
                }
                Ok(_) => {}
                Err(error) => leave_if_signed_out(&error),
            }
        });
        self.reload_counts();
    }

    fn reload_counts(self) {
        spawn_local(async move {
            if let Ok(counts) = rpc::counts().await {
                self.inbox.update(|inbox| inbox.set_counts(counts));
            }
        });
    }

    /// The next page of the list.
    pub fn load_more(self) {
        let Some(cursor) = self.inbox.with_untracked(|inbox| inbox.next_cursor().cloned()).flatten() else { return };
        if self.loading_more.get_untracked() {
            return;
        }
        self.loading_more.set(true);
        let filter = self.filter.get_untracked();
        spawn_local(async move {
            let answer = rpc::list(filter, Some(cursor), DEFAULT_LIMIT).await;
            if self.filter.try_get_untracked() == Some(filter) {
                match answer {
                    Ok(page) => {
                        self.inbox.update(|inbox| inbox.append(page));
                    }
                    Err(error) => self.failed(
                        self.messages.inbox.load_failed,
                        &error,
                        None,
                        Callback::new(move |()| self.load_more()),
                    ),
                }
            }
            let _ = self.loading_more.try_set(false);
        });
    }

    /// Fetches a conversation that is likely to be opened next.
    pub fn prefetch(self, id: ConversationId) {
        if self.prefetched.with_value(|all| all.contains_key(&id)) {
            return;
        }
        spawn_local(async move {
            if let Ok(detail) = rpc::get(id).await {
                let _ = self.prefetched.try_update_value(|all| all.insert(id, detail));
            }
        });
    }

    /// Who conversations can be given to. Read it inside a `Suspense` or `Transition` only: until they are there it is
    /// nobody.
    pub fn agents(self) -> Vec<Assignee> {
        self.agents.get().and_then(Result::ok).unwrap_or_default()
    }

    /// A conversation as this page knows it; runs the caller again when it changes.
    pub fn conversation<R>(self, id: ConversationId, read: impl FnOnce(&Conversation) -> R) -> Option<R> {
        self.inbox.with(|inbox| inbox.conversation(id).map(read)).flatten()
    }

    /// A conversation, from the prefetched ones where it is there.
    pub async fn open(self, id: ConversationId) -> Result<ConversationDetail, AppError> {
        if let Some(Some(detail)) = self.prefetched.try_update_value(|all| all.remove(&id)) {
            return Ok(detail);
        }
        rpc::get(id).await
    }

    /// Changes a conversation: at once here, then on the server; back again with a toast if that fails.
    pub fn change(self, id: ConversationId, patch: ConversationPatch) {
        let agents = self.agents.get_untracked().and_then(Result::ok).unwrap_or_default();
        let Some(undo) = self.inbox.update(|inbox| inbox.change(id, &patch, &agents)).flatten() else { return };
        spawn_local(async move {
            match rpc::patch(id, patch).await {
                Ok(conversation) => {
                    self.inbox.update(|inbox| inbox.confirm(conversation));
                }
                Err(error) => {
                    self.inbox.update(|inbox| inbox.undo(undo));
                    let again = Callback::new(move |()| self.change(id, patch));
                    self.failed(self.messages.thread.change_failed, &error, Some(id.uuid()), again);
                }
            }
        });
    }

    /// Resolves, with a way back in the toast; or opens again.
    pub fn toggle_resolved(self, id: ConversationId) {
        let Some(before) = self.inbox.with_untracked(|inbox| inbox.conversation(id).map(|row| row.status)).flatten()
        else {
            return;
        };
        let to = |status| ConversationPatch { status: Some(status), ..ConversationPatch::default() };
        if before == ConversationStatus::Resolved {
            self.settled(id.uuid());
            self.change(id, to(ConversationStatus::Open));
            return;
        }
        self.change(id, to(ConversationStatus::Resolved));
        let words = &self.messages.thread;
        let undo = move |()| self.change(id, to(before));
        self.toasts.show(Toast::new(Tone::Good, words.resolved_toast).about(id.uuid()).action(words.undo, undo));
    }

    pub fn assign(self, id: ConversationId, assignee: Option<UserId>) {
        self.change(id, ConversationPatch { assignee: Some(assignee), ..ConversationPatch::default() });
    }

    /// What was said about a conversation or a message is no longer true.
    pub fn settled(self, thing: Uuid) {
        self.toasts.settle(thing);
    }

    /// Says what failed, what to do, and the request id. `about`: the conversation or message, of which only the
    /// newest news stands.
    pub fn failed(self, what: &str, error: &AppError, about: Option<Uuid>, again: Callback<()>) {
        leave_if_signed_out(error);
        let mut detail = error.text(self.messages);
        if let Some(id) = error.request_id() {
            detail = format!("{detail} {} {id}", self.messages.common.request_id);
        }
        let toast = Toast::new(Tone::Bad, what).detail(detail);
        let toast = toast.action(self.messages.common.retry, move |()| again.run(()));
        self.toasts.show(match about {
            Some(thing) => toast.about(thing),
            None => toast,
        });
    }

    pub fn words(self) -> &'static Messages {
        self.messages
    }

    /// What was written here before the agent went elsewhere; from now on the composer has it.
    pub fn take_draft(self, id: ConversationId) -> Option<Draft> {
        self.drafts.try_update_value(|drafts| drafts.remove(&id)).flatten()
    }

    /// Keeps what was written in a conversation while the agent is elsewhere.
    pub fn keep_draft(self, id: ConversationId, draft: Draft) {
        self.drafts.update_value(|drafts| {
            if !draft.text.is_empty() {
                drafts.insert(id, draft);
            }
        });
    }
}

/// The inbox around the calling component.
pub fn use_inbox() -> InboxState {
    use_context().unwrap_or_else(InboxState::provide)
}
