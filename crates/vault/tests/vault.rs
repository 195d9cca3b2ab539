//! What the vault keeps, gives back, and refuses.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use omniops_types::TenantId;
use omniops_vault::{MasterKey, MasterKeyError, Vault, VaultError};
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

fn vault() -> Vault {
    Vault::new(MasterKey::generate().unwrap(), [])
}

fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

proptest! {
    #[test]
    fn what_is_sealed_under_a_name_is_read_under_it(id: u128, name in ".{0,40}", text in ".{0,400}") {
        let vault = vault();
        let (key, wrapped) = vault.new_data_key(tenant(id)).unwrap();
        let sealed = key.seal(&name, &secret(&text)).unwrap();
        let opened = vault.unwrap(tenant(id), &wrapped).unwrap().open(&name, &sealed).unwrap();
        prop_assert_eq!(opened.expose_secret(), &text);
    }

    #[test]
    fn a_secret_with_any_byte_changed_is_refused(text in ".{0,60}", at: prop::sample::Index, change in 1_u8..) {
        let (key, _) = vault().new_data_key(tenant(1)).unwrap();
        let mut sealed = key.seal("name", &secret(&text)).unwrap();
        let at = at.index(sealed.len());
        sealed[at] ^= change;
        prop_assert!(key.open("name", &sealed).is_err());
    }

    #[test]
    fn a_wrapped_key_with_any_byte_changed_is_refused(at: prop::sample::Index, change in 1_u8..) {
        let vault = vault();
        let (_, mut wrapped) = vault.new_data_key(tenant(1)).unwrap();
        let at = at.index(wrapped.len());
        wrapped[at] ^= change;
        prop_assert!(vault.unwrap(tenant(1), &wrapped).is_err());
    }

    #[test]
    fn what_was_cut_off_is_refused(text in ".{0,60}", at: prop::sample::Index) {
        let vault = vault();
        let (key, wrapped) = vault.new_data_key(tenant(1)).unwrap();
        let sealed = key.seal("name", &secret(&text)).unwrap();
        prop_assert!(key.open("name", &sealed[..at.index(sealed.len())]).is_err());
        prop_assert!(vault.unwrap(tenant(1), &wrapped[..at.index(wrapped.len())]).is_err());
    }

    #[test]
    fn a_secret_is_refused_under_another_name(one in ".{0,20}", other in ".{0,20}") {
        prop_assume!(one != other);
        let (key, _) = vault().new_data_key(tenant(1)).unwrap();
        let sealed = key.seal(&one, &secret("text")).unwrap();
        prop_assert_eq!(key.open(&other, &sealed).unwrap_err(), VaultError::Refused);
    }

    #[test]
    fn a_wrapped_key_is_refused_for_another_tenant(one: u128, other: u128) {
        prop_assume!(one != other);
        let vault = vault();
        let (_, wrapped) = vault.new_data_key(tenant(one)).unwrap();
        prop_assert_eq!(vault.unwrap(tenant(other), &wrapped).unwrap_err(), VaultError::Refused);
    }

    #[test]
    fn a_master_key_is_read_from_its_text_and_nothing_else_is(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        use base64::Engine;
        let text = base64::engine::general_purpose::STANDARD.encode(&bytes);
        match text.parse::<MasterKey>() {
            Ok(key) => {
                prop_assert_eq!(bytes.len(), 32);
                let again = key.to_text();
                prop_assert_eq!(again.expose_secret(), &text);
            }
            Err(error) => prop_assert_eq!(error, MasterKeyError::Length(bytes.len())),
        }
    }
}

#[test]
fn a_secret_of_one_tenant_cannot_be_read_with_the_key_of_another() {
    let vault = vault();
    let (mine, _) = vault.new_data_key(tenant(1)).unwrap();
    let (theirs, _) = vault.new_data_key(tenant(2)).unwrap();
    let sealed = mine.seal("name", &secret("text")).unwrap();
    assert_eq!(theirs.open("name", &sealed).unwrap_err(), VaultError::Refused);
}

