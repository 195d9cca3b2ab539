//! How a call comes to an end in the books.

use omniops_domain::Error;
use omniops_domain::ledger::{self, Actual, Booking, Cost, ReserveRequest, Settlement};
use omniops_llm::TokenUsage;
use omniops_types::{ConversationId, MicroUsd, ModelCallId};
use uuid::Uuid;

use crate::world::{MODEL, World, reserve};

const USAGE: TokenUsage = TokenUsage { input: 1_000, cached_input: 0, output: 100, reasoning: 40 };

#[tokio::test]
async fn a_call_is_booked_with_its_tokens_at_the_models_price() {
    let world = World::new().await;
    let conversation = ConversationId(Uuid::now_v7());
    let reservation = world.reserve_in(conversation, 5_000).await.unwrap();
    let settled = ledger::settle(&world.domain, &reservation, Actual::Usage(USAGE)).await.unwrap();
    let cost = Cost { micro_usd: MicroUsd(3_000), price_known: true };
    assert_eq!(settled, Settlement { cost, booking: Booking::Booked });
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let entry: (Uuid, String, String, i64, i64, i64, i64, i64, bool) = sqlx::query_as(
        "select conversation_id, purpose || ' by ' || provider, model, input_tokens, output_tokens, reasoning_tokens,
                micro_usd, reserved_micro_usd, price_known
         from llm_ledger where call_id = $1",
    )
    .bind(reservation.call.uuid())
    .fetch_one(tx.conn())
    .await
    .unwrap();
    let (by, model) = ("chat by test".to_owned(), MODEL.to_owned());
    assert_eq!(entry, (conversation.uuid(), by, model, 1_000, 100, 40, 3_000, 5_000, true));
    assert_eq!(world.day().await, [3_000, 0, 0]);
    assert_eq!(world.open_reservations().await, 0);
}

#[tokio::test]
async fn a_model_without_a_price_is_charged_and_told() {
    let world = World::new().await;
    let request = ReserveRequest { model: "new-and-shiny", ..world.request(50_000) };
    let reservation = reserve(&world.domain, request).await.unwrap();
    let settled = ledger::settle(&world.domain, &reservation, Actual::Usage(USAGE)).await.unwrap();
    // 1,000 tokens at $30 and 100 at $120 for a million.
    assert_eq!(settled.cost, Cost { micro_usd: MicroUsd(42_000), price_known: false });
    assert_eq!(world.day().await, [42_000, 0, 0]);
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let known: bool = sqlx::query_scalar("select price_known from llm_ledger").fetch_one(tx.conn()).await.unwrap();
    assert!(!known);
}

#[tokio::test]
async fn what_is_booked_twice_is_booked_once() {
    let world = World::new().await;
    let reservation = world.reserve(100).await.unwrap();
    let book = |amount| ledger::settle(&world.domain, &reservation, Actual::Cost(MicroUsd(amount)));
    let (one, other) = tokio::join!(book(70), book(70));
    let bookings = [one.unwrap().booking, other.unwrap().booking];
    assert!(bookings.contains(&Booking::Booked) && bookings.contains(&Booking::Already), "{bookings:?}");
    assert_eq!(book(99).await.unwrap().booking, Booking::Already);
    assert_eq!(ledger::release(&world.domain, &reservation).await.unwrap(), Booking::Already);
    assert_eq!(ledger::leave_unconfirmed(&world.domain, &reservation).await.unwrap(), Booking::Already);
    assert_eq!(world.entries(reservation.call).await, ["settled 70"]);
    assert_eq!(world.day().await, [70, 0, 0]);
}

#[tokio::test]
async fn a_call_that_was_turned_away_costs_nothing() {
    let world = World::with_daily(100).await;
    let reservation = world.reserve(100).await.unwrap();
    assert_eq!(world.day().await, [0, 100, 0]);
    assert_eq!(ledger::release(&world.domain, &reservation).await.unwrap(), Booking::Booked);
    assert_eq!(world.day().await, [0, 0, 0]);
    assert_eq!(world.entries(reservation.call).await, ["released 0"]);
    assert!(world.reserve(100).await.is_ok());
}

#[tokio::test]
async fn what_a_provider_charges_beyond_its_limits_is_booked_as_it_is() {
    let world = World::with_daily(100).await;
    let reservation = world.reserve(100).await.unwrap();
    let settled = ledger::settle(&world.domain, &reservation, Actual::Cost(MicroUsd(130))).await.unwrap();
    assert_eq!(settled.cost.micro_usd, MicroUsd(130));
    assert_eq!(world.day().await, [130, 0, 0]);
    let refusal = world.reserve(1).await.unwrap_err();
    assert_eq!((refusal.gone, refusal.limit), (MicroUsd(130), MicroUsd(100)));
}

