use std::io::Read;

use anyhow::Context;
use chrono::{TimeDelta, Utc};
use clap::{Args, Subcommand};
use omniops_domain::accounts::{self, NewApiKey, NewMember};
use omniops_domain::tenants::{self, Host, NewTenant, Origin};
use omniops_domain::{Actor, Principal};
use omniops_types::{Role, Scope};
use secrecy::SecretString;

use super::{principal, with_domain};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// Make a tenant
    Create(CreateTenant),
    /// Give a tenant a domain on which its widget runs
    AddDomain(AddDomain),
}

#[derive(Debug, Args)]
pub(super) struct CreateTenant {
    /// 1 to 63 of a-z, 0-9 and dashes
    #[arg(long)]
    slug: String,
    #[arg(long)]
    name: String,
    /// A domain on which the widget runs; may be repeated
    #[arg(long = "domain")]
    domains: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct AddDomain {
    /// Slug or id
    #[arg(long)]
    tenant: String,
    /// `shop.example`, or `127.0.0.1:3000` for a local one
    host: String,
    /// An origin beside the domain's own that may embed the widget; may be repeated
    #[arg(long = "allow-origin")]
    allowed_origins: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make a user and a member of a tenant
    Create(CreateUser),
    /// Let an existing user work in one more tenant
    Join(JoinTenant),
}

#[derive(Debug, Args)]
pub(super) struct CreateUser {
    /// Slug or id
    #[arg(long)]
    tenant: String,
    #[arg(long)]
    email: String,
    #[arg(long)]
    name: String,
    /// owner, admin, agent or analyst
    #[arg(long, default_value = "agent", value_parser = role)]
    role: Role,
    /// Read the password from standard input; without this a random one is made and printed
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct JoinTenant {
    /// Slug or id
    #[arg(long)]
    tenant: String,
    #[arg(long)]
    email: String,
    /// owner, admin, agent or analyst
    #[arg(long, default_value = "agent", value_parser = role)]
    role: Role,
}

#[derive(Debug, Subcommand)]
pub(super) enum ApiKeyCommand {
    /// Make a key and print it, this once
    Create(CreateApiKey),
}

#[derive(Debug, Args)]
pub(super) struct CreateApiKey {
    /// Slug or id
    #[arg(long)]
    tenant: String,
    /// What the key may do, such as conversations:read; may be repeated
    #[arg(long = "scope", required = true, value_parser = scope)]
    scopes: Vec<Scope>,
    /// What the key is for
    #[arg(long, default_value = "command line")]
    name: String,
    /// The key ends after this many days
    #[arg(long)]
    expires_days: Option<u16>,
}

impl TenantCommand {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(config).await,
            Self::AddDomain(add) => add.run(config).await,
        }
    }
}

impl CreateTenant {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        let hosts = self.domains.iter().map(|host| host.parse()).collect::<Result<Vec<Host>, _>>()?;
        with_domain(config, false, async |domain| {
            let new = NewTenant { slug: self.slug, name: self.name };
            let tenant = tenants::create(domain, Actor::CommandLine, new).await?;
            let principal = Principal { tenant_id: tenant.id, actor: Actor::CommandLine };
            for host in &hosts {
                tenants::add_domain(domain, &principal, host, &[]).await?;
            }
            println!("{}", tenant.id);
            Ok(())
        })
        .await
    }
}

impl AddDomain {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        let host: Host = self.host.parse()?;
        let origins = self.allowed_origins.iter().map(|origin| origin.parse()).collect::<Result<Vec<Origin>, _>>()?;
        with_domain(config, false, async |domain| {
            let principal = principal(domain, &self.tenant).await?;
            let added = tenants::add_domain(domain, &principal, &host, &origins).await?;
            println!("{} {}", added.id, added.host);
            Ok(())
        })
        .await
    }
}

impl UserCommand {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(config).await,
            Self::Join(join) => join.run(config).await,
        }
    }
}

impl CreateUser {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        let given = self.password_stdin.then(password_from_stdin).transpose()?;
        let password = given.clone().map_or_else(accounts::random_password, Ok)?;
        with_domain(config, false, async |domain| {
            let principal = principal(domain, &self.tenant).await?;
            let new = NewMember {
                email: self.email,
                name: self.name,
                role: self.role,
                password: SecretString::from(password.as_str()),
            };
            let id = accounts::create_user(domain, &principal, new).await?;
            println!("{id}");
            if given.is_none() {
                println!("password: {password}");
            }
            Ok(())
        })
        .await
    }
}

impl JoinTenant {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        with_domain(config, false, async |domain| {
            let principal = principal(domain, &self.tenant).await?;
            let id = accounts::add_member(domain, &principal, &self.email, self.role).await?;
            println!("{id}");
            Ok(())
        })
        .await
    }
}

impl ApiKeyCommand {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Create(create) = self;
        with_domain(config, false, async |domain| {
            let principal = principal(domain, &create.tenant).await?;
            let new = NewApiKey {
                name: create.name,
                scopes: create.scopes,
                expires_at: create.expires_days.map(|days| Utc::now() + TimeDelta::days(i64::from(days))),
            };
            let issued = accounts::create_api_key(domain, &principal, new).await?;
            println!("{}", issued.key);
            Ok(())
        })
        .await
    }
}

fn password_from_stdin() -> anyhow::Result<String> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password).context("the password cannot be read")?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| one_of(Role::ALL.iter().map(|role| role.as_str())))
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| one_of(Scope::ALL.iter().map(|scope| scope.as_str())))
}

fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("must be one of {}", words.collect::<Vec<_>>().join(", "))
}
