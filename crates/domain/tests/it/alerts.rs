//! Alerts open once, end once, and are told once, whoever checks and sends.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use omniops_domain::accounts::RequestMeta;
use omniops_domain::alerts::{self, Channels, Standing, Webhook};
use omniops_domain::{Domain, Error, Principal, telemetry};
use omniops_types::{Alert, AlertConfig, AlertKind, AlertSettings, Role, UpdateAlerts};
use uuid::Uuid;

use crate::support::{Answerer, World};

/// A webhook's other end: what was posted, and with what it answers.
#[derive(Clone, Default)]
struct Posted(Arc<Mutex<(Vec<String>, Option<u16>)>>);

impl Posted {
    async fn listen(&self) -> Channels {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook/token-of-the-webhook", listener.local_addr().unwrap());
        let app = Router::new().route("/hook/token-of-the-webhook", post(Self::take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Channels { webhook: Some(Webhook::new(url.into()).unwrap()) }
    }

    #[expect(clippy::unused_async, reason = "a handler is async")]
    async fn take(State(this): State<Self>, body: String) -> StatusCode {
        let mut posted = this.0.lock().unwrap();
        posted.0.push(body);
        posted.1.map_or(StatusCode::OK, |status| StatusCode::from_u16(status).unwrap())
    }

    fn answer_with(&self, status: Option<u16>) {
        self.0.lock().unwrap().1 = status;
    }

    fn texts(&self) -> Vec<String> {
        let text = |body: &String| {
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            body["text"].as_str().unwrap().to_owned()
        };
        self.0.lock().unwrap().0.iter().map(text).collect()
    }
}

/// So many turns of the last minutes, of which so many failed and searched in vain.
async fn turns(world: &World, answered: i32, failed: i32) {
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query(
        "insert into chat_telemetry (tenant_id, id, conversation_id, message_id, domain_id, channel, provider, model,
                                     outcome, total_ms, cost_micro_usd)
         select $1, gen_random_uuid(), $2, $2, $2, 'widget', 'p', 'm',
                case when n <= $3 then 'answered' else 'failed' end, 10, 1000000
         from generate_series(1, $3 + $4) as n",
    )
    .bind(world.tenant.uuid())
    .bind(Uuid::now_v7())
    .bind(answered)
    .bind(failed)
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    telemetry::roll_up(&world.domain).await.unwrap();
}

async fn check(domain: &Domain, world: &World, channels: &Channels) {
    alerts::check(domain, world.tenant, channels).await.unwrap();
}

async fn standing(world: &World, kind: AlertKind) -> Standing {
    let findings = alerts::check(&world.domain, world.tenant, &Channels::default()).await.unwrap();
    findings.iter().find(|finding| finding.kind == kind).unwrap().standing
}

async fn listed(world: &World, only_open: bool) -> Vec<Alert> {
    alerts::list(&world.domain, &world.principal(Role::Analyst), only_open, None, 30).await.unwrap().items
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_check_and_send_at_once_tell_of_an_alert_once_and_of_its_end_once() {
    let world = World::new().await;
    let other = world.another_process(Answerer::ready()).await;
    let posted = Posted::default();
    let channels = posted.listen().await;
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let promote = "update team_members set role = 'owner' where display_name = 'Ana'";
    sqlx::query(promote).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    turns(&world, 15, 15).await;
    for _ in 0..3 {
        tokio::join!(check(&world.domain, &world, &channels), check(&other, &world, &channels));
        let (a, b) = tokio::join!(alerts::deliver(&world.domain, &channels), alerts::deliver(&other, &channels));
        a.unwrap();
        b.unwrap();
    }
    let texts = posted.texts();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].starts_with("Alert for") && texts[0].contains("50.0 %"), "{texts:?}");
    assert!(!texts[0].contains("token-of-the-webhook"), "{texts:?}");
    let open = listed(&world, true).await;
    assert_eq!(open.iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::ErrorRate]);

    turns(&world, 2_000, 0).await;
    for _ in 0..3 {
        tokio::join!(check(&world.domain, &world, &channels), check(&other, &world, &channels));
        let (a, b) = tokio::join!(alerts::deliver(&world.domain, &channels), alerts::deliver(&other, &channels));
        a.unwrap();
        b.unwrap();
    }
    let texts = posted.texts();
    assert_eq!(texts.len(), 2, "{texts:?}");
    let mails = world.outbox.sent();
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert!(
        matches!(subjects[..], [one, two] if one.starts_with("Alert for") && two.starts_with("Resolved for")),
        "{subjects:?}"
    );
    assert!(mails.iter().all(|mail| mail.to.starts_with("ana@")), "an agent does not run the tenant");
    assert!(texts[1].starts_with("Resolved for"), "{texts:?}");
    assert_eq!(listed(&world, true).await, []);
    assert!(listed(&world, false).await[0].resolved_at.is_some());
}

