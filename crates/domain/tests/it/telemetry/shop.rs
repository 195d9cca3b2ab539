//! A shop with random turns, conversations and thumbs, and random questions about them.

use chrono::TimeDelta;
use omniops_domain::{Principal, telemetry};
use omniops_types::{Cursor, Granularity, Role, TelemetryQuery, TelemetryReport, TelemetryTurn, Timestamp, TurnFilter};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use super::turn::TestTurn;
use super::{months, roll_up, write};
use crate::support::World;

const HOSTS: [&str; 2] = ["one.example", "two.example"];
const MODELS: [(&str, &str); 3] = [("openai", "small"), ("openai", "large"), ("local", "small")];
const OUTCOMES: [&str; 7] = ["answered", "clarified", "resolved", "declined", "escalated", "dropped", "failed"];
const TOOLS: [&str; 2] = ["search_knowledge", "lookup_order"];
/// Conversations that the turns are in, and how many of them are erased.
const CONVERSATIONS: u128 = 150;
const ERASED: u128 = 30;

fn start() -> Timestamp {
    "2026-10-20T00:00:00Z".parse().unwrap()
}

/// A turn within three weeks around the change to winter time, often on the edge of a quarter of an hour.
fn a_turn(domains: [Uuid; 2]) -> impl Strategy<Value = TestTurn> {
    let seconds = prop_oneof![0..21 * 86_400_i64, (0..21 * 96_i64).prop_map(|quarter| quarter * 900)];
    let tool = (prop::sample::select(&TOOLS[..]), any::<bool>(), 0..500_i32);
    (
        (seconds, prop::sample::select(domains.to_vec()), prop::sample::select(&MODELS[..])),
        (prop::sample::select(&OUTCOMES[..]), prop::option::of(prop::sample::select(&["timed_out", "refused"][..]))),
        prop::array::uniform4(0..5_000_i32),
        (0..2_000_000_i64, any::<bool>(), 0..7_i32, 0..4_i32),
        prop::collection::vec(tool, 0..4),
        (prop::option::of(0..60_000_i32), 0..90_000_i32, 1..=CONVERSATIONS),
    )
        .prop_map(
            |(
                (at, domain, (provider, model)),
                (outcome, error),
                tokens,
                numbers,
                tools,
                (first_ms, total_ms, conversation),
            )| {
                let (cost, price_known, steps, searches) = numbers;
                TestTurn {
                    at: start() + TimeDelta::seconds(at),
                    domain,
                    conversation: Some(Uuid::from_u128(conversation)),
                    provider,
                    model,
                    outcome,
                    error,
                    fallback: if price_known { "none" } else { "extractive" },
                    tokens,
                    cost,
                    price_known,
                    steps,
                    searches,
                    zero_results: searches / 2,
                    tools,
                    first_ms,
                    total_ms,
                }
            },
        )
}

pub fn a_query() -> impl Strategy<Value = TelemetryQuery> {
    // The months of the turns lie whole within some spans.
    let end = || prop_oneof![0..22 * 96_i64, (0..22_i64).prop_map(|day| day * 96), -25 * 96..50 * 96_i64];
    (
        (end(), end()).prop_filter("a span", |(one, other)| one != other),
        prop::option::of(prop::sample::select(&HOSTS[..])),
        prop::option::of(prop::sample::select(&["small", "large", "none-such"][..])),
        prop::option::of(Just(Granularity::Day)),
    )
        .prop_map(|((one, other), domain, model, granularity)| {
            let at = |quarter: i64| Some(start() + TimeDelta::minutes(15 * quarter));
            TelemetryQuery {
                from: at(one.min(other)),
                to: at(one.max(other)),
                domain: domain.map(str::to_owned),
                model: model.map(str::to_owned),
                granularity,
            }
        })
}

/// A tenant's world, looked at by somebody who may see its figures.
pub struct Shop {
    pub world: World,
    pub principal: Principal,
}

impl Shop {
    /// A shop with nothing in it yet.
    pub async fn new() -> Self {
        let world = World::new().await;
        Self { principal: world.principal(Role::Analyst), world }
    }

