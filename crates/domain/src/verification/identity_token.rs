//! Tokens in which a shop says who its visitor is: JSON web tokens, signed with HS256 under a key of the domain.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use omniops_postgres::TenantTx;
use omniops_types::{DomainId, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::identity_keys::secret_name;
use crate::{Domain, EmailAddress, Error, Result, secrets};

/// How long after it was issued a token may be good.
pub const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// How far the shop's clock may be from ours.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// Real ones are a tenth of it.
const MAX_BYTES: usize = 4096;
const MAX_ID_CHARS: usize = 255;
const MAX_NAME_CHARS: usize = 200;

/// Who a visitor is, as the shop itself says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedIdentity {
    /// `sub`: what the shop calls its customer, 1 to 255 characters.
    pub external_id: String,
    /// `email`: the shop vouches for it.
    pub email: Option<EmailAddress>,
    /// `name`: to be shown.
    pub name: Option<String>,
    /// `exp`: until then.
    pub expires_at: Timestamp,
}

/// What a token is that the shop signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityToken {
    Good(VerifiedIdentity),
    /// It was good once. A page that was left open has one; who it was for is nobody from here on.
    Expired,
}

/// Why a token proves nothing. The texts are for whoever writes the shop's code, and repeat nothing of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Refusal {
    #[error("is not a JSON web token of at most {MAX_BYTES} bytes")]
    Malformed,
    #[error("must be signed with HS256")]
    Algorithm,
    #[error("must name its key in the header's kid")]
    NoKid,
    #[error("is not signed with a key of this domain")]
    Signature,
    #[error("has expired")]
    Expired,
    #[error("is not valid yet")]
    NotYet,
    #[error("must have the claims sub, exp and iat, with exp and iat in whole seconds")]
    Claims,
    #[error("must expire after it was issued, and within 24 hours of that")]
    Lifetime,
    #[error("has a sub that is not 1 to 255 characters")]
    Subject,
    #[error("has an email that is no e-mail address")]
    Email,
}

#[derive(Deserialize)]
struct Claims {
    sub: Subject,
    exp: i64,
    iat: i64,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

/// The standard has a text; shops whose customers have numbers send those.
#[derive(Deserialize)]
#[serde(untagged)]
enum Subject {
    Text(String),
    Number(u64),
}

/// Who the shop says that the visitor on this domain is. A token that the shop did not sign, or signed wrongly, is an error
/// of the field `identity_token`, which says why; one that has only expired is none.
pub async fn verify_identity(
    domain: &Domain,
    tx: &mut TenantTx,
    domain_id: DomainId,
    token: &str,
) -> Result<IdentityToken> {
    let refused = |refusal: Refusal| Error::field("identity_token", &refusal.to_string());
    let kid = kid_of(token).map_err(refused)?;
    let secret = secrets::get(domain, tx, &secret_name(domain_id, &kid)).await?;
    let secret = secret.ok_or_else(|| refused(Refusal::Signature))?;
    match check(token, &secret, Utc::now()) {
        Ok(identity) => Ok(IdentityToken::Good(identity)),
        // The signature was looked at first.
        Err(Refusal::Expired) => Ok(IdentityToken::Expired),
        Err(refusal) => Err(refused(refusal)),
    }
}

/// The key that the token names. Nothing of it is proven yet.
fn kid_of(token: &str) -> Result<String, Refusal> {
    if token.len() > MAX_BYTES {
        return Err(Refusal::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|error| refusal(&error))?;
    if header.alg != Algorithm::HS256 {
        return Err(Refusal::Algorithm);
    }
    // Nothing that could be critical is understood here.
    if header.crit.is_some() {
        return Err(Refusal::Malformed);
    }
    let kid = header.kid.ok_or(Refusal::NoKid)?;
    // Ours are hexadecimal digits; what is not cannot name a secret of ours, and must not name another.
    let is_ours = kid.len() == 16 && kid.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if is_ours { Ok(kid) } else { Err(Refusal::Signature) }
}

fn check(token: &str, secret: &SecretString, now: DateTime<Utc>) -> Result<VerifiedIdentity, Refusal> {
    let mut validation = Validation::new(Algorithm::HS256);
    // Times are looked at below, against one clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
    let token = jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|error| match error.kind() {
        // The signature was looked at first.
        ErrorKind::Json(_) => Refusal::Claims,
        _ => refusal(&error),
    })?;
    let Claims { sub, exp, iat, email, name } = token.claims;

    let time = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(Refusal::Claims);
    let (expires_at, issued_at) = (time(exp)?, time(iat)?);
    if expires_at + LEEWAY <= now {
        return Err(Refusal::Expired);
    }
    if issued_at - LEEWAY > now {
        return Err(Refusal::NotYet);
    }
    let lifetime = (expires_at - issued_at).to_std().map_err(|_| Refusal::Lifetime)?;
    if lifetime.is_zero() || lifetime > MAX_LIFETIME {
        return Err(Refusal::Lifetime);
    }

    let external_id = match sub {
        Subject::Text(text) => text.trim().to_owned(),
        Subject::Number(number) => number.to_string(),
    };
    if external_id.is_empty() || external_id.chars().count() > MAX_ID_CHARS || external_id.contains(char::is_control) {
        return Err(Refusal::Subject);
    }
    let email = email.filter(|email| !email.trim().is_empty()).map(|email| email.parse()).transpose();
    Ok(VerifiedIdentity {
        external_id,
        email: email.map_err(|_: Error| Refusal::Email)?,
        name: name.as_deref().and_then(presentable),
        expires_at,
    })
}

/// A name is only shown, so a strange one is tidied up and not refused.
fn presentable(name: &str) -> Option<String> {
    let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn refusal(error: &jsonwebtoken::errors::Error) -> Refusal {
    match error.kind() {
        ErrorKind::InvalidSignature => Refusal::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName | ErrorKind::MissingAlgorithm => {
            Refusal::Algorithm
        }
        ErrorKind::ImmatureSignature => Refusal::NotYet,
        _ => Refusal::Malformed,
    }
}
