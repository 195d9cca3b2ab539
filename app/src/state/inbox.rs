//! The inbox as a value: events go in, the list and the counts come out. Knows no browser and no framework.

use std::collections::HashMap;

use omniops_types::{
    AiState, Assignee, AuthorKind, Conversation, ConversationCounts, ConversationFilter, ConversationId,
    ConversationPatch, ConversationStatus, ConversationView, Cursor, Event, EventData, Message, Page, UserId,
};

/// What is needed to undo an optimistic change.
#[derive(Clone, Debug)]
pub struct Undo {
    before: Conversation,
}

/// The conversations that this page knows, the list as it is filtered, and the counts.
#[derive(Clone, Debug)]
pub struct Inbox {
    me: UserId,
    filter: ConversationFilter,
    known: HashMap<ConversationId, Conversation>,
    /// The list, newest activity first.
    order: Vec<ConversationId>,
    next_cursor: Option<Cursor>,
    counts: Option<ConversationCounts>,
    counts_stale: bool,
    /// The conversation that the agent has before their eyes: what comes in there is read.
    reading: Option<ConversationId>,
}

impl Inbox {
    pub fn new(me: UserId, filter: ConversationFilter) -> Self {
        Self {
            me,
            filter,
            known: HashMap::new(),
            order: Vec::new(),
            next_cursor: None,
            counts: None,
            counts_stale: false,
            reading: None,
        }
    }

    pub fn filter(&self) -> ConversationFilter {
        self.filter
    }

    /// The ids of the list, newest activity first.
    pub fn order(&self) -> &[ConversationId] {
        &self.order
    }

    pub fn conversation(&self, id: ConversationId) -> Option<&Conversation> {
        self.known.get(&id)
    }

    pub fn next_cursor(&self) -> Option<&Cursor> {
        self.next_cursor.as_ref()
    }

    pub fn counts(&self) -> Option<ConversationCounts> {
        self.counts
    }

    /// Whether something happened that the counts cannot be carried forward over, so that they must be asked for.
    pub fn counts_are_stale(&self) -> bool {
        self.counts_stale
    }

    /// The list's first page replaces what was there.
    pub fn load(&mut self, filter: ConversationFilter, page: Page<Conversation>) {
        self.filter = filter;
        self.order.clear();
        self.append(page);
    }

    /// The list's next page.
    pub fn append(&mut self, page: Page<Conversation>) {
        for conversation in page.items {
            let id = conversation.id;
            self.learn(conversation);
            if !self.order.contains(&id) && self.known.get(&id).is_some_and(|known| self.matches(known)) {
                self.order.push(id);
            }
        }
        self.next_cursor = page.next_cursor;
        self.sort();
    }

    /// A conversation that was loaded: as this agent sees it, so that its `unread` is theirs.
    pub fn learn(&mut self, mut conversation: Conversation) {
        if self.known.get(&conversation.id).is_some_and(|known| known.version > conversation.version) {
            return;
        }
        if self.reading == Some(conversation.id) {
            conversation.unread = 0;
        }
        self.known.insert(conversation.id, conversation);
    }

    pub fn set_counts(&mut self, counts: ConversationCounts) {
        self.counts = Some(counts);
        self.counts_stale = false;
    }

    /// The agent looks at this conversation, or at none.
    pub fn read(&mut self, id: Option<ConversationId>) {
        self.reading = id;
        if let Some(conversation) = id.and_then(|id| self.known.get_mut(&id)) {
            conversation.unread = 0;
        }
    }

    /// Takes in what happened. An event that the loaded rows already contain changes nothing.
    pub fn apply(&mut self, event: &Event) {
        match &event.data {
            EventData::ConversationCreated { conversation } => {
                if !self.known.contains_key(&conversation.id) {
                    self.count(conversation, 1);
                }
                self.take(conversation, None);
            }
            EventData::ConversationUpdated { conversation } => self.take(conversation, None),
            EventData::MessageCreated { message, conversation } => self.take(conversation, Some(message)),
            EventData::ConversationErased => {
                if let Some(id) = event.conversation_id {
                    self.forget(id);
                }
            }
            EventData::WidgetConfigUpdated { .. } => {}
        }
    }

    /// The conversation is gone.
    fn forget(&mut self, id: ConversationId) {
        match self.known.remove(&id) {
            Some(gone) => self.count(&gone, -1),
            None => self.counts_stale = true,
        }
        self.order.retain(|other| *other != id);
    }

