//! A store behind a domain: who connects it, who reads what from it, and what of it a model is given.

use std::sync::Arc;

use omniops_domain::accounts::RequestMeta;
use omniops_domain::commerce::{self, Availability, Commerce, CommerceError, NewConnection, StoreKeys};
use omniops_domain::{Actor, Domain, Error, Principal, Services, Settings, secrets, tenants};
use omniops_types::{DomainId, Money, Permission, Role, StoreCheck, StoreConnection, StoreKind, StoreProblem};
use omniops_vault::Vault;
use omniops_woocommerce_stub::{CONSUMER_KEY, CONSUMER_SECRET, Fault, Store, Stub, order, product, variation};
use serde_json::json;

use crate::support::{Answerer, FixedEmbedder, World};

const ANNA: &str = "kunde01@mail.example";

/// A world whose operator lets the stub through the guard.
struct Shop {
    world: World,
    domain: Domain,
    stub: Stub,
    owner: Principal,
    domain_id: DomainId,
}

impl Shop {
    async fn open(store: Store) -> Self {
        let world = World::new().await;
        let stub = Stub::start(store).await.unwrap();
        let domain = process(&world, &stub, false);
        let owner = world.principal(Role::Owner);
        let domain_id = domain_of(&domain, &owner).await;
        Self { world, domain, stub, owner, domain_id }
    }

    /// Open, with its store connected.
    async fn connected(store: Store) -> Self {
        let shop = Self::open(store).await;
        shop.connect(&shop.owner, &shop.stub.url(), Some(keys())).await.unwrap();
        shop
    }

    async fn connect(&self, by: &Principal, base_url: &str, keys: Option<StoreKeys>) -> Result<StoreConnection, Error> {
        connect_on(&self.domain, by, self.domain_id, base_url, keys).await
    }

    /// The store as the AI's tools have it.
    async fn store(&self) -> Arc<dyn Commerce> {
        commerce::connect(&self.domain, self.world.tenant, self.domain_id).await.unwrap().expect("a store")
    }
}

/// A server process that lets the stub through the guard.
fn process(world: &World, stub: &Stub, production: bool) -> Domain {
    let services = Services::new(Arc::new(FixedEmbedder::default()), Answerer::ready());
    let services = Services { vault: Arc::new(Vault::new(world.master_key.clone(), [])), ..services };
    let allow_private_hosts = vec![format!("127.0.0.1:{}", stub.port())];
    let settings = Settings { allow_private_hosts, production, ..world.domain.settings.clone() };
    Domain::new(world.domain.database.clone(), services, settings)
}

async fn connect_on(
    domain: &Domain,
    by: &Principal,
    domain_id: DomainId,
    base_url: &str,
    keys: Option<StoreKeys>,
) -> Result<StoreConnection, Error> {
    let new = NewConnection { kind: StoreKind::WooCommerce, base_url: base_url.to_owned(), keys };
    commerce::set_connection(domain, by, domain_id, new, &RequestMeta::default()).await
}

fn keys() -> StoreKeys {
    keys_of(CONSUMER_KEY, CONSUMER_SECRET)
}

fn keys_of(key: &str, secret: &str) -> StoreKeys {
    StoreKeys { consumer_key: key.into(), consumer_secret: secret.into() }
}

async fn domain_of(domain: &Domain, principal: &Principal) -> DomainId {
    tenants::domains(domain, principal).await.unwrap().first().unwrap().id
}

fn money(amount: &str, currency: &str) -> Money {
    Money::parse(amount, currency.parse().unwrap()).unwrap()
}

fn is_about(error: &Error, field: &str) -> bool {
    matches!(error, Error::InvalidFields(fields) if fields.contains_key(field))
}

