//! Keeping what a customer wants the team to reach them by.

use async_trait::async_trait;
use omniops_llm::ToolSpec;
use serde_json::{Value, json};

use super::{Tool, ToolContext, ToolError, ToolOutput};
use crate::agent::queries;

pub(crate) struct CaptureContact;

#[async_trait]
impl Tool for CaptureContact {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "capture_contact".to_owned(),
            description:
                "Keeps the name or the e-mail address that the customer gave so that the team can reach them. \
                It proves nothing about who they are."
                    .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "name": { "type": "string" },
                    "email": { "type": "string" }
                }
            }),
        }
    }

    async fn call(&self, context: &ToolContext, arguments: Value) -> Result<ToolOutput, ToolError> {
        let text = |name: &str, limit: usize| {
            let text = arguments.get(name).and_then(Value::as_str).unwrap_or_default().trim();
            (!text.is_empty() && !text.contains('\0') && text.chars().count() <= limit).then(|| text.to_owned())
        };
        let (name, email) = (text("name", 200), text("email", 254).filter(|email| looks_like_an_address(email)));
        if name.is_none() && email.is_none() {
            return Err(ToolError::new("malformed_arguments", "neither a name nor a usable e-mail address was given"));
        }
        if let Some(customer) = context.customer {
            let keep = async {
                let mut tx = context.domain.database.tenant(context.tenant).await?;
                queries::keep_contact(&mut tx, customer, name.as_deref(), email.as_deref()).await?;
                tx.commit().await?;
                crate::Result::Ok(())
            };
            keep.await.map_err(|error| ToolError::internal(&error))?;
        }
        Ok(ToolOutput { personal: true, ..ToolOutput::of(json!({ "status": "kept" })) })
    }
}

/// As much as can be said without sending to it.
fn looks_like_an_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && host.contains('.') && !text.contains(char::is_whitespace) && !host.contains('@')
    })
}
