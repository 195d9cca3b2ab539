//! The inbox and its conversations.

use leptos::prelude::*;
use omniops_types::{
    Assignee, Conversation, ConversationCounts, ConversationDetail, ConversationFilter, ConversationId,
    ConversationPatch, Cursor, Message, NewMessage, Page, Transcript,
};
use server_fn::codec::Json;

use crate::error::AppError;

#[cfg(feature = "ssr")]
use {crate::ssr::authenticated, omniops_domain::conversations as service};

/// One page of the inbox, newest activity first.
#[server(name = ListConversations, prefix = "/rpc", endpoint = "conversations/list", input = Json)]
pub async fn list(
    filter: ConversationFilter,
    cursor: Option<Cursor>,
    limit: u16,
) -> Result<Page<Conversation>, AppError> {
    let (context, session) = authenticated()?;
    service::list(&context.domain, &session.principal, filter, cursor, limit).await.map_err(|e| context.fail(e))
}

/// How many conversations each list holds.
#[server(prefix = "/rpc", endpoint = "conversations/counts", input = Json)]
pub async fn counts() -> Result<ConversationCounts, AppError> {
    let (context, session) = authenticated()?;
    service::counts(&context.domain, &session.principal).await.map_err(|e| context.fail(e))
}

/// A conversation with the newest part of its transcript.
#[server(prefix = "/rpc", endpoint = "conversations/get", input = Json)]
pub async fn get(id: ConversationId) -> Result<ConversationDetail, AppError> {
    let (context, session) = authenticated()?;
    service::get(&context.domain, &session.principal, id).await.map_err(|e| context.fail(e))
}

/// Older messages: those before `before`.
#[server(name = OlderMessages, prefix = "/rpc", endpoint = "conversations/transcript", input = Json)]
pub async fn transcript(id: ConversationId, before: Option<i64>, limit: u16) -> Result<Transcript, AppError> {
    let (context, session) = authenticated()?;
    service::transcript(&context.domain, &session.principal, id, before, limit).await.map_err(|e| context.fail(e))
}

/// Changes status, assignee, AI state or priority.
#[server(prefix = "/rpc", endpoint = "conversations/patch", input = Json)]
pub async fn patch(id: ConversationId, patch: ConversationPatch) -> Result<Conversation, AppError> {
    let (context, session) = authenticated()?;
    service::patch(&context.domain, &session.principal, id, patch).await.map_err(|e| context.fail(e))
}

/// Posts a reply or a note. The same `client_id` again gives the same message and makes nothing new.
#[server(name = SendMessage, prefix = "/rpc", endpoint = "conversations/send", input = Json)]
pub async fn send(id: ConversationId, message: NewMessage) -> Result<Message, AppError> {
    let (context, session) = authenticated()?;
    service::send(&context.domain, &session.principal, id, message).await.map_err(|e| context.fail(e))
}

/// The agent has read up to `seq`.
#[server(prefix = "/rpc", endpoint = "conversations/mark_read", input = Json)]
pub async fn mark_read(id: ConversationId, seq: i64) -> Result<(), AppError> {
    let (context, session) = authenticated()?;
    service::mark_read(&context.domain, &session.principal, id, seq).await.map_err(|e| context.fail(e))
}

/// The agent types, or stopped.
#[server(prefix = "/rpc", endpoint = "conversations/typing", input = Json)]
pub async fn typing(id: ConversationId, typing: bool) -> Result<(), AppError> {
    let (context, session) = authenticated()?;
    service::typing(&context.domain, &session.principal, id, typing).await.map_err(|e| context.fail(e))
}

/// The agents to whom a conversation can be assigned.
#[server(prefix = "/rpc", endpoint = "conversations/assignees", input = Json)]
pub async fn assignees() -> Result<Vec<Assignee>, AppError> {
    let (context, session) = authenticated()?;
    omniops_domain::accounts::list_agents(&context.domain, &session.principal).await.map_err(|e| context.fail(e))
}
