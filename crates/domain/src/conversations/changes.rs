//! Writing: replies, notes and state. Each locks the conversation's row first, so that writers come one by one.

use chrono::Utc;
use omniops_postgres::{TenantTx, retrying};
use omniops_types::{
    Author, AuthorKind, Conversation, ConversationId, ConversationPatch, ConversationStatus, Message, MessageKind,
    NewMessage, Permission, Signal, TypingParty, UserId,
};

use super::words::{Activity, activity_text};
use super::{Draft, MAX_AGENT_MESSAGE_CHARS, News, add_message, announce, lock_conversation, queries, save_state};
use crate::customers::Language;
use crate::{Actor, Domain, Error, Principal, Result};

/// Changes status, assignee, AI state or priority. What the customer may notice is told in the transcript.
///
/// Gives the conversation as the caller sees it. `conflict` when `patch.version` is not the row's.
pub async fn patch(
    domain: &Domain,
    principal: &Principal,
    id: ConversationId,
    patch: ConversationPatch,
) -> Result<Conversation> {
    principal.require(Permission::ConversationsWrite)?;
    retrying(|| patch_once(domain, principal, id, patch)).await
}

async fn patch_once(
    domain: &Domain,
    principal: &Principal,
    id: ConversationId,
    patch: ConversationPatch,
) -> Result<Conversation> {
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let locked = lock_conversation(&mut tx, id).await?;
    if patch.version.is_some_and(|version| version != locked.version) {
        return Err(Error::Conflict("the conversation changed since you read it"));
    }
    let assignee_name = match patch.assignee.flatten() {
        Some(user) => name_of_assignee(&mut tx, user).await?,
        None => String::new(),
    };
    let mut state = locked.state.clone();
    let activities = state.apply(&patch, principal.user_id(), Utc::now());
    let waits_again = activities.contains(&Activity::Reopened) && state.status == ConversationStatus::Open;
    if waits_again && state.waiting_since.is_none() {
        state.waiting_since = queries::unanswered_since(&mut tx, id).await?;
    }
    if state == locked.state {
        return own_view(&mut tx, principal, id).await;
    }
    save_state(&mut tx, id, &state).await?;
    let by = author_of(&mut tx, principal).await?;
    let language = Language::of(locked.locale.as_deref());
    let mut messages = Vec::with_capacity(activities.len());
    for activity in activities {
        let text = activity_text(activity, &by.name, &assignee_name, language);
        let draft = if activity.is_for_team() { Draft::team_activity(by.clone(), text) } else { Draft::activity(text) };
        let draft = Draft { keeps_place: activity.keeps_place(), ..draft };
        messages.push(add_message(&mut tx, id, draft).await?);
    }
    announce(&mut tx, id, News::Changed, messages).await?;
    let conversation = own_view(&mut tx, principal, id).await?;
    tx.commit().await?;
    Ok(conversation)
}

async fn own_view(tx: &mut TenantTx, principal: &Principal, id: ConversationId) -> Result<Conversation> {
    queries::load_for_agent(tx, id, principal.user_id()).await?.ok_or(Error::NotFound("conversation"))
}

async fn name_of_assignee(tx: &mut TenantTx, user: UserId) -> Result<String> {
    queries::assignable_name(tx, user)
        .await?
        .ok_or_else(|| Error::field("assignee", "there is no such agent in your team"))
}

async fn author_of(tx: &mut TenantTx, principal: &Principal) -> Result<Author> {
    let name = name_of(tx, principal).await?;
    Ok(Author { kind: AuthorKind::Agent, user_id: principal.user_id(), name })
}

/// Under which name the caller speaks: a person under their own, everything else under the tenant's.
async fn name_of(tx: &mut TenantTx, principal: &Principal) -> Result<String> {
    match &principal.actor {
        Actor::User { name, .. } => Ok(name.clone()),
        Actor::ApiKey { .. } | Actor::CommandLine | Actor::System => queries::tenant_name(tx).await,
    }
}

