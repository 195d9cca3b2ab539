use anyhow::Context;
use clap::Args;
use omniops_domain::accounts::{self, RequestMeta};
use omniops_domain::chat::{self, ChatEvent};
use omniops_domain::{Domain, tenants};
use omniops_types::{ChatRequest, ChatResponse, ToolStatus};
use uuid::Uuid;

use super::{principal, with_domain};
use crate::config::Config;

/// A question the way a customer's arrives: it makes a conversation that the team sees.
#[derive(Debug, Args)]
pub(super) struct Ask {
    /// Slug or id
    #[arg(long)]
    tenant: String,
    /// Which of the tenant's domains to ask on; needed when there are several
    #[arg(long)]
    domain: Option<String>,
    /// BCP 47: the customer's language
    #[arg(long)]
    locale: Option<String>,
    /// Print the JSON answer of `POST /api/chat`, and nothing else
    #[arg(long)]
    json: bool,
    question: String,
}

impl Ask {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        with_domain(config, true, async |domain| {
            let host = self.host(domain).await?;
            let request = ChatRequest {
                domain: host,
                session_id: accounts::random_password()?,
                message: self.question.clone(),
                client_id: Uuid::now_v7(),
                conversation_id: None,
                page_url: None,
                locale: self.locale.clone(),
                identity_token: None,
            };
            let meta = RequestMeta { request_id: Uuid::now_v7().simple().to_string(), ..RequestMeta::default() };
            let begun = std::time::Instant::now();
            let mut turn = chat::begin(domain, request, &meta).await?;
            while let Some(event) = turn.next().await {
                match event {
                    ChatEvent::Tool(tool) if !self.json => {
                        let status = match tool.status {
                            ToolStatus::Started => "started",
                            ToolStatus::Succeeded => "done",
                            ToolStatus::Failed => "failed",
                        };
                        eprintln!("[{:>5} ms] {} {status}", begun.elapsed().as_millis(), tool.name);
                    }
                    ChatEvent::Done(response) => return self.print(&response, begun.elapsed()),
                    ChatEvent::Error(error) => return Err(error.into()),
                    ChatEvent::Accepted(_) | ChatEvent::Tool(_) | ChatEvent::Delta(_) | ChatEvent::Sources(_) => {}
                }
            }
            anyhow::bail!("the answer was cut off; ask again")
        })
        .await
    }

    async fn host(&self, domain: &Domain) -> anyhow::Result<String> {
        let principal = principal(domain, &self.tenant).await?;
        if let Some(host) = &self.domain {
            return Ok(host.clone());
        }
        let domains = tenants::domains(domain, &principal).await?;
        match domains.as_slice() {
            [only] => Ok(only.host.clone()),
            [] => anyhow::bail!(
                "the tenant has no domain; add one: omniops tenant add-domain --tenant {} shop.example",
                self.tenant
            ),
            several => {
                let hosts: Vec<&str> = several.iter().map(|domain| domain.host.as_str()).collect();
                anyhow::bail!("the tenant has several domains; choose one with --domain: {}", hosts.join(", "))
            }
        }
    }

    fn print(&self, response: &ChatResponse, took: std::time::Duration) -> anyhow::Result<()> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(response).context("the answer cannot be written")?);
            return Ok(());
        }
        match &response.reply {
            Some(reply) => {
                println!("{}", reply.text);
                for (number, source) in (1..).zip(&reply.sources) {
                    println!("\n[{number}] {} — {}\n    “{}”", source.title, source.url, source.quote);
                }
                match reply.confidence {
                    Some(confidence) => eprintln!("\nconfidence {confidence:.2}, {} ms", took.as_millis()),
                    None => eprintln!("\nno answer, {} ms", took.as_millis()),
                }
            }
            None => println!("A person has this conversation; the message is stored."),
        }
        eprintln!("conversation {}, {}", response.conversation_id, response.status.as_str());
        Ok(())
    }
}
