//! The one error that a server function gives to a page.

use omniops_types::{ErrorCode, ErrorDetail};
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::i18n::Messages;

/// What went wrong, as the REST API would say it: stable code, words, request id and fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppError(pub ErrorDetail);

impl AppError {
    /// An error that this side found out by itself, so that it has no request id.
    pub fn local(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(ErrorDetail {
            code,
            message: message.into(),
            request_id: String::new(),
            fields: omniops_types::FieldErrors::new(),
            retry_after: None,
        })
    }

    pub const fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The log's key for this failure, where the server took part in it.
    pub fn request_id(&self) -> Option<&str> {
        (!self.0.request_id.is_empty()).then_some(self.0.request_id.as_str())
    }

    /// What is wrong with this field, if anything.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.0.fields.get(name).map(String::as_str)
    }

    /// Words for a person, in their language. The server's own words are shown only for fields, which no table can know.
    pub fn text(&self, messages: &'static Messages) -> String {
        if self.code() == ErrorCode::InvalidFields
            && let Some(problem) = self.0.fields.values().next()
        {
            return problem.clone();
        }
        (messages.error)(self.code(), self.0.retry_after)
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code(), self.0.message)
    }
}

impl std::error::Error for AppError {}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        #[cfg(feature = "ssr")]
        return crate::ssr::not_run(code_of(&error), &error);
        #[cfg(not(feature = "ssr"))]
        Self::local(code_of(&error), error.to_string())
    }
}

/// What a failure around a server function comes to.
fn code_of(error: &ServerFnErrorErr) -> ErrorCode {
    match error {
        // What a function takes and what it gives fail alike; here, what was read is what the caller sent.
        ServerFnErrorErr::Deserialization(_) if cfg!(feature = "ssr") => ErrorCode::Malformed,
        // The request did not arrive, or what came back was not ours: a proxy's page, a cut connection.
        ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => ErrorCode::Unavailable,
        ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => ErrorCode::Malformed,
        ServerFnErrorErr::UnsupportedRequestMethod(_) => ErrorCode::MethodNotAllowed,
        ServerFnErrorErr::Registration(_)
        | ServerFnErrorErr::ServerError(_)
        | ServerFnErrorErr::MiddlewareError(_)
        | ServerFnErrorErr::Serialization(_)
        | ServerFnErrorErr::Response(_) => ErrorCode::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Locale;

    #[test]
    fn a_cut_connection_reads_as_unavailable_so_that_a_retry_is_offered() {
        let error = AppError::from_server_fn_error(ServerFnErrorErr::Request("failed to fetch".into()));
        assert_eq!(error.code(), ErrorCode::Unavailable);
        assert_eq!(error.request_id(), None);
    }

    #[test]
    fn the_servers_detail_is_never_the_text_that_a_person_sees() {
        let error = AppError::local(ErrorCode::Internal, "relation \"users\" does not exist");
        for locale in Locale::ALL {
            assert!(!error.text(locale.messages()).contains("relation"));
        }
    }

    #[test]
    fn an_error_survives_the_wire() {
        let mut error = AppError::local(ErrorCode::InvalidFields, "some fields are not acceptable");
        error.0.fields.insert("text".into(), "too long".into());
        error.0.request_id = "req-1".into();
        assert_eq!(AppError::de(error.ser()), error);
    }
}
