use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::smtp_url::Encryption;
use crate::{Mail, MailError, Mailer, Sender, SmtpUrl};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the whole delivery may take: whoever waits for it is a customer at a chat.
const DELIVERY: Duration = Duration::from_secs(30);
/// Characters of a server's answer that are kept.
const ANSWER_CHARS: usize = 200;

/// Hands mails to an SMTP server, each over a connection of its own.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
    delivery: Duration,
    server: String,
}

impl SmtpMailer {
    /// Does not connect yet. An error tells that the server's name cannot be in a certificate.
    pub fn new(url: &SmtpUrl, sender: Sender) -> Result<Self, MailError> {
        Self::with_limits(url, sender, CONNECT, DELIVERY)
    }

    /// With other limits: for connecting, and for the whole delivery.
    pub fn with_limits(
        url: &SmtpUrl,
        sender: Sender,
        connect: Duration,
        delivery: Duration,
    ) -> Result<Self, MailError> {
        let tls = || {
            TlsParameters::new(url.host.clone())
                .map_err(|_| MailError::Invalid("the server has no name that a certificate could bear"))
        };
        let tls = match url.encryption {
            Encryption::FromTheStart => Tls::Wrapper(tls()?),
            Encryption::Required => Tls::Required(tls()?),
            Encryption::WhereOffered => Tls::Opportunistic(tls()?),
            Encryption::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&url.host)
            .port(url.port)
            .tls(tls)
            .timeout(Some(connect))
            // Not the machine's name, which is nobody's business.
            .hello_name(ClientId::Domain(sender.domain().to_owned()));
        if let Some((user, password)) = &url.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        Ok(Self { transport: builder.build(), sender, delivery, server: url.to_string() })
    }

    fn message(&self, mail: Mail) -> Result<Message, MailError> {
        mail.check()?;
        let Mail { to, from_name, subject, text, html } = mail;
        let to: Address = to.parse().map_err(|_| MailError::Invalid("the address is none"))?;
        let message = Message::builder()
            .from(self.sender.named(from_name.as_deref()))
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(Some(format!("<{}@{}>", Uuid::new_v4(), self.sender.domain())))
            .header(AutoSubmitted);
        let message = match html {
            None => message.singlepart(SinglePart::plain(text)),
            Some(html) => message.multipart(MultiPart::alternative_plain_html(text, html)),
        };
        message.map_err(|_| MailError::Invalid("it cannot be put together"))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let to = mail.to.clone();
        let message = self.message(mail)?;
        match tokio::time::timeout(self.delivery, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(refusal(&error, &to)),
            Err(_) => Err(MailError::Transient(format!("{} took too long", self.server))),
        }
    }
}

/// What the server said, in one line and without the recipient, whom its answers like to repeat.
fn refusal(error: &lettre::transport::smtp::Error, to: &str) -> MailError {
    let said: String = error
        .to_string()
        .replace(to, "<the recipient>")
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(ANSWER_CHARS)
        .collect();
    // `client` is what this server cannot do at all: log in like this, encrypt, or take such an address.
    if error.is_permanent() || error.is_client() { MailError::Permanent(said) } else { MailError::Transient(said) }
}

/// Keeps answering machines from answering.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer").field("server", &self.server).field("sender", &self.sender).finish_non_exhaustive()
    }
}
