#![doc = include_str!("../README.md")]

mod error;
mod mail;
mod no_mail;
mod outbox;
mod sender;
mod smtp;
mod smtp_url;

use async_trait::async_trait;

pub use error::MailError;
pub use mail::Mail;
pub use no_mail::NoMail;
pub use outbox::Outbox;
pub use sender::{Sender, SenderError};
pub use smtp::SmtpMailer;
pub use smtp_url::{SmtpUrl, SmtpUrlError};

/// Hands mails to a server that delivers them.
#[async_trait]
pub trait Mailer: std::fmt::Debug + Send + Sync {
    /// Whether there is a server to hand mails to. Without one every [`send`](Self::send) is
    /// [`MailError::NotConfigured`], so nothing that needs a mail should be offered.
    fn is_configured(&self) -> bool {
        true
    }

    /// Returns when the server has taken the mail: it may still come back undelivered. An error that is not
    /// [transient](MailError::is_transient) would be the same for the same mail again.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}
