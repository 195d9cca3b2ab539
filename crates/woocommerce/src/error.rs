use std::time::Duration;

/// Why the store gave no answer that could be used. None of them ever holds a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is none that a store can have.
    #[error("not a store's address: {0}")]
    Address(&'static str),
    /// 401: the keys are wrong, or the store saw none. `code` is WooCommerce's own.
    #[error("the store refused the keys ({code}): {message}")]
    Unauthorized { code: String, message: String },
    /// 403: a firewall, or a key whose user may not see this.
    #[error("the store forbids this ({code}): {message}")]
    Forbidden { code: String, message: String },
    /// 404 for the API itself: no WooCommerce there, or WordPress with plain permalinks.
    #[error("there is no WooCommerce REST API at this address")]
    NoApi,
    /// 429, or the 400 with which WooCommerce's own limit answers.
    #[error("the store wants fewer requests")]
    RateLimited { retry_after: Option<Duration> },
    /// Another 4xx. `code` is WooCommerce's own.
    #[error("the store rejected the request with {status} ({code}): {message}")]
    Rejected { status: u16, code: String, message: String },
    /// 5xx.
    #[error("the store failed with {status}: {message}")]
    Failed { status: u16, message: String },
    /// 3xx. Never followed: the keys are for this address alone.
    #[error("the store redirects to another address")]
    Redirected,
    /// Not JSON: an error page, a maintenance page, PHP's warnings.
    #[error("the store answered with something else than JSON")]
    NotJson,
    /// JSON of another shape.
    #[error("the store's answer has an unexpected {what}")]
    Unexpected { what: String },
    #[error("the store's answer is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("the store did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// No connection; the caller's guard refusing the address is among the reasons.
    #[error("the store cannot be reached: {0}")]
    Unreachable(String),
    /// The connection ended in the middle of the answer.
    #[error("the store's answer broke off: {0}")]
    Broken(String),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether the same request may pass a little later.
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. } | Self::Failed { .. } | Self::TimedOut(_) | Self::Unreachable(_) | Self::Broken(_)
        )
    }
}
