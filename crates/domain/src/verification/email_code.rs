//! The e-mail one-time code: sent, entered, and what it proves for how long.

use std::time::Duration;

use chrono::Utc;
use omniops_mail::{Mail, MailError};
use omniops_postgres::{TenantTx, retrying};
use omniops_types::{ConversationId, CustomerId, TenantId, Timestamp};
use uuid::Uuid;

use super::queries::{self, NewCode};
use super::{Code, texts};
use crate::customers::Language;
use crate::{Domain, EmailAddress, Error, Result, chain, conversations, secrets};

/// How long a code can be entered.
pub const CODE_VALID: Duration = Duration::from_secs(10 * 60);
/// Wrong codes after which a code is of no more use.
pub const TRIES: u8 = 3;
/// Codes that one conversation may ask for within an hour.
pub const CODES_PER_CONVERSATION: u8 = 3;
/// Codes that a tenant sends to one address within an hour, whoever asks.
pub const CODES_PER_ADDRESS: u8 = 5;
/// How long a customer who entered the code counts as the address's owner.
pub const VERIFIED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

const WINDOW: Duration = Duration::from_secs(60 * 60);

/// What the keyed hashes are for.
const OF_CODES: &str = "e-mail code";
const OF_ADDRESSES: &str = "e-mail address";

/// Who wants to show that which address is theirs.
#[derive(Clone, Debug)]
pub struct CodeRequest<'a> {
    pub tenant_id: TenantId,
    /// Of this customer; another's is `not_found`.
    pub conversation_id: ConversationId,
    pub customer_id: CustomerId,
    pub email: EmailAddress,
    /// BCP 47; the conversation's own language when absent.
    pub locale: Option<&'a str>,
}

/// What became of the wish for a code.
#[derive(Debug)]
pub enum Started {
    /// The mail server took the mail with it.
    Sent { expires_at: Timestamp },
    /// Too many codes within an hour, for this conversation or for this address.
    TooMany { retry_after: Duration },
    /// There is no mail server, or it did not take the mail. The code counts all the same, because it may have arrived.
    NotSent(MailError),
}

/// What became of an entered code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The customer owns the address, from now on for [`VERIFIED_FOR`].
    Verified { email: EmailAddress },
    /// It was another code. None is left: a new one has to be asked for.
    Wrong { tries_left: u8 },
    /// There is no code to enter: none was sent, or it expired, was used, or was guessed at too often.
    NoCode,
}

/// Sends a new code to the address; one that was sent before in this conversation is void. Says nothing about whether the
/// shop knows the address, because it does not look.
pub async fn start(domain: &Domain, request: &CodeRequest<'_>) -> Result<Started> {
    if !domain.mailer.is_configured() {
        return Ok(Started::NotSent(MailError::NotConfigured));
    }
    let (mail, expires_at) = match retrying(|| record(domain, request)).await? {
        Recorded::Code { mail, expires_at } => (mail, expires_at),
        Recorded::TooMany { retry_after } => return Ok(Started::TooMany { retry_after }),
    };
    match domain.mailer.send(mail).await {
        Ok(()) => Ok(Started::Sent { expires_at }),
        Err(error) => {
            let tenant = request.tenant_id;
            tracing::warn!(%tenant, conversation = %request.conversation_id, error = chain(&error), "a code was not sent");
            Ok(Started::NotSent(error))
        }
    }
}

enum Recorded {
    Code { mail: Mail, expires_at: Timestamp },
    TooMany { retry_after: Duration },
}

