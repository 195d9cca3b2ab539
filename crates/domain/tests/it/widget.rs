//! What a visitor may do, and what a visitor never sees.

use std::time::Duration;

use futures::future::join_all;
use omniops_domain::accounts::RequestMeta;
use omniops_domain::tenants::{self, Host};
use omniops_domain::widget::{self, VisitorFilter};
use omniops_domain::{Error, conversations, customers};
use omniops_postgres::SystemTx;
use omniops_types::{
    ConsentRequest, ConversationId, ConversationPatch, ConversationStatus, EraseRequest, HandoffRequest, MessageKind,
    NewMessage, Role, SessionRequest, SessionResponse, UpdateWidget, VisitorEvent, VisitorRead, WidgetSettings,
};
use uuid::Uuid;

use crate::support::{HOST, World};

const VISITOR: &str = "session-of-the-first-visitor";
const OTHER: &str = "session-of-another-visitor";

async fn open(world: &World, session_id: Option<&str>) -> SessionResponse {
    let request = SessionRequest {
        domain: HOST.to_owned(),
        session_id: session_id.map(str::to_owned),
        page_url: None,
        locale: None,
    };
    widget::session(&world.domain, request, &RequestMeta::default()).await.unwrap()
}

async fn note(world: &World, conversation: ConversationId, text: &str) {
    let note = NewMessage { kind: MessageKind::Note, text: text.to_owned(), client_id: Uuid::now_v7() };
    conversations::send(&world.domain, &world.ana, conversation, note).await.unwrap();
}

/// The lock that keeps a session's requests in order among processes, as if another held it.
async fn lock_session(world: &World, session_id: &str) -> SystemTx {
    let hash = customers::session_hash(session_id);
    let (head, _) = hash.split_first_chunk::<8>().unwrap();
    let key = i64::from_be_bytes(*head) ^ world.tenant.uuid().as_u128() as i64;
    let mut tx = world.domain.database.system("hold a test's session").await.unwrap();
    sqlx::query("select pg_advisory_xact_lock($1)").bind(key).execute(tx.conn()).await.unwrap();
    tx
}