/// All of a table as text, as an intruder would read it.
async fn dump(world: &World, sql: &'static str) -> Vec<String> {
    let mut tx = world.domain.database.system("read a test's table as it is").await.unwrap();
    sqlx::query_scalar(sql).fetch_all(tx.conn()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_connects_a_store_and_its_products_and_orders_can_be_read() {
    let shop = Shop::open(Store::recorded()).await;
    let connected = shop.connect(&shop.owner, &format!(" {}/ ", shop.stub.url()), Some(keys())).await.unwrap();
    assert_eq!((connected.base_url.as_str(), connected.key_hint.as_deref()), (shop.stub.url().as_str(), Some("aba9")));
    let read = commerce::connection(&shop.domain, &shop.owner, shop.domain_id).await.unwrap();
    assert_eq!(read, Some(connected));
    let check = commerce::check_connection(&shop.domain, &shop.owner, shop.domain_id).await.unwrap();
    let works = StoreCheck::Works { name: "Nordlicht Outdoor".to_owned(), currency: "EUR".parse().unwrap() };
    assert_eq!(check, works);

    let store = shop.store().await;
    let tents = store.search_products("tent", 5).await.unwrap();
    assert_eq!(tents.iter().map(|tent| tent.name.as_str()).collect::<Vec<_>>(), ["Fjell 3 Tent", "Fjell 2 Tent"]);
    assert_eq!((tents[0].price, tents[0].regular_price), (Some(money("379.00", "EUR")), Some(money("429.00", "EUR"))));
    assert_eq!(tents[1].regular_price, None, "not on sale");
    for reference in ["11", "TNT-FJ2", "fjell-2-tent"] {
        assert_eq!(store.get_product(reference).await.unwrap().unwrap().name, "Fjell 2 Tent", "{reference}");
    }
    let jacket = store.get_product("42").await.unwrap().unwrap();
    assert_eq!((jacket.variations.len(), jacket.variations[0].name.as_str()), (8, "Size: S, Colour: Moss"));
    let moka = store.search_products("CK-MOKA", 5).await.unwrap();
    assert_eq!((moka[0].availability, moka[0].stock), (Availability::OutOfStock, Some(0)), "-7 is none");

    let order = store.order_by_number("#193", ANNA).await.unwrap().unwrap();
    assert_eq!((order.status.as_str(), order.total), ("processing", money("17.93", "USD")));
    assert_eq!(store.orders_of(ANNA, 3).await.unwrap().len(), 3);
    assert_eq!(store.orders_of(ANNA, 1000).await.unwrap().len(), 9);
}

/// A price as WooCommerce marks it up.
fn shown(amounts: &[&str]) -> serde_json::Value {
    let amounts: Vec<String> = amounts.iter().map(|amount| format!("<bdi>{amount}&nbsp;&euro;</bdi>")).collect();
    json!(amounts.join(" &ndash; "))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_price_is_told_and_it_is_what_the_customer_pays() {
    let priced = |id: u64, name: &str, price: &str| product(id, name).price(price);
    let both = json!("<bdi>100,00&nbsp;&euro;</bdi> <small>(<bdi>119,00&nbsp;&euro;</bdi> inkl. MwSt.)</small>");
    let sale = json!("<del><bdi>238,00&nbsp;&euro;</bdi></del> <ins><bdi>119,00&nbsp;&euro;</bdi></ins>");
    let variable = |id: u64, name: &str, price: &str, page: serde_json::Value| {
        priced(id, name, price).with("type", json!("variable")).with("price_html", page)
    };
    let store = Store::empty()
        .product(priced(901, "Plain", "119.00").with("price_html", shown(&["119,00"])))
        .product(priced(902, "Net on the page", "119.00").with("price_html", shown(&["100,00"])))
        .product(priced(903, "Net in the store", "100.00").with("price_html", shown(&["119,00"])))
        .product(priced(904, "Both on the page", "100.00").with("price_html", both))
        .product(priced(905, "Half price for all", "119.00").with("price_html", shown(&["59,50"])))
        .product(priced(906, "On request", "119.00").with("price_html", json!("<b>Ask us</b>")))
        .product(priced(907, "No words", "119.00"))
        .product(priced(908, "Sale in a net store", "100.00").with("on_sale", json!(true)).with("price_html", sale))
        .product(variable(909, "Net store", "100.00", shown(&["119,00", "238,00"])))
        .variation(variation(909, 9091).with("price", json!("100.00")))
        .product(variable(910, "Gross store", "119.00", shown(&["119,00", "238,00"])))
        .variation(variation(910, 9101).with("price", json!("119.00")));
    let shop = Shop::connected(store).await;
    let store = shop.store().await;
    let amount = |money: Option<Money>| money.map(|money| money.amount());
    for (id, price, without_tax, regular, on_page) in [
        ("901", Some("119.00"), None, None, Some("119,00 €")),
        ("902", Some("119.00"), Some("100.00"), None, None),
        ("903", Some("119.00"), Some("100.00"), None, Some("119,00 €")),
        ("904", Some("119.00"), Some("100.00"), None, None),
        ("905", Some("59.50"), None, None, Some("59,50 €")),
        ("906", None, None, None, Some("Ask us")),
        ("907", Some("119.00"), None, None, None),
        ("908", Some("119.00"), Some("100.00"), Some("238.00"), Some("119,00 € (was 238,00 €)")),
        ("909", Some("119.00"), Some("100.00"), None, Some("119,00 € – 238,00 €")),
        ("910", Some("119.00"), None, None, Some("119,00 € – 238,00 €")),
    ] {
        let told = store.get_product(id).await.unwrap().unwrap();
        let prices = (amount(told.price), amount(told.price_without_tax), amount(told.regular_price));
        let owned = |text: Option<&str>| text.map(str::to_owned);
        assert_eq!(prices, (owned(price), owned(without_tax), owned(regular)), "{}", told.name);
        assert_eq!(told.price_on_page.as_deref(), on_page, "{}", told.name);
    }
    let of_variation = async |id: &str| store.get_product(id).await.unwrap().unwrap().variations.remove(0);
    let (net, gross) = (of_variation("909").await, of_variation("910").await);
    assert_eq!((amount(net.price), amount(net.price_without_tax)), (None, Some("100.00".to_owned())));
    assert_eq!((amount(gross.price), amount(gross.price_without_tax)), (Some("119.00".to_owned()), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_for_nobody_but_the_one_who_was_billed() {
    let decoy = order(900, "xkunde01@mail.example").line(&format!("Card for {ANNA}"), 1, "5.00", "0.95");
    let shop = Shop::connected(Store::recorded().order(decoy)).await;
    let store = shop.store().await;
    let none = store.order_by_number("999999", ANNA).await.unwrap();
    for number in ["86", "900", "#86"] {
        assert_eq!(store.order_by_number(number, ANNA).await.unwrap(), none, "{number}");
    }
    assert_eq!(none, None);
    assert_eq!(store.orders_of("kunde0", 20).await.unwrap(), []);
    assert_eq!(store.orders_of("", 20).await.unwrap(), []);
    assert!(store.orders_of(ANNA, 20).await.unwrap().iter().all(|order| order.number != "900"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_is_given_is_plain_short_and_tells_of_nobody() {
    let page = format!("<p>Warm &amp; dry</p><script>steal()</script>{}", "<b>long</b> ".repeat(2_000));
    let loud = product(900, &"Tent &lt;3 ".repeat(100)).description(&page).price("10.00");
    let many = (0..70).map(|place| variation(42, 1000 + place)).fold(Store::recorded().product(loud), Store::variation);
    let long = (0..80).fold(order(901, ANNA), |order, place| order.line(&format!("Peg {place}"), 1, "1.00", "0.00"));
    let shop = Shop::connected(many.order(long.total("80.00", "EUR"))).await;
    let store = shop.store().await;

    let tent = store.get_product("900").await.unwrap().unwrap();
    assert!(tent.name.starts_with("Tent <3 Tent") && tent.name.chars().count() <= 201, "{}", tent.name);
    assert!(tent.description.starts_with("Warm & dry\nlong long"), "{}", tent.description);
    assert!(tent.description.chars().count() <= 1_501 && tent.description.ends_with('…'));
    assert!(!tent.description.contains("steal"));
    assert_eq!(store.get_product("42").await.unwrap().unwrap().variations.len(), 60);

    let order = store.order_by_number("901", ANNA).await.unwrap().unwrap();
    assert_eq!((order.lines.len(), order.more_lines), (50, 30));
    let anna = store.order_by_number("193", ANNA).await.unwrap().unwrap();
    let told = serde_json::to_string(&anna).unwrap();
    for personal in [ANNA, "Schröder", "Lange Reihe", "20095"] {
        assert!(!told.contains(personal), "{personal} in {told}");
    }
    assert!(told.contains(r#""total":{"amount":"17.93","currency":"USD"}"#), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_change_settings_connects_checks_and_disconnects() {
    let shop = Shop::connected(Store::recorded()).await;
    for role in [Role::Agent, Role::Analyst] {
        let principal = shop.world.principal(role);
        let meta = RequestMeta::default();
        let refused = |error: Error| assert!(matches!(error, Error::Forbidden(Permission::SettingsWrite)), "{error}");
        refused(shop.connect(&principal, &shop.stub.url(), Some(keys())).await.unwrap_err());
        refused(commerce::check_connection(&shop.domain, &principal, shop.domain_id).await.unwrap_err());
        refused(commerce::remove_connection(&shop.domain, &principal, shop.domain_id, &meta).await.unwrap_err());
    }
    let analyst = shop.world.principal(Role::Analyst);
    let error = commerce::connection(&shop.domain, &analyst, shop.domain_id).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(Permission::SettingsRead)), "{error}");
    shop.connect(&shop.world.principal(Role::Admin), &shop.stub.url(), Some(keys())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_reaches_neither_the_connection_nor_the_store() {
    let shop = Shop::connected(Store::recorded()).await;
    let tenant_id = shop.world.stranger().await.tenant_id;
    let stranger = Principal { tenant_id, ..shop.owner.clone() };
    let before = shop.stub.requests().len();
    assert_eq!(commerce::connection(&shop.domain, &stranger, shop.domain_id).await.unwrap(), None);
    assert!(commerce::connect(&shop.domain, tenant_id, shop.domain_id).await.unwrap().is_none());
    let error = shop.connect(&stranger, &shop.stub.url(), Some(keys())).await.unwrap_err();
    assert!(matches!(error, Error::NotFound("domain")), "{error}");
    let error = commerce::check_connection(&shop.domain, &stranger, shop.domain_id).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    let meta = RequestMeta::default();
    let error = commerce::remove_connection(&shop.domain, &stranger, shop.domain_id, &meta).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    assert_eq!(shop.stub.requests().len(), before, "the store was not asked");
    assert_eq!(shop.store().await.search_products("tent", 5).await.unwrap().len(), 2, "and still works");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_read_their_own_stores() {
    let shop = Shop::connected(Store::recorded()).await;
    let tenant_id = shop.world.stranger().await.tenant_id;
    let stranger = Principal { tenant_id, actor: Actor::CommandLine };
    let theirs = Stub::start(Store::empty().product(product(1, "Kettle"))).await.unwrap();
    let their_domain = domain_of(&shop.domain, &stranger).await;
    connect_on(&shop.domain, &stranger, their_domain, &theirs.url(), Some(keys())).await.unwrap();
    let store = commerce::connect(&shop.domain, tenant_id, their_domain).await.unwrap().unwrap();
    assert_eq!(store.search_products("kettle", 5).await.unwrap().len(), 1);
    assert_eq!(shop.store().await.search_products("kettle", 5).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_sealed_and_in_no_log() {
    let shop = Shop::connected(Store::recorded()).await;
    shop.connect(&shop.owner, &shop.stub.url(), None).await.unwrap();
    for table in [
        "select t::text from commerce_connections t",
        "select t::text || encode(sealed, 'escape') from tenant_secrets t",
        "select t::text from config_audit_log t",
    ] {
        let rows = dump(&shop.world, table).await;
        assert!(!rows.is_empty(), "{table}");
        for row in rows {
            assert!(!row.contains(CONSUMER_KEY) && !row.contains(CONSUMER_SECRET), "{row}");
        }
    }
    let log = dump(
        &shop.world,
        "select concat_ws(' ', action, target, before ->> 'base_url', after ->> 'base_url', after ->> 'changed_keys')
         from config_audit_log where action like 'commerce.%' order by id",
    )
    .await;
    let (id, url) = (shop.domain_id, shop.stub.url());
    assert_eq!(
        log,
        [format!("commerce.connected {id} {url} true"), format!("commerce.connected {id} {url} {url} false")]
    );
    assert!(!format!("{:?}", keys()).contains("ck_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_keys_are_not_sent_to_another_address() {
    let shop = Shop::open(Store::recorded()).await;
    let error = shop.connect(&shop.owner, &shop.stub.url(), None).await.unwrap_err();
    assert!(is_about(&error, "consumer_key"), "there are none yet: {error:?}");
    shop.connect(&shop.owner, &shop.stub.url(), Some(keys())).await.unwrap();
    let moved = shop.connect(&shop.owner, "https://thief.example", None).await.unwrap_err();
    assert!(is_about(&moved, "consumer_key"), "{moved:?}");
    let connection = commerce::connection(&shop.domain, &shop.owner, shop.domain_id).await.unwrap().unwrap();
    assert_eq!(connection.base_url, shop.stub.url());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_store_is_refused_with_the_field_that_is_wrong() {
    let shop = Shop::open(Store::recorded()).await;
    for address in ["", "ftp://shop.example", "https://ck_a:cs_b@shop.example", "https://"] {
        let error = shop.connect(&shop.owner, address, Some(keys())).await.unwrap_err();
        assert!(is_about(&error, "base_url"), "{address}: {error:?}");
    }
    let swapped = keys_of(CONSUMER_SECRET, CONSUMER_KEY);
    let error = shop.connect(&shop.owner, &shop.stub.url(), Some(swapped)).await.unwrap_err();
    assert!(is_about(&error, "consumer_key") && is_about(&error, "consumer_secret"), "{error:?}");
    assert!(commerce::connect(&shop.domain, shop.world.tenant, shop.domain_id).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_refused_unless_the_operator_says_otherwise() {
    let shop = Shop::open(Store::recorded()).await;
    let other = Stub::start(Store::recorded()).await.unwrap();
    for address in [other.url(), "http://10.0.0.1".to_owned(), "http://169.254.169.254".to_owned()] {
        let error = shop.connect(&shop.owner, &address, Some(keys())).await.unwrap_err();
        assert!(is_about(&error, "base_url"), "{address}: {error:?}");
    }
    let operator = Principal { tenant_id: shop.world.tenant, actor: Actor::CommandLine };
    shop.connect(&operator, &other.url(), Some(keys())).await.unwrap();
    assert_eq!(shop.store().await.search_products("tent", 5).await.unwrap().len(), 2);

    let production = process(&shop.world, &shop.stub, true);
    let kept = commerce::connect(&production, shop.world.tenant, shop.domain_id).await.unwrap();
    assert!(kept.is_none(), "what the operator connected while trying out is not asked in production");
    let error = connect_on(&production, &operator, shop.domain_id, &other.url(), Some(keys())).await.unwrap_err();
    assert!(is_about(&error, "base_url"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_to_a_private_address_is_not_asked() {
    let shop = Shop::open(Store::recorded()).await;
    let address = format!("http://localhost:{}", shop.stub.port());
    shop.connect(&shop.owner, &address, Some(keys())).await.unwrap();
    let error = shop.store().await.search_products("tent", 5).await.unwrap_err();
    assert!(matches!(error, CommerceError::Unavailable(_)), "{error:?}");
    let check = commerce::check_connection(&shop.domain, &shop.owner, shop.domain_id).await.unwrap();
    assert_eq!(check, StoreCheck::Fails { problem: StoreProblem::Unavailable });
    assert_eq!(shop.stub.requests(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_in_force_at_once_in_every_process() {
    let shop = Shop::connected(Store::recorded()).await;
    let other_process = process(&shop.world, &shop.stub, false);
    let search = async |domain: &Domain| {
        let store = commerce::connect(domain, shop.world.tenant, shop.domain_id).await.unwrap()?;
        Some(store.search_products("tent", 5).await.map(|found| found.len()))
    };
    assert!(matches!(search(&shop.domain).await, Some(Ok(2))));
    assert!(matches!(search(&other_process).await, Some(Ok(2))));

    let wrong = keys_of("ck_wrong", "cs_wrong");
    shop.connect(&shop.owner, &shop.stub.url(), Some(wrong)).await.unwrap();
    for process in [&shop.domain, &other_process] {
        assert!(matches!(search(process).await, Some(Err(CommerceError::Refused(_)))));
    }
    commerce::remove_connection(&other_process, &shop.owner, shop.domain_id, &RequestMeta::default()).await.unwrap();
    for process in [&shop.domain, &other_process] {
        assert!(search(process).await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_forgets_the_keys() {
    let shop = Shop::connected(Store::recorded()).await;
    commerce::remove_connection(&shop.domain, &shop.owner, shop.domain_id, &RequestMeta::default()).await.unwrap();
    let mut tx = shop.domain.database.tenant(shop.world.tenant).await.unwrap();
    assert_eq!(secrets::summaries(&mut tx, "commerce.").await.unwrap(), []);
    let again = commerce::remove_connection(&shop.domain, &shop.owner, shop.domain_id, &RequestMeta::default()).await;
    assert!(matches!(again.unwrap_err(), Error::NotFound("connection")));
    assert_eq!(commerce::connection(&shop.domain, &shop.owner, shop.domain_id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_of_failing_has_its_own_word() {
    let shop = Shop::connected(Store::recorded()).await;
    let store = shop.store().await;
    for (fault, code, problem) in [
        (Fault::Status(500), "store_unavailable", StoreProblem::Unavailable),
        (Fault::Cut, "store_unavailable", StoreProblem::Unavailable),
        (Fault::TooManyRequests(Some(5)), "store_busy", StoreProblem::Busy),
        (Fault::RateLimited(5), "store_busy", StoreProblem::Busy),
        (Fault::Page(403), "store_refused", StoreProblem::KeysRefused),
        (Fault::Page(404), "store_unusable", StoreProblem::NoApi),
        (Fault::Page(200), "store_unusable", StoreProblem::Unusable),
        (Fault::Redirect("https://elsewhere.example/".to_owned()), "store_unusable", StoreProblem::Redirected),
    ] {
        shop.stub.fail(fault.clone());
        assert_eq!(store.search_products("tent", 5).await.unwrap_err().code(), code, "{fault:?}");
        let check = commerce::check_connection(&shop.domain, &shop.owner, shop.domain_id).await.unwrap();
        assert_eq!(check, StoreCheck::Fails { problem }, "{fault:?}");
    }
    shop.stub.heal();
    assert_eq!(store.search_products("tent", 5).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_and_a_refund_are_told_exactly() {
    let shipped = order(900, ANNA)
        .status("shipped")
        .total("100.00", "EUR")
        .line("Pegs", 2, "84.03", "15.97")
        .refund("10.05")
        .meta(
            "_wc_shipment_tracking_items",
            json!([
                {"tracking_provider": "DHL", "tracking_number": "0034", "tracking_link": "https://dhl.example/0034"}
            ]),
        );
    let shop = Shop::connected(Store::empty().order(shipped)).await;
    let order = shop.store().await.order_by_number("900", ANNA).await.unwrap().unwrap();
    assert_eq!((order.refunded, order.total_after_refunds), (money("10.05", "EUR"), money("89.95", "EUR")));
    assert_eq!(order.lines[0].total, money("100.00", "EUR"));
    let parcel = &order.parcels[0];
    assert_eq!((parcel.number.as_str(), parcel.carrier.as_deref()), ("0034", Some("DHL")));
    assert_eq!(parcel.url.as_deref(), Some("https://dhl.example/0034"));
}
