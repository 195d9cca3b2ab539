//! What a budget lets through.

use omniops_domain::ledger::{self, Actual, Budget, Refusal, ReserveRequest};
use omniops_types::{BudgetSettings, BudgetStage, ConversationId, MicroUsd};
use uuid::Uuid;

use crate::world::{World, moment, reserve};

#[tokio::test]
async fn there_is_room_for_as_much_as_neither_spent_nor_reserved() {
    let world = World::with_daily(100).await;
    world.spend(30).await;
    let under_way = world.reserve(50).await.unwrap();
    let refusal = world.reserve(21).await.unwrap_err();
    assert_eq!(
        refusal,
        Refusal {
            budget: Budget::Day,
            limit: MicroUsd(100),
            gone: MicroUsd(30),
            reserved: MicroUsd(50),
            wanted: MicroUsd(21),
        }
    );
    let last = world.reserve(20).await.unwrap();
    assert_eq!(world.day().await, [30, 70, 0]);
    for reservation in [under_way, last] {
        ledger::settle(&world.domain, &reservation, Actual::Cost(MicroUsd(1))).await.unwrap();
    }
    assert!(world.reserve(68).await.is_ok());
}

#[tokio::test]
async fn a_refusal_names_the_budget_that_lasts_longest() {
    let all = BudgetSettings {
        daily: Some(MicroUsd(50)),
        monthly: Some(MicroUsd(100)),
        per_conversation: Some(MicroUsd(20)),
        ..BudgetSettings::default()
    };
    let world = World::with(all).await;
    let conversation = ConversationId(Uuid::now_v7());
    let refused = async |amount| world.reserve_in(conversation, amount).await.unwrap_err().budget;
    assert_eq!(refused(21).await, Budget::Conversation);
    assert_eq!(refused(51).await, Budget::Day);
    assert_eq!(refused(101).await, Budget::Month);
}

#[tokio::test]
async fn a_conversations_cap_holds_across_days_and_for_no_other_conversation() {
    let cap = BudgetSettings { per_conversation: Some(MicroUsd(100)), ..BudgetSettings::default() };
    let world = World::with(cap).await;
    // Nobody asks whether there is such a conversation: it may be erased while the call runs.
    let (this, other) = (ConversationId(Uuid::now_v7()), ConversationId(Uuid::now_v7()));
    let on = |day, amount| {
        let now = Some(moment(day));
        reserve(&world.domain, ReserveRequest { conversation: Some(this), now, ..world.request(amount) })
    };
    let first = on("2031-01-31T12:00:00Z", 60).await.unwrap();
    ledger::settle(&world.domain, &first, Actual::Cost(MicroUsd(50))).await.unwrap();
    let died = on("2031-01-31T12:00:00Z", 30).await.unwrap();
    let refusal = on("2031-02-01T12:00:00Z", 21).await.unwrap_err();
    assert_eq!((refusal.budget, refusal.gone, refusal.reserved), (Budget::Conversation, MicroUsd(80), MicroUsd(0)));
    assert_eq!(world.entries(died.call).await, ["unconfirmed 30"]);
    assert!(on("2031-02-01T12:00:00Z", 20).await.is_ok());
    assert!(world.reserve_in(other, 100).await.is_ok());
    assert!(world.reserve(1_000).await.is_ok());
}

#[tokio::test]
async fn the_day_ends_at_midnight_of_the_tenants_time_zone() {
    let world = World::with_daily(100).await;
    world.set_time_zone("America/New_York").await.unwrap();
    let late = world.reserve_at("2031-03-05T04:59:59Z", 100).await.unwrap();
    assert_eq!(world.reserve_at("2031-03-04T05:00:00Z", 1).await.unwrap_err().budget, Budget::Day);
    let next = world.reserve_at("2031-03-05T05:00:00Z", 100).await.unwrap();
    // It ends on the new day and counts for the old one.
    ledger::settle(&world.domain, &late, Actual::Cost(MicroUsd(70))).await.unwrap();
    let spent = async |now| {
        let state = ledger::state_at(&world.domain, world.tenant, &world.budgets, Some(moment(now))).await.unwrap();
        [state.day, state.month].map(|used| (used.spent.0, used.reserved.0))
    };
    assert_eq!(spent("2031-03-05T04:00:00Z").await, [(70, 0), (70, 100)]);
    assert_eq!(spent("2031-03-05T05:01:00Z").await, [(0, 100), (70, 100)]);
    ledger::release(&world.domain, &next).await.unwrap();
}