#[tokio::test]
async fn a_notice_that_is_not_taken_is_kept_and_sent_later() {
    let world = World::new().await;
    let posted = Posted::default();
    let channels = posted.listen().await;
    posted.answer_with(Some(503));
    turns(&world, 10, 15).await;
    check(&world.domain, &world, &channels).await;
    alerts::deliver(&world.domain, &channels).await.unwrap();
    alerts::deliver(&world.domain, &channels).await.unwrap();
    assert_eq!(posted.texts().len(), 1, "tried again without a pause");
    let mut tx = world.domain.database.system("let a test's pause pass").await.unwrap();
    let due = "update alert_notices set due_at = now() where channel = 'webhook' returning problem";
    let problem: Option<String> = sqlx::query_scalar(due).fetch_one(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(problem.as_deref(), Some("the webhook answered 503"));
    posted.answer_with(None);
    assert_eq!(alerts::deliver(&world.domain, &channels).await.unwrap(), 1);
    assert_eq!(alerts::deliver(&world.domain, &channels).await.unwrap(), 0);
}

#[tokio::test]
async fn an_alert_that_is_over_before_anybody_was_told_is_told_to_nobody() {
    let world = World::new().await;
    let posted = Posted::default();
    let channels = posted.listen().await;
    turns(&world, 10, 15).await;
    check(&world.domain, &world, &channels).await;
    turns(&world, 2_000, 0).await;
    check(&world.domain, &world, &channels).await;
    assert_eq!(alerts::deliver(&world.domain, &channels).await.unwrap(), 0);
    assert_eq!(posted.texts(), Vec::<String>::new());
    assert_eq!(listed(&world, false).await.len(), 1);
}

#[tokio::test]
async fn a_provider_whose_breaker_opens_is_an_alert_until_it_closes_or_is_not_heard_of() {
    let world = World::new().await;
    assert_eq!(listed(&world, false).await, []);
    let report = async |open| {
        alerts::report_provider(&world.domain, world.tenant, "openai", open, Some("refused")).await.unwrap();
    };
    report(true).await;
    assert_eq!(standing(&world, AlertKind::ProviderDown).await, Standing::Alerting);
    let open = listed(&world, true).await;
    assert_eq!((open.len(), open[0].subject.as_str()), (1, "openai"));
    report(false).await;
    assert_eq!(standing(&world, AlertKind::ProviderDown).await, Standing::Fine);
    assert_eq!(listed(&world, true).await, []);
    report(true).await;
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query("update provider_health set updated_at = now() - interval '1 hour'").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(standing(&world, AlertKind::ProviderDown).await, Standing::Fine);
}

#[tokio::test]
async fn figures_that_are_behind_are_an_alert_and_say_nothing_of_the_rest() {
    let world = World::new().await;
    turns(&world, 10, 15).await;
    assert_eq!(standing(&world, AlertKind::ErrorRate).await, Standing::Alerting);
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    sqlx::query(
        "insert into chat_telemetry_changes (tenant_id, bucket, changed_at)
         values ($1, omniops_telemetry_bucket(now()), now() - interval '6 minutes')",
    )
    .bind(world.tenant.uuid())
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(standing(&world, AlertKind::RollupsStale).await, Standing::Alerting);
    assert_eq!(standing(&world, AlertKind::ErrorRate).await, Standing::Unknown);
    let kinds: Vec<_> = listed(&world, true).await.iter().map(|alert| alert.kind).collect();
    assert_eq!(kinds, [AlertKind::RollupsStale, AlertKind::ErrorRate], "what is not known ends no alert");
    telemetry::roll_up(&world.domain).await.unwrap();
    assert_eq!(standing(&world, AlertKind::RollupsStale).await, Standing::Fine);
}

#[tokio::test]
async fn a_month_that_will_cost_more_than_its_budget_is_an_alert() {
    let world = World::new().await;
    turns(&world, 1, 0).await;
    assert_eq!(standing(&world, AlertKind::CostProjection).await, Standing::Fine, "there is no budget");
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let settings = serde_json::json!({ "budgets": { "monthly": 500_000 } });
    sqlx::query("insert into agent_settings (tenant_id, settings) values ($1, $2)")
        .bind(world.tenant.uuid())
        .bind(settings)
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(standing(&world, AlertKind::CostProjection).await, Standing::Alerting);
}

#[tokio::test]
async fn alerts_are_listed_page_by_page_to_those_who_may_see_figures() {
    let world = World::new().await;
    for round in 0..5 {
        for provider in ["one", "two"] {
            let open = round % 2 == 0;
            alerts::report_provider(&world.domain, world.tenant, provider, open, None).await.unwrap();
        }
        check(&world.domain, &world, &Channels::default()).await;
    }
    let analyst = world.principal(Role::Analyst);
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = alerts::list(&world.domain, &analyst, false, cursor.take(), 4).await.unwrap();
        seen.extend(page.items.into_iter().map(|alert| alert.id));
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 6);
    assert_eq!(seen, listed(&world, false).await.iter().map(|alert| alert.id).collect::<Vec<_>>());
    let agent = alerts::list(&world.domain, &world.principal(Role::Agent), false, None, 4).await;
    assert!(matches!(agent, Err(Error::Forbidden(_))), "{agent:?}");
    let stranger = world.stranger().await;
    assert_eq!(
        alerts::list(&world.domain, &omniops_domain::Principal { actor: analyst.actor, ..stranger }, false, None, 4)
            .await
            .unwrap()
            .items,
        []
    );
}

