//! Who a visitor is: a domain, an origin that may embed its widget, and a session id.

use std::sync::Arc;

use omniops_types::{Channel, CustomerId};
use url::Url;

use super::sites::{Site, site};
use crate::accounts::RequestMeta;
use crate::{Domain, Error, Result, customers};

/// A visitor whom the tenant has seen before.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub site: Arc<Site>,
    pub customer_id: CustomerId,
    /// The name given, if any.
    pub name: Option<String>,
}

/// The visitor who holds this session; `not_found` for a session that never was, or is another tenant's.
pub async fn visitor(domain: &Domain, host: &str, session_id: &str, meta: &RequestMeta) -> Result<Visitor> {
    check_session_id(session_id)?;
    let site = site(domain, host).await?;
    check_origin(domain, &site, meta.origin.as_deref())?;
    let mut tx = domain.database.tenant(site.tenant_id).await?;
    let customer = customers::find_by_session(&mut tx, session_id).await?.ok_or(Error::NotFound("session"))?;
    Ok(Visitor { site, customer_id: customer.id, name: customer.name })
}

/// 16 to 128 characters of `A-Z a-z 0-9 - _`, as the API describes it. Callers may make their own; that it is random is
/// their duty, and that it is long enough to be is what can be checked. Ours hold 256 random bits.
pub(crate) fn check_session_id(session_id: &str) -> Result<()> {
    let well_formed = (16..=128).contains(&session_id.len())
        && session_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if well_formed {
        Ok(())
    } else {
        Err(Error::field("session_id", "must be 16 to 128 characters of A-Z a-z 0-9 - _"))
    }
}

/// An optional text of a public request: not too long, and storable.
pub(crate) fn check_optional(field: &str, text: Option<&str>, limit: usize) -> Result<()> {
    match text {
        Some(text) if text.chars().count() > limit => Err(Error::field(field, &format!("at most {limit} characters"))),
        Some(text) if text.contains('\0') => Err(Error::field(field, "must not contain NUL characters")),
        Some(_) | None => Ok(()),
    }
}

/// How a message came in. Browsers send an origin with every post; its absence is a program, not a page.
pub(crate) fn channel_of(meta: &RequestMeta) -> Channel {
    if meta.origin.is_some() { Channel::Widget } else { Channel::Api }
}

/// Where the site's widget may stand: on its own host, on what the tenant allowed, and on the platform's own pages.
pub fn embedding_origins<'a>(domain: &'a Domain, site: &'a Site) -> impl Iterator<Item = &'a str> {
    site.origins.iter().map(String::as_str).chain([domain.settings.public_url.as_str()])
}

/// Passes where the site's widget may stand. A request without an origin comes from a program, which no origin binds.
pub(crate) fn check_origin(domain: &Domain, site: &Site, origin: Option<&str>) -> Result<()> {
    let Some(origin) = origin else { return Ok(()) };
    let is_allowed = embedding_origins(domain, site).any(|allowed| same_origin(origin, allowed));
    if is_allowed { Ok(()) } else { Err(Error::OriginNotAllowed) }
}

/// Scheme, host and port; `null` and whatever is no address are the origin of nobody.
fn same_origin(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin().is_tuple() && one.origin() == other.origin(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert!(same_origin("https://shop.example", "https://SHOP.example:443/"));
        assert!(!same_origin("https://shop.example", "http://shop.example"));
        assert!(!same_origin("https://shop.example:8443", "https://shop.example"));
        assert!(!same_origin("https://shop.example.evil.test", "https://shop.example"));
        assert!(!same_origin("null", "null"));
        assert!(!same_origin("file:///", "file:///"));
    }

    #[test]
    fn a_session_id_is_long_enough_and_plain() {
        assert!(check_session_id("abcd_EF-12345678").is_ok());
        assert!(check_session_id("01890a5d-ac96-774b-bcce-b302099a8057").is_ok(), "a UUID");
        for wrong in ["", "abcd_EF-1234567", "has space", "ünicode-ünicode", "a'b;c--d", &"x".repeat(129)] {
            assert!(check_session_id(wrong).is_err(), "{wrong}");
        }
    }
}
