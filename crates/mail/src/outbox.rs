use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::{Mail, MailError, Mailer};

/// Keeps mails instead of sending them: for tests.
#[derive(Debug, Default)]
pub struct Outbox {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<Mail>,
    failure: Option<MailError>,
}

impl Outbox {
    pub fn new() -> Self {
        Self::default()
    }

    /// All that was sent, oldest first.
    pub fn sent(&self) -> Vec<Mail> {
        self.lock().sent.clone()
    }

    /// Refuses every mail from now on with this error; `None` takes them again.
    pub fn fail_with(&self, failure: Option<MailError>) {
        self.lock().failure = failure;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Mailer for Outbox {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        mail.check()?;
        let mut state = self.lock();
        match &state.failure {
            Some(failure) => Err(failure.clone()),
            None => {
                state.sent.push(mail);
                Ok(())
            }
        }
    }
}
