//! Searching what the shop has written.

use async_trait::async_trait;
use omniops_llm::ToolSpec;
use serde_json::{Value, json};

use super::{SearchOf, Tool, ToolContext, ToolError, ToolOutput, text_argument};
use crate::knowledge::{SearchRequest, search};

const PASSAGES: usize = 6;

pub(crate) struct SearchKnowledge;

#[async_trait]
impl Tool for SearchKnowledge {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "search_knowledge".to_owned(),
            description: "Searches the shop's pages: shipping, returns, sizes, warranty, product texts, anything \
                written there. Gives numbered sources."
                .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "query": { "type": "string", "description": "What to find, in the words of the shop's pages." }
                },
                "required": ["query"]
            }),
        }
    }

    async fn call(&self, context: &ToolContext, arguments: Value) -> Result<ToolOutput, ToolError> {
        let request = SearchRequest {
            domain_id: Some(context.domain_id),
            query: text_argument(&arguments, "query", 400)?,
            limit: PASSAGES,
            conversation_id: context.conversation,
        };
        let found =
            search(&context.domain, context.tenant, request).await.map_err(|error| ToolError::internal(&error))?;
        let search = SearchOf { id: found.search_id, embed_ms: found.embed_ms, search_ms: found.search_ms };
        Ok(ToolOutput { passages: found.hits, search: Some(search), ..ToolOutput::default() })
    }
}
