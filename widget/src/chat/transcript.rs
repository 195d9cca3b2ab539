//! The entries of the conversation in their order: stored ones by `seq`, those on their way at the end.

use omniops_types::{AuthorKind, MessageId};
use uuid::Uuid;

use super::entry::Entry;
use super::opinion::Opinion;
use crate::wire::Message;

/// The transcript as far as it is loaded.
#[derive(Debug, Default)]
pub struct Transcript {
    entries: Vec<Entry>,
    next_key: u32,
    /// Whether the server holds messages before the first one here.
    pub has_older: bool,
    /// Whether these are being fetched.
    pub loading_older: bool,
}

impl Transcript {
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The highest `seq` of a message that is not the customer's own.
    pub fn newest_incoming_seq(&self) -> Option<i64> {
        self.entries.iter().filter(|entry| !entry.is_outgoing()).filter_map(|entry| entry.seq).max()
    }

    /// The lowest `seq` that is loaded.
    pub fn oldest_seq(&self) -> Option<i64> {
        self.entries.iter().filter_map(|entry| entry.seq).min()
    }

    /// The customer's message with this idempotency key.
    pub fn outgoing(&self, client_id: Uuid) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.is_outgoing() && entry.client_id == Some(client_id))
    }

    /// The answer to the message with this idempotency key.
    pub fn answer(&self, client_id: Uuid) -> Option<&Entry> {
        self.entries.iter().find(|entry| !entry.is_outgoing() && entry.client_id == Some(client_id))
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.has_older = false;
        self.loading_older = false;
    }

    pub(super) fn push(&mut self, entry: Entry) {
        let at = self.entries.len();
        self.insert(at, entry);
    }

    /// Puts the answer right after its question.
    pub(super) fn push_answer(&mut self, client_id: Uuid, entry: Entry) {
        let question = self.entries.iter().position(|other| other.is_outgoing() && other.client_id == Some(client_id));
        self.insert(question.map_or(self.entries.len(), |at| at + 1), entry);
    }

    /// Changes the customer's message with this key; `false` when there is none.
    pub(super) fn change_outgoing(&mut self, client_id: Uuid, change: impl FnOnce(&mut Entry)) -> bool {
        self.change(|entry| entry.is_outgoing() && entry.client_id == Some(client_id), change)
    }

    /// Changes the answer to the message with this key; `false` when there is none.
    pub(super) fn change_answer(&mut self, client_id: Uuid, change: impl FnOnce(&mut Entry)) -> bool {
        self.change(|entry| !entry.is_outgoing() && entry.client_id == Some(client_id), change)
    }

    /// The opinion on the message.
    pub(super) fn opinion_on(&mut self, id: MessageId) -> Option<&mut Opinion> {
        self.entries.iter_mut().find(|entry| entry.id == Some(id)).map(|entry| &mut entry.opinion)
    }

    pub(super) fn remove_answer(&mut self, client_id: Uuid) {
        self.entries.retain(|entry| entry.is_outgoing() || entry.client_id != Some(client_id));
    }

    /// Removes every entry that shows the message and has not this key.
    pub(super) fn remove_doubles(&mut self, id: MessageId, keep: u32) {
        self.entries.retain(|entry| entry.id != Some(id) || entry.key == keep);
    }

    pub(super) fn each(&mut self, mut change: impl FnMut(&mut Entry) -> bool) {
        for entry in &mut self.entries {
            if change(entry) {
                entry.revision += 1;
            }
        }
    }

    /// Takes a stored message: into the entry that shows it already, or as a new one in its place. `true` when it
    /// was not there before.
    pub(super) fn merge(&mut self, message: Message) -> bool {
        let id = message.id;
        let client_id = message.client_id.filter(|_| message.author == AuthorKind::Customer);
        let known = self.entries.iter().position(|entry| entry.id == Some(id)).or_else(|| {
            self.entries
                .iter()
                .position(|entry| entry.is_outgoing() && client_id.is_some() && entry.client_id == client_id)
        });
        if let Some(at) = known {
            self.settle(at, message);
            return false;
        }
        let at = self.place_for(message.seq);
        self.insert(at, Entry::stored(message));
        true
    }

    /// Turns the first answer that lost its stream into this message; gives it back when there is none.
    pub(super) fn adopt(&mut self, message: Message) -> Option<Message> {
        let lost = self.entries.iter().position(|entry| matches!(entry.state, super::EntryState::Interrupted { .. }));
        match lost {
            Some(at) => {
                self.settle(at, message);
                None
            }
            None => Some(message),
        }
    }

    fn settle(&mut self, at: usize, message: Message) {
        let seq = message.seq;
        let Some(entry) = self.entries.get_mut(at) else { return };
        let changed = entry.seq != Some(seq) || entry.text != message.text || entry.sources != message.sources;
        entry.take(message);
        entry.revision += u32::from(changed);
        // A place that only the server could know: move there if it is another one.
        let before = self.entries.iter().take(at).filter_map(|entry| entry.seq).any(|other| other > seq);
        let after = self.entries.iter().skip(at + 1).filter_map(|entry| entry.seq).any(|other| other < seq);
        if before || after {
            let entry = self.entries.remove(at);
            let place = self.place_for(seq);
            self.entries.insert(place, entry);
        }
    }

    fn change(&mut self, matches: impl Fn(&Entry) -> bool, change: impl FnOnce(&mut Entry)) -> bool {
        let Some(entry) = self.entries.iter_mut().find(|entry| matches(entry)) else { return false };
        change(entry);
        entry.revision += 1;
        true
    }

    fn insert(&mut self, at: usize, mut entry: Entry) {
        entry.key = self.next_key;
        self.next_key += 1;
        self.entries.insert(at, entry);
    }

    /// After the last stored message that comes before `seq`. A message that the server has taken without telling
    /// its `seq` yet is older than anything newer than all that is known.
    fn place_for(&self, seq: i64) -> usize {
        let is_newest = self.entries.iter().all(|entry| entry.seq.is_none_or(|other| other < seq));
        let comes_before = |entry: &Entry| entry.seq.map_or(is_newest && entry.id.is_some(), |other| other < seq);
        self.entries.iter().rposition(comes_before).map_or(0, |at| at + 1)
    }
}
