//! Proving an e-mail address by a code, against a real database and an outbox.

use std::sync::Arc;
use std::time::Duration;

use omniops_domain::accounts::RequestMeta;
use omniops_domain::maintenance::{self, Swept};
use omniops_domain::verification::{self, CodeRequest, Confirmed, Started};
use omniops_domain::{Domain, EmailAddress, Error, Services, widget};
use omniops_mail::{MailError, NoMail};
use omniops_types::{ChatRequest, ConversationId, CustomerId, EraseRequest, TenantId};
use uuid::Uuid;

use crate::support::{Answerer, FixedEmbedder, HOST, World, request};

const VISITOR: &str = "session-of-the-first-visitor";
const OTHER_VISITOR: &str = "session-of-another-visitor";
const EMAIL: &str = "mia@customer.example";

/// A visitor in a conversation.
#[derive(Clone, Copy)]
struct Chat {
    tenant: TenantId,
    conversation: ConversationId,
    customer: CustomerId,
}

impl Chat {
    async fn open(world: &World, session: &str) -> Self {
        Self::with(world, request(session, "Where is my order?")).await
    }

    async fn with(world: &World, request: ChatRequest) -> Self {
        let conversation = world.send(request).await.conversation_id;
        let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
        let customer: Uuid = sqlx::query_scalar("select customer_id from conversations where id = $1")
            .bind(conversation.uuid())
            .fetch_one(tx.conn())
            .await
            .unwrap();
        Self { tenant: world.tenant, conversation, customer: customer.into() }
    }

    fn request(&self, email: &str) -> CodeRequest<'static> {
        CodeRequest {
            tenant_id: self.tenant,
            conversation_id: self.conversation,
            customer_id: self.customer,
            email: email.parse().unwrap(),
            locale: None,
        }
    }

    async fn start(&self, world: &World, email: &str) -> Started {
        verification::start(&world.domain, &self.request(email)).await.unwrap()
    }

    /// Asks for a code and reads it from the mail.
    async fn code(&self, world: &World, email: &str) -> String {
        let started = self.start(world, email).await;
        assert!(matches!(started, Started::Sent { .. }), "{started:?}");
        newest_code(world)
    }

    async fn confirm(&self, world: &World, code: &str) -> Confirmed {
        verification::confirm(&world.domain, self.tenant, self.conversation, self.customer, code).await.unwrap()
    }

    async fn verified(&self, world: &World) -> Option<EmailAddress> {
        let mut tx = world.domain.database.tenant(self.tenant).await.unwrap();
        verification::verified_email(&mut tx, self.customer).await.unwrap()
    }
}

fn newest_code(world: &World) -> String {
    let text = world.outbox.sent().last().expect("a mail").text.clone();
    let code = text.split_whitespace().find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()));
    code.unwrap_or_else(|| panic!("no code in {text:?}")).to_owned()
}

/// Another code than this.
fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

fn verified_as(email: &str) -> Confirmed {
    Confirmed::Verified { email: email.parse().unwrap() }
}

