//! Providers that speak OpenAI's chat completions, over real HTTP.
//!
//! Why the transport is ours and only the request's types are a library's: docs/decisions/openai-transport.md.

mod assemble;
mod calls;
mod chunk;
mod config;
mod failure;
mod reading;
mod request;
mod sse;

#[cfg(test)]
mod reading_tests;

use std::fmt;

use async_trait::async_trait;
use reqwest::Response;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use tokio::time::{Instant, timeout_at};
use url::Url;

use self::assemble::Assembler;
use self::failure::Scrubber;
use self::reading::{Framing, Patience};
use self::request::Dialect;
use crate::model::{ChatModel, ModelError, ModelRequest, ModelStream};

pub use self::config::{OpenAiModelConfig, OutputLimitField, SetupError, http_client_builder};

/// A provider at an address. One request is one call: nothing is repeated here.
pub struct OpenAiModel {
    client: reqwest::Client,
    base_url: Url,
    url: Url,
    authorization: Option<(HeaderName, HeaderValue)>,
    scrubber: Scrubber,
    output_limit: OutputLimitField,
    ask_usage: bool,
}

impl fmt::Debug for OpenAiModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the key nor the query, where some providers take one.
        f.debug_struct("OpenAiModel").field("host", &self.base_url.host_str()).finish_non_exhaustive()
    }
}

impl OpenAiModel {
    /// Sets a provider up; nothing is sent.
    pub fn new(config: OpenAiModelConfig) -> Result<Self, SetupError> {
        let client = match config.client {
            Some(client) => client,
            None => http_client_builder(config.connect_timeout)
                .build()
                .map_err(|error| SetupError::Client(failure::innermost(&error)))?,
        };
        Ok(Self {
            client,
            url: config::completions_url(&config.base_url)?,
            base_url: config.base_url,
            authorization: config::authorization(&config.api_key)?,
            scrubber: Scrubber::new(config.api_key),
            output_limit: config.output_limit,
            ask_usage: config.ask_usage,
        })
    }

    async fn send(&self, body: Vec<u8>) -> Result<Response, ModelError> {
        let mut request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "text/event-stream, application/json")
            // A compressed stream waits until there is enough to compress.
            .header(ACCEPT_ENCODING, "identity")
            .body(body);
        if let Some((name, value)) = &self.authorization {
            request = request.header(name, value);
        }
        request.send().await.map_err(|error| failure::unsent(&error, &self.scrubber))
    }
}

#[async_trait]
impl ChatModel for OpenAiModel {
    async fn stream(&self, request: ModelRequest) -> Result<ModelStream, ModelError> {
        let patience = Patience { deadline: Instant::now() + request.first_token_timeout, idle: request.idle_timeout };
        let max_output_bytes = request.max_output_bytes;
        let dialect = Dialect {
            current_limit: self.output_limit.is_current(&self.base_url, &request.model),
            ask_usage: self.ask_usage,
        };
        let body = request::body(request, dialect)?;
        let sent = timeout_at(patience.deadline, self.send(body)).await;
        let response = sent.map_err(|_| ModelError::TimedOut)??;
        if !response.status().is_success() {
            return Err(failure::from_response(response, &self.scrubber, patience.deadline).await);
        }
        let framing = match content_type(&response).as_str() {
            "application/json" => Framing::whole(max_output_bytes),
            "text/html" => return Err(ModelError::Malformed("a page instead of an answer".to_owned())),
            _ => Framing::events(max_output_bytes),
        };
        let answer = Assembler::new(max_output_bytes, self.scrubber.clone());
        let scrubber = self.scrubber.clone();
        let describe = move |error: &reqwest::Error| scrubber.clean(&failure::innermost(error));
        Ok(reading::read(Box::pin(response.bytes_stream()), framing, answer, patience, describe))
    }
}

/// Without parameters and in lower case; empty when it is not said.
fn content_type(response: &Response) -> String {
    let value = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_lowercase()
}
