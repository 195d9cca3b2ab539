//! The error envelope: `{"error": {"code", "message", "request_id", "fields"?}}`.
//!
//! Codes are stable: a client may branch on them. Messages are for people and may change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal;)*) => {
        /// A stable, machine-readable error code with its HTTP status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl ErrorCode {
            /// Every code there is, for documentation and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as it stands on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The HTTP status that goes with the code.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$name => $status,)*
                }
            }

            /// The code with this text, if there is one.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($code => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

error_codes! {
    /// The request could not be read: bad JSON, a bad id, a bad cursor.
    Malformed = "malformed", 400;
    /// No valid session or API key came with the request.
    Unauthenticated = "unauthenticated", 401;
    /// The e-mail address or the password is wrong.
    InvalidCredentials = "invalid_credentials", 401;
    /// Signed in, but the role or the key's scopes do not allow this in the own tenant.
    Forbidden = "forbidden", 403;
    /// A cookie-authorised change came from another origin.
    OriginNotAllowed = "origin_not_allowed", 403;
    /// The tenant asks for consent before the first message, and this visitor has not given it.
    ConsentRequired = "consent_required", 403;
    /// It is not there, or it is another tenant's.
    NotFound = "not_found", 404;
    /// No tenant has a widget on this domain.
    UnknownDomain = "unknown_domain", 404;
    /// The method is not one that this route takes.
    MethodNotAllowed = "method_not_allowed", 405;
    /// The row changed since it was read, or the state does not allow the step.
    Conflict = "conflict", 409;
    /// The same `client_id` came with another text or in another conversation.
    IdempotencyMismatch = "idempotency_mismatch", 409;
    /// The body or the message is larger than allowed.
    TooLarge = "too_large", 413;
    /// The body's content type is not one that this route takes.
    UnsupportedMediaType = "unsupported_media_type", 415;
    /// One or more fields are not acceptable; `fields` says which and why.
    InvalidFields = "invalid_fields", 422;
    /// Too many requests; `Retry-After` says when to come back.
    RateLimited = "rate_limited", 429;
    /// Something on our side failed; the request id finds it in the log.
    Internal = "internal", 500;
    /// The database or a needed service is not there right now; `Retry-After` says when to come back.
    Unavailable = "unavailable", 503;
}

impl Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    /// A code that this build does not know reads as `internal`, so that an old client survives a new server.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self::parse(&text).unwrap_or(Self::Internal))
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for ErrorCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("Stable: a client may branch on it. A value that it does not know means `internal`."))
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for ErrorCode {
    fn name() -> std::borrow::Cow<'static, str> {
        "ErrorCode".into()
    }
}

impl core::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Field name → what is wrong with it, in words for a person.
pub type FieldErrors = BTreeMap<String, String>;

/// What is inside the envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorDetail {
    pub code: ErrorCode,
    pub message: String,
    #[serde(default)]
    pub request_id: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub fields: FieldErrors,
    /// Seconds to wait before trying again; the same number as the `Retry-After` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

/// The envelope of every error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_as_itself() {
        for code in ErrorCode::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(serde_json::from_str::<ErrorCode>(&json).unwrap(), *code);
        }
    }

    #[test]
    fn an_unknown_code_reads_as_internal() {
        assert_eq!(serde_json::from_str::<ErrorCode>("\"from_the_future\"").unwrap(), ErrorCode::Internal);
    }
}
