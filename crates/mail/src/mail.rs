use std::fmt;

use crate::MailError;

/// A mail to one person. Its `Debug` shows neither the words nor to whom: they may hold a one-time code.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// One address, without a name: `mia@shop.example`.
    pub to: String,
    /// Whose name stands before our address, such as the shop's; absent: the configured one.
    pub from_name: Option<String>,
    /// One line.
    pub subject: String,
    pub text: String,
    /// The same as HTML, for programs that show it.
    pub html: Option<String>,
}

impl Mail {
    /// A mail of plain text.
    pub fn new(to: impl Into<String>, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { to: to.into(), from_name: None, subject: subject.into(), text: text.into(), html: None }
    }

    /// Refuses what would end a header line and begin another.
    pub(crate) fn check(&self) -> Result<(), MailError> {
        let has_control = |text: &str| text.chars().any(char::is_control);
        if has_control(&self.to) {
            return Err(MailError::Invalid("the address must not contain control characters"));
        }
        if has_control(&self.subject) {
            return Err(MailError::Invalid("the subject must be one line"));
        }
        if self.from_name.as_deref().is_some_and(has_control) {
            return Err(MailError::Invalid("the sender's name must be one line"));
        }
        Ok(())
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").finish_non_exhaustive()
    }
}