async fn wait_for_a_waiter(tx: &mut SystemTx) {
    let waiters = "select count(*) from pg_locks where locktype = 'advisory' and not granted
                   and database = (select oid from pg_database where datname = current_database())";
    while sqlx::query_scalar::<_, i64>(waiters).fetch_one(tx.conn()).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn requests_of_one_session_that_wait_take_no_connections_from_others() {
    let world = World::new().await;
    open(&world, Some(VISITOR)).await;
    let meta = RequestMeta::default();
    let session_id = || VISITOR.to_owned();
    let many = join_all((0..40).map(async |n| match n % 4 {
        0 => drop(open(&world, Some(VISITOR)).await),
        1 => {
            let version = String::new();
            let request = ConsentRequest { domain: HOST.to_owned(), session_id: session_id(), granted: false, version };
            widget::consent(&world.domain, &request, &meta).await.unwrap();
        }
        2 => {
            let request = EraseRequest { domain: HOST.to_owned(), session_id: session_id() };
            widget::erase(&world.domain, &request, &meta).await.unwrap();
        }
        _ => {
            let request = HandoffRequest {
                domain: HOST.to_owned(),
                session_id: session_id(),
                conversation_id: None,
                locale: None,
            };
            drop(widget::handoff(&world.domain, request, &meta).await);
        }
    }));
    let mut held = lock_session(&world, VISITOR).await;
    let another = async {
        wait_for_a_waiter(&mut held).await;
        open(&world, Some(OTHER)).await;
        drop(held);
    };
    tokio::join!(many, another);
}

#[tokio::test]
async fn a_session_is_made_once_and_goes_on_where_it_was_left() {
    let world = World::new().await;
    let new = open(&world, None).await;
    assert!(new.session_id.len() >= 43 && new.conversation_id.is_none());
    let answer = world.ask(&new.session_id, "Do you ship to Austria?").await;
    world.reply(&world.ana, answer.conversation_id, "We do.").await;
    let again = open(&world, Some(&new.session_id)).await;
    assert_eq!(again.conversation_id, Some(answer.conversation_id));
    assert_eq!(again.status, Some(ConversationStatus::Open));
    assert_eq!(again.agent.as_deref(), Some("Ana"));
    assert_eq!(again.unread, 2);
    assert_eq!(again.transcript.unwrap().messages.len(), 3);
    assert_eq!(again.event_seq, world.events().await.last().unwrap().seq);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_first_requests_of_a_session_make_one_customer() {
    let world = World::new().await;
    join_all((0..20).map(|_| open(&world, Some(VISITOR)))).await;
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let customers: i64 = sqlx::query_scalar("select count(*) from customers").fetch_one(tx.conn()).await.unwrap();
    assert_eq!(customers, 1);
}

#[tokio::test]
async fn reading_clears_the_badge() {
    let world = World::new().await;
    let answer = world.ask(VISITOR, "Hello").await;
    let read = VisitorRead {
        domain: HOST.to_owned(),
        session_id: VISITOR.to_owned(),
        conversation_id: answer.conversation_id,
        seq: i64::MAX,
    };
    let meta = RequestMeta::default();
    widget::read(&world.domain, &read, &meta).await.unwrap();
    assert_eq!(open(&world, Some(VISITOR)).await.unread, 0);
    world.reply(&world.ana, answer.conversation_id, "Hi").await;
    assert_eq!(open(&world, Some(VISITOR)).await.unread, 1, "a mark beyond the end hides later messages");

    open(&world, Some(OTHER)).await;
    let foreign = VisitorRead { session_id: OTHER.to_owned(), ..read };
    let error = widget::read(&world.domain, &foreign, &meta).await.unwrap_err();
    assert!(matches!(error, Error::NotFound("conversation")), "{error:?}");
}

#[tokio::test]
async fn a_visitor_sees_neither_notes_nor_who_the_agents_are() {
    let world = World::new().await;
    let answer = world.ask(VISITOR, "Hello").await;
    note(&world, answer.conversation_id, "A difficult one").await;
    assign(&world, answer.conversation_id).await;
    world.reply(&world.ana, answer.conversation_id, "Hi, this is Ana.").await;
    let transcript = open(&world, Some(VISITOR)).await.transcript.unwrap();
    assert!(transcript.messages.iter().all(|message| message.kind == MessageKind::Reply), "{transcript:?}");
    let reply = transcript.messages.last().unwrap();
    assert_eq!(reply.author.name, "Ana");
    assert_eq!((reply.author.user_id, reply.client_id), (None, None));

    let meta = RequestMeta::default();
    let visitor = widget::visitor(&world.domain, HOST, VISITOR, &meta).await.unwrap();
    let older = widget::messages(&world.domain, &visitor, answer.conversation_id, None, 100).await.unwrap();
    assert_eq!(older.messages, transcript.messages);
    open(&world, Some(OTHER)).await;
    let stranger = widget::visitor(&world.domain, HOST, OTHER, &meta).await.unwrap();
    let error = widget::messages(&world.domain, &stranger, answer.conversation_id, None, 100).await.unwrap_err();
    assert!(matches!(error, Error::NotFound("conversation")), "{error:?}");
}

#[tokio::test]
async fn a_session_that_never_was_is_nobody() {
    let world = World::new().await;
    let error = widget::visitor(&world.domain, HOST, "never-seen-before", &RequestMeta::default()).await.unwrap_err();
    assert!(matches!(error, Error::NotFound("session")), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_stream_holds_the_own_replies_and_nothing_else() {
    let world = World::new().await;
    let own = world.ask(VISITOR, "Hello").await;
    let foreign = world.ask(OTHER, "Secret of another visitor").await;
    let visitor = widget::visitor(&world.domain, HOST, VISITOR, &RequestMeta::default()).await.unwrap();
    let (filter, mut subscription) = VisitorFilter::subscribe(&world.domain, &visitor, Some(0)).await.unwrap();

    note(&world, own.conversation_id, "A difficult one").await;
    assign(&world, own.conversation_id).await;
    world.reply(&world.ana, foreign.conversation_id, "For the other one").await;
    world.reply(&world.ana, own.conversation_id, "Hi, this is Ana.").await;
    conversations::typing(&world.domain, &world.ana, foreign.conversation_id, true).await.unwrap();
    conversations::typing(&world.domain, &world.ana, own.conversation_id, true).await.unwrap();

    let mut told = Vec::new();
    let mut seqs = Vec::new();
    // Signals go around the event log and may overtake it.
    let is_last = |event: &VisitorEvent| match event {
        VisitorEvent::Message { message } => message.text == "Hi, this is Ana.",
        VisitorEvent::Typing { .. } => true,
        VisitorEvent::Conversation { .. } => false,
    };
    while told.iter().filter(|event| is_last(event)).count() < 2 {
        let item = tokio::time::timeout(Duration::from_secs(20), subscription.next()).await.unwrap().unwrap();
        let (seq, event) = filter.translate(&item).unwrap();
        seqs.extend(seq);
        told.push(event);
    }
    assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]), "{seqs:?}");
    let texts: Vec<_> = told
        .iter()
        .filter_map(|event| match event {
            VisitorEvent::Message { message } => Some(message.text.as_str()),
            VisitorEvent::Conversation { .. } | VisitorEvent::Typing { .. } => None,
        })
        .collect();
    assert_eq!(texts, ["Hello", "You asked: Hello", "Hi, this is Ana."]);
    let json = serde_json::to_string(&told).unwrap();
    assert!(!json.contains("A difficult one") && !json.contains("other"), "{json}");
    assert!(told.iter().all(|event| match event {
        VisitorEvent::Typing { conversation_id, .. } | VisitorEvent::Conversation { conversation_id, .. } =>
            *conversation_id == own.conversation_id,
        VisitorEvent::Message { message } => message.conversation_id == own.conversation_id,
    }));
}

#[tokio::test]
async fn a_host_is_looked_up_once_however_it_is_spelled_and_a_new_one_is_known_at_once() {
    let world = World::new().await;
    let domain = &world.domain;
    let [host, new]: [Host; 2] = [HOST, "new.example"].map(|host| host.parse().unwrap());
    assert!(!widget::is_remembered(domain, &host));
    let spelled = format!("HTTPS://{}./contact", HOST.to_uppercase());
    assert_eq!(widget::site(domain, &spelled).await.unwrap().host, HOST);
    assert!(widget::is_remembered(domain, &host));

    assert!(matches!(widget::site(domain, "New.example").await, Err(Error::UnknownDomain)));
    assert!(widget::is_remembered(domain, &new));
    tenants::add_domain(domain, &world.principal(Role::Admin), &new, &[]).await.unwrap();
    assert_eq!(widget::site(domain, "new.example").await.unwrap().host, "new.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_configuration_is_served_at_once_by_every_process() {
    let world = World::new().await;
    let other = world.another_process(crate::support::Answerer::ready()).await;
    let before = widget::rendered_config(&other, HOST, None).await.unwrap();
    let admin = world.principal(Role::Admin);
    let settings = WidgetSettings { greeting: Some("Servus!".to_owned()), ..Default::default() };
    let update = UpdateWidget { domain: HOST.to_owned(), settings, version: Some(1) };
    let meta = RequestMeta {
        ip: Some([192, 0, 2, 7].into()),
        request_id: "request-of-the-admin".to_owned(),
        ..RequestMeta::default()
    };
    let saved = widget::update_config(&world.domain, &admin, update.clone(), &meta).await.unwrap();
    assert_eq!(saved.version, 2);
    assert_eq!(widget::config(&world.domain, HOST, None).await.unwrap().texts.greeting, "Servus!");

    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let now = widget::rendered_config(&other, HOST, None).await.unwrap();
        if now.config.texts.greeting == "Servus!" {
            assert_ne!(now.etag, before.etag);
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "the other process never heard of the change");
        tokio::task::yield_now().await;
    }

    let error = widget::update_config(&world.domain, &admin, update, &meta).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let audited: Vec<(String, String)> =
        sqlx::query_as("select host(ip), request_id from config_audit_log where action = 'widget.config_updated'")
            .fetch_all(tx.conn())
            .await
            .unwrap();
    assert_eq!(audited, [("192.0.2.7".to_owned(), "request-of-the-admin".to_owned())]);
}

#[tokio::test]
async fn an_agent_reads_but_does_not_change_the_widget() {
    let world = World::new().await;
    assert_eq!(widget::settings(&world.domain, &world.ana, HOST).await.unwrap().version, 1);
    let update = UpdateWidget { domain: HOST.to_owned(), settings: WidgetSettings::default(), version: None };
    let meta = RequestMeta::default();
    let by_ana = widget::update_config(&world.domain, &world.ana, update.clone(), &meta).await;
    assert!(matches!(by_ana, Err(Error::Forbidden(_))));
    let stranger = world.stranger().await;
    let owner = omniops_domain::Principal { actor: omniops_domain::Actor::System, ..stranger };
    let by_stranger = widget::update_config(&world.domain, &owner, update, &meta).await;
    assert!(matches!(by_stranger, Err(Error::NotFound("domain"))));
}

async fn assign(world: &World, id: ConversationId) {
    let patch = ConversationPatch { assignee: Some(world.ben.user_id()), ..Default::default() };
    conversations::patch(&world.domain, &world.ana, id, patch).await.unwrap();
}

async fn erase(world: &World, session_id: &str) {
    let request = EraseRequest { domain: HOST.to_owned(), session_id: session_id.to_owned() };
    widget::erase(&world.domain, &request, &RequestMeta::default()).await.unwrap();
}

/// The tables, partitions among them, in which the tenant has a row that holds the word.
async fn tables_with(world: &World, word: &str) -> Vec<String> {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "select oid::regclass::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and has_table_privilege(oid, 'select')
         order by 1",
    )
    .fetch_all(tx.conn())
    .await
    .unwrap();
    assert!(tables.len() > 15, "{tables:?}");
    let mut holding = Vec::new();
    for table in tables {
        let query = format!("select exists (select from {table} as t where t::text ilike $1)");
        let found: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(format!("%{word}%"))
            .fetch_one(tx.conn())
            .await
            .unwrap();
        if found {
            holding.push(table);
        }
    }
    holding
}

