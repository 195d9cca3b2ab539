use chrono::{DateTime, Duration, TimeDelta, Utc};
use omniops_types::{
    ChatRequest, ConversationId, ConversationPatch, ConversationStatus, HandoffRequest, MessageKind, NewMessage, Role,
    SessionRequest,
};
use uuid::Uuid;

use super::dialogue::{self, Dialogue, Step};
use super::queries;
use super::tenant::{DemoAgent, DemoTenant};
use crate::accounts::RequestMeta;
use crate::{Actor, Domain, Error, Principal, Result, chat, conversations, widget};

/// How long a person needs to read and write, where a dialogue does not say otherwise.
const PACE: TimeDelta = TimeDelta::seconds(45);

/// Plays the demo's past through the services, unless the tenant has conversations already. `told` hears after each
/// conversation how many of how many are done. Gives the number of conversations made.
pub async fn play(domain: &Domain, demo: &DemoTenant, mut told: impl FnMut(usize, usize)) -> Result<usize> {
    let mut tx = domain.database.tenant(demo.principal.tenant_id).await?;
    let has_past = queries::has_conversations(&mut tx).await?;
    tx.commit().await?;
    if has_past {
        return Ok(0);
    }
    let dialogues = dialogue::all().map_err(Error::internal)?;
    let now = Utc::now();
    for (done, dialogue) in dialogues.iter().enumerate() {
        Scene::new(domain, demo, dialogue)?.play(now).await?;
        told(done + 1, dialogues.len());
    }
    Ok(dialogues.len())
}

/// One dialogue while it is being played.
struct Scene<'a> {
    domain: &'a Domain,
    demo: &'a DemoTenant,
    dialogue: &'a Dialogue,
    agent: Option<&'a DemoAgent>,
    meta: RequestMeta,
    session_id: Option<String>,
    conversation: Option<ConversationId>,
}

impl<'a> Scene<'a> {
    fn new(domain: &'a Domain, demo: &'a DemoTenant, dialogue: &'a Dialogue) -> Result<Self> {
        let agent = match &dialogue.agent {
            Some(key) => Some(
                demo.agents
                    .iter()
                    .find(|agent| agent.key == key)
                    .ok_or_else(|| Error::internal(format!("the demo has no agent {key}")))?,
            ),
            None => None,
        };
        let meta = RequestMeta { request_id: "demo".to_owned(), ..RequestMeta::default() };
        Ok(Self { domain, demo, dialogue, agent, meta, session_id: None, conversation: None })
    }

    async fn play(mut self, now: DateTime<Utc>) -> Result<()> {
        let mut lasted = TimeDelta::zero();
        for step in &self.dialogue.steps {
            let pause = match step {
                Step::WaitMinutes(minutes) => Duration::minutes(i64::from(*minutes)),
                _ => PACE,
            };
            self.move_into_past(pause).await?;
            lasted += pause;
            self.act(step).await?;
        }
        self.move_into_past(now - self.begins(now) - lasted).await
    }

    fn begins(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let hours = TimeDelta::seconds((self.dialogue.hour * 3600.0) as i64);
        if self.dialogue.days_ago == 0 {
            return now + hours;
        }
        let midnight = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        midnight - TimeDelta::days(i64::from(self.dialogue.days_ago)) + hours
    }

    async fn act(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Customer(text) => self.customer_writes(text).await,
            Step::Handoff(_) => self.customer_asks_for_person().await,
            Step::Agent(text) => self.agent_writes(MessageKind::Reply, text).await,
            Step::Note(text) => self.agent_writes(MessageKind::Note, text).await,
            Step::Resolve(_) => self.resolve().await,
            Step::WaitMinutes(_) => Ok(()),
        }
    }

    async fn customer_writes(&mut self, text: &str) -> Result<()> {
        let page_url = format!("{}/demo/{}", self.domain.settings.public_url, self.dialogue.page);
        let session_id = match &self.session_id {
            Some(session_id) => session_id.clone(),
            None => {
                let request = SessionRequest {
                    domain: self.demo.host.clone(),
                    session_id: None,
                    page_url: Some(page_url.clone()),
                    locale: Some(self.dialogue.locale.clone()),
                };
                widget::session(self.domain, request, &self.meta).await?.session_id
            }
        };
        self.session_id = Some(session_id.clone());
        let request = ChatRequest {
            domain: self.demo.host.clone(),
            session_id,
            message: text.to_owned(),
            client_id: Uuid::now_v7(),
            conversation_id: self.conversation,
            page_url: Some(page_url),
            locale: Some(self.dialogue.locale.clone()),
            identity_token: None,
        };
        let response = chat::begin(self.domain, request, &self.meta).await?.response().await?;
        self.conversation = Some(response.conversation_id);
        Ok(())
    }

    async fn customer_asks_for_person(&self) -> Result<()> {
        let request = HandoffRequest {
            domain: self.demo.host.clone(),
            session_id: self.session_id.clone().ok_or_else(out_of_order)?,
            conversation_id: self.conversation,
            locale: Some(self.dialogue.locale.clone()),
        };
        widget::handoff(self.domain, request, &self.meta).await?;
        Ok(())
    }

    async fn agent_writes(&self, kind: MessageKind, text: &str) -> Result<()> {
        let message = NewMessage { kind, text: text.to_owned(), client_id: Uuid::now_v7() };
        conversations::send(self.domain, &self.agent()?, self.conversation()?, message).await?;
        Ok(())
    }

    async fn resolve(&self) -> Result<()> {
        let by = if self.agent.is_some() { self.agent()? } else { self.demo.principal.clone() };
        let patch = ConversationPatch { status: Some(ConversationStatus::Resolved), ..ConversationPatch::default() };
        conversations::patch(self.domain, &by, self.conversation()?, patch).await?;
        Ok(())
    }

    /// What happened so far happened that much longer ago.
    async fn move_into_past(&self, by: TimeDelta) -> Result<()> {
        let Some(conversation) = self.conversation else { return Ok(()) };
        let mut tx = self.domain.database.tenant(self.demo.principal.tenant_id).await?;
        queries::move_into_past(&mut tx, conversation, by).await?;
        tx.commit().await?;
        Ok(())
    }

    fn agent(&self) -> Result<Principal> {
        let agent = self.agent.ok_or_else(out_of_order)?;
        let actor = Actor::User { id: agent.id, name: agent.name.clone(), role: Role::Agent };
        Ok(Principal { tenant_id: self.demo.principal.tenant_id, actor })
    }

    fn conversation(&self) -> Result<ConversationId> {
        self.conversation.ok_or_else(out_of_order)
    }
}

fn out_of_order() -> Error {
    Error::internal("a demo dialogue is out of order")
}
