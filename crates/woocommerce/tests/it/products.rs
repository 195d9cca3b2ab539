use omniops_woocommerce::{Product, ProductKey, StockStatus};
use omniops_woocommerce_stub::{Store, product, variation};
use serde_json::json;

use crate::{money, open};

fn names(products: &[Product]) -> Vec<&str> {
    products.iter().map(|product| product.name.as_str()).collect()
}

#[tokio::test]
async fn a_search_finds_what_the_real_store_found() {
    let (_stub, client) = open(Store::recorded()).await;
    let found = client.search_products("tent", 5).await.unwrap();
    assert_eq!(names(&found), ["Fjell 3 Tent", "Fjell 2 Tent"]);
    let tent = &found[0];
    assert_eq!(tent.price, Some(money("379.00", "EUR")));
    assert_eq!((tent.regular_price, tent.on_sale), (Some(money("429.00", "EUR")), true));
    let shown = tent.shown_price.clone().unwrap();
    assert_eq!(shown.text, "318,49 € (was 360,50 €)");
    assert_eq!((shown.amounts, shown.former), (vec![money("318.49", "EUR")], vec![money("360.50", "EUR")]));
    assert_eq!(tent.description, "Fjell 3 Tent: tested on the Hardangervidda. Ships from Hamburg.");
    assert_eq!(tent.short_description, "Fjell 3 Tent by Nordlicht");
    assert_eq!(tent.categories, ["Tents & Shelters"]);
    assert_eq!((tent.stock.status, tent.stock.quantity), (StockStatus::InStock, Some(1)));
    assert_eq!(tent.updated_at.unwrap().to_rfc3339(), "2026-04-11T04:27:50+00:00");
    assert_eq!(client.search_products("tent", 1).await.unwrap().len(), 1);
    assert_eq!(client.search_products(" ", 5).await.unwrap(), [], "an empty search is not the whole catalogue");
}

#[tokio::test]
async fn drafts_private_hidden_and_locked_products_are_not_shown() {
    let store = Store::recorded()
        .product(product(900, "Secret Bivy").with("post_password", json!("sesame")))
        .product(product(901, "Backroom Bivy").with("catalog_visibility", json!("hidden")));
    let (_stub, client) = open(store).await;
    assert_eq!(client.search_products("bivy", 10).await.unwrap(), [], "40 is a draft");
    assert_eq!(client.search_products("staff", 10).await.unwrap(), [], "41 is private");
    for id in [40, 41, 900, 999_999] {
        assert_eq!(client.product(&ProductKey::Id(id)).await.unwrap(), None, "{id}");
    }
    let by_link = client.product(&ProductKey::Id(901)).await.unwrap();
    assert_eq!(by_link.unwrap().name, "Backroom Bivy", "whoever has the link sees the page");
    assert_eq!(client.product(&ProductKey::Sku("PRT-BIVY".to_owned())).await.unwrap(), None);
}

#[tokio::test]
async fn a_product_is_found_by_its_id_its_address_and_its_sku() {
    let (_stub, client) = open(Store::recorded()).await;
    for key in [ProductKey::Id(11), ProductKey::Slug("fjell-2-tent".to_owned()), ProductKey::Sku("tnt-fj2".to_owned())]
    {
        let product = client.product(&key).await.unwrap().unwrap();
        assert_eq!((product.id, product.sku.as_deref()), (11, Some("TNT-FJ2")), "{key:?}");
    }
    for key in [
        ProductKey::Slug(String::new()),
        ProductKey::Sku(" ".to_owned()),
        ProductKey::Sku("NO-SUCH".to_owned()),
        ProductKey::Sku("CK-STV,CL-BUFF".to_owned()),
    ] {
        assert_eq!(client.product(&key).await.unwrap(), None, "{key:?}");
    }
}

#[tokio::test]
async fn a_variable_product_comes_with_its_variations() {
    let (_stub, client) = open(Store::recorded()).await;
    let jacket = client.product(&ProductKey::Id(42)).await.unwrap().unwrap();
    let choices: Vec<_> = jacket.choices.iter().map(|choice| (choice.name.as_str(), choice.options.len())).collect();
    assert_eq!(choices, [("Size", 4), ("Colour", 2)]);
    assert_eq!(jacket.variations.len(), 8);
    let small = &jacket.variations[0];
    assert_eq!((small.id, small.sku.as_deref()), (43, Some("CL-NW-S-MO")));
    assert_eq!(small.options, [("Size".to_owned(), "S".to_owned()), ("Colour".to_owned(), "Moss".to_owned())]);
    assert_eq!((small.price, small.stock.quantity), (Some(money("189.00", "EUR")), Some(29)));
}

