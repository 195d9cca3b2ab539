//! The AI agent: its settings, a try before they are saved, and what its answers were made from.

use leptos::prelude::*;
use omniops_types::{
    AgentConfig, AlertConfig, BudgetState, ConversationId, MessageId, PreviewReply, PreviewRequest, Receipt, Replay,
    UpdateAgent,
};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::error::AppError;

#[cfg(feature = "ssr")]
use {crate::ssr::authenticated, omniops_domain::agent as service};

/// What the settings page begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentOverview {
    pub config: AgentConfig,
    /// With the saved limits.
    pub budget: BudgetState,
    /// Hosts for which a test visitor can ask.
    pub domains: Vec<String>,
    /// From where on something is an alert: these stand on the same page.
    pub alerts: AlertConfig,
}

/// The settings, who answers because of them, and what that has cost so far.
#[server(name = ReadAgent, prefix = "/rpc", endpoint = "agent/read", input = Json)]
pub async fn read() -> Result<AgentOverview, AppError> {
    let (context, session) = authenticated()?;
    let overview = async {
        let (domain, principal) = (&context.domain, &session.principal);
        let config = service::agent_config(domain, principal).await?;
        let budgets = &config.settings.budgets;
        let budget = omniops_domain::ledger::state(domain, principal.tenant_id, budgets).await?;
        let domains = omniops_domain::tenants::domains(domain, principal).await?;
        let domains = domains.into_iter().map(|domain| domain.host).collect();
        let alerts = omniops_domain::alerts::config(domain, principal).await?;
        Ok(AgentOverview { config, budget, domains, alerts })
    };
    overview.await.map_err(|e| context.fail(e))
}

/// What the AI has cost so far, against the saved limits.
#[server(name = ReadBudget, prefix = "/rpc", endpoint = "agent/budget", input = Json)]
pub async fn budget() -> Result<BudgetState, AppError> {
    let (context, session) = authenticated()?;
    let state = async {
        let (domain, principal) = (&context.domain, &session.principal);
        let config = service::agent_config(domain, principal).await?;
        omniops_domain::ledger::state(domain, principal.tenant_id, &config.settings.budgets).await
    };
    state.await.map_err(|e| context.fail(e))
}

/// Replaces the settings.
#[server(name = SaveAgent, prefix = "/rpc", endpoint = "agent/update", input = Json)]
pub async fn update(update: UpdateAgent) -> Result<AgentConfig, AppError> {
    let (context, session) = authenticated()?;
    service::update_agent(&context.domain, &session.principal, update, &context.meta).await.map_err(|e| context.fail(e))
}

/// Answers a test visitor's message, with all of how the answer came about.
#[server(name = PreviewAgent, prefix = "/rpc", endpoint = "agent/preview", input = Json)]
pub async fn preview(trial: PreviewRequest) -> Result<PreviewReply, AppError> {
    let (context, session) = authenticated()?;
    service::preview(&context.domain, &session.principal, trial).await.map_err(|e| context.fail(e))
}

/// What an answer was made from.
#[server(name = ReadReceipt, prefix = "/rpc", endpoint = "agent/receipt", input = Json)]
pub async fn receipt(id: ConversationId, message_id: MessageId) -> Result<Receipt, AppError> {
    let (context, session) = authenticated()?;
    service::receipt(&context.domain, &session.principal, id, message_id).await.map_err(|e| context.fail(e))
}

/// What would be found, and with the model said, today.
#[server(name = ReplayAnswer, prefix = "/rpc", endpoint = "agent/replay", input = Json)]
pub async fn replay(id: ConversationId, message_id: MessageId, with_model: bool) -> Result<Replay, AppError> {
    let (context, session) = authenticated()?;
    let request = omniops_types::ReplayRequest { with_model };
    service::replay(&context.domain, &session.principal, id, message_id, request).await.map_err(|e| context.fail(e))
}