#[tokio::test]
async fn erasing_leaves_no_word_of_the_visitor_in_any_table() {
    let world = World::new().await;
    let visitor = open(&world, None).await.session_id;
    let first = world.ask(&visitor, "Does the xylocarp tent ship to Austria?").await.conversation_id;
    world.reply(&world.ana, first, "The xylocarp tent does.").await;
    let other = world.ask(OTHER, "Is the marcescent rope in stock?").await.conversation_id;
    assert!(tables_with(&world, "xylocarp").await.len() >= 2, "the word is not where it should be erased from");
    let numbers = |events: &[omniops_types::Event]| events.iter().map(|event| event.seq).collect::<Vec<_>>();
    let before = numbers(&world.events().await);

    erase(&world, &visitor).await;
    erase(&world, &visitor).await;

    assert_eq!(tables_with(&world, "xylocarp").await, Vec::<String>::new());
    let error = conversations::get(&world.domain, &world.ana, first).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error:?}");
    let events = world.events().await;
    let about = |id| events.iter().filter(move |event| event.conversation_id == Some(id));
    assert!(about(first).all(|event| event.data.kind() == "conversation.erased"));
    assert_eq!(numbers(&events)[..before.len()], before);
    assert_eq!(events.len(), before.len() + 1, "the second call told again");
    assert!(about(other).all(|event| event.data.kind() != "conversation.erased"));
    assert_eq!(conversations::counts(&world.domain, &world.ana).await.unwrap().all, 1);
    assert_eq!(world.lines(other).await.len(), 2, "another visitor's conversation is touched");
    assert!(open(&world, Some(&visitor)).await.conversation_id.is_none());
}

#[tokio::test]
async fn erasing_keeps_the_proof_of_consent_and_notes_itself() {
    let world = World::new().await;
    let visitor = open(&world, None).await;
    let request = omniops_types::ConsentRequest {
        domain: HOST.to_owned(),
        session_id: visitor.session_id.clone(),
        version: visitor.config.consent.version,
        granted: true,
    };
    widget::consent(&world.domain, &request, &RequestMeta::default()).await.unwrap();
    erase(&world, &visitor.session_id).await;
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let kinds: Vec<String> =
        sqlx::query_scalar("select kind from privacy_logs order by created_at").fetch_all(tx.conn()).await.unwrap();
    assert_eq!(kinds, ["consent_granted", "erased"]);
}