async fn run(world: &World, statement: &'static str) {
    let mut tx = world.domain.database.system("let time pass in a test").await.unwrap();
    sqlx::raw_sql(statement).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn count(world: &World, statement: &'static str) -> i64 {
    let mut tx = world.domain.database.system("look at a test's world").await.unwrap();
    sqlx::query_scalar(statement).fetch_one(tx.conn()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_in_the_mail_proves_the_address() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    assert_eq!(chat.verified(&world).await, None);
    let code = chat.code(&world, " Mia@Customer.example ").await;
    assert_eq!(chat.verified(&world).await, None, "asking proves nothing");

    let mail = world.outbox.sent().pop().unwrap();
    assert_eq!((mail.to.as_str(), mail.from_name.as_deref()), (EMAIL, Some("Trail & Peak")));
    assert_eq!(mail.subject, "Your code for Trail & Peak");
    assert!(mail.text.contains("in the chat with Trail & Peak") && mail.text.contains("10 minutes"), "{}", mail.text);

    assert_eq!(chat.confirm(&world, &code).await, verified_as(EMAIL));
    assert_eq!(chat.verified(&world).await.unwrap().as_str(), EMAIL);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_typed_is_readable_nowhere_and_other_digits_stay() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    world.send(request(VISITOR, "My order is 424242")).await;
    let code = chat.code(&world, EMAIL).await;
    let typed = format!("It is {code}, thanks");
    world.send(request(VISITOR, &typed)).await;
    assert_eq!(chat.verified(&world).await.unwrap().as_str(), EMAIL);
    let transcript = world.lines(chat.conversation).await;
    assert!(transcript.contains(&"customer: It is ••••••, thanks".to_owned()), "{transcript:?}");
    assert!(transcript.contains(&"customer: My order is 424242".to_owned()), "{transcript:?}");
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let everything: String = sqlx::query_scalar(
        "select concat((select string_agg(to_jsonb(m)::text, '') from messages m),
                       (select string_agg(to_jsonb(e)::text, '') from events e),
                       (select string_agg(to_jsonb(s)::text, '') from search_log s),
                       (select string_agg(to_jsonb(c)::text, '') from conversations c))",
    )
    .fetch_one(tx.conn())
    .await
    .unwrap();
    assert!(!everything.contains(&format!("It is {code}")), "{everything}");
    assert_eq!(everything.matches("It is ••••••, thanks").count(), everything.matches("It is ").count());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_speaks_the_customers_language() {
    let world = World::new().await;
    let german = ChatRequest { locale: Some("de-AT".to_owned()), ..request(VISITOR, "Wo ist meine Bestellung?") };
    let chat = Chat::with(&world, german).await;
    chat.code(&world, EMAIL).await;
    let mail = world.outbox.sent().pop().unwrap();
    assert_eq!(mail.subject, "Ihr Code für Trail & Peak");
    assert!(mail.text.starts_with("Ihr Code lautet"), "{}", mail.text);

    let wish = CodeRequest { locale: Some("en"), ..chat.request(EMAIL) };
    verification::start(&world.domain, &wish).await.unwrap();
    assert_eq!(world.outbox.sent().pop().unwrap().subject, "Your code for Trail & Peak");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_wrong_codes_make_the_right_one_useless() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    let code = chat.code(&world, EMAIL).await;
    for tries_left in [2, 1, 0] {
        assert_eq!(chat.confirm(&world, &wrong(&code)).await, Confirmed::Wrong { tries_left });
    }
    assert_eq!(chat.confirm(&world, &code).await, Confirmed::NoCode);
    assert_eq!(chat.verified(&world).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_may_be_corrected() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    let code = chat.code(&world, EMAIL).await;
    assert_eq!(chat.confirm(&world, &wrong(&code)).await, Confirmed::Wrong { tries_left: 2 });
    assert_eq!(chat.confirm(&world, &code).await, verified_as(EMAIL));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_ends_after_ten_minutes_and_after_its_use() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    let code = chat.code(&world, EMAIL).await;
    let minutes = "select count(*) from email_verifications where expires_at - created_at between '599 s' and '601 s'";
    assert_eq!(count(&world, minutes).await, 1);
    run(&world, "update email_verifications set expires_at = clock_timestamp()").await;
    assert_eq!(chat.confirm(&world, &code).await, Confirmed::NoCode);

    let code = chat.code(&world, EMAIL).await;
    assert_eq!(chat.confirm(&world, &code).await, verified_as(EMAIL));
    assert_eq!(chat.confirm(&world, &code).await, Confirmed::NoCode);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_code_voids_the_one_before_and_its_tries_begin_anew() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    let first = chat.code(&world, EMAIL).await;
    assert_eq!(chat.confirm(&world, &wrong(&first)).await, Confirmed::Wrong { tries_left: 2 });
    let mut second = chat.code(&world, EMAIL).await;
    if second == first {
        // One time in a million: ask once more.
        second = chat.code(&world, EMAIL).await;
    }
    assert_eq!(chat.confirm(&world, &first).await, Confirmed::Wrong { tries_left: 2 });
    assert_eq!(chat.confirm(&world, &second).await, verified_as(EMAIL));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_nobody_else() {
    let world = World::new().await;
    let (chat, other) = (Chat::open(&world, VISITOR).await, Chat::open(&world, OTHER_VISITOR).await);
    let code = chat.code(&world, EMAIL).await;
    assert_eq!(other.confirm(&world, &code).await, Confirmed::NoCode);
    let posing = Chat { customer: other.customer, ..chat };
    assert_eq!(posing.confirm(&world, &code).await, Confirmed::NoCode);
    let elsewhere = Chat { tenant: world.stranger().await.tenant_id, ..chat };
    assert_eq!(elsewhere.confirm(&world, &code).await, Confirmed::NoCode);

    for stranger in [posing, elsewhere] {
        let refused = verification::start(&world.domain, &stranger.request(EMAIL)).await;
        assert!(matches!(refused, Err(Error::NotFound("conversation"))), "{refused:?}");
    }
    assert_eq!(world.outbox.sent().len(), 1);
    assert_eq!(chat.confirm(&world, &code).await, verified_as(EMAIL), "none of this counted as a try");
    assert_eq!(other.verified(&world).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_asks_for_three_codes_an_hour() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    for number in 0..3 {
        chat.code(&world, &format!("address-{number}@customer.example")).await;
    }
    let Started::TooMany { retry_after } = chat.start(&world, EMAIL).await else { panic!("a fourth was sent") };
    assert!(retry_after > Duration::from_secs(3_500) && retry_after <= Duration::from_secs(3_600), "{retry_after:?}");
    assert_eq!(world.outbox.sent().len(), 3);
    let code = newest_code(&world);
    assert_eq!(
        chat.confirm(&world, &code).await,
        verified_as("address-2@customer.example"),
        "the last one is still good"
    );

    run(&world, "update email_verifications set created_at = created_at - interval '1 hour'").await;
    chat.code(&world, EMAIL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_gets_five_codes_an_hour_whoever_asks_and_however_it_is_written() {
    let world = World::new().await;
    for number in 0..5 {
        let session = format!("session-of-visitor-{number}");
        let chat = Chat::open(&world, &session).await;
        chat.code(&world, if number % 2 == 0 { EMAIL } else { "MIA@Customer.Example" }).await;
        if number == 1 {
            // Whoever has their data erased does not begin anew.
            erase(&world, &session).await;
        }
    }
    let chat = Chat::open(&world, VISITOR).await;
    let started = chat.start(&world, EMAIL).await;
    assert!(
        matches!(started, Started::TooMany { retry_after } if retry_after <= Duration::from_secs(3_600)),
        "{started:?}"
    );
    assert_eq!(world.outbox.sent().len(), 5);
    chat.code(&world, "ben@customer.example").await;

    run(&world, "update email_code_sends set began_at = began_at - interval '1 hour'").await;
    chat.code(&world, EMAIL).await;
    assert_eq!(count(&world, "select sends::bigint from email_code_sends order by began_at desc limit 1").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wishes_and_tries_at_once_count_as_if_they_came_one_by_one() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    let wishes = futures::future::join_all((0..10).map(|_| chat.start(&world, EMAIL))).await;
    assert_eq!(wishes.iter().filter(|wish| matches!(wish, Started::Sent { .. })).count(), 3);
    assert_eq!(world.outbox.sent().len(), 3);
    assert_eq!(count(&world, "select count(*) from email_verifications where code_hash is not null").await, 1);

    let codes: Vec<String> = world
        .outbox
        .sent()
        .iter()
        .flat_map(|mail| mail.text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()))
        .collect();
    let guess = (0..1_000_000).map(|n: u32| format!("{n:06}")).find(|guess| !codes.contains(guess)).unwrap();
    let mut tries = futures::future::join_all((0..10).map(|_| chat.confirm(&world, &guess))).await;
    tries.retain(|tried| *tried != Confirmed::NoCode);
    tries.sort_by_key(|tried| match tried {
        Confirmed::Wrong { tries_left } => *tries_left,
        _ => u8::MAX,
    });
    assert_eq!(tries, [0, 1, 2].map(|tries_left| Confirmed::Wrong { tries_left }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_not_taken_is_told_and_counts() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    world.outbox.fail_with(Some(MailError::Transient("451 come back".to_owned())));
    for _ in 0..3 {
        let started = chat.start(&world, EMAIL).await;
        assert!(matches!(&started, Started::NotSent(error) if error.is_transient()), "{started:?}");
    }
    world.outbox.fail_with(None);
    assert!(matches!(chat.start(&world, EMAIL).await, Started::TooMany { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_server_no_code_is_made() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    let services = Services::new(Arc::new(FixedEmbedder::default()), Answerer::ready());
    let services = Services { vault: world.domain.vault.clone(), mailer: Arc::new(NoMail), ..services };
    let domain = Domain::new(world.domain.database.clone(), services, world.domain.settings.clone());
    let started = verification::start(&domain, &chat.request(EMAIL)).await.unwrap();
    assert!(matches!(started, Started::NotSent(MailError::NotConfigured)), "{started:?}");
    assert_eq!(count(&world, "select count(*) from email_verifications").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_proof_counts_and_ends_after_a_day() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    for email in ["first@customer.example", EMAIL] {
        let code = chat.code(&world, email).await;
        assert_eq!(chat.confirm(&world, &code).await, verified_as(email));
    }
    assert_eq!(chat.verified(&world).await.unwrap().as_str(), EMAIL);
    run(&world, "update email_verifications set verified_until = verified_until - interval '23 hours 59 minutes'")
        .await;
    assert_eq!(chat.verified(&world).await.unwrap().as_str(), EMAIL);
    run(&world, "update email_verifications set verified_until = verified_until - interval '1 minute'").await;
    assert_eq!(chat.verified(&world).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_does_not_tell_the_code() {
    let world = World::new().await;
    let chat = Chat::open(&world, VISITOR).await;
    let code = chat.code(&world, EMAIL).await;
    let mut tx = world.domain.database.system("look at a test's world").await.unwrap();
    let row: String = sqlx::query_scalar(
        "select (to_jsonb(v) - 'id' - 'created_at' - 'expires_at')::text from email_verifications v",
    )
    .fetch_one(tx.conn())
    .await
    .unwrap();
    let hex: String = code.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!row.contains(&format!("\"{code}\"")) && !row.contains(&hex), "{row}");
    // What somebody would try who has the database and not the master key.
    let plain = format!("sha256('{code}'::bytea)");
    let guessed: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "select bool_or(code_hash = {plain} or code_hash = sha256(uuid_send(id) || '{code}'::bytea)) from email_verifications"
    )))
    .fetch_one(tx.conn())
    .await
    .unwrap();
    assert!(!guessed);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_go_when_neither_they_nor_what_they_proved_is_of_use() {
    let world = World::new().await;
    let (chat, other) = (Chat::open(&world, VISITOR).await, Chat::open(&world, OTHER_VISITOR).await);
    let code = chat.code(&world, EMAIL).await;
    chat.confirm(&world, &code).await;
    run(
        &world,
        "update email_verifications set created_at = created_at - interval '49 hours';
         update email_code_sends set began_at = began_at - interval '25 hours'",
    )
    .await;
    let code = other.code(&world, "ben@customer.example").await;
    other.confirm(&world, &code).await;
    let swept = maintenance::run(&world.domain).await.unwrap();
    assert_eq!(swept, Swept { email_codes: 2, ..Swept::default() });
    assert_eq!(other.verified(&world).await.unwrap().as_str(), "ben@customer.example");
    assert_eq!(count(&world, "select count(*) from email_verifications").await, 1);
    assert_eq!(count(&world, "select count(*) from email_code_sends").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasure_takes_codes_and_proofs_along() {
    let world = World::new().await;
    let (chat, other) = (Chat::open(&world, VISITOR).await, Chat::open(&world, OTHER_VISITOR).await);
    let code = chat.code(&world, EMAIL).await;
    chat.confirm(&world, &code).await;
    chat.code(&world, EMAIL).await;
    other.code(&world, "ben@customer.example").await;
    assert_eq!(count(&world, "select count(*) from email_verifications").await, 3);
    erase(&world, VISITOR).await;
    assert_eq!(chat.verified(&world).await, None);
    assert_eq!(count(&world, "select count(*) from email_verifications").await, 1, "the other visitor's stays");
    assert_eq!(count(&world, "select count(*) from email_verifications where email = 'mia@customer.example'").await, 0);
    let left = "select count(*) from email_code_sends s where to_jsonb(s)::text like '%mia%'";
    assert_eq!(count(&world, left).await, 0);
}

async fn erase(world: &World, session: &str) {
    let request = EraseRequest { domain: HOST.to_owned(), session_id: session.to_owned() };
    widget::erase(&world.domain, &request, &RequestMeta::default()).await.unwrap();
}
