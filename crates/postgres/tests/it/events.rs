//! The event log: gap-free, in commit order, never half.

use std::collections::HashMap;

use futures::future::join_all;
use omniops_postgres::{Database, event_position, events_after};
use omniops_types::{ConversationId, EventData, TenantId};
use proptest::prelude::*;

use crate::world::{add_tenant, event, new_id, one_tenant, say};

async fn log(database: &Database, tenant: TenantId) -> Vec<omniops_types::Event> {
    let mut tx = database.tenant(tenant).await.expect("a transaction");
    events_after(&mut tx, 0, u16::MAX).await.expect("the log")
}

fn text(data: &EventData) -> &str {
    match data {
        EventData::WidgetConfigUpdated { domain } => domain,
        other => panic!("not an event of these tests: {other:?}"),
    }
}

#[tokio::test]
async fn events_are_read_as_they_were_written() {
    let (test, tenant) = one_tenant().await;
    let conversation = ConversationId(new_id());
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    tx.emit(Some(conversation), event("first"));
    tx.emit(None, event("second"));
    let committed = tx.commit().await.expect("a commit");
    assert_eq!(committed.last_seq, Some(2));

    let events = log(test.database(), tenant).await;
    let seen: Vec<_> = events.iter().map(|event| (event.seq, event.conversation_id, text(&event.data))).collect();
    assert_eq!(seen, [(1, Some(conversation), "first"), (2, None, "second")]);
}

#[tokio::test]
async fn a_commit_without_events_counts_nothing() {
    let (test, tenant) = one_tenant().await;
    let tx = test.database().tenant(tenant).await.expect("a transaction");
    assert_eq!(tx.commit().await.expect("a commit").last_seq, None);
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    assert_eq!(event_position(&mut tx).await.expect("a position"), 0);
}

#[tokio::test]
async fn each_tenant_counts_for_itself() {
    let (test, a) = one_tenant().await;
    let b = add_tenant(test.database()).await;
    assert_eq!(say(test.database(), a, "a").await, 1);
    assert_eq!(say(test.database(), b, "b").await, 1);
    assert_eq!(say(test.database(), a, "a").await, 2);
    assert_eq!(log(test.database(), b).await.len(), 1);
}

#[tokio::test]
async fn a_rolled_back_transaction_leaves_no_gap() {
    let (test, tenant) = one_tenant().await;
    say(test.database(), tenant, "before").await;
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    tx.emit(None, event("never"));
    drop(tx);
    assert_eq!(say(test.database(), tenant, "after").await, 2);
}

#[tokio::test]
async fn an_event_of_an_unknown_kind_is_passed_over() {
    let (test, tenant) = one_tenant().await;
    say(test.database(), tenant, "known").await;
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    sqlx::query("update events set payload = '{\"kind\": \"of.the.future\"}'")
        .execute(tx.conn())
        .await
        .expect("an update");
    tx.commit().await.expect("a commit");
    say(test.database(), tenant, "also known").await;
    let seqs: Vec<i64> = log(test.database(), tenant).await.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [2]);
}

#[tokio::test]
async fn appending_reads_no_table_from_end_to_end() {
    let (test, tenant) = one_tenant().await;
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    sqlx::query("set local enable_seqscan = on").execute(tx.conn()).await.expect("the planner's default");
    sqlx::query(
        "insert into events (tenant_id, seq, kind, payload) select $1, n, 'x', '{}' from generate_series(1, 5000) n",
    )
    .bind(tenant.uuid())
    .execute(tx.conn())
    .await
    .expect("a long log");
    for statement in [
        "explain select seq from events where tenant_id = '00000000-0000-7000-8000-000000000001' and seq > 4000 order by seq limit 500",
        "explain insert into event_positions as p (tenant_id, seq) values ('00000000-0000-7000-8000-000000000001', 1)
         on conflict (tenant_id) do update set seq = p.seq + excluded.seq returning seq",
    ] {
        let plan: Vec<String> = sqlx::query_scalar(statement).fetch_all(tx.conn()).await.expect("a plan");
        let plan = plan.join("\n");
        assert!(!plan.contains("Seq Scan"), "{plan}");
        assert!(!plan.contains("Sort"), "{plan}");
    }
}

