//! How the budgets stand.

use omniops_types::{BudgetSettings, BudgetState, BudgetUse, TenantId, Timestamp};

use super::queries::{self, Position};
use crate::{Domain, Error, Result};

/// What the tenant's day and month have cost, and whether the team is to be told, the cheaper model or none is to
/// answer.
///
/// The stage looks at what is gone. Calls under way are not in it, or it would come and go with each of them; whether
/// there is room for one more is what [`reserve`](super::reserve) tells.
pub async fn state(domain: &Domain, tenant: TenantId, budgets: &BudgetSettings) -> Result<BudgetState> {
    state_at(domain, tenant, budgets, None).await
}

/// As [`state`], at another moment than now.
pub async fn state_at(
    domain: &Domain,
    tenant: TenantId,
    budgets: &BudgetSettings,
    now: Option<Timestamp>,
) -> Result<BudgetState> {
    let mut tx = domain.database.tenant(tenant).await?;
    let position = queries::position(&mut tx, None, now).await?.ok_or(Error::NotFound("tenant"))?;
    tx.commit().await?;
    Ok(state_of(&position, budgets))
}

pub(super) fn state_of(position: &Position, budgets: &BudgetSettings) -> BudgetState {
    let day = BudgetUse { limit: budgets.daily, ..position.day };
    let month = BudgetUse { limit: budgets.monthly, ..position.month };
    BudgetState::of(day, month, budgets)
}
