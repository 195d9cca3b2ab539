//! A small SMTP server on loopback that keeps what it is handed, and can be told to misbehave.

use std::sync::{Arc, Mutex};

use omniops_mail::{Sender, SmtpMailer, SmtpUrl};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does instead of agreeing.
#[derive(Clone, Copy, Debug)]
pub enum Instead {
    Say(&'static str),
    Hang,
    HangUp,
}

#[derive(Debug, Default)]
struct Heard {
    lines: Vec<String>,
    mails: Vec<String>,
}

/// The server's end. It runs until the test's runtime ends.
#[derive(Clone, Debug)]
pub struct Sink {
    port: u16,
    heard: Arc<Mutex<Heard>>,
}

impl Sink {
    /// A server that takes everything.
    pub async fn open() -> Self {
        Self::with(&[], &[]).await
    }

    /// A server that says `extensions` to EHLO, and answers lines that begin with a word as told. The greeting is
    /// answered to the word `connect`, a mail's end to `end`.
    pub async fn with(extensions: &'static [&'static str], behaviour: &'static [(&'static str, Instead)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self { port: listener.local_addr().unwrap().port(), heard: Arc::default() };
        let kept = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sink = kept.clone();
                tokio::spawn(async move { sink.talk(stream, extensions, behaviour).await });
            }
        });
        sink
    }

    /// A server whose first words are in TLS, with a certificate that it made for itself.
    pub async fn with_own_certificate() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = tokio_rustls::rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self { port: listener.local_addr().unwrap().port(), heard: Arc::default() };
        let kept = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(stream) = acceptor.accept(stream).await {
                    kept.talk(stream, &["AUTH PLAIN"], &[]).await;
                }
            }
        });
        sink
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Hands mails in here, without credentials.
    pub fn mailer(&self) -> SmtpMailer {
        mailer_at(&format!("smtp://127.0.0.1:{}", self.port))
    }

    /// Every line that a client said, mails' own lines left out.
    pub fn lines(&self) -> Vec<String> {
        self.heard.lock().unwrap().lines.clone()
    }

    /// The mails as they came over the wire, dots taken off.
    pub fn mails(&self) -> Vec<String> {
        self.heard.lock().unwrap().mails.clone()
    }

    async fn talk(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        extensions: &[&str],
        behaviour: &[(&str, Instead)],
    ) {
        let mut stream = BufReader::new(stream);
        let instead = |word: &str| {
            let word = word.to_lowercase();
            behaviour.iter().find(|(begin, _)| word.starts_with(begin)).map(|(_, instead)| *instead)
        };
        let Some(()) = answer(&mut stream, instead("connect"), "220 sink").await else { return };
        while let Some(line) = read_line(&mut stream).await {
            self.heard.lock().unwrap().lines.push(line.clone());
            let word = line.split([' ', ':']).next().unwrap_or_default().to_lowercase();
            let usual = match word.as_str() {
                "ehlo" => {
                    let lines: Vec<&str> = ["sink"].into_iter().chain(extensions.iter().copied()).collect();
                    let last = lines.len() - 1;
                    let mark = |at: usize| if at == last { ' ' } else { '-' };
                    lines
                        .iter()
                        .enumerate()
                        .map(|(at, line)| format!("250{}{line}", mark(at)))
                        .collect::<Vec<_>>()
                        .join("\r\n")
                }
                "auth" => "235 welcome".to_owned(),
                "data" => "354 go ahead".to_owned(),
                "quit" => "221 bye".to_owned(),
                _ => "250 fine".to_owned(),
            };
            let Some(()) = answer(&mut stream, instead(&word), &usual).await else { return };
            if word == "data" && instead("data").is_none() {
                let Some(mail) = read_mail(&mut stream).await else { return };
                if instead("end").is_none() {
                    self.heard.lock().unwrap().mails.push(mail);
                }
                let Some(()) = answer(&mut stream, instead("end"), "250 taken").await else { return };
            }
        }
    }
}

pub fn mailer_at(url: &str) -> SmtpMailer {
    SmtpMailer::new(&url.parse::<SmtpUrl>().unwrap(), sender()).unwrap()
}

pub fn sender() -> Sender {
    "OmniOps <no-reply@support.example>".parse().unwrap()
}

/// A port on which nobody listens.
pub async fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// A listener that never says a word; dropped, it closes.
pub async fn silent() -> (u16, tokio::task::JoinHandle<Vec<TcpStream>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
        open
    });
    (port, task)
}

async fn answer(stream: &mut (impl AsyncWrite + Unpin), instead: Option<Instead>, usual: &str) -> Option<()> {
    let text = match instead {
        None => usual,
        Some(Instead::Say(text)) => text,
        Some(Instead::Hang) => std::future::pending().await,
        Some(Instead::HangUp) => return None,
    };
    stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()
}

async fn read_line(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn read_mail(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut mail = String::new();
    loop {
        let line = read_line(stream).await?;
        if line == "." {
            return Some(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
        mail.push_str("\r\n");
    }
}
