//! Events and signals on their way to subscribers.

use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use omniops_postgres::{HubItem, Subscription};
use omniops_types::{ConversationId, Signal, TenantId, TypingParty};

use crate::world::{PATIENCE, add_tenant, cut_listeners, event, new_id, next_seq, one_tenant, say};

async fn take(subscription: &mut Subscription, count: usize) -> Vec<i64> {
    let mut seqs = Vec::with_capacity(count);
    while seqs.len() < count {
        seqs.push(next_seq(subscription).await.expect("the subscription goes on"));
    }
    seqs
}

#[tokio::test]
async fn an_event_reaches_every_subscriber_of_its_tenant_and_no_other() {
    let (test, tenant) = one_tenant().await;
    let other = add_tenant(test.database()).await;
    let hub = test.database().hub();
    let mut one = hub.subscribe(tenant, None).await.expect("a subscription");
    let mut two = hub.subscribe(tenant, None).await.expect("a subscription");
    let mut stranger = hub.subscribe(other, None).await.expect("a subscription");
    say(test.database(), tenant, "hello").await;
    say(test.database(), other, "not yours").await;
    assert_eq!(next_seq(&mut one).await, Some(1));
    assert_eq!(next_seq(&mut two).await, Some(1));
    let Some(HubItem::Event(event)) = stranger.next().await else { panic!("an event") };
    assert_eq!(event.data, crate::world::event("not yours"));
}

#[tokio::test]
async fn a_subscription_from_now_does_not_tell_the_past() {
    let (test, tenant) = one_tenant().await;
    let hub = test.database().hub();
    let _awake = hub.subscribe(tenant, Some(0)).await.expect("a subscription");
    say(test.database(), tenant, "past").await;
    let mut subscription = hub.subscribe(tenant, None).await.expect("a subscription");
    say(test.database(), tenant, "future").await;
    assert_eq!(next_seq(&mut subscription).await, Some(2));
}

