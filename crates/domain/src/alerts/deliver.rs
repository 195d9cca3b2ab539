//! Sending notices, each once, whoever sends it.

use std::time::Duration;

use chrono::TimeDelta;
use omniops_mail::{Mail, MailError};
use omniops_types::AlertKind;

use super::queries::{self, NoticeRow};
use super::webhook::Webhook;
use super::words::{self, About};
use crate::{Domain, Result};

const EMAIL: &str = "email";
const WEBHOOK: &str = "webhook";

/// How long a process may take to send a notice before another tries: longer than any of its parts can take together.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// For one mail.
const MAIL_TIME_LIMIT: Duration = Duration::from_secs(20);
/// Attempts over about an hour; who was not told by then looks at the dashboard.
const MOST_ATTEMPTS: i32 = 7;
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);

/// Where alerts are announced, beside the dashboard: by mail wherever a mail server is configured, and here.
#[derive(Clone, Debug, Default)]
pub struct Channels {
    pub webhook: Option<Webhook>,
}

impl Channels {
    pub(super) fn names(&self, domain: &Domain) -> Vec<&'static str> {
        let mail = domain.mailer.is_configured().then_some(EMAIL);
        let webhook = self.webhook.as_ref().map(|_| WEBHOOK);
        mail.into_iter().chain(webhook).collect()
    }
}

/// Sends what is due, one after the other; gives how many notices were sent. What fails is tried again later.
pub async fn deliver(domain: &Domain, channels: &Channels) -> Result<u64> {
    let names = channels.names(domain);
    let mut sent = 0;
    loop {
        let mut tx = domain.database.system("take up a notice of an alert, whosever it is").await?;
        let notice = queries::take_notice(&mut tx, &names, LEASE, MOST_ATTEMPTS).await?;
        tx.commit().await?;
        let Some(notice) = notice else { return Ok(sent) };
        let outcome = send(domain, channels, &notice).await;
        let mut tx = domain.database.system("note what became of a notice").await?;
        match outcome {
            Ok(()) => {
                sent += 1;
                queries::notice_sent(&mut tx, &notice).await?;
            }
            Err(problem) => {
                tracing::warn!(channel = notice.channel, attempts = notice.attempts, problem, "a notice was not sent");
                let pause = FIRST_PAUSE * 2_i32.pow(notice.attempts.clamp(1, MOST_ATTEMPTS).unsigned_abs() - 1);
                queries::notice_failed(&mut tx, &notice, &problem, pause).await?;
            }
        }
        tx.commit().await?;
    }
}

async fn send(domain: &Domain, channels: &Channels, notice: &NoticeRow) -> std::result::Result<(), String> {
    let kind = AlertKind::parse(&notice.kind).ok_or("an alert of a kind that this release does not know")?;
    let about = About {
        tenant: &notice.tenant,
        kind,
        subject: &notice.subject,
        value: notice.value,
        threshold: Some(notice.threshold),
        is_over: notice.event == "resolved",
    };
    let link = format!("{}/dashboard/telemetry", domain.settings.public_url);
    let (headline, figures) = (words::headline(about), words::figures(about));
    let since = notice.opened_at.format("%Y-%m-%d %H:%M UTC");
    match (notice.channel.as_str(), &channels.webhook) {
        (EMAIL, _) => {
            let text = format!("{headline}\n\n{figures}\nsince {since}\n\n{link}\n");
            mail(domain, notice, &headline, &text).await
        }
        (WEBHOOK, Some(webhook)) => webhook.post(&format!("{headline} — {figures}, since {since} — {link}")).await,
        (other, _) => Err(format!("the channel {other} is not set up here")),
    }
}

/// To everybody who runs the tenant. One whom the server takes it for is enough: sent again, they would have it twice.
async fn mail(domain: &Domain, notice: &NoticeRow, subject: &str, text: &str) -> std::result::Result<(), String> {
    let recipients = recipients(domain, notice).await.map_err(|error| error.to_string())?;
    let mut outcome = Ok(());
    let mut told = false;
    for to in recipients {
        let mail = domain.mailer.send(Mail::new(to, subject, text));
        match tokio::time::timeout(MAIL_TIME_LIMIT, mail).await {
            Ok(Ok(())) => told = true,
            Ok(Err(error)) => outcome = Err(problem(&error)),
            Err(_) => outcome = Err("the mail server took too long".to_owned()),
        }
    }
    if told { Ok(()) } else { outcome }
}

fn problem(error: &MailError) -> String {
    error.to_string()
}

async fn recipients(domain: &Domain, notice: &NoticeRow) -> Result<Vec<String>> {
    let mut tx = domain.database.system("find who runs a tenant, to mail them an alert").await?;
    let recipients = queries::recipients(&mut tx, notice.tenant_id).await?;
    tx.commit().await?;
    Ok(recipients)
}
