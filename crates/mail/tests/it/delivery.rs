use std::sync::Arc;

use mail_parser::{MessageParser, MimeHeaders};
use omniops_mail::{Mail, MailError, Mailer, NoMail, Outbox};

use crate::sink::{Sink, mailer_at};

#[tokio::test]
async fn a_mail_arrives_with_its_words_its_sender_and_an_id_of_our_own() {
    let sink = Sink::open().await;
    let mail = Mail::new("mia@customer.example", "Your code", "It is 123456.\n.\nGood bye\n");
    sink.mailer().send(mail).await.unwrap();
    assert_eq!(
        sink.lines(),
        [
            "EHLO support.example",
            "MAIL FROM:<no-reply@support.example>",
            "RCPT TO:<mia@customer.example>",
            "DATA",
            "QUIT"
        ]
    );
    let mails = sink.mails();
    assert_eq!(mails.len(), 1);
    let mail = MessageParser::new().parse(&mails[0]).unwrap();
    assert_eq!(mail.subject(), Some("Your code"));
    assert_eq!(mail.from().unwrap().first().unwrap().name(), Some("OmniOps"));
    assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("no-reply@support.example"));
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("mia@customer.example"));
    assert_eq!(mail.body_text(0).unwrap().trim_end().replace("\r\n", "\n"), "It is 123456.\n.\nGood bye");
    assert!(mail.message_id().unwrap().ends_with("@support.example"));
    assert!(mail.date().is_some());
    assert_eq!(mail.header("Auto-Submitted").unwrap().as_text(), Some("auto-generated"));
}

#[tokio::test]
async fn letters_of_all_languages_arrive_as_they_were_written() {
    let sink = Sink::open().await;
    let mail = Mail {
        from_name: Some("Käse & Brot, Zürich".to_owned()),
        ..Mail::new("mia@customer.example", "Ihr Code für „Käse & Brot“ 🧀", "Grüße – 你好\n")
    };
    sink.mailer().send(mail).await.unwrap();
    let mails = sink.mails();
    assert!(mails[0].is_ascii(), "the server did not offer more");
    let mail = MessageParser::new().parse(&mails[0]).unwrap();
    assert_eq!(mail.subject(), Some("Ihr Code für „Käse & Brot“ 🧀"));
    assert_eq!(mail.from().unwrap().first().unwrap().name(), Some("Käse & Brot, Zürich"));
    assert_eq!(mail.body_text(0).unwrap().trim_end(), "Grüße – 你好");
}

#[tokio::test]
async fn a_mail_with_html_has_both_forms() {
    let sink = Sink::open().await;
    let html = Some("<p>Your code: <b>123456</b></p>".to_owned());
    let mail = Mail { html, ..Mail::new("mia@customer.example", "Your code", "Your code: 123456") };
    sink.mailer().send(mail).await.unwrap();
    let mails = sink.mails();
    let mail = MessageParser::new().parse(&mails[0]).unwrap();
    assert_eq!(mail.content_type().unwrap().subtype(), Some("alternative"));
    assert_eq!(mail.body_text(0).unwrap().trim_end(), "Your code: 123456");
    assert_eq!(mail.body_html(0).unwrap().trim_end(), "<p>Your code: <b>123456</b></p>");
}

#[tokio::test]
async fn two_mails_have_two_ids() {
    let sink = Sink::open().await;
    for _ in 0..2 {
        sink.mailer().send(Mail::new("mia@customer.example", "Your code", "1")).await.unwrap();
    }
    let mails = sink.mails();
    let id = |mail: &str| MessageParser::new().parse(mail).unwrap().message_id().unwrap().to_owned();
    assert_ne!(id(&mails[0]), id(&mails[1]));
}

#[tokio::test]
async fn user_and_password_are_handed_over_where_the_server_asks_for_them() {
    let sink = Sink::with(&["AUTH PLAIN LOGIN"], &[]).await;
    let url = format!("smtp://mia%40shop.example:p%2Fass@127.0.0.1:{}?tls=none", sink.port());
    mailer_at(&url).send(Mail::new("mia@customer.example", "Hello", "Hello")).await.unwrap();
    // base64 of NUL, user, NUL, password
    assert_eq!(sink.lines()[1], "AUTH PLAIN AG1pYUBzaG9wLmV4YW1wbGUAcC9hc3M=");
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn without_a_server_nothing_is_sent_and_the_setting_is_named() {
    assert!(!NoMail.is_configured());
    let error = NoMail.send(Mail::new("mia@customer.example", "Hello", "Hello")).await.unwrap_err();
    assert_eq!(error, MailError::NotConfigured);
    assert!(error.to_string().contains("SMTP_URL"));
}

#[tokio::test]
async fn an_outbox_keeps_what_is_sent_and_fails_when_told_to() {
    let outbox = Arc::new(Outbox::new());
    let mail = Mail::new("mia@customer.example", "Hello", "Hello");
    outbox.send(mail.clone()).await.unwrap();
    let failure = MailError::Transient("made to fail".to_owned());
    outbox.fail_with(Some(failure.clone()));
    assert_eq!(outbox.send(mail.clone()).await, Err(failure));
    outbox.fail_with(None);
    let sneaky = Mail { subject: "Hello\r\nBcc: eve@evil.example".to_owned(), ..mail.clone() };
    assert!(matches!(outbox.send(sneaky).await, Err(MailError::Invalid(_))), "as over SMTP");
    assert_eq!(outbox.sent(), [mail]);
}

#[test]
fn debug_shows_neither_words_nor_recipient() {
    let mail = Mail::new("mia@customer.example", "Your code", "It is 123456.");
    assert_eq!(format!("{mail:?}"), "Mail { .. }");
}
