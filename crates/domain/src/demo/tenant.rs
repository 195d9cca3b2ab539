use std::fmt;

use omniops_types::{DomainId, Role, UpdateWidget, UserId, WidgetSettings};
use secrecy::SecretString;

use crate::accounts::RequestMeta;
use crate::tenants::{Host, NewTenant, Origin};
use crate::{Actor, Domain, Error, Principal, Result, accounts, tenants, widget};

/// The demo tenant's slug.
pub const DEMO_SLUG: &str = "demo";

/// Who may log in: the owner under the given address, and two agents, all with one password.
pub struct DemoAccess {
    pub owner_email: String,
    pub password: SecretString,
}

impl fmt::Debug for DemoAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DemoAccess").field("owner_email", &self.owner_email).finish_non_exhaustive()
    }
}

/// The demo tenant as it stands.
#[derive(Clone, Debug)]
pub struct DemoTenant {
    /// The platform, working for the tenant.
    pub principal: Principal,
    pub domain_id: DomainId,
    pub host: String,
    pub agents: Vec<DemoAgent>,
}

/// Someone who answers in the demo's past.
#[derive(Clone, Debug)]
pub struct DemoAgent {
    /// As the dialogues call them.
    pub key: &'static str,
    pub id: UserId,
    pub name: String,
}

struct Teammate {
    key: &'static str,
    name: &'static str,
    email: &'static str,
}

const AGENTS: [Teammate; 2] = [
    Teammate { key: "ana", name: "Ana Ribeiro", email: "ana@fjellfern.example" },
    Teammate { key: "ben", name: "Ben Okafor", email: "ben@fjellfern.example" },
];

/// Makes what is missing of the tenant, its domain, its widget and its team, and sets the password. `host` is where the
/// store's pages are served; it may change from start to start.
pub async fn ensure(domain: &Domain, host: &Host, origins: &[Origin], access: &DemoAccess) -> Result<DemoTenant> {
    let tenant = match tenants::find(domain, DEMO_SLUG).await {
        Ok(tenant) => tenant,
        Err(Error::NotFound(_)) => {
            let new = NewTenant { slug: DEMO_SLUG.to_owned(), name: "Fjell & Fern".to_owned() };
            tenants::create(domain, Actor::System, new).await?
        }
        Err(error) => return Err(error),
    };
    let principal = Principal { tenant_id: tenant.id, actor: Actor::System };
    let domain_id = ensure_domain(domain, &principal, host, origins).await?;
    ensure_member(domain, &principal, "Mia Solheim", &access.owner_email, Role::Owner, &access.password).await?;
    for mate in &AGENTS {
        ensure_member(domain, &principal, mate.name, mate.email, Role::Agent, &access.password).await?;
    }
    let team = accounts::list_agents(domain, &principal).await?;
    let agents = AGENTS.iter().filter_map(|mate| {
        let member = team.iter().find(|member| member.name == mate.name)?;
        Some(DemoAgent { key: mate.key, id: member.id, name: member.name.clone() })
    });
    Ok(DemoTenant { domain_id, host: host.as_str().to_owned(), agents: agents.collect(), principal })
}

async fn ensure_domain(domain: &Domain, principal: &Principal, host: &Host, origins: &[Origin]) -> Result<DomainId> {
    let known = tenants::domains(domain, principal).await?;
    if let Some(found) = known.into_iter().find(|found| found.host == host.as_str()) {
        return Ok(found.id);
    }
    let added = tenants::add_domain(domain, principal, host, origins).await?;
    let settings = WidgetSettings {
        accent: Some("#2f5d50".to_owned()),
        title: Some("Fjell & Fern".to_owned()),
        ..WidgetSettings::default()
    };
    let update = UpdateWidget { domain: host.as_str().to_owned(), settings, version: None };
    widget::update_config(domain, principal, update, &RequestMeta::default()).await?;
    Ok(added.id)
}

async fn ensure_member(
    domain: &Domain,
    principal: &Principal,
    name: &str,
    email: &str,
    role: Role,
    password: &SecretString,
) -> Result<()> {
    match accounts::ensure_password(domain, principal, email, password.clone()).await {
        Ok(_) => return Ok(()),
        Err(Error::NotFound(_)) => {}
        Err(error) => return Err(error),
    }
    let new = accounts::NewMember { email: email.to_owned(), name: name.to_owned(), role, password: password.clone() };
    accounts::create_user(domain, principal, new).await?;
    Ok(())
}
