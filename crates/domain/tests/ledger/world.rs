use std::sync::Arc;

use async_trait::async_trait;
use omniops_domain::knowledge::Extractive;
use omniops_domain::ledger::{
    self, Actual, ModelPrice, PriceTable, Purpose, Refusal, Reservation, ReserveError, ReserveRequest,
};
use omniops_domain::tenants::{self, NewTenant};
use omniops_domain::{Actor, Domain, Services, Settings};
use omniops_embedding::{EmbedError, Embedder, Space};
use omniops_postgres::{Database, TestDatabase};
use omniops_types::{BudgetSettings, BudgetState, ConversationId, MicroUsd, ModelCallId, TenantId, Timestamp};
use uuid::Uuid;

/// The one model that has a price: $2 and $10 for a million tokens.
pub const MODEL: &str = "priced";

/// A tenant in a database of its own, and the budgets that its calls are made under.
pub struct World {
    pub database: TestDatabase,
    pub domain: Domain,
    pub tenant: TenantId,
    pub budgets: BudgetSettings,
}

impl World {
    pub async fn new() -> Self {
        Self::with(BudgetSettings::default()).await
    }

    /// With a daily budget of so many millionths.
    pub async fn with_daily(limit: i64) -> Self {
        Self::with(BudgetSettings { daily: Some(MicroUsd(limit)), ..BudgetSettings::default() }).await
    }

    pub async fn with(budgets: BudgetSettings) -> Self {
        let database = TestDatabase::try_create(|options| {
            // Hundreds of tasks at once, on a machine that may do other things too.
            options.acquire_timeout = std::time::Duration::from_secs(120);
            options.lock_timeout = std::time::Duration::from_secs(120);
            options.statement_timeout = std::time::Duration::from_secs(120);
        })
        .await
        .unwrap();
        let domain = domain_on(database.database().clone());
        let tenant = add_tenant(&domain).await;
        Self { database, domain, tenant, budgets }
    }

    /// The same world as another tenant sees it.
    pub async fn add_tenant(&self) -> TenantId {
        add_tenant(&self.domain).await
    }

