//! The tenant's own tools: HTTP services that take the arguments as JSON.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use omniops_crawler::AllowList;
use omniops_llm::ToolSpec;
use omniops_types::HttpTool;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{Tool, ToolContext, ToolError, ToolOutput};
use crate::outgoing::{GuardedClients, NoClient};

/// The most that is read of an answer, in bytes.
const MAX_BODY: usize = 64 * 1024;
const MAX_ARGUMENTS: usize = 16 * 1024;
const TIME_LIMIT: Duration = Duration::from_secs(8);

/// How the tenant's services are reached, and with which secrets.
#[derive(Clone, Debug)]
pub(crate) struct Guarded {
    pub(crate) clients: Arc<GuardedClients>,
    /// Private hosts that the operator allows.
    pub(crate) allow: Arc<AllowList>,
    /// By tool.
    pub(crate) secrets: Arc<HashMap<String, SecretString>>,
}

/// A tool of the tenant.
pub(super) struct OwnTool {
    tool: HttpTool,
    url: Url,
    parameters: Value,
    guarded: Guarded,
}

impl OwnTool {
    /// `None` for settings that could not have been saved.
    pub(super) fn new(tool: HttpTool, guarded: Guarded) -> Option<Self> {
        let url = Url::parse(&tool.url).ok()?;
        let parameters = serde_json::from_str(&tool.parameters).ok()?;
        Some(Self { tool, url, parameters, guarded })
    }

    async fn ask(&self, body: Value) -> Result<Value, ToolError> {
        let failed = |_| ToolError::new("unreachable", "the service cannot be reached");
        let Guarded { clients, allow, secrets } = &self.guarded;
        let client = clients.for_url(&self.url, allow).map_err(|error| match error {
            NoClient::Refused(_) => ToolError::new("refused_address", "the service cannot be reached"),
            NoClient::Setup(_) => ToolError::internal(&error.into()),
        })?;
        let mut request = client.post(self.url.clone()).json(&body).timeout(TIME_LIMIT);
        if let (Some(header), Some(secret)) = (&self.tool.secret_header, secrets.get(&self.tool.name)) {
            let mut value = reqwest::header::HeaderValue::from_str(secret.expose_secret())
                .map_err(|_| ToolError::new("bad_secret", "the service cannot be reached"))?;
            value.set_sensitive(true);
            request = request.header(header.as_str(), value);
        }
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        let mut bytes = Vec::new();
        let mut stream = response.bytes_stream();
        while let Some(piece) = stream.next().await {
            bytes.extend_from_slice(&piece.map_err(failed)?);
            if bytes.len() > MAX_BODY {
                return Err(ToolError::new("too_large", "the service's answer is too large"));
            }
        }
        if !status.is_success() {
            return Err(ToolError::new("status", format!("the service answered with status {}", status.as_u16())));
        }
        Ok(serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&bytes).into_owned())))
    }
}

#[async_trait]
impl Tool for OwnTool {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.tool.name.clone(),
            description: self.tool.description.clone(),
            parameters: self.parameters.clone(),
        }
    }

    fn requires_verification(&self) -> bool {
        self.tool.requires_verification
    }

    fn time_limit(&self) -> Duration {
        TIME_LIMIT + Duration::from_secs(1)
    }

    async fn call(&self, context: &ToolContext, arguments: Value) -> Result<ToolOutput, ToolError> {
        if arguments.to_string().len() > MAX_ARGUMENTS {
            return Err(ToolError::new("malformed_arguments", "the arguments are too long"));
        }
        // An unverified address is none of the service's business, and a verified one comes from us, not from the model.
        let email = context.verified_email.as_ref().filter(|_| self.tool.requires_verification);
        let body = json!({ "tool": self.tool.name, "arguments": arguments, "customer_email": email });
        let result = self.ask(body).await?;
        Ok(ToolOutput { personal: self.tool.requires_verification, ..ToolOutput::of(result) })
    }
}