#[tokio::test]
async fn the_month_ends_with_its_last_day() {
    let monthly = BudgetSettings { monthly: Some(MicroUsd(100)), ..BudgetSettings::default() };
    let world = World::with(monthly).await;
    world.set_time_zone("Europe/Vienna").await.unwrap();
    for day in ["2031-01-31T23:00:00Z", "2031-02-10T10:00:00Z", "2031-02-28T22:59:59Z"] {
        let reservation = world.reserve_at(day, 30).await.unwrap();
        ledger::settle(&world.domain, &reservation, Actual::Cost(MicroUsd(30))).await.unwrap();
    }
    let refusal = world.reserve_at("2031-02-28T22:59:59Z", 11).await.unwrap_err();
    assert_eq!((refusal.budget, refusal.gone), (Budget::Month, MicroUsd(90)));
    for (outside, room) in [("2031-01-31T22:59:59Z", 100), ("2031-02-28T23:00:00Z", 100)] {
        assert!(world.reserve_at(outside, room).await.is_ok());
    }
}

#[tokio::test]
async fn a_time_zone_that_nobody_knows_is_refused_where_it_is_written() {
    let world = World::new().await;
    assert!(world.set_time_zone("Middle-earth/Shire").await.is_err());
    world.set_time_zone("Asia/Kathmandu").await.unwrap();
    assert!(world.reserve(1).await.is_ok());
}

#[tokio::test]
async fn one_tenants_calls_leave_anothers_budget_alone() {
    let mut world = World::with_daily(100).await;
    world.spend(60).await;
    let died = world.reserve(40).await.unwrap();
    world.let_expire(died.call).await;
    world.tenant = world.add_tenant().await;
    assert_eq!(world.day().await, [0, 0, 0]);
    let all = world.reserve(100).await.unwrap();
    assert_eq!(world.entries(died.call).await, Vec::<String>::new(), "another tenant's entries are not seen");
    world.let_expire(all.call).await;
    assert_eq!(ledger::expire_reservations(&world.domain).await.unwrap(), 2, "the sweep is for all tenants");
    assert_eq!(world.day().await, [0, 0, 100]);
    assert_eq!(world.wrong_sums().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_stage_follows_what_is_gone() {
    let world = World::with_daily(100).await;
    world.spend(79).await;
    let under_way = world.reserve(21).await.unwrap();
    assert_eq!(under_way.stage, BudgetStage::Normal);
    assert_eq!(world.state().await.stage, BudgetStage::Normal, "what is only reserved may come back");
    ledger::settle(&world.domain, &under_way, Actual::Cost(MicroUsd(1))).await.unwrap();
    assert_eq!(world.state().await.stage, BudgetStage::Alert);
    let cut = world.reserve(10).await.unwrap();
    ledger::leave_unconfirmed(&world.domain, &cut).await.unwrap();
    assert_eq!(world.state().await.stage, BudgetStage::Fallback);
    let last = world.reserve(10).await.unwrap();
    assert_eq!(last.stage, BudgetStage::Fallback);
    ledger::settle(&world.domain, &last, Actual::Cost(MicroUsd(10))).await.unwrap();
    assert_eq!(world.state().await.stage, BudgetStage::Stopped);
}

#[tokio::test]
async fn a_budget_of_nought_pays_for_no_call_and_stops_none_that_is_free() {
    let world = World::with_daily(0).await;
    assert_eq!(world.reserve(1).await.unwrap_err().limit, MicroUsd::ZERO);
    let free = world.reserve(0).await.unwrap();
    ledger::settle(&world.domain, &free, Actual::Cost(MicroUsd::ZERO)).await.unwrap();
    assert_eq!(world.entries(free.call).await, ["settled 0"]);
}
