use omniops_types::{
    AuthorKind, ConversationCounts, ConversationPatch, ConversationStatus, ConversationView, Cursor, Page,
};

use super::Inbox;
use crate::state::fixtures::{
    agent, conversation, conversation_id, created, erased, filter, later, message, posted, updated, user,
};

const ME: u128 = 1;

fn page(items: Vec<omniops_types::Conversation>, more: bool) -> Page<omniops_types::Conversation> {
    Page { items, next_cursor: more.then(|| Cursor("next".into())) }
}

fn inbox(view: ConversationView, minutes: &[i64]) -> Inbox {
    let mut inbox = Inbox::new(user(ME), filter(view));
    let items = (1..).zip(minutes).map(|(n, minute)| conversation(n, *minute)).collect();
    inbox.load(filter(view), page(items, false));
    inbox
}

fn numbers(inbox: &Inbox) -> Vec<i64> {
    inbox.order().iter().map(|id| inbox.conversation(*id).unwrap().number).collect()
}

#[test]
fn a_new_message_moves_its_conversation_to_the_top_and_counts_as_unread() {
    let mut inbox = inbox(ConversationView::All, &[10, 9, 8]);
    let row = later(&conversation(3, 8), 20);
    inbox.apply(&posted(1, message(3, 2, AuthorKind::Customer), row));
    assert_eq!(numbers(&inbox), [3, 1, 2]);
    assert_eq!(inbox.conversation(conversation_id(3)).unwrap().unread, 1);
}

#[test]
fn an_event_that_the_loaded_rows_already_contain_changes_nothing() {
    let mut inbox = Inbox::new(user(ME), filter(ConversationView::All));
    let mut newest = later(&conversation(1, 5), 20);
    newest.unread = 1;
    inbox.load(filter(ConversationView::All), page(vec![newest.clone(), conversation(2, 10)], false));
    inbox.apply(&posted(1, message(1, 2, AuthorKind::Customer), newest.clone()));
    inbox.apply(&updated(2, conversation(1, 5)));
    assert_eq!(inbox.conversation(conversation_id(1)), Some(&newest));
    assert_eq!(numbers(&inbox), [1, 2]);
}

#[test]
fn what_comes_into_the_conversation_being_read_is_read() {
    let mut inbox = inbox(ConversationView::All, &[10]);
    inbox.read(Some(conversation_id(1)));
    inbox.apply(&posted(1, message(1, 2, AuthorKind::Customer), later(&conversation(1, 10), 11)));
    assert_eq!(inbox.conversation(conversation_id(1)).unwrap().unread, 0);
}

#[test]
fn the_own_answer_from_another_window_marks_the_conversation_read() {
    let mut inbox = inbox(ConversationView::All, &[10]);
    let second = later(&conversation(1, 10), 11);
    inbox.apply(&posted(1, message(1, 2, AuthorKind::Customer), second.clone()));
    assert_eq!(inbox.conversation(conversation_id(1)).unwrap().unread, 1);
    inbox.apply(&posted(2, message(1, 3, AuthorKind::Agent), later(&second, 12)));
    assert_eq!(inbox.conversation(conversation_id(1)).unwrap().unread, 0);
}

#[test]
fn a_conversation_that_no_longer_matches_leaves_the_list() {
    let mut inbox = inbox(ConversationView::Unassigned, &[10, 9]);
    let mut taken = later(&conversation(1, 10), 11);
    taken.assignee = Some(agent(2));
    inbox.apply(&updated(1, taken));
    assert_eq!(numbers(&inbox), [2]);
}

#[test]
fn a_conversation_older_than_the_loaded_pages_is_not_put_at_their_end() {
    let mut inbox = Inbox::new(user(ME), filter(ConversationView::All));
    inbox.load(filter(ConversationView::All), page(vec![conversation(1, 10), conversation(2, 9)], true));
    inbox.apply(&updated(1, later(&conversation(7, 1), 2)));
    assert_eq!(numbers(&inbox), [1, 2]);
    inbox.append(page(vec![later(&conversation(7, 1), 2)], false));
    assert_eq!(numbers(&inbox), [1, 2, 7]);
}

