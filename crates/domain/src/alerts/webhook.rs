//! The operator's webhook, as Slack and those that speak like it take it: `{"text": "…"}`.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::{Error, Result};

/// From the connection to the answer's head; its body is not read.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Where alerts are posted. The address is a secret: whoever has it can post too.
#[derive(Clone, Debug)]
pub struct Webhook {
    url: SecretString,
    client: reqwest::Client,
}

impl Webhook {
    /// The operator's address, from `MONITOR_ALERT_WEBHOOK_URL`. Redirects are not followed.
    pub fn new(url: SecretString) -> Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(TIME_LIMIT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(Error::internal)?;
        Ok(Self { url, client })
    }

    /// Posts a text; the error names neither the address nor what was posted.
    pub(super) async fn post(&self, text: &str) -> std::result::Result<(), String> {
        let body = json!({ "text": text });
        match self.client.post(self.url.expose_secret()).json(&body).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("the webhook answered {}", answer.status().as_u16())),
            Err(error) if error.is_timeout() => Err("the webhook did not answer in time".to_owned()),
            Err(error) if error.is_connect() => Err("the webhook could not be reached".to_owned()),
            Err(_) => Err("the webhook could not be called".to_owned()),
        }
    }
}
