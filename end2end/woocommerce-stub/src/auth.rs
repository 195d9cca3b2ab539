//! Who asks. https: Basic, or OAuth; plain http: OAuth 1.0a alone, and Basic is as if it were not there.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::params::{Params, Refusal};

/// The store's one key. It may read.
pub const CONSUMER_KEY: &str = "ck_9c69ebaf279b9584542993749fc2b76b6ee3aba9";
/// Its secret.
pub const CONSUMER_SECRET: &str = "cs_0eb295326b02b0b68a1082f6e4a7ef5deb8aa3cf";

/// Seconds by which a timestamp may be off.
const WINDOW: i64 = 15 * 60;

/// A request as far as authentication looks at it.
pub(crate) struct Asked<'a> {
    pub method: &'a str,
    /// Scheme, host and path as the store is configured.
    pub address: &'a str,
    pub params: &'a Params,
    pub authorization: Option<&'a str>,
    pub encrypted: bool,
    /// Seconds since 1970 by the store's clock.
    pub now: i64,
}

/// Whether the request may read; a wrong attempt is refused at once, none at all only where it matters.
pub(crate) fn check(asked: &Asked<'_>, seen: &mut HashSet<String>) -> Result<bool, Refusal> {
    if asked.encrypted
        && let Some(basic) = asked.authorization.and_then(|value| value.strip_prefix("Basic "))
    {
        return check_basic(basic);
    }
    check_oauth(asked, seen)
}

fn check_basic(encoded: &str) -> Result<bool, Refusal> {
    let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((CONSUMER_KEY, CONSUMER_SECRET)) => Ok(true),
        Some((CONSUMER_KEY, _)) => Err("401_bad_secret_basic"),
        // An unknown key is nobody.
        _ => Ok(false),
    }
}

fn check_oauth(asked: &Asked<'_>, seen: &mut HashSet<String>) -> Result<bool, Refusal> {
    let header = asked.authorization.and_then(|value| value.strip_prefix("OAuth ")).map(header_fields);
    let of_oauth = |pair: &&(String, String)| pair.0.starts_with("oauth_");
    let fields: Vec<(String, String)> =
        header.unwrap_or_else(|| asked.params.pairs().iter().filter(of_oauth).cloned().collect());
    if fields.is_empty() {
        return Ok(false);
    }
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let (Some(key), Some(timestamp), Some(nonce), Some(signature), Some(method)) = (
        field("oauth_consumer_key"),
        field("oauth_timestamp"),
        field("oauth_nonce"),
        field("oauth_signature"),
        field("oauth_signature_method"),
    ) else {
        return Err("401_missing_parameters");
    };
    if key != CONSUMER_KEY {
        return Err("401_unknown_key_oauth");
    }
    let signed = fields.iter().chain(asked.params.pairs().iter().filter(|pair| !of_oauth(pair)));
    let expected = sign(asked, signed.filter(|(name, _)| name != "oauth_signature"));
    if method != "HMAC-SHA256" || signature != expected {
        return Err("401_bad_secret_oauth");
    }
    if timestamp.parse::<i64>().map_or(true, |timestamp| (asked.now - timestamp).abs() > WINDOW) {
        return Err("401_old_timestamp");
    }
    if !seen.insert(nonce.to_owned()) {
        return Err("401_nonce_reused");
    }
    Ok(true)
}

/// `name="value", …`, each value escaped.
fn header_fields(header: &str) -> Vec<(String, String)> {
    let unescape = |text: &str| {
        // A `+` in a header is a plus sign.
        let text = text.replace('+', "%2B");
        url::form_urlencoded::parse(format!("v={text}").as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    header
        .split(',')
        .filter_map(|field| field.trim().split_once('='))
        .filter(|(name, _)| name.starts_with("oauth_"))
        .filter_map(|(name, value)| Some((name.to_owned(), unescape(value.trim_matches('"'))?)))
        .collect()
}

fn sign<'a>(asked: &Asked<'_>, parameters: impl Iterator<Item = &'a (String, String)>) -> String {
    let mut parameters: Vec<(String, String)> = parameters.map(|(name, value)| (escape(name), escape(value))).collect();
    parameters.sort();
    let joined: Vec<String> = parameters.iter().map(|(name, value)| escape(&format!("{name}={value}"))).collect();
    let base_string = format!("{}&{}&{}", asked.method, escape(asked.address), joined.join("%26"));
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(format!("{CONSUMER_SECRET}&").as_bytes()) else {
        return String::new();
    };
    mac.update(base_string.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// PHP's `rawurlencode`.
fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use url::Url;

    use super::*;
    use crate::recorded;

    #[derive(Deserialize)]
    struct Vector {
        label: String,
        method: String,
        url: String,
        authorization_header: Option<String>,
        server_status: u16,
        server_answer: serde_json::Value,
    }

    /// Each request that a real store was sent gets the verdict that the real store gave.
    #[test]
    fn the_recorded_requests_get_the_recorded_verdicts() {
        let vectors: Vec<Vector> = serde_json::from_str(include_str!("../recorded/oauth1_vectors.json")).unwrap();
        let mut seen = HashSet::new();
        let mut judged = 0;
        for vector in vectors {
            // Another method, which nobody here sends; and the form of address that has no API: see routes.rs.
            if matches!(vector.label.as_str(), "simple-sha1" | "plain-permalinks-rest_route") {
                continue;
            }
            let url: Url = vector.url.parse().unwrap();
            let asked = Asked {
                method: &vector.method,
                address: &format!("http://127.0.0.1:8099{}", url.path()),
                params: &Params::parse(url.query().unwrap_or_default()),
                authorization: vector.authorization_header.as_deref(),
                encrypted: false,
                now: 1_795_409_176,
            };
            let verdict = check(&asked, &mut seen);
            if vector.server_status == 200 {
                assert_eq!(verdict, Ok(true), "{}", vector.label);
            } else {
                let refusal = verdict.expect_err(&vector.label);
                assert_eq!(recorded::error(refusal), (401, vector.server_answer), "{}", vector.label);
            }
            judged += 1;
        }
        assert_eq!(judged, 22);
    }
}