#[test]
fn a_row_that_moved_up_between_two_pages_is_listed_once() {
    let mut inbox = Inbox::new(user(ME), filter(ConversationView::All));
    inbox.load(filter(ConversationView::All), page(vec![conversation(1, 10), conversation(2, 9)], true));
    inbox.apply(&posted(1, message(3, 2, AuthorKind::Customer), later(&conversation(3, 1), 30)));
    inbox.append(page(vec![conversation(3, 1)], false));
    assert_eq!(numbers(&inbox), [3, 1, 2]);
}

#[test]
fn the_counts_follow_what_is_known_and_ask_again_for_what_is_not() {
    let mut inbox = inbox(ConversationView::All, &[10]);
    inbox.set_counts(ConversationCounts {
        all: 5,
        open: 3,
        unassigned: 2,
        mine: 1,
        pending: 1,
        snoozed: 0,
        resolved: 1,
    });
    let mut mine = later(&conversation(1, 10), 11);
    mine.assignee = Some(agent(ME));
    inbox.apply(&updated(1, mine));
    inbox.apply(&created(2, conversation(8, 12)));
    let counts = inbox.counts().unwrap();
    assert_eq!((counts.mine, counts.unassigned, counts.all, counts.open), (2, 2, 6, 4));
    assert!(!inbox.counts_are_stale());
    inbox.apply(&updated(3, later(&conversation(9, 1), 13)));
    assert!(inbox.counts_are_stale());
}

#[test]
fn an_erased_conversation_leaves_the_list_and_the_counts() {
    let mut inbox = inbox(ConversationView::All, &[10, 11]);
    inbox.set_counts(ConversationCounts { all: 2, open: 2, unassigned: 2, ..ConversationCounts::default() });
    inbox.apply(&erased(1, conversation_id(1)));
    assert!(inbox.conversation(conversation_id(1)).is_none() && !inbox.order().contains(&conversation_id(1)));
    assert_eq!((inbox.counts().unwrap().all, inbox.counts_are_stale()), (1, false));
    inbox.apply(&erased(2, conversation_id(77)));
    assert!(inbox.counts_are_stale(), "it is not known which count the other one was in");
}

#[test]
fn a_refused_change_is_rolled_back_with_its_counts() {
    let mut inbox = inbox(ConversationView::All, &[10]);
    let counts = ConversationCounts { all: 1, open: 1, unassigned: 1, ..ConversationCounts::default() };
    inbox.set_counts(counts);
    let patch = ConversationPatch {
        status: Some(ConversationStatus::Resolved),
        assignee: Some(Some(user(ME))),
        ..ConversationPatch::default()
    };
    let undo = inbox.change(conversation_id(1), &patch, &[agent(ME)]).unwrap();
    let changed = inbox.conversation(conversation_id(1)).unwrap();
    assert_eq!((changed.status, changed.assignee.clone()), (ConversationStatus::Resolved, Some(agent(ME))));
    assert_eq!(inbox.counts().unwrap().resolved, 1);
    inbox.undo(undo);
    assert_eq!(inbox.conversation(conversation_id(1)), Some(&conversation(1, 10)));
    assert_eq!(inbox.counts(), Some(counts));
}

#[test]
fn a_roll_back_does_not_overwrite_what_came_in_meanwhile() {
    let mut inbox = inbox(ConversationView::All, &[10]);
    let patch = ConversationPatch { status: Some(ConversationStatus::Resolved), ..ConversationPatch::default() };
    let undo = inbox.change(conversation_id(1), &patch, &[]).unwrap();
    let mut theirs = later(&conversation(1, 10), 11);
    theirs.status = ConversationStatus::Snoozed;
    inbox.apply(&updated(1, theirs.clone()));
    inbox.undo(undo);
    assert_eq!(inbox.conversation(conversation_id(1)), Some(&theirs));
}

#[test]
fn j_and_k_walk_the_list_and_stop_at_its_ends() {
    let inbox = inbox(ConversationView::All, &[10, 9]);
    assert_eq!(inbox.neighbour(None, 1), Some(conversation_id(1)));
    assert_eq!(inbox.neighbour(Some(conversation_id(1)), 1), Some(conversation_id(2)));
    assert_eq!(inbox.neighbour(Some(conversation_id(2)), 1), None);
    assert_eq!(inbox.neighbour(Some(conversation_id(1)), -1), None);
}
