use async_trait::async_trait;

use crate::{Mail, MailError, Mailer};

/// Stands where no mail server was configured, and says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMail;

#[async_trait]
impl Mailer for NoMail {
    fn is_configured(&self) -> bool {
        false
    }

    async fn send(&self, _: Mail) -> Result<(), MailError> {
        Err(MailError::NotConfigured)
    }
}
