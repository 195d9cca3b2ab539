//! What a visitor may do: open the session, agree, read, ask for a person.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use omniops_postgres::{TenantTx, event_position, retrying};
use omniops_types::{
    AiState, ConsentRequest, ConversationId, ConversationStatus, EraseRequest, HandoffRequest, HandoffResponse,
    SessionRequest, SessionResponse, Signal, Transcript, TypingParty, VisitorRead, VisitorTyping,
};
use rand::RngCore;
use uuid::Uuid;

use super::queries;
use super::visitor::{Visitor, channel_of, check_optional, check_origin, check_session_id, visitor};
use super::{Site, handoff_text, site, visitor_view};
use crate::accounts::RequestMeta;
use crate::conversations::{self, Draft, LockedConversation, NewConversation, News, TRANSCRIPT_WINDOW};
use crate::customers::{self, Language};
use crate::{Domain, Error, Result};

/// Opens a session, or goes on with the one that the visitor holds, and tells all that the panel shows.
///
/// The log's position is read before the transcript, so that subscribing from it misses nothing.
pub async fn open(domain: &Domain, request: SessionRequest, meta: &RequestMeta) -> Result<SessionResponse> {
    check_optional("page_url", request.page_url.as_deref(), 2_000)?;
    check_optional("locale", request.locale.as_deref(), 35)?;
    let session_id = match &request.session_id {
        Some(session_id) => session_id.clone(),
        None => new_session_id(),
    };
    check_session_id(&session_id)?;
    let site = site(domain, &request.domain).await?;
    check_origin(domain, &site, meta.origin.as_deref())?;
    let _door = domain.doors.enter(&customers::session_hash(&session_id)).await;
    retrying(|| open_once(domain, &site, &session_id, &request)).await
}

async fn open_once(
    domain: &Domain,
    site: &Site,
    session_id: &str,
    request: &SessionRequest,
) -> Result<SessionResponse> {
    let (locale, page_url) = (request.locale.as_deref(), request.page_url.as_deref());
    let mut tx = domain.database.tenant(site.tenant_id).await?;
    customers::lock_session(&mut tx, &customers::session_hash(session_id)).await?;
    let customer = customers::get_or_create_by_session(&mut tx, session_id, locale, page_url).await?;
    customers::touch(&mut tx, customer.id, locale, page_url).await?;
    let event_seq = event_position(&mut tx).await?;
    let consented_version = queries::consented_version(&mut tx, customer.id, site.domain_id).await?;
    let mut response = SessionResponse {
        session_id: session_id.to_owned(),
        config: site.config(Language::of(locale)).config.clone(),
        consented_version,
        conversation_id: None,
        transcript: None,
        status: None,
        ai_state: None,
        agent: None,
        unread: 0,
        event_seq,
    };
    if let Some(id) = queries::newest_unresolved(&mut tx, customer.id, site.domain_id).await? {
        let standing = queries::standing(&mut tx, id).await?;
        let transcript = conversations::window(&mut tx, id, None, TRANSCRIPT_WINDOW, false).await?;
        response.conversation_id = Some(id);
        response.transcript = Some(as_visitor_sees(transcript));
        response.status = ConversationStatus::parse(&standing.status);
        response.ai_state = AiState::parse(&standing.ai_state);
        response.agent = standing.agent;
        response.unread = standing.unread;
    }
    tx.commit().await?;
    Ok(response)
}

/// 256 random bits.
fn new_session_id() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn as_visitor_sees(transcript: Transcript) -> Transcript {
    Transcript { messages: transcript.messages.into_iter().map(visitor_view).collect(), ..transcript }
}

