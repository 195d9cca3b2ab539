//! Sending the customer a code, by which they prove that an e-mail address is theirs. They type it into the chat, where it is
//! taken out before a model reads it.

use async_trait::async_trait;
use omniops_llm::ToolSpec;
use serde_json::{Value, json};

use super::{Tool, ToolContext, ToolError, ToolOutput, text_argument};
use crate::EmailAddress;
use crate::verification::{CodeRequest, Started, start};

pub(super) struct SendCode;

#[async_trait]
impl Tool for SendCode {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "send_verification_code".to_owned(),
            description:
                "Sends a six-digit code to the e-mail address that the customer gave. Then ask the customer to type \
                the code here."
                    .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": { "email": { "type": "string", "description": "As the customer wrote it." } },
                "required": ["email"]
            }),
        }
    }

    async fn call(&self, context: &ToolContext, arguments: Value) -> Result<ToolOutput, ToolError> {
        let email = text_argument(&arguments, "email", 254)?;
        let email: EmailAddress = email
            .parse()
            .map_err(|_| ToolError::new("malformed_arguments", "this is not an e-mail address; ask for it again"))?;
        let (Some(conversation_id), Some(customer_id)) = (context.conversation, context.customer) else {
            let result = json!({ "status": "a code would be sent; this is a preview, in which nothing is" });
            return Ok(ToolOutput { personal: true, ..ToolOutput::of(result) });
        };
        let request = CodeRequest {
            tenant_id: context.tenant,
            conversation_id,
            customer_id,
            email,
            locale: context.locale.as_deref(),
        };
        match start(&context.domain, &request).await.map_err(|error| ToolError::internal(&error))? {
            Started::Sent { .. } => {
                let result = json!({ "status": "sent", "valid_for": "10 minutes" });
                Ok(ToolOutput { personal: true, ..ToolOutput::of(result) })
            }
            Started::TooMany { .. } => {
                Err(ToolError::new("too_many_codes", "too many codes were asked for; offer a person of the team"))
            }
            Started::NotSent(_) => {
                Err(ToolError::new("mail_not_sent", "the code could not be sent; offer a person of the team"))
            }
        }
    }
}
