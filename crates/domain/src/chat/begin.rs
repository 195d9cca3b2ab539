//! Taking a message in: everything up to the commit after which nothing can lose it.

use chrono::Utc;
use omniops_llm::{Speaker, Turn as HistoryTurn};
use omniops_postgres::{TenantTx, retrying};
use omniops_types::{
    AcceptedEvent, AiState, AuthorKind, ChatReply, ChatRequest, ChatResponse, ConversationId, Message, MessageId,
    MessageKind,
};
use tokio::time::Instant;
use tracing::Instrument;

use super::answer;
use super::finish::author_of_ai;
use super::incoming::Incoming;
use super::offer::{OfferAnswer, refused_text};
use super::person::asks_for_person;
use super::queries::{self, ContextRow, SendKey, SendRow};
use super::telemetry_queries::{TelemetryValues, insert_telemetry};
use super::turn::{ChatTurn, Listener, Turn};
use super::turns::{ensure_telemetry, wait_for_answer};
use crate::accounts::RequestMeta;
use crate::conversations::{self, Draft, LockedConversation, News, State};
use crate::customers::{self, Language};
use crate::verification::{IdentityToken, verify_identity};
use crate::widget::{self, Site, Visitor};
use crate::{Domain, Error, Result};

/// Takes a customer's message: commits it, and starts the answer.
///
/// The same `client_id` again makes nothing new: it waits for, or gives, the answer of the first. With another text, or
/// for another conversation, it is an `idempotency_mismatch`.
pub async fn begin(domain: &Domain, request: ChatRequest, meta: &RequestMeta) -> Result<ChatTurn> {
    let begun = Instant::now();
    let incoming = Incoming::parse(request)?;
    let site = widget::site(domain, &incoming.domain).await?;
    widget::check_origin(domain, &site, meta.origin.as_deref())?;
    ensure_telemetry(domain).await?;
    let session = customers::session_hash(&incoming.session_id);
    let accepted = {
        let _door = domain.doors.enter(&session).await;
        retrying(|| accept(domain, &site, &incoming, meta, begun)).await?
    };
    let (accepted, identity_expired) = accepted;
    let turn = match accepted {
        Accepted::Answered(accepted, response) => ChatTurn::answered(accepted, response),
        Accepted::New(accepted, response) => {
            domain.turns.ring(accepted.conversation_id);
            ChatTurn::answered(accepted, response)
        }
        Accepted::BeingAnswered(accepted, key) => join(domain, &site, accepted, key),
        Accepted::Turn(turn) => start(domain, *turn),
    };
    Ok(if identity_expired { turn.of_expired_identity() } else { turn })
}

/// What became of a send.
enum Accepted {
    /// A repetition whose answer is there.
    Answered(AcceptedEvent, ChatResponse),
    /// A repetition whose answer is being made.
    BeingAnswered(AcceptedEvent, SendKey),
    /// Committed, and complete: a person has the conversation, was asked for, or was offered and is not wanted.
    New(AcceptedEvent, ChatResponse),
    /// Committed, and to be answered.
    Turn(Box<Turn>),
}

fn start(domain: &Domain, turn: Turn) -> ChatTurn {
    let accepted = AcceptedEvent { conversation_id: turn.conversation, message_id: turn.message };
    let (chat_turn, listener) = ChatTurn::new(accepted, Some(domain.audience.enter(turn.key.customer)));
    answer_apart(domain, turn, listener);
    chat_turn
}

/// The answer is made in a task of its own, which no cut connection ends; its log lines carry the request's span.
pub(super) fn answer_apart(domain: &Domain, turn: Turn, listener: Listener) {
    tokio::spawn(answer::run(domain.clone(), turn, listener).in_current_span());
}