/// Writes down that the visitor agreed, or took it back. A version that is not the current one is a `conflict`.
pub async fn consent(domain: &Domain, request: &ConsentRequest, meta: &RequestMeta) -> Result<()> {
    check_session_id(&request.session_id)?;
    let site = site(domain, &request.domain).await?;
    check_origin(domain, &site, meta.origin.as_deref())?;
    if request.granted && request.version != current_consent(&site) {
        return Err(Error::Conflict("the privacy notice changed; show the current one"));
    }
    check_optional("version", Some(&request.version), 100)?;
    let session = customers::session_hash(&request.session_id);
    let _door = domain.doors.enter(&session).await;
    retrying(|| async {
        let mut tx = domain.database.tenant(site.tenant_id).await?;
        customers::lock_session(&mut tx, &session).await?;
        let customer = customers::get_or_create_by_session(&mut tx, &request.session_id, None, None).await?;
        queries::insert_consent(&mut tx, customer.id, site.domain_id, request.granted, &request.version).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// Deletes what is stored about the visitor, and ends the session. A session that is not there, or no longer, is done
/// with: the same call again succeeds.
pub async fn erase(domain: &Domain, request: &EraseRequest, meta: &RequestMeta) -> Result<()> {
    check_session_id(&request.session_id)?;
    let site = site(domain, &request.domain).await?;
    check_origin(domain, &site, meta.origin.as_deref())?;
    let session = customers::session_hash(&request.session_id);
    let _door = domain.doors.enter(&session).await;
    retrying(|| async {
        let mut tx = domain.database.tenant(site.tenant_id).await?;
        customers::lock_session(&mut tx, &session).await?;
        if let Some(customer) = customers::find_by_session(&mut tx, &request.session_id).await? {
            let conversations = customers::erase(&mut tx, customer.id, site.domain_id).await?;
            tx.commit().await?;
            tracing::info!(tenant = %site.tenant_id, conversations = conversations.len(), "a visitor had their data erased");
        }
        Ok(())
    })
    .await
}

fn current_consent(site: &Site) -> &str {
    &site.config(Language::default()).config.consent.version
}

/// Passes when the tenant asks for no consent, or the visitor agreed to the current words.
pub(crate) async fn require_consent(tx: &mut TenantTx, site: &Site, customer: omniops_types::CustomerId) -> Result<()> {
    if !site.settings.consent_required {
        return Ok(());
    }
    let version = queries::consented_version(tx, customer, site.domain_id).await?;
    if version.as_deref() == Some(current_consent(site)) { Ok(()) } else { Err(Error::ConsentRequired) }
}

/// Asks for a person: the AI is silent from here on, and the team sees that the visitor waits.
///
/// Asking again while waiting changes nothing.
pub async fn handoff(domain: &Domain, request: HandoffRequest, meta: &RequestMeta) -> Result<HandoffResponse> {
    check_optional("locale", request.locale.as_deref(), 35)?;
    let visitor = visitor(domain, &request.domain, &request.session_id, meta).await?;
    let _door = domain.doors.enter(&customers::session_hash(&request.session_id)).await;
    retrying(|| handoff_once(domain, &visitor, &request, meta)).await
}

async fn handoff_once(
    domain: &Domain,
    visitor: &Visitor,
    request: &HandoffRequest,
    meta: &RequestMeta,
) -> Result<HandoffResponse> {
    let site = &visitor.site;
    let mut tx = domain.database.tenant(site.tenant_id).await?;
    customers::lock_session(&mut tx, &customers::session_hash(&request.session_id)).await?;
    require_consent(&mut tx, site, visitor.customer_id).await?;
    let (conversation, is_new) =
        conversation_for(&mut tx, visitor, request.conversation_id, request.locale.as_deref(), None, meta).await?;
    let mut state = conversation.state.clone();
    state.handed_off(Utc::now());
    if state != conversation.state {
        conversations::save_state(&mut tx, conversation.id, &state).await?;
        let language = Language::of(request.locale.as_deref().or(conversation.locale.as_deref()));
        let text = handoff_text(language, &site.config(language).config.texts.reply_time);
        let message = conversations::add_message(&mut tx, conversation.id, Draft::activity(text)).await?;
        let news = if is_new { News::Created } else { News::Changed };
        conversations::announce(&mut tx, conversation.id, news, vec![message]).await?;
        tx.commit().await?;
    }
    Ok(HandoffResponse { conversation_id: conversation.id, status: state.status, ai_state: state.ai_state })
}

/// The conversation that the visitor means: the one named, the open one, or a new one. Locked; tells whether it is new.
pub(crate) async fn conversation_for(
    tx: &mut TenantTx,
    visitor: &Visitor,
    named: Option<ConversationId>,
    locale: Option<&str>,
    page_url: Option<&str>,
    meta: &RequestMeta,
) -> Result<(LockedConversation, bool)> {
    let (customer, domain_id) = (visitor.customer_id, visitor.site.domain_id);
    let existing = match named {
        Some(id) => {
            let own = queries::find_conversation(tx, id, customer, domain_id).await?;
            Some(own.ok_or(Error::NotFound("conversation"))?)
        }
        None => queries::newest_unresolved(tx, customer, domain_id).await?,
    };
    if let Some(id) = existing {
        return Ok((conversations::lock_conversation(tx, id).await?, false));
    }
    let new = NewConversation {
        id: ConversationId(Uuid::now_v7()),
        customer_id: customer,
        domain_id,
        channel: channel_of(meta),
        page_url,
        locale,
    };
    Ok((conversations::insert_conversation(tx, new, Utc::now()).await?, true))
}

/// Tells the team that the visitor is typing, or has stopped. Nothing is stored.
pub async fn typing(domain: &Domain, request: &VisitorTyping, meta: &RequestMeta) -> Result<()> {
    let visitor = visitor(domain, &request.domain, &request.session_id, meta).await?;
    let tenant = visitor.site.tenant_id;
    let conversation_id = own_conversation(domain, &visitor, request.conversation_id).await?;
    let signal = Signal::Typing { conversation_id, by: TypingParty::Customer, typing: request.typing };
    domain.database.hub().signal(tenant, signal);
    Ok(())
}

async fn own_conversation(domain: &Domain, visitor: &Visitor, id: ConversationId) -> Result<ConversationId> {
    let mut tx = domain.database.tenant(visitor.site.tenant_id).await?;
    queries::find_conversation(&mut tx, id, visitor.customer_id, visitor.site.domain_id)
        .await?
        .ok_or(Error::NotFound("conversation"))
}

/// Tells the team that the visitor's panel is open, or no longer is.
pub async fn presence(domain: &Domain, visitor: &Visitor, online: bool) -> Result<()> {
    let mut tx = domain.database.tenant(visitor.site.tenant_id).await?;
    let open = queries::newest_unresolved(&mut tx, visitor.customer_id, visitor.site.domain_id).await?;
    if let Some(conversation_id) = open {
        let signal = Signal::CustomerPresence { conversation_id, online };
        domain.database.hub().signal(visitor.site.tenant_id, signal);
    }
    Ok(())
}

/// Notes how far the visitor has read.
pub async fn read(domain: &Domain, request: &VisitorRead, meta: &RequestMeta) -> Result<()> {
    if request.seq < 0 {
        return Err(Error::field("seq", "must not be negative"));
    }
    let visitor = visitor(domain, &request.domain, &request.session_id, meta).await?;
    let mut tx = domain.database.tenant(visitor.site.tenant_id).await?;
    let found =
        conversations::mark_customer_read(&mut tx, request.conversation_id, visitor.customer_id, request.seq).await?;
    if !found {
        return Err(Error::NotFound("conversation"));
    }
    tx.commit().await?;
    Ok(())
}

/// A window of one of the visitor's own transcripts, without what is the team's alone.
pub async fn messages(
    domain: &Domain,
    visitor: &Visitor,
    conversation: ConversationId,
    before: Option<i64>,
    limit: u16,
) -> Result<Transcript> {
    let id = own_conversation(domain, visitor, conversation).await?;
    let mut tx = domain.database.tenant(visitor.site.tenant_id).await?;
    Ok(as_visitor_sees(conversations::window(&mut tx, id, before, limit, false).await?))
}
