//! Adding to a transcript and telling everybody: the one way for agents, customers and the AI.

use omniops_postgres::TenantTx;
use omniops_types::{
    Author, AuthorKind, Conversation, ConversationId, CustomerId, EventData, Message, MessageId, MessageKind, Source,
};
use uuid::Uuid;

use super::queries::{self, MessageValues};
use super::rewrite_queries;
use crate::customers::display_name;
use crate::{Error, Result};

/// How much of a reply the inbox shows.
const PREVIEW_CHARS: usize = 160;

/// A message before it has a number.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) author: Author,
    pub(crate) kind: MessageKind,
    pub(crate) text: String,
    pub(crate) sources: Vec<Source>,
    pub(crate) confidence: Option<f32>,
    pub(crate) receipt: Option<serde_json::Value>,
    pub(crate) client_id: Option<Uuid>,
    /// The customer's message that this answers.
    pub(crate) answers: Option<MessageId>,
    /// It does not count as activity: the conversation stays where lists have it.
    pub(crate) keeps_place: bool,
}

impl Draft {
    pub(crate) fn new(author: Author, kind: MessageKind, text: impl Into<String>) -> Self {
        Self {
            author,
            kind,
            text: text.into(),
            sources: Vec::new(),
            confidence: None,
            receipt: None,
            client_id: None,
            answers: None,
            keeps_place: false,
        }
    }

    /// A line of the platform itself, for the team and for the customer.
    pub(crate) fn activity(text: impl Into<String>) -> Self {
        let author = Author { kind: AuthorKind::System, user_id: None, name: String::new() };
        Self::new(author, MessageKind::Activity, text)
    }

    /// A line about what an agent did, for the team alone.
    pub(crate) fn team_activity(by: Author, text: impl Into<String>) -> Self {
        Self::new(by, MessageKind::Activity, text)
    }
}

pub(crate) fn author_of_customer(id: CustomerId, name: Option<&str>) -> Author {
    Author { kind: AuthorKind::Customer, user_id: None, name: display_name(id, name) }
}

/// Adds the draft as the conversation's newest message. The caller holds the conversation's lock, and announces
/// the message before it commits.
pub(crate) async fn add_message(tx: &mut TenantTx, conversation: ConversationId, draft: Draft) -> Result<Message> {
    let Draft { author, kind, text, sources, confidence, receipt, client_id, answers, keeps_place } = draft;
    // What the AI says is long and much the same; what people say tells an agent what a conversation is about.
    let is_shown = kind == MessageKind::Reply && author.kind != AuthorKind::Ai;
    let preview = is_shown.then(|| preview_of(&text));
    let id = MessageId(Uuid::now_v7());
    let values = MessageValues {
        id,
        conversation,
        author_kind: author.kind,
        author_user_id: author.user_id,
        author_name: &author.name,
        kind,
        text: &text,
        sources: &sources,
        confidence,
        receipt: receipt.as_ref(),
        client_id,
        answers,
        preview: preview.as_deref(),
        keeps_place,
    };
    let (seq, created_at) = queries::insert_message(tx, &values).await?;
    Ok(Message {
        id,
        conversation_id: conversation,
        seq,
        author,
        kind,
        text,
        sources,
        confidence,
        client_id,
        created_at,
    })
}

/// What happened to the conversation itself, beside its new messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    Created,
    /// Status, assignee, AI state or priority changed.
    Changed,
    Unchanged,
}

/// Puts the events about a conversation and its new messages into the transaction, all with the row as it is now.
pub(crate) async fn announce(
    tx: &mut TenantTx,
    id: ConversationId,
    news: News,
    messages: Vec<Message>,
) -> Result<Conversation> {
    let conversation = queries::load_for_event(tx, id).await?.ok_or(Error::NotFound("conversation"))?;
    if news == News::Created {
        tx.emit(Some(id), EventData::ConversationCreated { conversation: Box::new(conversation.clone()) });
    }
    for message in messages {
        let data =
            EventData::MessageCreated { message: Box::new(message), conversation: Box::new(conversation.clone()) };
        tx.emit(Some(id), data);
    }
    if news == News::Changed {
        tx.emit(Some(id), EventData::ConversationUpdated { conversation: Box::new(conversation.clone()) });
    }
    Ok(conversation)
}

/// Puts `instead` in the place of what the customer wrote, wherever it is kept: in the transcript, in the inbox and in the
/// log of events. The caller holds the conversation's lock. Who has the conversation open sees it when they load it anew.
pub(crate) async fn rewrite_customer_text(
    tx: &mut TenantTx,
    conversation: ConversationId,
    written: &str,
    instead: &str,
) -> Result<()> {
    let (preview, preview_instead) = (preview_of(written), preview_of(instead));
    rewrite_queries::rewrite_customer_text(tx, conversation, (written, instead), (&preview, &preview_instead)).await
}

/// The start of the text on one line.
fn preview_of(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(PREVIEW_CHARS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_line_and_cut_between_characters() {
        assert_eq!(preview_of("Hello\n\n  there"), "Hello there");
        let long = preview_of(&"ä".repeat(500));
        assert_eq!(long.chars().count(), PREVIEW_CHARS + 1);
        assert!(long.ends_with('…'));
    }
}
