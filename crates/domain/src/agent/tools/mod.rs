//! What the AI may do, behind one trait.
//!
//! A tool gives text for the model, which is data and is fenced as such. What a tool may see is decided here and not by
//! the model: a personal tool runs only for a customer who has proven who they are, whatever the model was told.

mod contact;
mod http;
mod knowledge;
mod store;
mod verification;

use std::time::{Duration, Instant};

use async_trait::async_trait;
use omniops_llm::{ToolCall, ToolSpec};
use omniops_types::{AgentSettings, ConversationId, CustomerId, DomainId, PassageHit, ReceiptTool, SearchId, TenantId};
use serde_json::{Value, json};

use super::turn::AgentTurn;
use crate::Domain;
use crate::commerce::connect;

pub(crate) use http::Guarded;
use knowledge::SearchKnowledge;

/// Names that a tenant's own tool may not have.
pub(super) const OWN_TOOLS: &[&str] = &[
    super::reply::REPLY,
    "search_knowledge",
    "search_products",
    "get_product",
    "lookup_order",
    "list_orders",
    "send_verification_code",
    "capture_contact",
    "escalate_to_human",
];

/// A tool's answer is cut at this, in characters.
const MAX_RESULT: usize = 8_000;
/// Arguments are kept in a receipt up to here.
const MAX_ARGUMENTS: usize = 2_000;

/// For whom a tool runs.
#[derive(Clone, Debug)]
pub(crate) struct ToolContext {
    pub(crate) domain: Domain,
    pub(crate) tenant: TenantId,
    pub(crate) domain_id: DomainId,
    /// Absent in a preview, in which nothing is written down.
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) customer: Option<CustomerId>,
    /// The e-mail address that the customer has proven to own.
    pub(crate) verified_email: Option<String>,
    pub(crate) locale: Option<String>,
}

/// What a tool gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolOutput {
    /// For the model.
    pub(crate) result: Value,
    /// Passages that get numbers and are cited as sources.
    pub(crate) passages: Vec<PassageHit>,
    pub(crate) search: Option<SearchOf>,
    /// A person shall take over; the summary is for the team.
    pub(crate) handoff: Option<String>,
    /// The result tells of a person, and must be found by an erasure.
    pub(crate) personal: bool,
}

impl ToolOutput {
    pub(crate) fn of(result: Value) -> Self {
        Self { result, ..Self::default() }
    }
}

/// The search behind an output, for telemetry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SearchOf {
    /// The row of the search log.
    pub(crate) id: SearchId,
    pub(crate) embed_ms: u32,
    pub(crate) search_ms: u32,
}

/// Why a tool gave nothing. The model is told the message; `code` goes into telemetry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ToolError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl ToolError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Our own fault: the model learns that it does not work, the log why.
    pub(crate) fn internal(error: &crate::Error) -> Self {
        tracing::warn!(error = error as &dyn std::error::Error, "a tool failed");
        Self::new("failed", "this does not work right now")
    }
}

/// One thing that the AI may do.
#[async_trait]
pub(crate) trait Tool: Send + Sync {
    fn spec(&self) -> ToolSpec;

    /// Runs only for a customer who has proven who they are.
    fn requires_verification(&self) -> bool {
        false
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(10)
    }

    /// Arguments that fit the schema's names and types are the tool's own to check further.
    async fn call(&self, context: &ToolContext, arguments: Value) -> Result<ToolOutput, ToolError>;
}

/// The tools of a turn.
pub(crate) struct Toolbox(Vec<Box<dyn Tool>>);

impl std::fmt::Debug for Toolbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|tool| tool.spec().name)).finish()
    }
}

impl Toolbox {
    /// What the tenant allows. `guarded` is the client for the tenant's own services.
    pub(crate) fn new(settings: &AgentSettings, guarded: &Guarded) -> Self {
        let mut tools: Vec<Box<dyn Tool>> = vec![Box::new(SearchKnowledge), Box::new(Escalate)];
        if settings.tools.capture_contact {
            tools.push(Box::new(contact::CaptureContact));
        }
        let own = settings.tools.http.iter().filter_map(|tool| http::OwnTool::new(tool.clone(), guarded.clone()));
        tools.extend(own.map(|tool| Box::new(tool) as Box<dyn Tool>));
        Self(tools)
    }

    pub(crate) fn add(&mut self, tool: impl Tool + 'static) {
        self.0.push(Box::new(tool));
    }

    fn needs_verification(&self) -> bool {
        self.0.iter().any(|tool| tool.requires_verification())
    }

    pub(crate) fn specs(&self) -> Vec<ToolSpec> {
        self.0.iter().map(|tool| tool.spec()).collect()
    }