    pub fn request(&self, worst_case: i64) -> ReserveRequest<'_> {
        ReserveRequest {
            tenant: self.tenant,
            conversation: None,
            purpose: Purpose::Chat,
            provider: "test",
            model: MODEL,
            worst_case: MicroUsd(worst_case),
            budgets: &self.budgets,
            now: None,
        }
    }

    pub async fn reserve(&self, worst_case: i64) -> Result<Reservation, Refusal> {
        reserve(&self.domain, self.request(worst_case)).await
    }

    pub async fn reserve_in(&self, conversation: ConversationId, worst_case: i64) -> Result<Reservation, Refusal> {
        let request = ReserveRequest { conversation: Some(conversation), ..self.request(worst_case) };
        reserve(&self.domain, request).await
    }

    pub async fn reserve_at(&self, now: &str, worst_case: i64) -> Result<Reservation, Refusal> {
        reserve(&self.domain, ReserveRequest { now: Some(moment(now)), ..self.request(worst_case) }).await
    }

    /// Makes a call that costs exactly this.
    pub async fn spend(&self, amount: i64) {
        let reservation = self.reserve(amount).await.unwrap();
        ledger::settle(&self.domain, &reservation, Actual::Cost(MicroUsd(amount))).await.unwrap();
    }

    pub async fn state(&self) -> BudgetState {
        ledger::state(&self.domain, self.tenant, &self.budgets).await.unwrap()
    }

    /// What the day holds: spent, reserved, unconfirmed.
    pub async fn day(&self) -> [i64; 3] {
        let day = self.state().await.day;
        [day.spent, day.reserved, day.unconfirmed].map(MicroUsd::micros)
    }

    /// Lets the time of this reservation be over, as that of a process that died minutes ago.
    pub async fn let_expire(&self, call: ModelCallId) {
        let mut tx = self.domain.database.tenant(self.tenant).await.unwrap();
        sqlx::query("update llm_reservations set expires_at = now() - interval '1 second' where id = $1")
            .bind(call.uuid())
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn let_all_expire(&self) {
        let mut tx = self.domain.database.tenant(self.tenant).await.unwrap();
        sqlx::query("update llm_reservations set expires_at = now() - interval '1 second'")
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// The call's entries as `kind amount`, oldest first.
    pub async fn entries(&self, call: ModelCallId) -> Vec<String> {
        let mut tx = self.domain.database.tenant(self.tenant).await.unwrap();
        sqlx::query_scalar(
            "select kind || ' ' || micro_usd from llm_ledger where call_id = $1 order by created_at, kind",
        )
        .bind(call.uuid())
        .fetch_all(tx.conn())
        .await
        .unwrap()
    }

    /// Days and months whose sums are not those of their entries.
    pub async fn wrong_sums(&self) -> Vec<String> {
        let mut tx = self.domain.database.system("add up a test's world").await.unwrap();
        sqlx::query_scalar(
            "with entries as (
                 select l.tenant_id, p.period, p.starts_on,
                        coalesce(sum(l.micro_usd) filter (where l.kind = 'settled'), 0) as settled,
                        coalesce(sum(l.micro_usd) filter (where l.kind in ('unconfirmed', 'corrected')), 0) as unconfirmed
                 from llm_ledger l
                 cross join lateral (values ('day', l.day), ('month', date_trunc('month', l.day::timestamp)::date))
                     as p (period, starts_on)
                 group by 1, 2, 3
             )
             select format('%s %s: %s and %s instead of %s and %s', period, starts_on, s.settled, s.unconfirmed,
                           e.settled, e.unconfirmed)
             from entries e full join llm_spend s using (tenant_id, period, starts_on)
             where coalesce(e.settled, 0) <> coalesce(s.settled, 0)
                or coalesce(e.unconfirmed, 0) <> coalesce(s.unconfirmed, 0)",
        )
        .fetch_all(tx.conn())
        .await
        .unwrap()
    }

    /// Everything that counts against the tenant's budgets, of all days, added up in one statement.
    pub async fn taken(&self) -> i64 {
        let mut tx = self.domain.database.tenant(self.tenant).await.unwrap();
        sqlx::query_scalar(
            "select (select coalesce(sum(settled + unconfirmed), 0) from llm_spend where period = 'day')::bigint
                  + (select coalesce(sum(micro_usd), 0) from llm_reservations)::bigint",
        )
        .fetch_one(tx.conn())
        .await
        .unwrap()
    }

    pub async fn open_reservations(&self) -> i64 {
        let mut tx = self.domain.database.tenant(self.tenant).await.unwrap();
        sqlx::query_scalar("select count(*) from llm_reservations").fetch_one(tx.conn()).await.unwrap()
    }

    pub async fn set_time_zone(&self, zone: &str) -> Result<(), omniops_postgres::Error> {
        let mut tx = self.domain.database.tenant(self.tenant).await?;
        sqlx::query("update tenants set time_zone = $1").bind(zone).execute(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The reservation or the refusal; a test cannot go on without a database.
pub async fn reserve(domain: &Domain, request: ReserveRequest<'_>) -> Result<Reservation, Refusal> {
    match ledger::reserve(domain, request).await {
        Ok(reservation) => Ok(reservation),
        Err(ReserveError::Refused(refusal)) => Err(refusal),
        Err(ReserveError::Failed(error)) => panic!("{}", omniops_domain::chain(&error)),
    }
}

pub fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn domain_on(database: Database) -> Domain {
    let price = ModelPrice::new(MicroUsd(2_000_000), MicroUsd(10_000_000));
    let prices = PriceTable::new([(MODEL.to_owned(), price)], PriceTable::DEFAULT_OTHERS);
    let embedder: Arc<dyn Embedder> = Arc::new(NoEmbedder::default());
    let answerer = Arc::new(Extractive::new(Arc::clone(&embedder)));
    Domain::new(database, Services::new(embedder, answerer), Settings { prices, ..Settings::default() })
}

async fn add_tenant(domain: &Domain) -> TenantId {
    let slug = format!("t-{}", Uuid::now_v7());
    let new = NewTenant { slug, name: "Trail & Peak".to_owned() };
    tenants::create(domain, Actor::CommandLine, new).await.unwrap().id
}

/// Nothing here reads a text.
#[derive(Debug)]
struct NoEmbedder(Space);

impl Default for NoEmbedder {
    fn default() -> Self {
        Self(Space { provider: "none".to_owned(), model: "none".to_owned(), dimensions: 1 })
    }
}

#[async_trait]
impl Embedder for NoEmbedder {
    fn space(&self) -> &Space {
        &self.0
    }

    async fn embed(&self, _: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Err(EmbedError::Load("a test of the ledger reads no text".to_owned()))
    }
}