/// Commits the code before it is sent: what was sent can be entered.
async fn record(domain: &Domain, request: &CodeRequest<'_>) -> Result<Recorded> {
    let CodeRequest { tenant_id, conversation_id, customer_id, email, locale } = request;
    let mut tx = domain.database.tenant(*tenant_id).await?;
    // Wishes for codes in one conversation wait for each other here, so that counting them counts all.
    let scene = queries::lock_conversation(&mut tx, *conversation_id, *customer_id).await?;
    let scene = scene.ok_or(Error::NotFound("conversation"))?;
    let key = secrets::data_key(domain, &mut tx).await?;

    let sent = queries::codes_since(&mut tx, *conversation_id, WINDOW).await?;
    if sent.count >= i64::from(CODES_PER_CONVERSATION) {
        return Ok(Recorded::TooMany { retry_after: until_window_ends(sent.oldest) });
    }
    let address = key.mac(OF_ADDRESSES, &[email.as_str().as_bytes()]);
    if !queries::count_send(&mut tx, &address, CODES_PER_ADDRESS, WINDOW).await? {
        let began_at = queries::sends_began_at(&mut tx, &address).await?;
        return Ok(Recorded::TooMany { retry_after: until_window_ends(began_at) });
    }

    queries::void_codes(&mut tx, *conversation_id).await?;
    let (id, code) = (Uuid::now_v7(), Code::generate());
    let new = NewCode {
        id,
        customer_id: *customer_id,
        conversation_id: *conversation_id,
        email: email.as_str(),
        code_hash: &key.mac(OF_CODES, &[id.as_bytes(), code.as_bytes()]),
        valid: CODE_VALID,
    };
    let expires_at = queries::insert_code(&mut tx, new).await?;
    tx.commit().await?;

    let language = Language::of(locale.or(scene.locale.as_deref()));
    // A name with a line break could not stand in a subject.
    let shop = scene.shop.replace(char::is_control, " ");
    let (subject, text) = texts::code_mail(language, &shop, &code);
    Ok(Recorded::Code { mail: Mail { from_name: Some(shop), ..Mail::new(email.as_str(), subject, text) }, expires_at })
}

/// At least a second: whoever waits so long finds room.
fn until_window_ends(began_at: Option<Timestamp>) -> Duration {
    let ends_at = began_at.map(|began_at| began_at + WINDOW);
    let left = ends_at.and_then(|ends_at| (ends_at - Utc::now()).to_std().ok()).unwrap_or_default();
    left.max(Duration::from_secs(1))
}

/// Looks whether the code that was sent in the conversation stands in what the customer said. A try counts, whatever
/// becomes of the caller. A code that was right is hidden in the transcript from now on: it was used, and is nobody's to
/// read.
pub async fn confirm(
    domain: &Domain,
    tenant: TenantId,
    conversation: ConversationId,
    customer: CustomerId,
    said: &str,
) -> Result<Confirmed> {
    let Some(code) = Code::in_message(said) else { return Ok(Confirmed::NoCode) };
    retrying(|| confirm_once(domain, tenant, conversation, customer, &code, said)).await
}

async fn confirm_once(
    domain: &Domain,
    tenant: TenantId,
    conversation: ConversationId,
    customer: CustomerId,
    code: &Code,
    said: &str,
) -> Result<Confirmed> {
    let mut tx = domain.database.tenant(tenant).await?;
    if queries::lock_conversation(&mut tx, conversation, customer).await?.is_none() {
        return Ok(Confirmed::NoCode);
    }
    let Some(sent) = queries::lock_live_code(&mut tx, conversation, customer).await? else {
        return Ok(Confirmed::NoCode);
    };
    let key = secrets::data_key(domain, &mut tx).await?;
    let confirmed = if key.verify_mac(OF_CODES, &[sent.id.as_bytes(), code.as_bytes()], &sent.code_hash) {
        queries::mark_verified(&mut tx, sent.id, VERIFIED_FOR).await?;
        conversations::rewrite_customer_text(&mut tx, conversation, said, &code.hidden_in(said)).await?;
        Confirmed::Verified { email: sent.email.parse()? }
    } else {
        let tries = queries::count_try(&mut tx, sent.id, TRIES).await?;
        Confirmed::Wrong { tries_left: TRIES.saturating_sub(tries) }
    };
    tx.commit().await?;
    Ok(confirmed)
}

/// The address that the customer has shown to be theirs within the last day; the newest, if there are several.
pub async fn verified_email(tx: &mut TenantTx, customer: CustomerId) -> Result<Option<EmailAddress>> {
    queries::verified_email(tx, customer).await?.map(|email| email.parse()).transpose()
}
