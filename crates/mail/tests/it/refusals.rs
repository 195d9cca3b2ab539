use std::time::Duration;

use omniops_mail::{Mail, MailError, Mailer, SmtpMailer, SmtpUrl};

use crate::sink::{Instead, Sink, closed_port, mailer_at, sender, silent};

const TO: &str = "mia@customer.example";

fn mail() -> Mail {
    Mail::new(TO, "Your code", "It is 123456.")
}

async fn fails(sink: &Sink) -> MailError {
    let error = sink.mailer().send(mail()).await.unwrap_err();
    assert!(sink.mails().is_empty(), "nothing was taken");
    error
}

#[tokio::test]
async fn an_answer_that_begins_with_4_is_worth_another_try() {
    for behaviour in [
        &[("connect", Instead::Say("421 too busy"))],
        &[("mail", Instead::Say("451 come back"))],
        &[("rcpt", Instead::Say("450 greylisted"))],
        &[("data", Instead::Say("452 no room"))],
        &[("end", Instead::Say("451 not now"))],
    ] {
        let error = fails(&Sink::with(&[], behaviour).await).await;
        assert!(matches!(error, MailError::Transient(_)) && error.is_transient(), "{behaviour:?}: {error}");
    }
}

#[tokio::test]
async fn an_answer_that_begins_with_5_is_final() {
    for behaviour in [
        &[("connect", Instead::Say("554 no service"))],
        &[("mail", Instead::Say("553 not you"))],
        &[("rcpt", Instead::Say("550 no such user"))],
        &[("end", Instead::Say("554 spam"))],
    ] {
        let error = fails(&Sink::with(&[], behaviour).await).await;
        assert!(matches!(error, MailError::Permanent(_)) && !error.is_transient(), "{behaviour:?}: {error}");
    }
}

#[tokio::test]
async fn what_the_server_said_is_told_without_the_recipient() {
    let sink = Sink::with(&[], &[("rcpt", Instead::Say("550 <mia@customer.example> is unknown here"))]).await;
    let told = fails(&sink).await.to_string();
    assert!(told.contains("550") && told.contains("is unknown here") && !told.contains(TO), "{told}");
}

#[tokio::test]
async fn a_server_that_hangs_up_or_is_not_there_is_worth_another_try() {
    for word in ["connect", "ehlo", "mail", "data", "end"] {
        let behaviour: &'static [(&str, Instead)] = Box::leak(Box::new([(word, Instead::HangUp)]));
        let error = fails(&Sink::with(&[], behaviour).await).await;
        assert!(error.is_transient(), "{word}: {error}");
    }
    let url: SmtpUrl = format!("smtp://127.0.0.1:{}", closed_port().await).parse().unwrap();
    let error = SmtpMailer::new(&url, sender()).unwrap().send(mail()).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let (long, short) = (Duration::from_secs(60), Duration::from_millis(100));
    let (port, listening) = silent().await;
    let url: SmtpUrl = format!("smtp://127.0.0.1:{port}").parse().unwrap();
    let mailer = SmtpMailer::with_limits(&url, sender(), long, short).unwrap();
    assert!(mailer.send(mail()).await.unwrap_err().is_transient());
    listening.abort();

    let sink = Sink::with(&[], &[("data", Instead::Hang)]).await;
    let url: SmtpUrl = format!("smtp://127.0.0.1:{}", sink.port()).parse().unwrap();
    let mailer = SmtpMailer::with_limits(&url, sender(), long, short).unwrap();
    let error = mailer.send(mail()).await.unwrap_err();
    assert!(error.is_transient() && error.to_string().contains("took too long"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_final() {
    let sink = Sink::with(&["AUTH PLAIN"], &[("auth", Instead::Say("535 wrong"))]).await;
    let url = format!("smtp://mia:hunter2@127.0.0.1:{}?tls=none", sink.port());
    let error = mailer_at(&url).send(mail()).await.unwrap_err();
    assert!(matches!(error, MailError::Permanent(_)), "{error}");
    assert!(!error.to_string().contains("hunter2"));
}

#[tokio::test]
async fn no_password_goes_over_a_line_that_the_server_does_not_encrypt() {
    let sink = Sink::with(&["AUTH PLAIN"], &[]).await;
    let url = format!("smtp://mia:hunter2@127.0.0.1:{}?tls=required", sink.port());
    let error = mailer_at(&url).send(mail()).await.unwrap_err();
    assert!(matches!(error, MailError::Permanent(_)), "{error}");
    assert!(
        !sink.lines().iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")),
        "{:?}",
        sink.lines()
    );
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_gets_nothing() {
    let sink = Sink::with_own_certificate().await;
    let url = format!("smtps://mia:hunter2@localhost:{}", sink.port());
    let error = mailer_at(&url).send(mail()).await.unwrap_err();
    assert!(error.to_string().to_lowercase().contains("certificate"), "{error}");
    assert!(sink.lines().is_empty());
}

#[tokio::test]
async fn nobody_adds_a_header_or_a_recipient() {
    let sink = Sink::open().await;
    let mailer = sink.mailer();
    for sneaky in [
        Mail { subject: "Code\r\nBcc: eve@evil.example".to_owned(), ..mail() },
        Mail { subject: "Code\nBcc: eve@evil.example".to_owned(), ..mail() },
        Mail { from_name: Some("Shop\r\nBcc: eve@evil.example".to_owned()), ..mail() },
        Mail { to: "mia@customer.example\r\nRCPT TO:<eve@evil.example>".to_owned(), ..mail() },
        Mail { to: "mia@customer.example, eve@evil.example".to_owned(), ..mail() },
        Mail { to: "Mia <mia@customer.example>".to_owned(), ..mail() },
        Mail { to: String::new(), ..mail() },
    ] {
        assert!(matches!(mailer.send(sneaky).await, Err(MailError::Invalid(_))));
    }
    assert!(sink.lines().is_empty(), "none of them got as far as the server");
}