/// Sends a reply to the customer or leaves a note for the team.
///
/// A reply silences the AI, opens the conversation and makes its author the assignee if there is none. The same
/// `client_id` with the same text gives the message that is already there; with another text `idempotency_mismatch`.
pub async fn send(domain: &Domain, principal: &Principal, id: ConversationId, message: NewMessage) -> Result<Message> {
    principal.require(Permission::ConversationsWrite)?;
    let text = message.text.trim();
    check_text(text)?;
    if message.kind == MessageKind::Activity {
        return Err(Error::field("kind", "must be reply or note"));
    }
    retrying(|| send_once(domain, principal, id, &message, text)).await
}

fn check_text(text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::field("text", "must not be empty"));
    }
    if text.contains('\0') {
        return Err(Error::field("text", "must not contain NUL characters"));
    }
    if text.chars().count() > MAX_AGENT_MESSAGE_CHARS {
        return Err(Error::TooLarge { limit: MAX_AGENT_MESSAGE_CHARS as u64, unit: "characters" });
    }
    Ok(())
}

async fn send_once(
    domain: &Domain,
    principal: &Principal,
    id: ConversationId,
    message: &NewMessage,
    text: &str,
) -> Result<Message> {
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let locked = lock_conversation(&mut tx, id).await?;
    if let Some(earlier) = queries::find_by_client_id(&mut tx, id, message.client_id).await? {
        let same = earlier.author.kind == AuthorKind::Agent
            && earlier.author.user_id == principal.user_id()
            && earlier.kind == message.kind
            && earlier.text == text;
        return if same { Ok(earlier) } else { Err(Error::IdempotencyMismatch) };
    }
    let mut state = locked.state.clone();
    if message.kind == MessageKind::Reply {
        state.agent_replied(principal.user_id(), Utc::now());
    }
    let news = if state == locked.state { News::Unchanged } else { News::Changed };
    if news == News::Changed {
        save_state(&mut tx, id, &state).await?;
    }
    let author = author_of(&mut tx, principal).await?;
    let draft = Draft { client_id: Some(message.client_id), ..Draft::new(author, message.kind, text) };
    let sent = add_message(&mut tx, id, draft).await?;
    if let Some(user) = principal.user_id() {
        queries::mark_agent_read(&mut tx, id, user, sent.seq).await?;
    }
    announce(&mut tx, id, news, vec![sent.clone()]).await?;
    tx.commit().await?;
    Ok(sent)
}

/// Notes that the asking agent has read up to message `seq`. Only people read; a key is refused.
pub async fn mark_read(domain: &Domain, principal: &Principal, id: ConversationId, seq: i64) -> Result<()> {
    principal.require(Permission::ConversationsRead)?;
    let user = principal.user_id().ok_or(Error::PeopleOnly)?;
    if seq < 0 {
        return Err(Error::field("seq", "must not be negative"));
    }
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    if !queries::mark_agent_read(&mut tx, id, user, seq).await? {
        return Err(Error::NotFound("conversation"));
    }
    tx.commit().await?;
    Ok(())
}

/// Tells everybody who watches the conversation that the agent is typing, or has stopped. Nothing is stored.
pub async fn typing(domain: &Domain, principal: &Principal, id: ConversationId, typing: bool) -> Result<()> {
    principal.require(Permission::ConversationsWrite)?;
    let Actor::User { id: user_id, name, .. } = &principal.actor else {
        return Err(Error::PeopleOnly);
    };
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    if !queries::conversation_exists(&mut tx, id).await? {
        return Err(Error::NotFound("conversation"));
    }
    let by = TypingParty::Agent { user_id: *user_id, name: name.clone() };
    domain.database.hub().signal(principal.tenant_id, Signal::Typing { conversation_id: id, by, typing });
    Ok(())
}
