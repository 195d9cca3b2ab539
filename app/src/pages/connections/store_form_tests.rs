//! Which keys stay, which have to be entered again, and what is sent.

use leptos::prelude::*;
use omniops_types::{StoreConnection, StoreKind, Timestamp};

use super::store_form::{ADDRESS, KEY, SECRET, StoreForm};

fn connected() -> StoreForm {
    let at: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    let store = StoreConnection {
        kind: StoreKind::WooCommerce,
        base_url: "https://shop.example/store".to_owned(),
        key_hint: Some("…aba9".to_owned()),
        created_at: at,
        updated_at: at,
    };
    writable(Some(store))
}

fn writable(saved: Option<StoreConnection>) -> StoreForm {
    let mut form = StoreForm::new("shop.example".to_owned(), saved);
    form.writable = true;
    form
}

fn wrong(form: StoreForm) -> Vec<String> {
    form.update().unwrap_err().into_keys().collect()
}

#[test]
fn keys_stay_as_long_as_the_address_does() {
    Owner::new().with(|| {
        let form = connected();
        assert!(!form.dirty() && !form.moved());
        assert_eq!((form.key_kept().as_deref(), form.secret_kept().as_deref()), (Some("…aba9"), Some("")));
        let update = form.update().unwrap();
        assert_eq!((update.consumer_key, update.consumer_secret), (None, None));

        form.base_url.set(" https://shop.example/store/ ".to_owned());
        assert!(!form.dirty(), "spelled as people paste it, it is the same");

        form.base_url.set("https://other.example".to_owned());
        assert!(form.dirty() && form.moved());
        assert_eq!((form.key_kept(), form.secret_kept()), (None, None));
        assert_eq!(wrong(form), [KEY, SECRET]);

        form.load();
        assert!(!form.dirty() && form.key_kept().is_some());
    });
}

#[test]
fn a_new_key_opens_the_field_of_its_secret_and_the_other_way_round() {
    Owner::new().with(|| {
        let form = connected();
        form.consumer_key.replace_with("ck_new");
        assert_eq!(form.secret_kept(), None);
        assert!(form.key_kept().is_some(), "and can still be kept after all");
        assert_eq!(wrong(form), [SECRET]);
        form.consumer_secret.replace_with("cs_new");
        let update = form.update().unwrap();
        assert_eq!(update.consumer_key.as_deref(), Some("ck_new"));
        assert_eq!(update.consumer_secret.as_deref(), Some("cs_new"));

        let form = connected();
        form.consumer_secret.replace_with("cs_new");
        assert_eq!(form.key_kept(), None);
        assert_eq!(wrong(form), [KEY]);
    });
}

#[test]
fn what_can_be_no_store_is_told_beside_its_field_before_anything_is_sent() {
    Owner::new().with(|| {
        let form = writable(None);
        assert!(!form.dirty());
        assert_eq!(wrong(form), [ADDRESS, KEY, SECRET]);
        form.base_url.set("shop.example".to_owned());
        assert!(form.dirty());
        // Pasted into each other's fields.
        form.consumer_key.replace_with("cs_1");
        form.consumer_secret.replace_with("ck_1");
        assert_eq!(wrong(form), [KEY, SECRET]);
        form.consumer_key.replace_with("ck_1");
        form.consumer_secret.replace_with("cs_1");
        assert_eq!(form.update().unwrap().base_url, "shop.example");
    });
}