/// What the tenant's owner sets, with the defaults for the rest.
async fn set(world: &World, settings: AlertSettings, version: Option<i64>) -> Result<AlertConfig, Error> {
    let update = UpdateAlerts { settings, version };
    alerts::update_config(&world.domain, &world.principal(Role::Owner), update, &RequestMeta::default()).await
}

#[tokio::test]
async fn a_tenant_sets_from_where_on_it_wants_to_be_told() {
    let world = World::with(Answerer::ready()).await;
    turns(&world, 9, 1).await;
    assert_eq!(standing(&world, AlertKind::ErrorRate).await, Standing::Unknown, "ten turns tell nothing by default");
    let strict = AlertSettings { fewest_turns: 10, error_percent: 5.0, ..AlertSettings::default() };
    set(&world, strict, None).await.unwrap();
    assert_eq!(standing(&world, AlertKind::ErrorRate).await, Standing::Alerting);
    let alert = &listed(&world, true).await[0];
    assert!((alert.threshold - 0.05).abs() < 1e-9 && (alert.value - 0.1).abs() < 1e-9, "{alert:?}");
    set(&world, AlertSettings { error_percent: 50.0, ..strict }, None).await.unwrap();
    assert_eq!(standing(&world, AlertKind::ErrorRate).await, Standing::Fine);
    assert_eq!(listed(&world, true).await, [], "what is no alert any more is over");
}

#[tokio::test]
async fn alert_settings_are_checked_versioned_audited_and_each_tenants_own() {
    let world = World::with(Answerer::ready()).await;
    let owner = world.principal(Role::Owner);
    let default = alerts::config(&world.domain, &owner).await.unwrap();
    assert_eq!(default, AlertConfig { settings: AlertSettings::default(), version: 1 });
    for (wrong, field) in [
        (AlertSettings { error_percent: 0.0, ..default.settings }, "error_percent"),
        (AlertSettings { zero_results_percent: 101.0, ..default.settings }, "zero_results_percent"),
        (AlertSettings { fewest_turns: 0, ..default.settings }, "fewest_turns"),
        (AlertSettings { fewest_searches: 100_001, ..default.settings }, "fewest_searches"),
    ] {
        match set(&world, wrong, None).await {
            Err(Error::InvalidFields(fields)) => assert!(fields.contains_key(field), "{fields:?}"),
            other => panic!("{field}: {other:?}"),
        }
    }
    let mine = AlertSettings { zero_results_percent: 50.0, ..default.settings };
    assert_eq!(set(&world, mine, Some(1)).await.unwrap(), AlertConfig { settings: mine, version: 2 });
    assert!(matches!(set(&world, default.settings, Some(1)).await, Err(Error::Conflict(_))), "stale");
    assert_eq!(alerts::config(&world.domain, &owner).await.unwrap().settings, mine);
    let stranger = world.stranger().await;
    let theirs = Principal { tenant_id: stranger.tenant_id, ..owner };
    assert_eq!(alerts::config(&world.domain, &theirs).await.unwrap(), default);
    let update = UpdateAlerts { settings: mine, version: None };
    for role in [Role::Agent, Role::Analyst] {
        let refused =
            alerts::update_config(&world.domain, &world.principal(role), update, &RequestMeta::default()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{role:?}: {refused:?}");
    }
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let changes: Vec<(serde_json::Value, serde_json::Value)> =
        sqlx::query_as("select before, after from config_audit_log where action = 'alerts.settings_updated'")
            .fetch_all(tx.conn())
            .await
            .unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (&changes[0].0["zero_results_percent"], &changes[0].1["zero_results_percent"]),
        (&30.0.into(), &50.0.into())
    );
}