#[tokio::test]
async fn a_stream_that_was_cut_off_counts_at_the_most_that_it_can_have_cost() {
    let world = World::with_daily(100).await;
    let cut = world.reserve(60).await.unwrap();
    ledger::leave_unconfirmed(&world.domain, &cut).await.unwrap();
    assert_eq!(world.day().await, [0, 0, 60]);
    assert!(world.reserve(41).await.is_err());
    assert!(world.reserve(40).await.is_ok());
    // Whatever is heard of it later, there was room for it.
    let settled = ledger::settle(&world.domain, &cut, Actual::Cost(MicroUsd(60))).await.unwrap();
    assert_eq!(settled.booking, Booking::Late);
    assert_eq!(world.day().await, [60, 40, 0]);
}

#[tokio::test]
async fn a_call_whose_process_died_counts_as_unconfirmed() {
    let world = World::with_daily(100).await;
    let reservation = world.reserve(80).await.unwrap();
    world.let_expire(reservation.call).await;
    assert_eq!(world.day().await, [0, 0, 80], "before anybody booked it");
    assert_eq!(ledger::expire_reservations(&world.domain).await.unwrap(), 1);
    assert_eq!(ledger::expire_reservations(&world.domain).await.unwrap(), 0);
    assert_eq!(world.day().await, [0, 0, 80]);
    assert_eq!(world.entries(reservation.call).await, ["unconfirmed 80"]);
    let refusal = world.reserve(21).await.unwrap_err();
    assert_eq!((refusal.gone, refusal.reserved), (MicroUsd(80), MicroUsd(0)));
}

#[tokio::test]
async fn the_next_reservation_books_what_died_before_it() {
    let world = World::with_daily(100).await;
    let dead = world.reserve(80).await.unwrap();
    world.let_expire(dead.call).await;
    world.reserve(80).await.unwrap_err();
    assert_eq!(world.entries(dead.call).await, ["unconfirmed 80"]);
    let next = world.reserve(20).await.unwrap();
    assert_eq!(world.day().await, [0, 20, 80]);
    world.let_expire(next.call).await;
    assert!(world.reserve(0).await.is_ok());
    assert_eq!(world.entries(next.call).await, ["unconfirmed 20"]);
}

#[tokio::test]
async fn what_is_heard_of_an_unconfirmed_call_after_all_stands_in_its_place() {
    let world = World::with_daily(100).await;
    let slow = world.reserve(40).await.unwrap();
    let refused = world.reserve(30).await.unwrap();
    let cut = world.reserve(20).await.unwrap();
    world.let_expire(slow.call).await;
    world.let_expire(refused.call).await;
    ledger::expire_reservations(&world.domain).await.unwrap();
    ledger::leave_unconfirmed(&world.domain, &cut).await.unwrap();
    assert_eq!(world.day().await, [0, 0, 90]);

    let book = || ledger::settle(&world.domain, &slow, Actual::Cost(MicroUsd(9)));
    let (one, other) = tokio::join!(book(), book());
    let bookings = [one.unwrap().booking, other.unwrap().booking];
    assert!(bookings.contains(&Booking::Late) && bookings.contains(&Booking::Already), "{bookings:?}");
    assert_eq!(ledger::release(&world.domain, &refused).await.unwrap(), Booking::Late);
    let settled = ledger::settle(&world.domain, &cut, Actual::Cost(MicroUsd(5))).await.unwrap();
    assert_eq!(settled.booking, Booking::Late);

    assert_eq!(world.entries(slow.call).await, ["unconfirmed 40", "corrected -40", "settled 9"]);
    assert_eq!(world.entries(refused.call).await, ["unconfirmed 30", "corrected -30", "released 0"]);
    assert_eq!(world.entries(cut.call).await, ["unconfirmed 20", "corrected -20", "settled 5"]);
    assert_eq!(world.day().await, [14, 0, 0]);
    assert_eq!(world.wrong_sums().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_reservation_that_left_no_trace_is_not_found() {
    let world = World::new().await;
    let mut reservation = world.reserve(10).await.unwrap();
    reservation.call = ModelCallId(Uuid::now_v7());
    assert!(matches!(ledger::release(&world.domain, &reservation).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn an_entry_cannot_be_changed_or_taken_away() {
    let world = World::new().await;
    world.spend(10).await;
    for statement in ["update llm_ledger set micro_usd = 0", "delete from llm_ledger"] {
        let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
        let error = sqlx::query(statement).execute(tx.conn()).await.unwrap_err();
        assert_eq!(omniops_postgres::Error::from(error).sqlstate().as_deref(), Some("42501"), "{statement}");
    }
}
