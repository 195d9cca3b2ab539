use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

/// Where mails are handed in: `smtp://user:password@mail.example:587`, `smtps://mail.example`.
#[derive(Clone)]
pub struct SmtpUrl {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) encryption: Encryption,
    pub(crate) credentials: Option<(String, SecretString)>,
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// TLS from the first byte.
    FromTheStart,
    /// STARTTLS, or nothing is sent.
    Required,
    /// STARTTLS where the server offers it.
    WhereOffered,
    None,
}

/// Why a text is no address of a mail server. Does not repeat the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address such as smtp://user:password@mail.example:587: {0}")]
pub struct SmtpUrlError(&'static str);

impl FromStr for SmtpUrl {
    type Err = SmtpUrlError;

    fn from_str(text: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| SmtpUrlError("it cannot be read"))?;
        let tls = tls_of(&url)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SmtpUrlError("nothing comes after the port but ?tls="));
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpUrlError("it names no host"))?;
        let credentials = credentials_of(&url)?;
        let has_user = credentials.is_some();
        let (encryption, port) = match (url.scheme(), tls) {
            ("smtps", None) => (Encryption::FromTheStart, 465),
            ("smtps", Some(_)) => return Err(SmtpUrlError("smtps is always encrypted; ?tls= is for smtp")),
            ("smtp", tls) => {
                let usual = match (is_loopback(host), has_user) {
                    (true, _) => Encryption::None,
                    (false, true) => Encryption::Required,
                    (false, false) => Encryption::WhereOffered,
                };
                (tls.unwrap_or(usual), if has_user { 587 } else { 25 })
            }
            _ => return Err(SmtpUrlError("it begins with smtp:// or smtps://")),
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        Ok(Self { host, port: url.port().unwrap_or(port), encryption, credentials })
    }
}

fn tls_of(url: &Url) -> Result<Option<Encryption>, SmtpUrlError> {
    let mut tls = None;
    for (name, value) in url.query_pairs() {
        tls = match (&*name, &*value) {
            ("tls", "none") => Some(Encryption::None),
            ("tls", "opportunistic") => Some(Encryption::WhereOffered),
            ("tls", "required") => Some(Encryption::Required),
            _ => return Err(SmtpUrlError("?tls= is none, opportunistic or required, and there is no other option")),
        };
    }
    Ok(tls)
}

fn credentials_of(url: &Url) -> Result<Option<(String, SecretString)>, SmtpUrlError> {
    let decoded = |text: &str| {
        percent_decode_str(text).decode_utf8().map(Cow::into_owned).map_err(|_| SmtpUrlError("it is not UTF-8"))
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err(SmtpUrlError("it has a password and no user")),
        (_, None) => Err(SmtpUrlError("it has a user and no password")),
        (user, Some(password)) => Ok(Some((decoded(user)?, SecretString::from(decoded(password)?)))),
    }
}

/// `Url` reads the hosts of schemes that it does not know as names, addresses too.
fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(ip)) => ip.is_loopback(),
        Ok(Host::Ipv6(ip)) => ip.is_loopback(),
        Err(_) => false,
    }
}

/// The server, without the credentials: `mail.example:587`.
impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, encryption, credentials: _ } = self;
        f.debug_struct("SmtpUrl")
            .field("host", host)
            .field("port", port)
            .field("encryption", encryption)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(text: &str) -> (String, u16, Encryption) {
        let url: SmtpUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        (url.host, url.port, url.encryption)
    }

    #[test]
    fn port_and_encryption_follow_from_scheme_user_and_host() {
        let mail = || "mail.example".to_owned();
        assert_eq!(read("smtps://mail.example"), (mail(), 465, Encryption::FromTheStart));
        assert_eq!(read("smtps://u:p@mail.example:1465/"), (mail(), 1465, Encryption::FromTheStart));
        assert_eq!(read("smtp://u:p@mail.example"), (mail(), 587, Encryption::Required));
        assert_eq!(read("smtp://mail.example"), (mail(), 25, Encryption::WhereOffered));
        assert_eq!(read("smtp://u:p@mail.example:2525?tls=none"), (mail(), 2525, Encryption::None));
        assert_eq!(read("smtp://mail.example?tls=required"), (mail(), 25, Encryption::Required));
        assert_eq!(read("smtp://127.0.0.1:1025"), ("127.0.0.1".to_owned(), 1025, Encryption::None));
        assert_eq!(read("smtp://u:p@localhost:1025"), ("localhost".to_owned(), 1025, Encryption::None));
        assert_eq!(read("smtp://[::1]:1025"), ("::1".to_owned(), 1025, Encryption::None));
        assert_eq!(read("smtp://127.0.0.1?tls=opportunistic").2, Encryption::WhereOffered);
    }

    #[test]
    fn user_and_password_are_percent_decoded() {
        let url: SmtpUrl = "smtp://mia%40shop.example:p%2Fa%3As%25s@mail.example".parse().unwrap();
        let (user, password) = url.credentials.unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("mia@shop.example", "p/a:s%s"));
    }

    #[test]
    fn what_is_no_mail_server_is_told_and_not_repeated() {
        for wrong in [
            "",
            "mail.example:25",
            "http://mail.example",
            "smtp://",
            "smtp://hunter2@mail.example",
            "smtp://:hunter2@mail.example",
            "smtp://u:hunter2@mail.example/path",
            "smtp://u:hunter2@mail.example?tls=maybe",
            "smtps://u:hunter2@mail.example?tls=none",
        ] {
            let error = wrong.parse::<SmtpUrl>().map(|_| ()).unwrap_err().to_string();
            assert!(error.contains("smtp://user:password@mail.example:587"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn debug_shows_no_password() {
        let url: SmtpUrl = "smtp://mia:hunter2@mail.example".parse().unwrap();
        let shown = format!("{url:?}");
        assert!(shown.contains("mail.example") && !shown.contains("hunter2") && !shown.contains("mia"), "{shown}");
        assert_eq!(url.to_string(), "mail.example:587");
    }
}
