//! Every figure is the same in the tile, in the rows behind it, in both CSV files and in SQL of its own, for any turns,
//! zone, span and filter.

use std::collections::BTreeMap;

use omniops_domain::telemetry;
use omniops_types::{
    Rating, Resolution, TelemetryFigures, TelemetryQuery, TelemetryReport, TelemetryTurn, TurnFilter, TurnOutcome,
};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use sqlx::Row;

use super::shop::{Shop, a_query};

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
const ROUNDS: usize = 24;

impl Shop {
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
    let shop = Shop::with_turns(&mut runner).await;
    for round in 0..ROUNDS {
        let zone = ZONES[round % ZONES.len()];
        shop.set_zone(zone).await;
        let query = a_query().new_tree(&mut runner).unwrap().current();
        let what = format!("{zone} {query:?}");
        let report = shop.report(&query).await;
        let turns = shop.turns(&query, &TurnFilter::default()).await;

        assert_eq!(report.figures, shop.raw(&query).await, "tile and SQL: {what}");
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
        rows_behind_each_part(&shop, &query, &report, &what).await;
    }
}

/// Each outcome, error, tool, hour of the week and span of the series, with its own list of rows.
async fn rows_behind_each_part(shop: &Shop, query: &TelemetryQuery, report: &TelemetryReport, what: &str) {
    let failed = TurnFilter { outcome: Some(TurnOutcome::Failed), ..TurnFilter::default() };
    assert_eq!(shop.turns(query, &failed).await.len() as i64, report.figures.failed, "{what}");
    for (resolution, count) in
        [(Resolution::Confirmed, report.figures.confirmed), (Resolution::Assumed, report.figures.assumed)]
    {
        let filter = TurnFilter { resolution: Some(resolution), ..TurnFilter::default() };
        assert_eq!(shop.turns(query, &filter).await.len() as i64, count, "{resolution:?} {what}");
    }
    let last = TurnFilter { last_in_conversation: Some(true), ..TurnFilter::default() };
    assert_eq!(shop.turns(query, &last).await.len() as i64, report.figures.conversations, "{what}");
    for error in &report.errors {
        let filter = TurnFilter { error: Some(error.name.clone()), ..TurnFilter::default() };
        assert_eq!(shop.turns(query, &filter).await.len() as i64, error.turns, "{} {what}", error.name);
    }
    for tool in &report.tools {
        let filter = TurnFilter { tool: Some(tool.name.clone()), ..TurnFilter::default() };
        let turns = shop.turns(query, &filter).await;
        let calls: Vec<_> =
            turns.iter().flat_map(|turn| &turn.tool_calls).filter(|call| call.name == tool.name).collect();
        let failed = calls.iter().filter(|call| !call.ok).count();
        assert_eq!((calls.len() as i64, failed as i64), (tool.calls, tool.failed), "{} {what}", tool.name);
    }
    assert_eq!(report.heat_map.iter().map(|cell| cell.turns).sum::<i64>(), report.figures.turns, "{what}");
    for cell in report.heat_map.iter().step_by(19) {
        let filter = TurnFilter { weekday: Some(cell.weekday), hour: Some(cell.hour), ..TurnFilter::default() };
        let turns = shop.turns(query, &filter).await;
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
        let figures = sum(&shop.turns(&within, &TurnFilter::default()).await);
        assert_eq!((figures.turns, figures.cost), (point.turns, point.cost), "{} {what}", point.local);
    }
}