/// Writers that each commit some transactions of some events at once, on one or two tenants.
async fn write_at_once(writers: Vec<Vec<usize>>, tenant_count: usize) {
    let (test, first) = one_tenant().await;
    let mut tenants = vec![first];
    for _ in 1..tenant_count {
        tenants.push(add_tenant(test.database()).await);
    }
    let database = test.database();
    let writing = writers.iter().enumerate().map(|(writer, transactions)| {
        let tenant = tenants[writer % tenants.len()];
        async move {
            for (number, &events) in transactions.iter().enumerate() {
                let mut tx = database.tenant(tenant).await.expect("a transaction");
                for part in 0..events {
                    tx.emit(None, event(format!("{writer} {number} {part}")));
                }
                tx.commit().await.expect("a commit");
            }
        }
    });
    join_all(writing).await;

    let mut expected: HashMap<TenantId, usize> = HashMap::new();
    for (writer, transactions) in writers.iter().enumerate() {
        *expected.entry(tenants[writer % tenants.len()]).or_default() += transactions.iter().sum::<usize>();
    }
    for tenant in tenants {
        let events = log(database, tenant).await;
        let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
        let count = i64::try_from(expected.get(&tenant).copied().unwrap_or_default()).expect("a small number");
        assert_eq!(seqs, (1..=count).collect::<Vec<_>>(), "no gap");
        assert_each_transaction_stands_together(&events);
    }
}

/// A writer's events are in the order it wrote them, and nobody else's stand between those of one transaction.
fn assert_each_transaction_stands_together(events: &[omniops_types::Event]) {
    let mut last: HashMap<usize, (usize, usize)> = HashMap::new();
    let mut previous = None;
    for event in events {
        let parts: Vec<usize> = text(&event.data).split(' ').map(|part| part.parse().expect("a number")).collect();
        let (writer, position) = (parts[0], (parts[1], parts[2]));
        assert!(last.get(&writer).is_none_or(|before| *before < position), "writer {writer} out of order");
        if position.1 > 0 {
            assert_eq!(previous, Some((writer, (position.0, position.1 - 1))), "a transaction was torn apart");
        }
        last.insert(writer, position);
        previous = Some((writer, position));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn the_log_has_no_gap_whoever_writes_at_once(
        writers in prop::collection::vec(prop::collection::vec(0_usize..4, 1..8), 1..9),
        tenants in 1_usize..3,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(write_at_once(writers, tenants));
    }
}

/// While writers commit, a reader with a cursor polls. What it saw must be the whole log in the end: an event that
/// became visible after one with a greater number would be missing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_with_a_cursor_misses_nothing_while_others_write() {
    const WRITERS: usize = 8;
    const EACH: usize = 40;
    let (test, tenant) = one_tenant().await;
    let database = test.database().clone();
    let reading = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < WRITERS * EACH {
            let mut tx = database.tenant(tenant).await.expect("a transaction");
            let cursor = seen.last().copied().unwrap_or_default();
            seen.extend(events_after(&mut tx, cursor, 100).await.expect("events").iter().map(|event| event.seq));
        }
        seen
    });
    join_all((0..WRITERS).map(|writer| {
        let database = test.database();
        async move {
            for number in 0..EACH {
                say(database, tenant, format!("{writer} {number}")).await;
            }
        }
    }))
    .await;
    let seen = tokio::time::timeout(crate::world::PATIENCE, reading).await.expect("in time").expect("a reader");
    assert_eq!(seen, (1..=(WRITERS * EACH) as i64).collect::<Vec<_>>());
}
