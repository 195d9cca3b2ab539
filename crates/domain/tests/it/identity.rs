//! Tokens in which a shop signs who its visitors are.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use omniops_domain::accounts::RequestMeta;
use omniops_domain::verification::{self, IdentityToken, IssuedIdentityKey, VerifiedIdentity};
use omniops_domain::{Actor, Error, Principal, tenants};
use omniops_types::{DomainId, Role, TenantId};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::World;

/// A world whose tenant signs for its domain.
struct Shop {
    world: World,
    owner: Principal,
    domain_id: DomainId,
    key: IssuedIdentityKey,
}

impl Shop {
    async fn open() -> Self {
        let world = World::new().await;
        let owner = world.principal(Role::Owner);
        let domain_id = domain_of(&world, world.tenant).await;
        let key =
            verification::create_identity_key(&world.domain, &owner, domain_id, &RequestMeta::default()).await.unwrap();
        Self { world, owner, domain_id, key }
    }

    async fn verify(&self, token: &str) -> Result<VerifiedIdentity, Error> {
        self.verify_on(self.world.tenant, self.domain_id, token).await
    }

    async fn verify_on(&self, tenant: TenantId, on: DomainId, token: &str) -> Result<VerifiedIdentity, Error> {
        let mut tx = self.world.domain.database.tenant(tenant).await.unwrap();
        match verification::verify_identity(&self.world.domain, &mut tx, on, token).await? {
            IdentityToken::Good(identity) => Ok(identity),
            IdentityToken::Expired => Err(Error::field("identity_token", "has expired")),
        }
    }

    /// What is said about a token that is refused.
    async fn refusal(&self, token: &str) -> String {
        refusal(self.verify(token).await)
    }
}

async fn domain_of(world: &World, tenant: TenantId) -> DomainId {
    let principal = Principal { tenant_id: tenant, actor: Actor::System };
    tenants::domains(&world.domain, &principal).await.unwrap()[0].id
}

fn refusal(verified: Result<VerifiedIdentity, Error>) -> String {
    match verified {
        Err(Error::InvalidFields(fields)) => fields["identity_token"].clone(),
        other => panic!("{other:?}"),
    }
}

fn claims() -> Value {
    let now = Utc::now().timestamp();
    json!({ "sub": "customer-42", "email": "Mia@Customer.example", "name": "Mia Berg", "iat": now, "exp": now + 3600 })
}

fn changed(field: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[field] = value;
    claims
}

fn header(kid: &str) -> Header {
    Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) }
}

fn sign(header: &Header, claims: &Value, key: &IssuedIdentityKey) -> String {
    let secret = EncodingKey::from_secret(key.secret.expose_secret().as_bytes());
    jsonwebtoken::encode(header, claims, &secret).unwrap()
}