/// Waits for the answer that another request, perhaps in another process, is making.
fn join(domain: &Domain, site: &Site, accepted: AcceptedEvent, key: SendKey) -> ChatTurn {
    let (chat_turn, listener) = ChatTurn::new(accepted, Some(domain.audience.enter(key.customer)));
    let (domain, tenant) = (domain.clone(), site.tenant_id);
    let waiting = async move {
        let is_wanted = || listener.is_heard();
        match wait_for_answer(&domain, tenant, key, accepted.conversation_id, is_wanted).await {
            Ok(response) => listener.tell_answer(response),
            Err(error) => listener.tell(super::ChatEvent::Error(error)),
        }
    };
    tokio::spawn(waiting.in_current_span());
    chat_turn
}

/// Also tells whether the identity token that came along has expired.
async fn accept(
    domain: &Domain,
    site: &std::sync::Arc<Site>,
    incoming: &Incoming,
    meta: &RequestMeta,
    begun: Instant,
) -> Result<(Accepted, bool)> {
    let (locale, page_url) = (incoming.locale.as_deref(), incoming.page_url.as_deref());
    let mut tx = domain.database.tenant(site.tenant_id).await?;
    customers::lock_session(&mut tx, &customers::session_hash(&incoming.session_id)).await?;
    let customer = customers::get_or_create_by_session(&mut tx, &incoming.session_id, locale, page_url).await?;
    let key = SendKey { customer: customer.id, client_id: incoming.client_id };
    if let Some(earlier) = queries::find_send(&mut tx, key).await? {
        let (conversation, set_aside) = (ConversationId(earlier.conversation_id), earlier.set_aside);
        let accepted = repeated(incoming, key, earlier)?;
        let turn = if set_aside {
            asked_again(domain, &mut tx, site, incoming, key, conversation, begun).await?
        } else {
            None
        };
        let Some((turn, vouched)) = turn else { return Ok((accepted, false)) };
        tx.commit().await?;
        return Ok((Accepted::Turn(Box::new(turn)), vouched.expired));
    }
    widget::require_consent(&mut tx, site, customer.id).await?;
    let vouched = vouched(domain, &mut tx, site, incoming).await?;
    customers::touch(&mut tx, customer.id, locale, page_url).await?;
    let visitor = Visitor { site: site.clone(), customer_id: customer.id, name: customer.name };
    let (conversation, is_new) =
        widget::conversation_for(&mut tx, &visitor, incoming.conversation_id, locale, page_url, meta).await?;
    let told = told_at_once(&mut tx, &conversation, &incoming.text).await?;
    let state = state_after(&conversation.state, told == Some(Told::Handoff));
    if state != conversation.state {
        conversations::save_state(&mut tx, conversation.id, &state).await?;
    }
    let news = match (is_new, state == conversation.state) {
        (true, _) => News::Created,
        (false, false) => News::Changed,
        (false, true) => News::Unchanged,
    };
    let message = add_customer_message(&mut tx, &visitor, conversation.id, incoming).await?;
    let accepted = AcceptedEvent { conversation_id: conversation.id, message_id: message.id };
    let mut response = ChatResponse {
        conversation_id: conversation.id,
        message_id: message.id,
        reply: None,
        status: state.status,
        escalated: state.escalated_at.is_some(),
    };
    let text_hash = incoming.text_hash();
    if let Some(told) = told {
        queries::insert_send(&mut tx, key, &text_hash, conversation.id, message.id, None).await?;
        let language = Language::of(locale.or(conversation.locale.as_deref()));
        let (reply, shown) =
            tell(domain, &mut tx, &visitor, &conversation, &message, told.words(site, language), begun).await?;
        response.reply = Some(shown);
        queries::answer_sends(&mut tx, conversation.id, message.seq, &response).await?;
        conversations::announce(&mut tx, conversation.id, news, vec![message, reply]).await?;
        tx.commit().await?;
        return Ok((Accepted::New(accepted, response), vouched.expired));
    }
    if state.ai_state == AiState::Silenced {
        queries::insert_send(&mut tx, key, &text_hash, conversation.id, message.id, Some(&response)).await?;
        conversations::announce(&mut tx, conversation.id, news, vec![message]).await?;
        tx.commit().await?;
        return Ok((Accepted::New(accepted, response), vouched.expired));
    }
    queries::insert_send(&mut tx, key, &text_hash, conversation.id, message.id, None).await?;
    conversations::announce(&mut tx, conversation.id, news, vec![message]).await?;
    let turn = prepare(&mut tx, &conversation, begun).await?;
    if turn.as_ref().is_some_and(|turn| turn.unanswered.len() > 1) {
        // What was set aside when the customer left is answered together with this.
        queries::take_back(&mut tx, conversation.id).await?;
    }
    tx.commit().await?;
    let turn = turn.ok_or_else(|| Error::internal("a message that was just written is not there"))?;
    Ok((Accepted::Turn(Box::new(Turn { vouched_email: vouched.email, ..turn })), vouched.expired))
}

