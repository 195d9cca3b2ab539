//! All SQL about conversations and messages.

mod list;
mod messages;
mod write;

pub(super) use list::{ListShape, counts, list_page, load_for_agent, load_for_event};
pub(super) use messages::{MessageValues, feedback_on, find_by_client_id, insert_message, mark_agent_read};
pub(crate) use messages::{mark_customer_read, messages_before};
pub(crate) use write::{
    LockedConversation, NewConversation, insert_conversation, lock_conversation, save_state, unanswered_since,
};
pub(super) use write::{assignable_name, conversation_exists, tenant_name};

#[cfg(test)]
pub(super) use list::ALL_SHAPES;
