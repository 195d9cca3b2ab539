//! The inbox: views, list, conversation, customer.

mod address;
mod ai_actions;
mod composer;
mod conversation_page;
mod customer_panel;
mod drafts;
mod header;
mod inbox_page;
mod keyboard;
mod list;
mod message;
mod receipt;
mod row;
mod state;
mod text;
mod thread_state;
mod transcript;
mod views;

pub use conversation_page::{ConversationPage, NothingSelected};
pub use inbox_page::InboxPage;
pub(crate) use message::cited;
pub(crate) use text::{safe_href, short_address};