    fn take(&mut self, incoming: &Conversation, message: Option<&Message>) {
        let mut row = incoming.clone();
        match self.known.get(&row.id) {
            Some(known) if is_older(&row, known) => return,
            Some(known) => {
                let is_new = (row.version, row.last_activity_at) != (known.version, known.last_activity_at);
                row.unread = match message {
                    Some(message) if message.author.user_id == Some(self.me) => 0,
                    Some(message) if is_new && message.author.kind == AuthorKind::Customer => known.unread + 1,
                    _ => known.unread,
                };
                let known = known.clone();
                self.count(&known, -1);
                self.count(&row, 1);
            }
            // Created events are counted by `apply`; of any other the earlier state is not known.
            None if message.is_some() || row.version > 1 => self.counts_stale = true,
            None => {}
        }
        if self.reading == Some(row.id) {
            row.unread = 0;
        }
        self.put(row);
    }

    /// Stores the row and moves it to its place in the list, or out of it.
    fn put(&mut self, row: Conversation) {
        let id = row.id;
        let was_listed = self.order.contains(&id);
        let within = self.next_cursor.is_none()
            || self.order.last().and_then(|last| self.known.get(last)).is_none_or(|last| is_before(&row, last));
        let listed = self.matches(&row) && (was_listed || within);
        self.known.insert(id, row);
        if listed && !was_listed {
            self.order.push(id);
        } else if !listed {
            self.order.retain(|other| *other != id);
        }
        self.sort();
    }

    fn sort(&mut self) {
        let known = &self.known;
        self.order.sort_by_cached_key(|id| {
            std::cmp::Reverse(known.get(id).map(|conversation| (conversation.last_activity_at, conversation.id)))
        });
    }

    fn matches(&self, row: &Conversation) -> bool {
        let assignee = row.assignee.as_ref().map(|assignee| assignee.id);
        let in_view = match self.filter.view {
            ConversationView::Mine => {
                assignee == Some(self.me)
                    && (self.filter.status.is_some() || row.status != ConversationStatus::Resolved)
            }
            ConversationView::Unassigned => row.status == ConversationStatus::Open && assignee.is_none(),
            ConversationView::All => true,
        };
        in_view
            && self.filter.status.is_none_or(|status| row.status == status)
            && self.filter.assignee.is_none_or(|wanted| assignee == Some(wanted))
    }

    fn count(&mut self, row: &Conversation, by: i64) {
        let me = self.me;
        let Some(counts) = &mut self.counts else { return };
        let assignee = row.assignee.as_ref().map(|assignee| assignee.id);
        counts.all += by;
        match row.status {
            ConversationStatus::Open => counts.open += by,
            ConversationStatus::Pending => counts.pending += by,
            ConversationStatus::Snoozed => counts.snoozed += by,
            ConversationStatus::Resolved => counts.resolved += by,
        }
        if assignee == Some(me) && row.status != ConversationStatus::Resolved {
            counts.mine += by;
        }
        if assignee.is_none() && row.status == ConversationStatus::Open {
            counts.unassigned += by;
        }
    }

    /// Shows a change before the server has confirmed it. `None` when the conversation is not known.
    pub fn change(&mut self, id: ConversationId, patch: &ConversationPatch, agents: &[Assignee]) -> Option<Undo> {
        let before = self.known.get(&id)?.clone();
        let mut after = before.clone();
        if let Some(status) = patch.status {
            after.status = status;
        }
        if let Some(assignee) = patch.assignee {
            after.assignee = assignee.and_then(|id| agents.iter().find(|agent| agent.id == id).cloned());
        }
        if let Some(ai_state) = patch.ai_state {
            after.ai_state = ai_state;
        }
        if let Some(priority) = patch.priority {
            after.priority = priority;
        }
        if after.status != ConversationStatus::Open || after.ai_state == AiState::Active {
            after.waiting_since = None;
        }
        self.count(&before, -1);
        self.count(&after, 1);
        self.put(after);
        Some(Undo { before })
    }

    /// The server's answer to a change.
    pub fn confirm(&mut self, conversation: Conversation) {
        self.take(&conversation, None);
    }

    /// The change was refused. What came in meanwhile is newer than both and stays.
    pub fn undo(&mut self, undo: Undo) {
        let Some(now) = self.known.get(&undo.before.id).cloned() else { return };
        if now.version == undo.before.version {
            self.count(&now, -1);
            self.count(&undo.before, 1);
            self.put(undo.before);
        }
    }

    /// The neighbour `step` places down the list (negative: up); the first when `from` is not listed.
    pub fn neighbour(&self, from: Option<ConversationId>, step: isize) -> Option<ConversationId> {
        let at = from.and_then(|from| self.order.iter().position(|id| *id == from));
        match at {
            Some(at) => self.order.get(at.checked_add_signed(step)?).copied(),
            None => self.order.first().copied(),
        }
    }
}

/// Events come in order, so a row that is as new as the known one is the same or newer.
fn is_older(row: &Conversation, known: &Conversation) -> bool {
    (row.version, row.last_activity_at) < (known.version, known.last_activity_at)
}

fn is_before(row: &Conversation, other: &Conversation) -> bool {
    (row.last_activity_at, row.id) > (other.last_activity_at, other.id)
}

#[cfg(test)]
#[path = "inbox_tests.rs"]
mod tests;
