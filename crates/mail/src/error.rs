/// Why a mail was not taken. Names no recipient: what a server said is kept with the address taken out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    #[error("mail is not configured: set SMTP_URL")]
    NotConfigured,
    /// The address, the subject or a name cannot stand in a mail.
    #[error("this is no mail that can be sent: {0}")]
    Invalid(&'static str),
    /// Worth another try later: the server was not reached in time, or asked to come back.
    #[error("the mail server did not take the mail for now: {0}")]
    Transient(String),
    /// The server will not take this mail: the address does not exist, or our log-in is wrong.
    #[error("the mail server refused the mail: {0}")]
    Permanent(String),
}

impl MailError {
    /// Whether the same mail may be taken later.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Transient(_) => true,
            Self::NotConfigured | Self::Invalid(_) | Self::Permanent(_) => false,
        }
    }
}
