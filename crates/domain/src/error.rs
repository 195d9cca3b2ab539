//! What a service can answer instead of a result.
//!
//! Adapters map an error to the envelope with [`Error::detail`]; what is inside [`Error::Internal`] is logged once, at
//! the boundary, and never shown.

use std::time::Duration;

use omniops_types::{ErrorCode, ErrorDetail, FieldErrors, Permission};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("the request could not be read: {0}")]
    Malformed(&'static str),
    #[error("sign in first")]
    Unauthenticated,
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    #[error("your role does not allow this ({})", .0.as_str())]
    Forbidden(Permission),
    #[error("this API key does not have the scope {}", .0.as_str())]
    OutOfScope(Permission),
    /// A key has no reading marks and does not type.
    #[error("only a signed-in person can do this, not an API key")]
    PeopleOnly,
    #[error("this origin may not do that")]
    OriginNotAllowed,
    /// The tenant asks for consent before the first message, and this visitor has not given it.
    #[error("agree to the privacy notice first")]
    ConsentRequired,
    /// The thing's name, for the message: `conversation`. Also the answer for another tenant's ids.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("no widget is set up for this domain")]
    UnknownDomain,
    #[error("{0}")]
    Conflict(&'static str),
    #[error("this client_id was already used for another message")]
    IdempotencyMismatch,
    #[error("that is too large: at most {limit} {unit}")]
    TooLarge { limit: u64, unit: &'static str },
    #[error("some fields are not acceptable")]
    InvalidFields(FieldErrors),
    #[error("too many requests; try again in {}", in_words(*retry_after))]
    RateLimited { retry_after: Duration },
    #[error("the service is not available right now")]
    Unavailable { retry_after: Duration },
    #[error("something went wrong on our side")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// One field is wrong.
    pub fn field(name: &str, problem: &str) -> Self {
        Self::InvalidFields(FieldErrors::from([(name.to_owned(), problem.to_owned())]))
    }

    /// Wraps what is not the caller's fault.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// The stable code for the envelope.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed(_) => ErrorCode::Malformed,
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::InvalidCredentials => ErrorCode::InvalidCredentials,
            Self::Forbidden(_) | Self::OutOfScope(_) | Self::PeopleOnly => ErrorCode::Forbidden,
            Self::OriginNotAllowed => ErrorCode::OriginNotAllowed,
            Self::ConsentRequired => ErrorCode::ConsentRequired,
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::UnknownDomain => ErrorCode::UnknownDomain,
            Self::Conflict(_) => ErrorCode::Conflict,
            Self::IdempotencyMismatch => ErrorCode::IdempotencyMismatch,
            Self::TooLarge { .. } => ErrorCode::TooLarge,
            Self::InvalidFields(_) => ErrorCode::InvalidFields,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::Unavailable { .. } => ErrorCode::Unavailable,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// What a client may know of it.
    pub fn detail(&self, request_id: String) -> ErrorDetail {
        let fields = match self {
            Self::InvalidFields(fields) => fields.clone(),
            _ => FieldErrors::new(),
        };
        ErrorDetail {
            code: self.code(),
            message: self.to_string(),
            request_id,
            fields,
            retry_after: self.retry_after(),
        }
    }

    /// What only the log may know of it.
    pub fn into_source(self) -> Option<Box<dyn std::error::Error + Send + Sync>> {
        match self {
            Self::Internal(source) => Some(source),
            _ => None,
        }
    }

    /// Whole seconds to wait, rounded up, when waiting helps.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::RateLimited { retry_after } | Self::Unavailable { retry_after } => Some(whole_seconds(*retry_after)),
            _ => None,
        }
    }
}

/// Rounded up, and never none.
fn whole_seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

/// "1 second", "59 seconds", "2 minutes", rounded up.
fn in_words(duration: Duration) -> String {
    /// From here on seconds tell nobody more.
    const IN_MINUTES: u32 = 120;
    match whole_seconds(duration) {
        1 => "1 second".to_owned(),
        seconds if seconds < IN_MINUTES => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// The error and all of its causes in one line, for the log. No error of ours repeats its cause in its own words.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

impl From<omniops_postgres::Error> for Error {
    fn from(error: omniops_postgres::Error) -> Self {
        if error.is_unavailable() {
            Self::Unavailable { retry_after: Duration::from_secs(2) }
        } else {
            Self::internal(error)
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        omniops_postgres::Error::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_too_fast_is_told_when_to_come_back() {
        for (millis, expected) in [
            (200, "too many requests; try again in 1 second"),
            (11_500, "too many requests; try again in 12 seconds"),
            (119_000, "too many requests; try again in 119 seconds"),
            (150_000, "too many requests; try again in 3 minutes"),
        ] {
            assert_eq!(Error::RateLimited { retry_after: Duration::from_millis(millis) }.to_string(), expected);
        }
    }

    #[test]
    fn a_key_is_told_of_its_scope_and_not_of_a_role() {
        let told = Error::OutOfScope(Permission::KnowledgeWrite).to_string();
        assert_eq!(told, "this API key does not have the scope knowledge:write");
    }
}
