//! Which model answers for a tenant, and how it is reached.

mod breaker;
pub(crate) mod call;
mod listen;

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use omniops_crawler::AllowList;
use omniops_llm::{ChatModel, OpenAiModel, OpenAiModelConfig, http_client_builder};
use omniops_types::{AgentSettings, ModelInForce};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use crate::ledger::PriceTable;
use crate::outgoing::GuardedClients;
use crate::{Error, Result};

pub use breaker::Breaker;

/// Providers whose client and breaker are remembered.
const REMEMBERED: u64 = 1_000;
/// A provider that nobody asked for so long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3_600);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The installation's own provider, for tenants without one: `OPENAI_BASE_URL`, `OPENAI_API_KEY`, `OMNIOPS_LLM_MODEL`
/// and `OMNIOPS_LLM_FALLBACK_MODEL`.
#[derive(Clone, Debug)]
pub struct ModelDefaults {
    pub base_url: String,
    pub api_key: Option<SecretString>,
    pub model: Option<String>,
    pub fallback_model: Option<String>,
}

impl Default for ModelDefaults {
    fn default() -> Self {
        Self { base_url: "https://api.openai.com/v1".to_owned(), api_key: None, model: None, fallback_model: None }
    }
}

/// The providers that this process has spoken to, each with its breaker.
#[derive(Clone, Debug)]
pub struct Models {
    known: Cache<[u8; 32], Provider>,
    clients: Arc<GuardedClients>,
    allow: Arc<AllowList>,
    defaults: Arc<ModelDefaults>,
}

/// A provider as seen with one key.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    /// The host, for people.
    pub(crate) name: String,
    pub(crate) client: Arc<dyn ChatModel>,
    pub(crate) breaker: Arc<Breaker>,
}

/// Who answers for a tenant.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) provider: Provider,
    pub(crate) model: String,
    pub(crate) fallback_model: Option<String>,
    pub(crate) settings: Arc<AgentSettings>,
}

/// What there is to decide it from, when the tenant's settings and key have been read.
enum Chosen<'a> {
    Extractive(&'static str),
    Model { base_url: &'a str, key: &'a SecretString, shared: bool, model: &'a str, fallback: Option<&'a str> },
}

impl Models {
    /// `allow_private_hosts` as the crawler takes them.
    pub fn new(defaults: ModelDefaults, allow_private_hosts: &[String]) -> Self {
        Self {
            known: Cache::builder().max_capacity(REMEMBERED).time_to_idle(FORGOTTEN_AFTER).build(),
            clients: Arc::new(GuardedClients::new(|| http_client_builder(CONNECT_TIMEOUT).tcp_nodelay(true))),
            allow: Arc::new(AllowList::new(allow_private_hosts)),
            defaults: Arc::new(defaults),
        }
    }

    /// How providers are reached, and the services behind tenants' tools.
    pub(crate) const fn clients(&self) -> &Arc<GuardedClients> {
        &self.clients
    }

    /// The private hosts that the operator allows.
    pub(crate) const fn allow(&self) -> &Arc<AllowList> {
        &self.allow
    }

    /// Who answers; `None` for quoting.
    pub(crate) fn plan(&self, settings: Arc<AgentSettings>, own_key: Option<&SecretString>) -> Result<Option<Plan>> {
        let Chosen::Model { base_url, key, shared, model, fallback } = self.choose(&settings, own_key) else {
            return Ok(None);
        };
        let provider = self.provider(base_url, key, shared)?;
        let (model, fallback_model) = (model.to_owned(), fallback.map(str::to_owned));
        Ok(Some(Plan { provider, model, fallback_model, settings }))
    }

    /// The same for people.
    pub(crate) fn in_force(
        &self,
        settings: &AgentSettings,
        own_key: Option<&SecretString>,
        prices: &PriceTable,
    ) -> ModelInForce {
        match self.choose(settings, own_key) {
            Chosen::Extractive(reason) => ModelInForce::Extractive { reason: reason.to_owned() },
            Chosen::Model { base_url, shared, model, fallback, .. } => ModelInForce::Model {
                provider: host_of(base_url),
                model: model.to_owned(),
                fallback_model: fallback.map(str::to_owned),
                shared_key: shared,
                price_known: prices.price(model).1 && fallback.is_none_or(|fallback| prices.price(fallback).1),
            },
        }
    }

    fn choose<'a>(&'a self, settings: &'a AgentSettings, own_key: Option<&'a SecretString>) -> Chosen<'a> {
        let own = &settings.model;
        if !own.enabled {
            return Chosen::Extractive("the language model is switched off");
        }
        // The installation's key goes to the installation's provider and to nobody else's address.
        let (base_url, key, shared) = match (&own.base_url, own_key) {
            (Some(base_url), Some(key)) => (base_url.as_str(), key, false),
            (Some(_), None) => return Chosen::Extractive("the provider's key is missing"),
            (None, Some(key)) => (self.defaults.base_url.as_str(), key, false),
            (None, None) => match &self.defaults.api_key {
                Some(key) => (self.defaults.base_url.as_str(), key, true),
                None => return Chosen::Extractive("no provider is set up"),
            },
        };
        let model =
            if shared { self.defaults.model.as_ref() } else { own.model.as_ref().or(self.defaults.model.as_ref()) };
        let Some(model) = model else {
            return Chosen::Extractive("no model is chosen");
        };
        let fallback = if shared { self.defaults.fallback_model.as_deref() } else { own.fallback_model.as_deref() };
        Chosen::Model { base_url, key, shared, model, fallback: fallback.filter(|fallback| fallback != model) }
    }

    fn provider(&self, base_url: &str, key: &SecretString, shared: bool) -> Result<Provider> {
        let mut hasher = Sha256::new();
        hasher.update([u8::from(shared)]);
        hasher.update(base_url.as_bytes());
        hasher.update([0]);
        hasher.update(key.expose_secret().as_bytes());
        let id: [u8; 32] = hasher.finalize().into();
        if let Some(provider) = self.known.get(&id) {
            return Ok(provider);
        }
        let url = Url::parse(base_url).map_err(Error::internal)?;
        // The operator may run a model beside the server; a tenant's address is a stranger's.
        let http = if shared { self.clients.trusted()? } else { self.clients.for_url(&url, &self.allow)? };
        let client = OpenAiModel::new(OpenAiModelConfig {
            client: Some(http.clone()),
            ..OpenAiModelConfig::new(url, key.clone())
        });
        let provider = Provider {
            name: host_of(base_url),
            client: Arc::new(client.map_err(Error::internal)?),
            breaker: Arc::default(),
        };
        Ok(self.known.entry(id).or_insert(provider).into_value())
    }
}

fn host_of(base_url: &str) -> String {
    let url = Url::parse(base_url).ok();
    let host = url.as_ref().and_then(|url| Some((url.host_str()?, url.port())));
    match host {
        Some((host, Some(port))) => format!("{host}:{port}"),
        Some((host, None)) => host.to_owned(),
        None => "unknown".to_owned(),
    }
}
