use omniops_woocommerce::{Order, OrderStatus};
use omniops_woocommerce_stub::{Store, order};
use serde_json::json;

use crate::{money, open};

const ANNA: &str = "kunde01@mail.example";

#[tokio::test]
async fn an_order_is_read_as_it_was_recorded() {
    let (_stub, client) = open(Store::recorded()).await;
    let order = client.order_by_number("#86", " Kunde05@MAIL.example ").await.unwrap().unwrap();
    assert_eq!((order.id, order.number.as_str(), order.status.clone()), (86, "86", OrderStatus::Completed));
    assert_eq!(order.created_at.unwrap().to_rfc3339(), "2026-07-28T22:00:37+00:00");
    assert_eq!(order.completed_at.unwrap().to_rfc3339(), "2026-08-02T02:38:52+00:00");
    assert_eq!(order.customer_id, Some(6));
    assert_eq!(order.total, money("312.65", "USD"));
    assert_eq!(order.refunded, money("288.28", "USD"));
    assert_eq!(order.balance, money("24.37", "USD"));
    assert_eq!((order.discount, order.shipping), (money("20", "USD"), money("12.61", "USD")));
    assert_eq!(
        (order.payment_method.as_str(), order.shipping_methods.as_slice()),
        ("Cash on delivery", &["DHL Express".to_owned()][..])
    );
    let lines: Vec<_> = order.lines.iter().map(|line| (line.name.as_str(), line.quantity, line.total)).collect();
    assert_eq!(
        lines,
        [("Fjell 2 Tent", 1.0, money("288.28", "USD")), ("Gas Cartridge 230 g", 3.0, money("5.04", "USD"))]
    );
    assert_eq!(order.lines[0].sku.as_deref(), Some("TNT-FJ2"));
    assert!(order.lines[0].options.is_empty(), "the plugins' own notes are no choices of the customer");
}

#[tokio::test]
async fn every_recorded_order_is_read_and_its_amounts_are_the_recorded_strings() {
    let mut read = 0;
    let bodies: Vec<serde_json::Value> = ["orders", "odd_orders"]
        .iter()
        .flat_map(|file| {
            let path = format!("{}/../../end2end/woocommerce-stub/recorded/{file}.json", env!("CARGO_MANIFEST_DIR"));
            serde_json::from_str::<Vec<serde_json::Value>>(&std::fs::read_to_string(path).unwrap()).unwrap()
        })
        .collect();
    let (stub, client) = open(Store::empty()).await;
    for body in bodies {
        stub.change(|_| Store::empty().order(body.clone()));
        let (number, email) = (body["number"].as_str().unwrap(), body["billing"]["email"].as_str().unwrap());
        let order = client.order_by_number(number, email).await.unwrap().expect(number);
        let (total, currency) = (body["total"].as_str().unwrap(), body["currency"].as_str().unwrap());
        assert_eq!(order.total, money(total, currency), "{number}");
        assert_eq!(order.status.as_str(), body["status"].as_str().unwrap(), "{number}");
        assert!(order.created_at.is_some(), "{number}");
        assert_eq!(order.lines.len(), body["line_items"].as_array().unwrap().len(), "{number}");
        let lines = order.lines.iter().fold(money("0", currency), |sum, line| sum.checked_add(line.total).unwrap());
        assert_eq!(lines, expected_lines(&body, currency), "{number}");
        read += 1;
    }
    assert_eq!(read, 127);
}

fn expected_lines(body: &serde_json::Value, currency: &str) -> omniops_types::Money {
    body["line_items"].as_array().unwrap().iter().fold(money("0", currency), |sum, line| {
        ["total", "total_tax"]
            .iter()
            .fold(sum, |sum, field| sum.checked_add(money(line[field].as_str().unwrap(), currency)).unwrap())
    })
}

#[tokio::test]
async fn an_order_of_somebody_else_is_answered_like_no_order_at_all_after_the_same_requests() {
    let (stub, client) = open(Store::recorded()).await;
    let mut asked = Vec::new();
    for number in ["86", "999999"] {
        let before = stub.requests().len();
        assert_eq!(client.order_by_number(number, ANNA).await.unwrap(), None);
        asked.push(stub.requests().split_off(before).into_iter().map(|seen| seen.query).collect::<Vec<_>>());
    }
    assert_eq!(asked[0], asked[1], "whoever counts the requests learns nothing");
    assert_eq!(asked[0].len(), 2);
}

#[tokio::test]
async fn an_email_that_only_contains_the_billed_one_is_another_person() {
    let store = Store::empty()
        .order(order(1, "anna@mail.example"))
        .order(order(2, "xanna@mail.example"))
        .order(order(3, "anna@mail.example.evil.example"))
        .order(order(4, "eve@mail.example").line("Card for anna@mail.example", 1, "5.00", "0.95"))
        .order(order(5, "ANNA@mail.example"));
    let (_stub, client) = open(store).await;
    let ids = |orders: Vec<Order>| orders.into_iter().map(|order| order.id).collect::<Vec<_>>();
    assert_eq!(ids(client.orders_of_email("anna@mail.example", 10).await.unwrap()), [5, 1]);
    for number in ["2", "3", "4"] {
        assert_eq!(client.order_by_number(number, "anna@mail.example").await.unwrap(), None, "{number}");
    }
    assert!(client.order_by_number("5", "anna@mail.example").await.unwrap().is_some());
}

