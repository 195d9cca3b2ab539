//! Every figure is the same in the tile, in the rows behind it, in both CSV files and in SQL of its own, for any turns,
//! zone, span and filter.

use std::collections::BTreeMap;

use chrono::{DurationRound, TimeDelta};
use omniops_domain::{Principal, telemetry};
use omniops_types::{
    Cursor, Granularity, Rating, Resolution, Role, TelemetryFigures, TelemetryQuery, TelemetryReport, TelemetryTurn,
    Timestamp, TurnFilter, TurnOutcome,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use sqlx::Row;
use uuid::Uuid;

use super::turn::TestTurn;
use super::{months, roll_up, write};
use crate::support::World;

/// Half an hour, three quarters, none and whole ones; two that change their clocks in these weeks.
const ZONES: [&str; 7] = [
    "UTC",
    "Europe/Vienna",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
];
const HOSTS: [&str; 2] = ["one.example", "two.example"];
const MODELS: [(&str, &str); 3] = [("openai", "small"), ("openai", "large"), ("local", "small")];
const OUTCOMES: [&str; 7] = ["answered", "clarified", "resolved", "declined", "escalated", "dropped", "failed"];
const TOOLS: [&str; 2] = ["search_knowledge", "lookup_order"];
const ROUNDS: usize = 24;
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

fn a_query() -> impl Strategy<Value = TelemetryQuery> {
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

struct Agreement {
    world: World,
    principal: Principal,
}

impl Agreement {
    async fn with_turns(runner: &mut TestRunner) -> Self {
        let world = World::new().await;
        months(&world, &["2026-10-20T00:00:00Z", "2026-11-01T00:00:00Z"]).await;
        let principal = world.principal(Role::Analyst);
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
        let agreement = Self { world, principal };
        agreement.converse(domains[0]).await;
        for piece in turns.chunks(150) {
            write(&agreement.world, agreement.world.tenant, piece).await;
            agreement.rate_and_write_back().await;
            roll_up(&agreement.world).await;
        }
        agreement
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

    async fn set_zone(&self, zone: &str) {
        let mut tx = self.world.domain.database.tenant(self.world.tenant).await.unwrap();
        sqlx::query("update tenants set time_zone = $1").bind(zone).execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn report(&self, query: &TelemetryQuery) -> TelemetryReport {
        telemetry::report(&self.world.domain, &self.principal, query).await.unwrap()
    }

    /// All pages of a list.
    async fn turns(&self, query: &TelemetryQuery, filter: &TurnFilter) -> Vec<TelemetryTurn> {
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

    /// The same figures from the table itself, by a statement that shares nothing with the service.
    async fn raw(&self, query: &TelemetryQuery) -> TelemetryFigures {
        let mut tx = self.world.domain.database.tenant(self.world.tenant).await.unwrap();
        let row = sqlx::query(
            "with spoken as (
                 select t.*, lead(t.id) over (partition by t.conversation_id order by t.created_at, t.id) is null as is_last
                 from chat_telemetry t where t.outcome <> 'dropped'
             ), ended as (
                 select s.id, s.outcome, c.ai_state = 'active' as with_ai, f.rating,
                        (select max(m.seq) from messages m where m.conversation_id = c.id and m.kind = 'reply'
                         and m.author_kind <> 'ai') > r.seq as came_back
                 from spoken s
                 left join conversations c on c.id = s.conversation_id
                 left join messages r on r.id = s.reply_id
                 left join message_feedback f on f.message_id = r.id
                 where s.is_last
             ), settled as (
                 select id, with_ai and came_back is not true and rating is distinct from 'down'
                            and outcome in ('answered', 'resolved') as is_settled,
                        outcome = 'resolved' or rating = 'up' as is_said
                 from ended
             )
             select count(*) as turns, count(nullif(outcome <> 'answered', true)) as answered,
                    count(nullif(outcome <> 'clarified', true)) as clarified,
                    count(nullif(outcome <> 'resolved', true)) as resolved,
                    count(nullif(outcome <> 'declined', true)) as declined,
                    count(nullif(outcome <> 'escalated', true)) as escalated,
                    count(nullif(outcome <> 'dropped', true)) as dropped,
                    count(nullif(outcome <> 'failed', true)) as failed,
                    coalesce(sum(t.prompt_tokens), 0) as prompt_tokens,
                    coalesce(sum(t.cached_input_tokens), 0) as cached_input_tokens,
                    coalesce(sum(t.completion_tokens), 0) as completion_tokens,
                    coalesce(sum(t.reasoning_tokens), 0) as reasoning_tokens,
                    coalesce(sum(t.cost_micro_usd), 0)::bigint as cost,
                    count(nullif(price_known, true)) as unpriced, coalesce(sum(steps), 0) as steps,
                    coalesce(sum(searches), 0) as searches, coalesce(sum(t.zero_results), 0) as zero_results,
                    count(settled.id) as conversations, count(*) filter (where is_settled and is_said) as confirmed,
                    count(*) filter (where is_settled and is_said is not true) as assumed,
                    count(*) filter (where thumb.rating = 'up') as thumbs_up,
                    count(*) filter (where thumb.rating = 'down') as thumbs_down
             from chat_telemetry t
             left join settled on settled.id = t.id
             left join message_feedback thumb on thumb.message_id = t.reply_id
             where t.created_at between $1 and $2 and t.created_at <> $2
               and ($3::text is null or t.domain_id in (select id from domains where host = $3))
               and t.model = coalesce($4, t.model)",
        )
        .bind(query.from)
        .bind(query.to)
        .bind(query.domain.as_deref())
        .bind(query.model.as_deref())
        .fetch_one(tx.conn())
        .await
        .unwrap();
        TelemetryFigures {
            turns: row.get("turns"),
            answered: row.get("answered"),
            clarified: row.get("clarified"),
            resolved: row.get("resolved"),
            declined: row.get("declined"),
            escalated: row.get("escalated"),
            dropped: row.get("dropped"),
            failed: row.get("failed"),
            prompt_tokens: row.get("prompt_tokens"),
            cached_input_tokens: row.get("cached_input_tokens"),
            completion_tokens: row.get("completion_tokens"),
            reasoning_tokens: row.get("reasoning_tokens"),
            cost: omniops_types::MicroUsd(row.get("cost")),
            unpriced: row.get("unpriced"),
            steps: row.get("steps"),
            searches: row.get("searches"),
            zero_results: row.get("zero_results"),
            thumbs_up: row.get("thumbs_up"),
            thumbs_down: row.get("thumbs_down"),
            conversations: row.get("conversations"),
            confirmed: row.get("confirmed"),
            assumed: row.get("assumed"),
            // All turns are weeks old.
            waiting: 0,
        }
    }
}

fn add(sum: &mut TelemetryFigures, turn: &TelemetryTurn) {
    sum.turns += 1;
    *match turn.outcome {
        TurnOutcome::Answered => &mut sum.answered,
        TurnOutcome::Clarified => &mut sum.clarified,
        TurnOutcome::Resolved => &mut sum.resolved,
        TurnOutcome::Declined => &mut sum.declined,
        TurnOutcome::Escalated => &mut sum.escalated,
        TurnOutcome::Dropped => &mut sum.dropped,
        TurnOutcome::Failed => &mut sum.failed,
    } += 1;
    sum.prompt_tokens += i64::from(turn.prompt_tokens);
    sum.cached_input_tokens += i64::from(turn.cached_input_tokens);
    sum.completion_tokens += i64::from(turn.completion_tokens);
    sum.reasoning_tokens += i64::from(turn.reasoning_tokens);
    sum.cost.0 += turn.cost.0;
    sum.unpriced += i64::from(!turn.price_known);
    sum.steps += i64::from(turn.steps);
    sum.searches += i64::from(turn.searches);
    sum.zero_results += i64::from(turn.zero_results);
    sum.thumbs_up += i64::from(turn.rating == Some(Rating::Up));
    sum.thumbs_down += i64::from(turn.rating == Some(Rating::Down));
    sum.conversations += i64::from(turn.resolution.is_some());
    match turn.resolution {
        Some(Resolution::Confirmed) => sum.confirmed += 1,
        Some(Resolution::Assumed) => sum.assumed += 1,
        Some(Resolution::Waiting) => sum.waiting += 1,
        Some(Resolution::Unresolved) | None => {}
    }
}

fn sum<'a>(turns: impl IntoIterator<Item = &'a TelemetryTurn>) -> TelemetryFigures {
    let mut sum = TelemetryFigures::default();
    turns.into_iter().for_each(|turn| add(&mut sum, turn));
    sum
}

/// The sums of a file's columns, by their headings; what is no number counts nothing.
fn columns(csv: &str) -> BTreeMap<String, i64> {
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut sums: BTreeMap<String, i64> = names.iter().map(|name| ((*name).to_owned(), 0)).collect();
    for line in lines {
        for (name, cell) in names.iter().zip(line.split(',')) {
            *sums.get_mut(*name).unwrap() += cell.parse::<i64>().unwrap_or(0);
        }
    }
    sums.insert("lines".to_owned(), csv.lines().count() as i64 - 1);
    sums
}

/// The value of the rank, as it is defined.
fn nearest_rank(mut values: Vec<i32>, quantile: f64) -> Option<f64> {
    values.sort_unstable();
    let rank = ((quantile * values.len() as f64).ceil() as usize).max(1);
    values.get(rank - 1).map(|value| f64::from(*value))
}

fn assert_close(told: Option<f64>, exact: Option<f64>, of: &str) {
    match (told, exact) {
        (Some(told), Some(exact)) => assert!((told - exact).abs() <= exact * 0.010_001, "{of}: {told} for {exact}"),
        (told, exact) => assert_eq!(told, exact, "{of}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tile_rows_csv_and_sql_agree_for_any_turns_zone_span_and_filter() {
    let mut runner = TestRunner::new(Config::default());
    let agreement = Agreement::with_turns(&mut runner).await;
    for round in 0..ROUNDS {
        let zone = ZONES[round % ZONES.len()];
        agreement.set_zone(zone).await;
        let query = a_query().new_tree(&mut runner).unwrap().current();
        let what = format!("{zone} {query:?}");
        let report = agreement.report(&query).await;
        let turns = agreement.turns(&query, &TurnFilter::default()).await;

        assert_eq!(report.figures, agreement.raw(&query).await, "tile and SQL: {what}");
        assert_eq!(report.figures, sum(&turns), "tile and rows: {what}");
        assert_eq!(
            report.domains.iter().map(|domain| domain.figures.turns).sum::<i64>(),
            report.figures.turns,
            "{what}"
        );
        assert_eq!(
            report.models.iter().map(|model| model.figures.cost.0).sum::<i64>(),
            report.figures.cost.0,
            "{what}"
        );

        let series = columns(&telemetry::report_csv(&report));
        let list = columns(&(telemetry::turns_csv_header().to_owned() + &telemetry::turns_csv(&turns)));
        assert_eq!(list["lines"], report.figures.turns, "{what}");
        for (name, figure) in [
            ("cost_micro_usd", report.figures.cost.0),
            ("prompt_tokens", report.figures.prompt_tokens),
            ("completion_tokens", report.figures.completion_tokens),
            ("searches", report.figures.searches),
            ("zero_results", report.figures.zero_results),
        ] {
            assert_eq!((series[name], list[name]), (figure, figure), "{name}: {what}");
        }
        for (name, figure) in [
            ("conversations", report.figures.conversations),
            ("confirmed", report.figures.confirmed),
            ("assumed", report.figures.assumed),
        ] {
            assert_eq!(series[name], figure, "{name}: {what}");
        }
        assert_eq!((series["turns"], series["failed"]), (report.figures.turns, report.figures.failed), "{what}");

        let totals: Vec<i32> = turns.iter().map(|turn| turn.total_ms).collect();
        let firsts: Vec<i32> = turns.iter().filter_map(|turn| turn.first_delta_ms).collect();
        let (total, first) = (report.latency.total, report.latency.first_token);
        assert_eq!((total.count, first.count), (totals.len() as i64, firsts.len() as i64), "{what}");
        for (told, values, quantile) in [
            (total.p50, &totals, 0.50),
            (total.p95, &totals, 0.95),
            (total.p99, &totals, 0.99),
            (first.p50, &firsts, 0.50),
            (first.p95, &firsts, 0.95),
        ] {
            assert_close(told, nearest_rank(values.clone(), quantile), &what);
        }
        rows_behind_each_part(&agreement, &query, &report, &what).await;
    }
}

/// Each outcome, error, tool, hour of the week and span of the series, with its own list of rows.
async fn rows_behind_each_part(agreement: &Agreement, query: &TelemetryQuery, report: &TelemetryReport, what: &str) {
    let failed = TurnFilter { outcome: Some(TurnOutcome::Failed), ..TurnFilter::default() };
    assert_eq!(agreement.turns(query, &failed).await.len() as i64, report.figures.failed, "{what}");
    for (resolution, count) in
        [(Resolution::Confirmed, report.figures.confirmed), (Resolution::Assumed, report.figures.assumed)]
    {
        let filter = TurnFilter { resolution: Some(resolution), ..TurnFilter::default() };
        assert_eq!(agreement.turns(query, &filter).await.len() as i64, count, "{resolution:?} {what}");
    }
    let last = TurnFilter { last_in_conversation: Some(true), ..TurnFilter::default() };
    assert_eq!(agreement.turns(query, &last).await.len() as i64, report.figures.conversations, "{what}");
    for error in &report.errors {
        let filter = TurnFilter { error: Some(error.name.clone()), ..TurnFilter::default() };
        assert_eq!(agreement.turns(query, &filter).await.len() as i64, error.turns, "{} {what}", error.name);
    }
    for tool in &report.tools {
        let filter = TurnFilter { tool: Some(tool.name.clone()), ..TurnFilter::default() };
        let turns = agreement.turns(query, &filter).await;
        let calls: Vec<_> =
            turns.iter().flat_map(|turn| &turn.tool_calls).filter(|call| call.name == tool.name).collect();
        let failed = calls.iter().filter(|call| !call.ok).count();
        assert_eq!((calls.len() as i64, failed as i64), (tool.calls, tool.failed), "{} {what}", tool.name);
    }
    assert_eq!(report.heat_map.iter().map(|cell| cell.turns).sum::<i64>(), report.figures.turns, "{what}");
    for cell in report.heat_map.iter().step_by(19) {
        let filter = TurnFilter { weekday: Some(cell.weekday), hour: Some(cell.hour), ..TurnFilter::default() };
        let turns = agreement.turns(query, &filter).await;
        let figures = sum(&turns);
        let failures = turns.iter().flat_map(|turn| &turn.tool_calls).filter(|call| !call.ok).count();
        assert_eq!(
            (figures.turns, figures.searches, figures.zero_results, failures as i64),
            (cell.turns, cell.searches, cell.zero_results, cell.tool_failures),
            "{cell:?} {what}"
        );
    }
    let ends = report.series.iter().skip(1).map(|point| point.start).chain([report.range.to]);
    for (point, end) in report.series.iter().zip(ends).step_by(11) {
        assert!(point.start < end, "{what}");
        let within = TelemetryQuery { from: Some(point.start), to: Some(end), ..query.clone() };
        let figures = sum(&agreement.turns(&within, &TurnFilter::default()).await);
        assert_eq!((figures.turns, figures.cost), (point.turns, point.cost), "{} {what}", point.local);
    }
}

/// On the day on which the clock goes back the day has 25 hours, each of them a point.
#[tokio::test]
async fn a_day_is_as_long_as_the_zone_says() {
    let world = World::new().await;
    months(&world, &["2026-10-20T00:00:00Z"]).await;
    let domain = Uuid::now_v7();
    let hours: Vec<TestTurn> = (0..25)
        .map(|hour| {
            let at = "2026-10-24T22:30:00Z".parse::<Timestamp>().unwrap() + TimeDelta::hours(hour);
            TestTurn::at(&at.to_rfc3339(), domain)
        })
        .collect();
    write(&world, world.tenant, &hours).await;
    roll_up(&world).await;
    let agreement = Agreement { principal: world.principal(Role::Owner), world };
    agreement.set_zone("Europe/Vienna").await;
    let query = TelemetryQuery {
        from: Some("2026-10-24T22:00:00Z".parse().unwrap()),
        to: Some("2026-10-25T23:00:00Z".parse().unwrap()),
        granularity: Some(Granularity::Day),
        ..TelemetryQuery::default()
    };
    let days = agreement.report(&query).await.series;
    assert_eq!(days.len(), 1, "{days:?}");
    assert_eq!((days[0].turns, days[0].local.as_str()), (25, "2026-10-25T00:00"));
    let by_hour = TelemetryQuery { granularity: Some(Granularity::Hour), ..query };
    let hours = agreement.report(&by_hour).await.series;
    assert_eq!(hours.iter().map(|hour| hour.turns).collect::<Vec<_>>(), [1; 25], "{hours:?}");
    assert_eq!(hours.iter().filter(|hour| hour.local == "2026-10-25T02:00").count(), 2, "the hour that comes twice");
    assert!(hours.iter().all(|hour| hour.start.duration_trunc(TimeDelta::hours(1)).unwrap() == hour.start));
}