    /// Runs a call, whatever the model made of it; a failure is a result that the model can read.
    pub(crate) async fn run(&self, context: &ToolContext, call: &ToolCall) -> (ToolOutput, ReceiptTool) {
        let begun = Instant::now();
        let arguments = parsed(&call.arguments);
        let outcome = match (self.0.iter().find(|tool| tool.spec().name == call.name), &arguments) {
            (None, _) => Err(ToolError::new("unknown_tool", "there is no such tool")),
            (_, None) => Err(ToolError::new("malformed_arguments", "the arguments are not a JSON object")),
            (Some(tool), Some(_)) if tool.requires_verification() && context.verified_email.is_none() => {
                Err(ToolError::new(
                    "verification_required",
                    "verification needed: ask the customer for the e-mail address of the order, then call \
                     send_verification_code",
                ))
            }
            (Some(tool), Some(arguments)) => {
                match tokio::time::timeout(tool.time_limit(), tool.call(context, arguments.clone())).await {
                    Ok(outcome) => outcome,
                    Err(_) => Err(ToolError::new("timed_out", "this took too long")),
                }
            }
        };
        let personal = outcome.as_ref().is_ok_and(|output| output.personal);
        let (output, error_code) = match outcome {
            Ok(output) => (output, None),
            Err(error) => (ToolOutput::of(json!({ "error": error.message })), Some(error.code)),
        };
        let trace = ReceiptTool {
            name: call.name.chars().take(80).collect(),
            arguments: call.arguments.chars().take(MAX_ARGUMENTS).collect(),
            result: output.result.to_string().chars().take(MAX_RESULT).collect(),
            ok: error_code.is_none(),
            error_code: error_code.map(str::to_owned),
            personal,
            ms: u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX),
        };
        (output, trace)
    }
}

/// An object; models leave the arguments out where a tool takes none.
fn parsed(arguments: &str) -> Option<Value> {
    if arguments.trim().is_empty() {
        return Some(json!({}));
    }
    serde_json::from_str(arguments).ok().filter(Value::is_object)
}

/// Keeps a result readable as JSON where it is short enough, else its beginning as a text.
pub(crate) fn clipped(result: &Value) -> Value {
    let text = result.to_string();
    match text.char_indices().nth(MAX_RESULT) {
        None => result.clone(),
        Some((end, _)) => Value::from(format!("{}…", text.get(..end).unwrap_or_default())),
    }
}

/// A text argument, trimmed, of at most `limit` characters.
pub(crate) fn text_argument(arguments: &Value, name: &str, limit: usize) -> Result<String, ToolError> {
    let text = match arguments.get(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    if text.is_empty() || text.contains('\0') {
        return Err(ToolError::new("malformed_arguments", format!("{name} is missing")));
    }
    Ok(text.chars().take(limit).collect())
}

/// Adds the tools of what the tenant has connected: a store, and with it the proof of who a customer is.
pub(crate) async fn add_connected(
    toolbox: &mut Toolbox,
    domain: &Domain,
    turn: &AgentTurn,
    settings: &AgentSettings,
) -> crate::Result<()> {
    let allowed = &settings.tools;
    if allowed.products || allowed.orders {
        // A store that cannot be reached is no reason to say nothing.
        match connect(domain, turn.tenant, turn.domain_id).await {
            Ok(Some(store)) => {
                if allowed.products {
                    toolbox.add(store::SearchProducts(store.clone()));
                    toolbox.add(store::GetProduct(store.clone()));
                }
                if allowed.orders {
                    toolbox.add(store::LookupOrder(store.clone()));
                    toolbox.add(store::ListOrders(store));
                }
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the store's connection cannot be used");
            }
        }
    }
    if toolbox.needs_verification() && turn.verified_email.is_none() {
        toolbox.add(verification::SendCode);
    }
    Ok(())
}

/// Hands the conversation to a person.
struct Escalate;

#[async_trait]
impl Tool for Escalate {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "escalate_to_human".to_owned(),
            description: "Hands the conversation to a person of the team. Ends your turn.".to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "summary": {
                        "type": "string",
                        "description": "What the team has to know: what the customer wants, what was tried, what is open."
                    }
                },
                "required": ["summary"]
            }),
        }
    }

    async fn call(&self, _: &ToolContext, arguments: Value) -> Result<ToolOutput, ToolError> {
        let summary = text_argument(&arguments, "summary", 2_000)?;
        Ok(ToolOutput { handoff: Some(summary), ..ToolOutput::of(json!({ "status": "a person takes over" })) })
    }
}
