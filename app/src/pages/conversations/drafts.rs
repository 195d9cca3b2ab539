//! What was being written when the page had to go, by a reload or because the session had ended: kept in this tab, so
//! that the agent finds it again after the log-in. Browser only.

use omniops_types::{ConversationId, MessageKind, UserId};

use super::state::Draft;
use crate::state::browser::tab_storage;

/// Another user of the same browser must not find it.
fn key(user: UserId, conversation: ConversationId) -> String {
    format!("omniops:draft:{user}:{conversation}")
}

/// Keeps a draft beside what is kept already.
pub fn keep(user: UserId, conversation: ConversationId, draft: &Draft) {
    let Some(storage) = tab_storage().filter(|_| !draft.text.is_empty()) else { return };
    let text = match take(user, conversation) {
        Some(before) => format!("{}\n\n{}", before.text, draft.text),
        None => draft.text.clone(),
    };
    // Fails when the storage is full: then there is nowhere to keep it.
    let _ = storage.set_item(&key(user, conversation), &written(draft.kind, &text));
}

/// Gives what was kept, once.
pub fn take(user: UserId, conversation: ConversationId) -> Option<Draft> {
    let storage = tab_storage()?;
    let key = key(user, conversation);
    let kept = storage.get_item(&key).ok().flatten()?;
    // Cannot fail for a key that was just read.
    let _ = storage.remove_item(&key);
    read(&kept)
}

/// The kind on the first line, the text below it.
fn written(kind: MessageKind, text: &str) -> String {
    format!("{}\n{text}", kind.as_str())
}

fn read(kept: &str) -> Option<Draft> {
    let (kind, text) = kept.split_once('\n')?;
    let kind = [MessageKind::Reply, MessageKind::Note].into_iter().find(|known| known.as_str() == kind)?;
    Some(Draft { kind, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_reads_back_with_its_lines() {
        for kind in [MessageKind::Reply, MessageKind::Note] {
            let draft = read(&written(kind, "Dear Ana,\n\nyes.")).expect("it was just written");
            assert_eq!((draft.kind, draft.text.as_str()), (kind, "Dear Ana,\n\nyes."));
        }
        assert!(read("nonsense").is_none());
        assert!(read("activity\nnot a draft").is_none());
    }
}