    /// A shop with random turns of three weeks, counted in pieces as they come.
    pub async fn with_turns(runner: &mut TestRunner) -> Self {
        let shop = Self::new().await;
        let world = &shop.world;
        months(world, &["2026-10-20T00:00:00Z", "2026-11-01T00:00:00Z"]).await;
        let mut domains = [Uuid::nil(); 2];
        let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
        for (id, host) in domains.iter_mut().zip(HOSTS) {
            *id = Uuid::now_v7();
            sqlx::query("insert into domains (tenant_id, id, host) values ($1, $2, $3)")
                .bind(world.tenant.uuid())
                .bind(*id)
                .bind(host)
                .execute(tx.conn())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let turns = prop::collection::vec(a_turn(domains), 400).new_tree(runner).unwrap().current();
        shop.converse(domains[0]).await;
        for piece in turns.chunks(150) {
            write(world, world.tenant, piece).await;
            shop.rate_and_write_back().await;
            roll_up(world).await;
        }
        shop
    }

    /// Conversations with nothing in them yet; of some a person has charge.
    async fn converse(&self, domain: Uuid) {
        let mut tx = self.world.domain.database.tenant(self.world.tenant).await.unwrap();
        let tenant = self.world.tenant.uuid();
        sqlx::query("insert into customers (tenant_id, id) values ($1, $1)")
            .bind(tenant)
            .execute(tx.conn())
            .await
            .unwrap();
        sqlx::query(
            "insert into conversations (tenant_id, id, number, customer_id, domain_id, channel, status, ai_state)
             select $1, lpad(to_hex(n), 32, '0')::uuid, n, $1, $2, 'widget',
                    case when n % 7 = 0 then 'open' else 'pending' end,
                    case when n % 7 = 0 then 'silenced' else 'active' end
             from generate_series(1, $3) as n",
        )
        .bind(tenant)
        .bind(domain)
        .bind((CONVERSATIONS - ERASED) as i32)
        .execute(tx.conn())
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// The messages of the turns that are there, numbered by time; thumbs on some; and after some a person's or the
    /// customer's word, or a note.
    async fn rate_and_write_back(&self) {
        let mut tx = self.world.domain.database.tenant(self.world.tenant).await.unwrap();
        for statement in [
            "delete from messages where conversation_id in (select id from conversations where customer_id = tenant_id)",
            "insert into messages (tenant_id, id, conversation_id, seq, author_kind, kind, text)
             select t.tenant_id, t.reply_id, t.conversation_id,
                    10 * row_number() over (partition by t.conversation_id order by t.created_at, t.id), 'ai', 'reply', 'Yes.'
             from chat_telemetry t join conversations c on c.id = t.conversation_id
             where t.outcome <> 'dropped'",
            "insert into message_feedback (tenant_id, message_id, customer_id, rating)
             select tenant_id, id, tenant_id, case when hashtext(id::text) % 2 = 0 then 'up' else 'down' end
             from messages where author_kind = 'ai' and hashtext(id::text) % 3 = 0",
            "insert into messages (tenant_id, id, conversation_id, seq, author_kind, kind, text)
             select c.tenant_id, gen_random_uuid(), c.id, 11 + 10 * (c.number % 3),
                    (array['customer', 'agent', 'agent'])[1 + (c.number % 3)::int],
                    (array['reply', 'reply', 'note'])[1 + (c.number % 3)::int], 'Hello'
             from conversations c
             where c.customer_id = c.tenant_id and c.number % 5 < 3",
        ] {
            sqlx::query(statement).execute(tx.conn()).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    pub async fn set_zone(&self, zone: &str) {
        let mut tx = self.world.domain.database.tenant(self.world.tenant).await.unwrap();
        sqlx::query("update tenants set time_zone = $1").bind(zone).execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn report(&self, query: &TelemetryQuery) -> TelemetryReport {
        telemetry::report(&self.world.domain, &self.principal, query).await.unwrap()
    }

    /// As it was, or will be, at a moment.
    pub async fn report_at(&self, query: &TelemetryQuery, now: Timestamp) -> TelemetryReport {
        telemetry::report_at(&self.world.domain, &self.principal, query, Some(now)).await.unwrap()
    }

    /// All pages of a list.
    pub async fn turns(&self, query: &TelemetryQuery, filter: &TurnFilter) -> Vec<TelemetryTurn> {
        let mut turns = Vec::new();
        let mut cursor: Option<Cursor> = None;
        loop {
            let page =
                telemetry::turns(&self.world.domain, &self.principal, query, filter, cursor.take(), 37).await.unwrap();
            turns.extend(page.items);
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => return turns,
            }
        }
    }
}