#[tokio::test]
async fn a_number_that_only_looks_alike_is_another_order() {
    // Searched for 93 the store gives all of these: by transaction, by a plugin's number, by id.
    let store = Store::empty()
        .order(order(191, ANNA).transaction("ch_293f"))
        .order(order(133, ANNA).number("A-93"))
        .order(order(84, ANNA).number("193"))
        .order(order(93, "eve@mail.example"));
    let (_stub, client) = open(store).await;
    assert_eq!(client.order_by_number("93", ANNA).await.unwrap(), None);
    assert_eq!(client.order_by_number("3", ANNA).await.unwrap(), None);
    assert_eq!(client.order_by_number("A-93", ANNA).await.unwrap().unwrap().id, 133);
    assert_eq!(client.order_by_number("193", ANNA).await.unwrap().unwrap().id, 84);
}

#[tokio::test]
async fn a_number_of_a_plugin_wins_over_the_id_of_another_order() {
    let store = Store::empty().order(order(500, ANNA).number("1001")).order(order(1001, ANNA).number("1502"));
    let (_stub, client) = open(store).await;
    assert_eq!(client.order_by_number("1001", ANNA).await.unwrap().unwrap().id, 500);
}

#[tokio::test]
async fn the_orders_of_a_person_are_the_recorded_ones_newest_first() {
    let (stub, client) = open(Store::recorded()).await;
    let orders = client.orders_of_email(ANNA, 5).await.unwrap();
    assert_eq!(orders.iter().map(|order| order.id).collect::<Vec<_>>(), [193, 174, 172, 166, 159]);
    assert_eq!(client.orders_of_email(ANNA, 100).await.unwrap().len(), 9);
    assert_eq!(client.orders_of_email("nobody@nowhere.example", 5).await.unwrap(), []);
    let guest = client.orders_of_email("guest.checkout@gast.example", 5).await.unwrap();
    assert_eq!((guest.len(), guest[0].customer_id), (1, None));
    for seen in stub.requests() {
        for personal in ["address", "phone", "ip_address", "user_agent", "order_key", "shipping%2C", "billing%2C"] {
            assert!(!seen.query.contains(personal), "{personal} was asked for");
        }
    }
}

#[tokio::test]
async fn all_pages_are_read_when_others_fill_the_first() {
    // 120 orders of others that name Anna's address, all newer than hers.
    let others = (1000..1120).map(|id| {
        let decoy = order(id, "other@mail.example").line("For anna@mail.example", 1, "1.00", "0.00");
        decoy.created("2026-11-02T00:00:00")
    });
    let hers = [order(1, "anna@mail.example"), order(2, "anna@mail.example").number("SO-2")];
    let store = hers
        .into_iter()
        .map(|order| order.created("2026-11-01T00:00:00"))
        .chain(others)
        .fold(Store::empty(), Store::order);
    let (stub, client) = open(store).await;
    let orders = client.orders_of_email("anna@mail.example", 100).await.unwrap();
    assert_eq!(orders.len(), 2);
    assert_eq!(stub.requests().len(), 2);
    assert_eq!(client.order_by_number("SO-2", "anna@mail.example").await.unwrap().unwrap().id, 2);
}

#[tokio::test]
async fn no_email_and_no_customer_is_never_everybody() {
    let (stub, client) = open(Store::recorded()).await;
    for email in ["", " ", "@", "kunde"] {
        assert_eq!(client.orders_of_email(email, 100).await.unwrap(), []);
        assert_eq!(client.order_by_number("86", email).await.unwrap(), None);
    }
    assert_eq!(client.orders_of_customer(0, 100).await.unwrap(), [], "customer 0 are all guests");
    assert_eq!(stub.requests(), [], "nor is the store asked");
    let ids: Vec<u64> = client.orders_of_customer(2, 5).await.unwrap().iter().map(|order| order.id).collect();
    assert_eq!(ids, [193, 174, 172, 166, 159]);
}

#[tokio::test]
async fn what_is_in_the_trash_or_a_draft_is_no_order() {
    let store = Store::recorded_later();
    let (_stub, client) = open(store).await;
    assert_eq!(client.order_by_number("108", "kunde02@posteo.example").await.unwrap(), None);
    let (_stub, client) = open(Store::empty().order(order(1, ANNA).status("checkout-draft"))).await;
    assert_eq!(client.order_by_number("1", ANNA).await.unwrap(), None);
}

#[tokio::test]
async fn a_status_of_a_plugin_a_fraction_and_a_parcel_are_read() {
    let shipped = order(7, ANNA)
        .status("shipped")
        .total("43.65", "JPY")
        .line("Webbing &amp; Rope<br>", 1, "40.00", "3.65")
        .with("date_paid_gmt", json!(null))
        .refund("0.65")
        .meta("_wc_shipment_tracking_items", json!([{"tracking_provider": "DHL", "tracking_number": "0034"}]));
    let mut body: serde_json::Value = shipped.into();
    body["line_items"][0]["quantity"] = json!(1.5);
    body["line_items"][0]["meta_data"] = json!([
        {"id": 1, "key": "_reduced_stock", "value": "1", "display_key": "_reduced_stock", "display_value": "1"},
        {"id": 2, "key": "Engraving", "value": "A", "display_key": "Engraving", "display_value": "<p>A &amp; B</p>"},
        {"id": 3, "key": "blob", "value": {"a": 1}, "display_key": "blob", "display_value": {"a": 1}}
    ]);
    let (_stub, client) = open(Store::empty().order(body)).await;
    let order = client.order_by_number("7", ANNA).await.unwrap().unwrap();
    assert_eq!(order.status, OrderStatus::Other("shipped".to_owned()));
    assert_eq!((order.paid_at, order.balance.to_string().as_str()), (None, "43 JPY"));
    let line = &order.lines[0];
    assert_eq!((line.name.as_str(), line.quantity, line.total), ("Webbing & Rope", 1.5, money("43.65", "JPY")));
    assert_eq!(line.options, [("Engraving".to_owned(), "A & B".to_owned())]);
    assert_eq!(order.parcels[0].number, "0034");
}
