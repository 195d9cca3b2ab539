//! What the tenant's calendar says: days that are not 24 hours long, today, this month, and the days that a projection
//! goes by.

use chrono::{DurationRound, TimeDelta};
use omniops_domain::telemetry;
use omniops_types::{Granularity, MicroUsd, TelemetryQuery, Timestamp, TurnFilter};
use uuid::Uuid;

use super::shop::Shop;
use super::turn::TestTurn;
use super::{months, roll_up, write};

/// On the day on which the clock goes back the day has 25 hours, each of them a point.
#[tokio::test]
async fn a_day_is_as_long_as_the_zone_says() {
    let shop = Shop::new().await;
    months(&shop.world, &["2026-10-20T00:00:00Z"]).await;
    let domain = Uuid::now_v7();
    let hours: Vec<TestTurn> = (0..25)
        .map(|hour| {
            let at = "2026-10-24T22:30:00Z".parse::<Timestamp>().unwrap() + TimeDelta::hours(hour);
            TestTurn::at(&at.to_rfc3339(), domain)
        })
        .collect();
    write(&shop.world, shop.world.tenant, &hours).await;
    roll_up(&shop.world).await;
    shop.set_zone("Europe/Vienna").await;
    let query = TelemetryQuery {
        from: Some("2026-10-24T22:00:00Z".parse().unwrap()),
        to: Some("2026-10-25T23:00:00Z".parse().unwrap()),
        granularity: Some(Granularity::Day),
        ..TelemetryQuery::default()
    };
    let days = shop.report(&query).await.series;
    assert_eq!(days.len(), 1, "{days:?}");
    assert_eq!((days[0].turns, days[0].local.as_str()), (25, "2026-10-25T00:00"));
    let by_hour = TelemetryQuery { granularity: Some(Granularity::Hour), ..query };
    let hours = shop.report(&by_hour).await.series;
    assert_eq!(hours.iter().map(|hour| hour.turns).collect::<Vec<_>>(), [1; 25], "{hours:?}");
    assert_eq!(hours.iter().filter(|hour| hour.local == "2026-10-25T02:00").count(), 2, "the hour that comes twice");
    assert!(hours.iter().all(|hour| hour.start.duration_trunc(TimeDelta::hours(1)).unwrap() == hour.start));
}

/// Quotes cost nothing for three weeks; then a model is switched on, and costs a dollar a day with a quiet day between.
#[tokio::test]
async fn a_month_is_projected_by_the_days_since_the_first_that_cost_anything() {
    let shop = Shop::new().await;
    months(&shop.world, &["2026-10-20T00:00:00Z", "2026-11-01T00:00:00Z"]).await;
    shop.set_zone("Europe/Vienna").await;
    let domain = Uuid::now_v7();
    let noon = |day: i64| "2026-10-27T11:00:00Z".parse::<Timestamp>().unwrap() + TimeDelta::days(day);
    let of_day = |day: i64, cost: i64| TestTurn { cost, ..TestTurn::at(&noon(day).to_rfc3339(), domain) };
    let quotes = (0..21).map(|day| of_day(day, 0));
    let paid = [21, 22, 24].map(|day| of_day(day, 1_000_000));
    let turns: Vec<TestTurn> = quotes.chain(paid).collect();
    write(&shop.world, shop.world.tenant, &turns).await;
    roll_up(&shop.world).await;

    // 21 November, midnight in Vienna: ten days are left.
    let now = "2026-11-20T23:00:00Z".parse().unwrap();
    let report = shop.report_at(&TelemetryQuery::default(), now).await;
    let projection = report.projection;
    assert_eq!((projection.days, projection.cost), (4, MicroUsd(3_000_000 + 10 * 750_000)));
    assert!(projection.low.unwrap() < projection.cost && projection.cost < projection.high.unwrap());
    assert_eq!(projection.since, Some("2026-11-16T23:00:00Z".parse().unwrap()));

    assert_eq!(report.month.since, Some("2026-10-31T23:00:00Z".parse().unwrap()));
    assert_eq!(report.today.since, Some(now));
    let since_the_first = TelemetryQuery { from: report.month.since, to: Some(now), ..TelemetryQuery::default() };
    let rows = shop.turns(&since_the_first, &TurnFilter::default()).await;
    assert_eq!(
        (rows.len() as i64, rows.iter().map(|turn| turn.cost.0).sum()),
        (report.month.turns, report.month.cost.0)
    );

    let span = telemetry::listed_span(&shop.world.domain, &shop.principal, &since_the_first).await.unwrap();
    let ends = (span.from.as_str(), span.to.as_str(), span.time_zone.as_str());
    assert_eq!(ends, ("2026-11-01 00:00", "2026-11-21 00:00", "Europe/Vienna"));
}