fn token(claims: &Value, key: &IssuedIdentityKey) -> String {
    sign(&header(&key.kid), claims, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_token_tells_who_the_visitor_is() {
    let shop = Shop::open().await;
    let verified = shop.verify(&token(&claims(), &shop.key)).await.unwrap();
    assert_eq!(verified.external_id, "customer-42");
    assert_eq!(verified.email.unwrap().as_str(), "mia@customer.example");
    assert_eq!(verified.name.as_deref(), Some("Mia Berg"));
    assert!(verified.expires_at > Utc::now());
}

#[tokio::test(flavor = "multi_thread")]
async fn email_and_name_may_be_missing_and_a_customer_may_be_a_number() {
    let shop = Shop::open().await;
    let now = Utc::now().timestamp();
    let bare = json!({ "sub": 42, "iat": now, "exp": now + 60, "email": "", "name": null });
    let verified = shop.verify(&token(&bare, &shop.key)).await.unwrap();
    assert_eq!((verified.external_id.as_str(), verified.email, verified.name), ("42", None, None));
    let odd = changed("name", json!(format!(" Mia\r\n\u{7}Berg {}", "x".repeat(500))));
    let name = shop.verify(&token(&odd, &shop.key)).await.unwrap().name.unwrap();
    assert!(name.starts_with("MiaBerg x") && name.chars().count() <= 200, "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_from_its_issue_to_its_end_and_no_longer_than_a_day() {
    let shop = Shop::open().await;
    let now = Utc::now().timestamp();
    let day = 24 * 60 * 60;
    let with = |iat: i64, exp: i64| {
        let mut claims = claims();
        (claims["iat"], claims["exp"]) = (json!(iat), json!(exp));
        token(&claims, &shop.key)
    };
    assert!(shop.verify(&with(now, now + day)).await.is_ok());
    assert!(shop.verify(&with(now - 3_600, now - 30)).await.is_ok(), "clocks differ by a minute");
    assert!(shop.verify(&with(now + 30, now + 3_600)).await.is_ok(), "clocks differ by a minute");
    assert_eq!(shop.refusal(&with(now - 3_600, now - 61)).await, "has expired");
    assert_eq!(shop.refusal(&with(now + 90, now + 3_600)).await, "is not valid yet");
    let too_long = "must expire after it was issued, and within 24 hours of that";
    assert_eq!(shop.refusal(&with(now, now + day + 1)).await, too_long);
    assert_eq!(shop.refusal(&with(now, now)).await, too_long);
    assert_eq!(shop.refusal(&with(now + 30, now)).await, too_long);
    let wrong = "must have the claims sub, exp and iat, with exp and iat in whole seconds";
    assert_eq!(shop.refusal(&with(now, i64::MAX)).await, wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_are_missing_or_wrong_are_named() {
    let shop = Shop::open().await;
    let wrong = "must have the claims sub, exp and iat, with exp and iat in whole seconds";
    for field in ["sub", "exp", "iat"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(field);
        assert_eq!(shop.refusal(&token(&claims, &shop.key)).await, wrong, "{field}");
    }
    assert_eq!(shop.refusal(&token(&changed("exp", json!("tomorrow")), &shop.key)).await, wrong);
    for sub in [String::new(), "  ".to_owned(), "a\nb".to_owned(), "x".repeat(256)] {
        let refusal = shop.refusal(&token(&changed("sub", json!(sub)), &shop.key)).await;
        assert_eq!(refusal, "has a sub that is not 1 to 255 characters", "{sub:?}");
    }
    let refusal = shop.refusal(&token(&changed("email", json!("mia")), &shop.key)).await;
    assert_eq!(refusal, "has an email that is no e-mail address");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_must_be_signed_as_it_is_with_a_key_of_the_domain() {
    let shop = Shop::open().await;
    let good = token(&claims(), &shop.key);
    let not_signed = "is not signed with a key of this domain";

    let forged = IssuedIdentityKey { secret: "a guess".into(), ..shop.key.clone() };
    assert_eq!(shop.refusal(&token(&claims(), &forged)).await, not_signed);
    let unknown = IssuedIdentityKey { kid: "0123456789abcdef".to_owned(), ..shop.key.clone() };
    assert_eq!(shop.refusal(&token(&claims(), &unknown)).await, not_signed);
    for kid in ["", "../llm.api_key", "llm.api_key", "0123456789ABCDEF"] {
        assert_eq!(shop.refusal(&sign(&header(kid), &claims(), &shop.key)).await, not_signed, "{kid}");
    }
    let no_kid = sign(&Header::new(Algorithm::HS256), &claims(), &shop.key);
    assert_eq!(shop.refusal(&no_kid).await, "must name its key in the header's kid");
    let stronger = Header { alg: Algorithm::HS512, ..header(&shop.key.kid) };
    assert_eq!(shop.refusal(&sign(&stronger, &claims(), &shop.key)).await, "must be signed with HS256");
    let critical = Header { crit: Some(vec!["exp".to_owned()]), ..header(&shop.key.kid) };
    assert!(shop.verify(&sign(&critical, &claims(), &shop.key)).await.is_err());

    let unsigned = |alg: &str| {
        let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
        format!("{}.{}.", part(json!({ "alg": alg, "kid": shop.key.kid, "typ": "JWT" })), part(claims()))
    };
    for alg in ["none", "None", "HS256", "RS256"] {
        assert!(shop.verify(&unsigned(alg)).await.is_err(), "{alg}");
    }
    for wrong in ["", "token", "a.b.c", &format!("{good}x"), &good[..good.len() - 1], &"x".repeat(5_000)] {
        assert!(shop.verify(wrong).await.is_err(), "{wrong:?}");
    }
    assert!(shop.verify(&good).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_any_letter_changed_is_refused() {
    let shop = Shop::open().await;
    let good = token(&claims(), &shop.key);
    for at in 0..good.len() {
        let other = if &good[at..=at] == "A" { "B" } else { "A" };
        let changed = format!("{}{other}{}", &good[..at], &good[at + 1..]);
        assert!(shop.verify(&changed).await.is_err(), "letter {at} of {good}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_domain_is_none_of_another_or_of_another_tenant() {
    let shop = Shop::open().await;
    let good = token(&claims(), &shop.key);
    let second =
        tenants::add_domain(&shop.world.domain, &shop.owner, &"two.example".parse().unwrap(), &[]).await.unwrap();
    let not_signed = "is not signed with a key of this domain";
    assert_eq!(refusal(shop.verify_on(shop.world.tenant, second.id, &good).await), not_signed);
    let stranger = shop.world.stranger().await.tenant_id;
    let theirs = domain_of(&shop.world, stranger).await;
    assert_eq!(refusal(shop.verify_on(stranger, theirs, &good).await), not_signed);
    assert_eq!(refusal(shop.verify_on(stranger, shop.domain_id, &good).await), not_signed);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_keys_are_good_at_a_time_and_the_oldest_goes_first() {
    let Shop { world, owner, domain_id, key: first } = Shop::open().await;
    let shop = Shop { world, owner, domain_id, key: first.clone() };
    let (domain, owner) = (&shop.world.domain, &shop.owner);
    let second = verification::rotate_identity_key(domain, owner, domain_id, &RequestMeta::default()).await.unwrap();
    for key in [&first, &second] {
        assert!(shop.verify(&token(&claims(), key)).await.is_ok());
    }
    let third = verification::create_identity_key(domain, owner, domain_id, &RequestMeta::default()).await;
    assert!(matches!(third, Err(Error::Conflict(_))), "{third:?}");

    let third = verification::rotate_identity_key(domain, owner, domain_id, &RequestMeta::default()).await.unwrap();
    assert!(shop.verify(&token(&claims(), &first)).await.is_err());
    let live = verification::identity_keys(domain, owner, domain_id).await.unwrap();
    assert_eq!(live.iter().map(|key| &key.kid).collect::<Vec<_>>(), [&second.kid, &third.kid]);

    verification::remove_identity_key(domain, owner, domain_id, &second.kid, &RequestMeta::default()).await.unwrap();
    assert!(shop.verify(&token(&claims(), &second)).await.is_err());
    assert!(shop.verify(&token(&claims(), &third)).await.is_ok());
    let again = verification::remove_identity_key(domain, owner, domain_id, &second.kid, &RequestMeta::default()).await;
    assert!(matches!(again, Err(Error::NotFound("identity key"))), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_change_settings_makes_and_removes_no_keys_and_a_strangers_domain_is_not_there() {
    let shop = Shop::open().await;
    let (domain, kid) = (&shop.world.domain, &shop.key.kid);
    let stranger = Principal { actor: Actor::System, ..shop.world.stranger().await };
    for (who, on) in [(&shop.world.ana, shop.domain_id), (&stranger, shop.domain_id)] {
        let refused = [
            verification::create_identity_key(domain, who, on, &RequestMeta::default()).await.map(|_| ()),
            verification::rotate_identity_key(domain, who, on, &RequestMeta::default()).await.map(|_| ()),
            verification::remove_identity_key(domain, who, on, kid, &RequestMeta::default()).await,
        ];
        for refused in refused {
            assert!(matches!(refused, Err(Error::Forbidden(_) | Error::NotFound("domain"))), "{refused:?}");
        }
    }
    let theirs = verification::identity_keys(domain, &stranger, shop.domain_id).await;
    assert!(matches!(theirs, Err(Error::NotFound("domain"))));
    assert!(shop.verify(&token(&claims(), &shop.key)).await.is_ok(), "the key is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_keys_are_written_down_without_the_secret() {
    let shop = Shop::open().await;
    let (domain, secret) = (&shop.world.domain, shop.key.secret.expose_secret());
    verification::remove_identity_key(domain, &shop.owner, shop.domain_id, &shop.key.kid, &RequestMeta::default())
        .await
        .unwrap();
    let mut tx = domain.database.tenant(shop.world.tenant).await.unwrap();
    let log: Vec<String> = sqlx::query_scalar(
        "select to_jsonb(l)::text from config_audit_log l where action like 'identity_key.%' order by created_at",
    )
    .fetch_all(tx.conn())
    .await
    .unwrap();
    assert_eq!(log.len(), 2);
    assert!(log.iter().all(|line| line.contains(&shop.key.kid) && !line.contains(secret)), "{log:?}");
    assert!(!format!("{:?}", shop.key).contains(secret));
}