#[tokio::test]
async fn a_subscriber_catches_up_over_many_pages_and_then_goes_live() {
    let (test, tenant) = one_tenant().await;
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    (0..1500).for_each(|number| tx.emit(None, event(number.to_string())));
    tx.commit().await.expect("a commit");
    let mut subscription = test.database().hub().subscribe(tenant, Some(3)).await.expect("a subscription");
    say(test.database(), tenant, "live").await;
    assert_eq!(take(&mut subscription, 1498).await, (4..=1501).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_look_that_was_given_up_while_it_read_the_log_loses_nothing() {
    let (test, tenant) = one_tenant().await;
    for number in 1..=3 {
        say(test.database(), tenant, number.to_string()).await;
    }
    let mut subscription = test.database().hub().subscribe(tenant, Some(0)).await.expect("a subscription");
    // Given up unless the hub was about to hand out the log's end, and then it is what was looked for.
    let mut seqs = Vec::new();
    if let Some(item) = subscription.next().now_or_never() {
        let Some(HubItem::Event(event)) = item else { panic!("an event") };
        seqs.push(event.seq);
    }
    seqs.extend(take(&mut subscription, 3 - seqs.len()).await);
    assert_eq!(seqs, [1, 2, 3]);
    assert!(subscription.next().now_or_never().is_none());
    say(test.database(), tenant, "live").await;
    assert_eq!(next_seq(&mut subscription).await, Some(4));
}

#[tokio::test]
async fn a_subscriber_who_waits_carries_no_room_for_a_query() {
    let (test, tenant) = one_tenant().await;
    let mut subscription = test.database().hub().subscribe(tenant, None).await.expect("a subscription");
    let waiting = size_of_val(&subscription.next());
    assert!(waiting <= 256, "{waiting} bytes");
}

#[tokio::test]
async fn a_number_beyond_the_log_counts_as_its_end() {
    let (test, tenant) = one_tenant().await;
    let mut subscription = test.database().hub().subscribe(tenant, Some(1_000_000)).await.expect("a subscription");
    say(test.database(), tenant, "first").await;
    assert_eq!(next_seq(&mut subscription).await, Some(1));
}

#[tokio::test]
async fn a_filter_keeps_out_what_is_not_wanted_live_and_from_the_log() {
    let (test, tenant) = one_tenant().await;
    say(test.database(), tenant, "no").await;
    say(test.database(), tenant, "yes").await;
    let wanted = Box::new(|item: &HubItem| matches!(item, HubItem::Event(e) if e.data == event("yes")));
    let hub = test.database().hub();
    let mut subscription = hub.subscribe_filtered(tenant, Some(0), wanted).await.expect("a subscription");
    say(test.database(), tenant, "no").await;
    say(test.database(), tenant, "yes").await;
    assert_eq!(take(&mut subscription, 2).await, [2, 4]);
}

#[tokio::test]
async fn a_subscriber_that_falls_behind_is_cut_and_resumes_from_the_log() {
    let (test, tenant) = one_tenant().await;
    let hub = test.database().hub();
    let mut slow = hub.subscribe(tenant, None).await.expect("a subscription");
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    (0..3000).for_each(|number| tx.emit(None, event(number.to_string())));
    tx.commit().await.expect("a commit");
    // Another subscriber that starts at the end gets this one only after all before it were handed out.
    let mut quick = hub.subscribe(tenant, Some(3000)).await.expect("a subscription");
    say(test.database(), tenant, "last").await;
    assert_eq!(next_seq(&mut quick).await, Some(3001));

    let mut seen = Vec::new();
    while let Some(seq) = next_seq(&mut slow).await {
        seen.push(seq);
    }
    assert!(!seen.is_empty() && seen.len() < 3000, "cut after {}", seen.len());
    let mut resumed = hub.subscribe(tenant, seen.last().copied()).await.expect("a subscription");
    let missing = 3001 - seen.len();
    seen.extend(take(&mut resumed, missing).await);
    assert_eq!(seen, (1..=3001).collect::<Vec<_>>());
}

#[tokio::test]
async fn events_committed_while_nobody_listens_arrive_after_reconnecting() {
    let (test, tenant) = one_tenant().await;
    let mut subscription = test.database().hub().subscribe(tenant, None).await.expect("a subscription");
    for seq in 1..=5 {
        let cutting = async { while cut_listeners(&test).await == 0 {} };
        tokio::time::timeout(PATIENCE, cutting).await.expect("a listener to cut");
        say(test.database(), tenant, "unheard").await;
        assert_eq!(next_seq(&mut subscription).await, Some(seq));
    }
}

#[tokio::test]
async fn an_event_whose_notification_was_lost_arrives_all_the_same() {
    let (test, tenant) = one_tenant().await;
    let mut subscription = test.database().hub().subscribe(tenant, None).await.expect("a subscription");
    let mut tx = test.database().tenant(tenant).await.expect("a transaction");
    // As `commit` does it, but telling nobody.
    sqlx::query("insert into event_positions (tenant_id, seq) values ($1, 1)")
        .bind(tenant.uuid())
        .execute(tx.conn())
        .await
        .expect("a position");
    sqlx::query("insert into events (tenant_id, seq, kind, payload) values ($1, 1, 'widget.config_updated', $2)")
        .bind(tenant.uuid())
        .bind(sqlx::types::Json(event("silent")))
        .execute(tx.conn())
        .await
        .expect("an event");
    tx.commit().await.expect("a commit");
    assert_eq!(next_seq(&mut subscription).await, Some(1));
}

#[tokio::test]
async fn a_signal_reaches_the_subscribers_in_another_process() {
    let (test, tenant) = one_tenant().await;
    let options = omniops_postgres::DatabaseOptions::new(test.url());
    let other_process = omniops_postgres::Database::connect(&options).await.expect("a database");
    let mut subscription = other_process.hub().subscribe(tenant, None).await.expect("a subscription");
    let conversation_id = ConversationId(new_id());
    let signal = Signal::Typing { conversation_id, by: TypingParty::Customer, typing: true };
    test.database().hub().signal(tenant, signal.clone());
    let item = tokio::time::timeout(PATIENCE, subscription.next()).await.expect("in time");
    let Some(HubItem::Signal(received)) = item else { panic!("a signal, not {item:?}") };
    assert_eq!(*received, signal);
}

#[tokio::test]
async fn a_dropped_subscription_leaves_nothing_behind() {
    let (test, tenant) = one_tenant().await;
    let hub = test.database().hub();
    let subscription = hub.subscribe(tenant, None).await.expect("a subscription");
    assert_eq!(hub.subscriber_count(), 1);
    drop(subscription);
    assert_eq!(hub.subscriber_count(), 0);
}

#[tokio::test]
async fn closing_ends_every_subscription() {
    let (test, tenant) = one_tenant().await;
    let hub = test.database().hub();
    let mut before = hub.subscribe(tenant, None).await.expect("a subscription");
    hub.close();
    assert_eq!(next_seq(&mut before).await, None);
    let mut after = hub.subscribe(tenant, Some(0)).await.expect("a subscription");
    assert_eq!(next_seq(&mut after).await, None);
}

/// Subscribes, drops the subscription after a while, subscribes again from what it saw, until the log's end.
async fn read_with_drops(test: &omniops_postgres::TestDatabase, tenant: TenantId, end: i64, every: usize) -> Vec<i64> {
    let mut seen: Vec<i64> = Vec::new();
    while seen.last() != Some(&end) {
        let after = Some(seen.last().copied().unwrap_or_default());
        let mut subscription = test.database().hub().subscribe(tenant, after).await.expect("a subscription");
        for _ in 0..every {
            match next_seq(&mut subscription).await {
                Some(seq) => seen.push(seq),
                None => break,
            }
            if seen.last() == Some(&end) {
                break;
            }
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_events_reach_everybody_once_and_in_order_whatever_breaks() {
    const WRITERS: usize = 5;
    const TRANSACTIONS: usize = 200;
    const EVENTS: usize = 10;
    let end = (WRITERS * TRANSACTIONS * EVENTS) as i64;
    let (test, tenant) = one_tenant().await;
    let writing = join_all((0..WRITERS).map(|writer| {
        let database = test.database();
        async move {
            for number in 0..TRANSACTIONS {
                let mut tx = database.tenant(tenant).await.expect("a transaction");
                (0..EVENTS).for_each(|part| tx.emit(None, event(format!("{writer} {number} {part}"))));
                tx.commit().await.expect("a commit");
            }
        }
    }));
    let cutting = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(300));
        for _ in 0..5 {
            ticks.tick().await;
            cut_listeners(&test).await;
        }
    };
    let reading = join_all([7, 100, 999, 2500, 20_000].map(|every| read_with_drops(&test, tenant, end, every)));
    let (_, (), readers) = tokio::join!(writing, cutting, reading);
    for seen in readers {
        assert_eq!(seen, (1..=end).collect::<Vec<_>>());
    }
}

/// What ten thousand idle streams cost has to be dominated by their sockets, not by the hub.
#[tokio::test]
async fn an_idle_subscriber_costs_little_memory() {
    const SUBSCRIBERS: u64 = 10_000;
    let (test, tenant) = one_tenant().await;
    let hub = test.database().hub();
    let _first = hub.subscribe(tenant, Some(0)).await.expect("a subscription");
    let before = resident_bytes();
    let mut subscriptions = Vec::new();
    for _ in 0..SUBSCRIBERS {
        subscriptions.push(hub.subscribe(tenant, Some(0)).await.expect("a subscription"));
    }
    let each = resident_bytes().saturating_sub(before) / SUBSCRIBERS;
    assert!(each <= 4096, "{each} bytes each");
    say(test.database(), tenant, "to all").await;
    for subscription in &mut subscriptions {
        assert_eq!(next_seq(subscription).await, Some(1));
    }
}

/// From the line `VmRSS:  1234 kB` of the kernel's account of this process.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the process's state");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its resident memory");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).expect("a number") * 1024
}