/// What the shop says of the visitor, if a token came with the message.
#[derive(Debug, Default)]
struct Vouched {
    email: Option<String>,
    /// The token is too old: the visitor is a stranger again, and their page should get a new one.
    expired: bool,
}

async fn vouched(domain: &Domain, tx: &mut TenantTx, site: &Site, incoming: &Incoming) -> Result<Vouched> {
    let Some(token) = incoming.identity_token.as_deref() else { return Ok(Vouched::default()) };
    Ok(match verify_identity(domain, tx, site.domain_id, token).await? {
        IdentityToken::Good(identity) => {
            Vouched { email: identity.email.map(|email| email.as_str().to_owned()), expired: false }
        }
        IdentityToken::Expired => Vouched { email: None, expired: true },
    })
}

/// The turn of a send that was set aside when its customer left, now that they ask again. `None` when somebody was
/// faster, or when a later message was set aside too: who waits for the answer has the turn of that one begun.
async fn asked_again(
    domain: &Domain,
    tx: &mut TenantTx,
    site: &Site,
    incoming: &Incoming,
    key: SendKey,
    conversation: ConversationId,
    begun: Instant,
) -> Result<Option<(Turn, Vouched)>> {
    let mut vouched = vouched(domain, tx, site, incoming).await?;
    let conversation = conversations::lock_conversation(tx, conversation).await?;
    let Some(turn) = prepare(tx, &conversation, begun).await?.filter(|turn| turn.key == key) else { return Ok(None) };
    let is_ours = queries::take_back(tx, conversation.id).await?;
    Ok(is_ours.then(|| (Turn { vouched_email: vouched.email.take(), ..turn }, vouched)))
}

/// What is told without asking the answerer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// A person takes over.
    Handoff,
    /// A person was offered, and "no" was the answer.
    NoPerson(Language),
}

impl Told {
    /// The text, and the outcome that telemetry keeps. `language` is that of the visitor.
    fn words(self, site: &Site, language: Language) -> (String, &'static str) {
        match self {
            Self::Handoff => {
                (widget::handoff_text(language, &site.config(language).config.texts.reply_time), "escalated")
            }
            Self::NoPerson(language) => (refused_text(language).to_owned(), "answered"),
        }
    }
}

async fn told_at_once(tx: &mut TenantTx, conversation: &LockedConversation, text: &str) -> Result<Option<Told>> {
    if conversation.state.ai_state != AiState::Active {
        return Ok(None);
    }
    if asks_for_person(text) {
        return Ok(Some(Told::Handoff));
    }
    // Few messages are a mere yes or no; only for these is the conversation looked at.
    let Some(answer) = OfferAnswer::of(text) else { return Ok(None) };
    let was_offered = queries::person_was_offered_last(tx, conversation.id).await?;
    Ok(was_offered.then_some(match answer {
        OfferAnswer::Accepted => Told::Handoff,
        OfferAnswer::Refused(language) => Told::NoPerson(language),
    }))
}

fn repeated(incoming: &Incoming, key: SendKey, earlier: SendRow) -> Result<Accepted> {
    let conversation_id = ConversationId(earlier.conversation_id);
    let same_text = earlier.text_hash == incoming.text_hash();
    if !same_text || incoming.conversation_id.is_some_and(|named| named != conversation_id) {
        return Err(Error::IdempotencyMismatch);
    }
    let accepted = AcceptedEvent { conversation_id, message_id: MessageId(earlier.message_id) };
    Ok(match earlier.response {
        Some(response) => Accepted::Answered(accepted, response.0),
        None => Accepted::BeingAnswered(accepted, key),
    })
}