#[test]
fn the_same_text_never_looks_the_same() {
    let (key, _) = vault().new_data_key(tenant(1)).unwrap();
    assert_ne!(key.seal("name", &secret("text")).unwrap(), key.seal("name", &secret("text")).unwrap());
}

#[test]
fn a_new_master_key_in_front_reads_what_the_old_one_wrapped_until_all_is_wrapped_anew() {
    let (old, new) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
    let before = Vault::new(old.clone(), []);
    let (key, wrapped) = before.new_data_key(tenant(1)).unwrap();
    let sealed = key.seal("name", &secret("text")).unwrap();

    let after = Vault::new(new.clone(), []);
    assert_eq!(after.unwrap(tenant(1), &wrapped).unwrap_err(), VaultError::UnknownKey(old.id()));

    let between = Vault::new(new.clone(), [old.clone()]);
    assert_eq!(between.wrapping_key(), Some(new.id()));
    assert_eq!(between.key_ids().collect::<Vec<_>>(), [new.id(), old.id()]);
    let rewrapped = between.rewrap(tenant(1), &wrapped).unwrap().unwrap();
    assert_eq!(between.rewrap(tenant(1), &rewrapped).unwrap(), None, "it is under the first key already");
    let opened = after.unwrap(tenant(1), &rewrapped).unwrap().open("name", &sealed).unwrap();
    assert_eq!(opened.expose_secret(), "text");
}

#[test]
fn a_locked_vault_says_so() {
    let (_, wrapped) = vault().new_data_key(tenant(1)).unwrap();
    assert_eq!(Vault::locked().new_data_key(tenant(1)).unwrap_err(), VaultError::Locked);
    assert_eq!(Vault::locked().unwrap(tenant(1), &wrapped).unwrap_err(), VaultError::Locked);
    assert_eq!(Vault::locked().wrapping_key(), None);
}

#[test]
fn keyed_hashes_depend_on_the_key_the_purpose_and_where_parts_end() {
    let vault = vault();
    let (key, _) = vault.new_data_key(tenant(1)).unwrap();
    let (other, _) = vault.new_data_key(tenant(1)).unwrap();
    let mac = key.mac("codes", &[b"ab", b"c"]);
    assert!(key.verify_mac("codes", &[b"ab", b"c"], &mac));
    assert!(!key.verify_mac("codes", &[b"a", b"bc"], &mac));
    assert!(!key.verify_mac("addresses", &[b"ab", b"c"], &mac));
    assert!(!other.verify_mac("codes", &[b"ab", b"c"], &mac));
    assert!(!key.verify_mac("codes", &[b"ab", b"c"], &mac[..31]));
}

#[test]
fn a_text_that_is_no_master_key_is_told_and_not_repeated() {
    let short = "c2hvcnQ=".parse::<MasterKey>().unwrap_err();
    assert_eq!(short.to_string(), "a master key is 32 bytes in base64, and this is 5 bytes");
    let wrong = "hunter2!".parse::<MasterKey>().unwrap_err();
    assert_eq!(wrong.to_string(), "a master key is 32 bytes in base64, and this is not base64");
}

#[test]
fn a_master_key_may_come_with_or_without_padding_and_a_line_break() {
    let key = MasterKey::generate().unwrap();
    let text = key.to_text().expose_secret().to_owned();
    assert_eq!(text.len(), 44);
    assert_eq!(text.trim_end_matches('=').parse::<MasterKey>().unwrap().id(), key.id());
    assert_eq!(format!("{text}\n").parse::<MasterKey>().unwrap().id(), key.id());
}

#[test]
fn debug_shows_no_key() {
    let master = MasterKey::generate().unwrap();
    let vault = Vault::new(master.clone(), []);
    let (key, _) = vault.new_data_key(tenant(1)).unwrap();
    let id = master.id().to_string();
    assert_eq!(format!("{master:?}"), format!("MasterKey {{ id: {id}, .. }}"));
    assert_eq!(format!("{vault:?}"), format!("Vault {{ keys: [MasterKey {{ id: {id}, .. }}] }}"));
    assert_eq!(format!("{key:?}"), format!("DataKey {{ tenant: {:?}, .. }}", tenant(1)));
}