#[tokio::test]
async fn a_variation_is_as_public_as_its_product() {
    let key = ProductKey::Sku("CL-NW-M-MO".to_owned());
    let (stub, client) = open(Store::recorded()).await;
    let medium = client.product(&key).await.unwrap().unwrap();
    assert_eq!((medium.parent_id, medium.name.as_str()), (Some(42), "Nordwand Rain Jacket - M, Moss"));
    stub.change(|store| store.product(product(42, "Nordwand Rain Jacket").status("draft")));
    assert_eq!(client.product(&key).await.unwrap(), None);
    assert_eq!(client.product(&ProductKey::Id(45)).await.unwrap(), None);
}

#[tokio::test]
async fn a_variation_that_was_switched_off_is_left_out() {
    let (_stub, client) = open(Store::recorded().variation(variation(42, 43).status("private"))).await;
    let jacket = client.product(&ProductKey::Id(42)).await.unwrap().unwrap();
    assert_eq!(
        jacket.variations.iter().map(|variation| variation.id).collect::<Vec<_>>(),
        (44..=50).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn more_variations_than_a_page_are_read() {
    let many = (1000..1150).map(|id| variation(42, id));
    let (_stub, client) = open(many.fold(Store::recorded(), Store::variation)).await;
    let jacket = client.product(&ProductKey::Id(42)).await.unwrap().unwrap();
    assert_eq!(jacket.variations.len(), 158);
}

#[tokio::test]
async fn stock_may_be_negative_uncounted_or_on_backorder() {
    let (_stub, client) = open(Store::recorded()).await;
    let stock = async |id| client.product(&ProductKey::Id(id)).await.unwrap().unwrap().stock;
    let oversold = stock(28).await;
    assert_eq!((oversold.status, oversold.quantity), (StockStatus::OutOfStock, Some(-7)));
    let gloves = stock(32).await;
    assert_eq!((gloves.status, gloves.quantity, gloves.backorders), (StockStatus::OnBackorder, Some(-7), true));
    let card = stock(35).await;
    assert_eq!((card.status, card.quantity), (StockStatus::InStock, None));
}

#[tokio::test]
async fn every_recorded_product_is_read_and_no_text_holds_markup() {
    let (stub, client) = open(Store::recorded()).await;
    let mut read = 0;
    for file in ["products", "odd_products"] {
        let path = format!("{}/../../end2end/woocommerce-stub/recorded/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let bodies: Vec<serde_json::Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for mut body in bodies {
            body["status"] = json!("publish");
            let id = body["id"].as_u64().unwrap();
            stub.change(|_| Store::empty().product(body.clone()));
            let product = client.product(&ProductKey::Id(id)).await.unwrap().unwrap();
            assert_eq!(product.price.map(|price| price.amount()).unwrap_or_default(), body["price"].as_str().unwrap());
            let shown = product.shown_price.as_ref().map(|shown| shown.text.clone()).unwrap_or_default();
            for text in [&product.name, &product.description, &product.short_description, &shown] {
                assert!(!text.contains(['<', '>']) && !text.contains("&amp;"), "{id}: {text}");
            }
            read += 1;
        }
    }
    assert_eq!(read, 46);
}

#[tokio::test]
async fn an_old_stores_variations_are_read() {
    let path = format!("{}/../../end2end/woocommerce-stub/recorded/", env!("CARGO_MANIFEST_DIR"));
    let list = |file: &str| -> Vec<serde_json::Value> {
        serde_json::from_str(&std::fs::read_to_string(format!("{path}{file}.json")).unwrap()).unwrap()
    };
    let store = list("odd_products").into_iter().fold(Store::empty(), Store::product);
    let store = list("legacy_variations").into_iter().fold(store, Store::variation);
    let (_stub, client) = open(store).await;
    let jacket = client.product(&ProductKey::Id(44)).await.unwrap().unwrap();
    assert_eq!(jacket.variations.len(), 8);
    assert_eq!(jacket.variations[0].options.len(), 2);
}

#[tokio::test]
async fn prices_are_in_the_stores_currency_and_loose_types_are_taken() {
    let odd = product(900, "Rope")
        .with("price", json!(1500))
        .with("regular_price", json!(""))
        .with("sku", json!(12))
        .with("manage_stock", json!("parent"))
        .with("stock_quantity", json!("2.7"))
        .with("attributes", json!(false))
        .with("categories", json!(null))
        .with("backorders_allowed", json!("yes"))
        .with("permalink", json!("javascript:alert(1)"));
    let (_stub, client) = open(Store::empty().currency("JPY").product(odd)).await;
    let rope = client.product(&ProductKey::Id(900)).await.unwrap().unwrap();
    assert_eq!((rope.price, rope.regular_price), (Some(money("1500", "JPY")), None));
    assert_eq!((rope.sku.as_deref(), rope.stock.quantity, rope.stock.backorders), (Some("12"), Some(2), true));
    assert_eq!((rope.choices.as_slice(), rope.categories.len(), rope.url), (&[][..], 0, None));
}