fn state_after(before: &State, wants_person: bool) -> State {
    let mut state = before.clone();
    let now = Utc::now();
    state.customer_wrote(now);
    if wants_person {
        state.handed_off(now);
    }
    state
}

async fn add_customer_message(
    tx: &mut TenantTx,
    visitor: &Visitor,
    conversation: ConversationId,
    incoming: &Incoming,
) -> Result<Message> {
    let author = conversations::author_of_customer(visitor.customer_id, visitor.name.as_deref());
    let draft =
        Draft { client_id: Some(incoming.client_id), ..Draft::new(author, MessageKind::Reply, incoming.text.clone()) };
    conversations::add_message(tx, conversation, draft).await
}

/// Says what happens next, as the answer to the message about a person.
async fn tell(
    domain: &Domain,
    tx: &mut TenantTx,
    visitor: &Visitor,
    conversation: &LockedConversation,
    asked: &Message,
    (text, outcome): (String, &'static str),
    begun: Instant,
) -> Result<(Message, ChatReply)> {
    let draft = Draft { answers: Some(asked.id), ..Draft::new(author_of_ai(), MessageKind::Reply, text) };
    let reply = conversations::add_message(tx, conversation.id, draft).await?;
    let provider = (domain.answerer.name(), domain.answerer.model());
    let site = visitor.site.domain_id;
    let telemetry = TelemetryValues {
        reply: Some(reply.id),
        total_ms: answer::milliseconds(begun.elapsed()),
        ..TelemetryValues::new(conversation.id, asked.id, site, conversation.channel, provider, outcome)
    };
    insert_telemetry(tx, &telemetry).await?;
    let shown = ChatReply { id: reply.id, text: reply.text.clone(), sources: Vec::new(), confidence: None };
    Ok((reply, shown))
}

/// Reads what a turn needs while the conversation is locked: what is unanswered then is exactly what it has to answer.
/// `None` when nothing is.
pub(super) async fn prepare(
    tx: &mut TenantTx,
    conversation: &LockedConversation,
    begun: Instant,
) -> Result<Option<Turn>> {
    let mut rows = queries::context(tx, conversation.id).await?;
    rows.reverse();
    let Some(newest) = rows.iter().rev().find(|row| row.unanswered.is_some()) else { return Ok(None) };
    let Some(client_id) = newest.unanswered else { return Ok(None) };
    let (message, message_seq) = (MessageId(newest.id), newest.seq);
    let window_from = rows.first().map_or(0, |row| row.seq);
    let attempts = rows.iter().filter_map(|row| row.attempts).max().unwrap_or(1);
    let unanswered = rows.iter().filter(|row| row.unanswered.is_some()).map(|row| row.text.clone()).collect();
    let history = rows.iter().filter(|row| row.unanswered.is_none()).map(history_turn).collect::<Result<Vec<_>>>()?;
    Ok(Some(Turn {
        tenant: tx.tenant_id(),
        conversation: conversation.id,
        domain_id: conversation.domain_id,
        channel: conversation.channel,
        locale: conversation.locale.clone(),
        key: SendKey { customer: conversation.customer_id, client_id },
        message,
        message_seq,
        unanswered,
        code: None,
        history,
        window_from,
        vouched_email: None,
        attempts,
        begun,
    }))
}

fn history_turn(row: &ContextRow) -> Result<HistoryTurn> {
    let speaker = match queries::author_kind(&row.author_kind)? {
        AuthorKind::Customer => Speaker::Customer,
        AuthorKind::Agent => Speaker::Agent,
        AuthorKind::Ai | AuthorKind::System => Speaker::Assistant,
    };
    Ok(HistoryTurn { speaker, text: row.text.clone() })
}
