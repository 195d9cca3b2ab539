use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use lettre::Address;
use lettre::message::Mailbox;

/// Whom mails come from: `OmniOps <no-reply@support.example>`, or the address alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// The text was not a name and an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address such as OmniOps <no-reply@support.example>")]
pub struct SenderError;

impl Sender {
    /// `<name> <no-reply@host>`. This machine's own address is `localhost`; no other IP address can send mail by a name of its own.
    pub fn no_reply(name: &str, host: &str) -> Result<Self, SenderError> {
        let domain = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(ip) if ip.is_loopback() => "localhost",
            Ok(_) => return Err(SenderError),
            Err(_) => host,
        };
        let address = Address::new("no-reply", domain).map_err(|_| SenderError)?;
        Ok(Self(Mailbox::new(Some(name.to_owned()), address)))
    }

    /// What the address belongs to: `support.example`.
    pub(crate) fn domain(&self) -> &str {
        self.0.email.domain()
    }

    /// The address under this name, or under its own.
    pub(crate) fn named(&self, name: Option<&str>) -> Mailbox {
        match name.map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) => Mailbox::new(Some(name.to_owned()), self.0.email.clone()),
            None => self.0.clone(),
        }
    }
}

impl FromStr for Sender {
    type Err = SenderError;

    fn from_str(text: &str) -> Result<Self, SenderError> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(SenderError);
        }
        let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"'), address),
            None => ("", text),
        };
        let address = address.trim().parse::<Address>().map_err(|_| SenderError)?;
        Ok(Self(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address)))
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use lettre::Message;

    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        let shown = |text: &str| text.parse::<Sender>().map(|sender| sender.to_string());
        assert_eq!(shown("OmniOps <no-reply@support.example>").unwrap(), "OmniOps <no-reply@support.example>");
        assert_eq!(shown(" no-reply@support.example ").unwrap(), "no-reply@support.example");
        assert_eq!(shown("\"Peak, Inc.\" <a@b.example>").unwrap(), "\"Peak, Inc.\" <a@b.example>");
        for wrong in ["", "OmniOps", "OmniOps <>", "a@b.example\r\nBcc: c@d.example", "a@b.example <c", "a b@c.example"]
        {
            assert_eq!(shown(wrong), Err(SenderError), "{wrong:?}");
        }
    }

    #[test]
    fn a_mail_can_be_put_together_from_it() {
        for host in ["support.example", "localhost", "127.0.0.1", "[::1]"] {
            let sender = Sender::no_reply("OmniOps", host).unwrap();
            let to: Mailbox = "ada@example.org".parse().unwrap();
            let message = Message::builder().from(sender.named(None)).to(to).body(String::new());
            assert!(message.is_ok(), "{host}: {message:?}");
        }
    }

    #[test]
    fn a_host_without_a_name_of_its_own_can_send_too() {
        let shown = |host: &str| Sender::no_reply("OmniOps", host).map(|sender| sender.to_string());
        assert_eq!(shown("support.example").unwrap(), "OmniOps <no-reply@support.example>");
        assert_eq!(shown("localhost").unwrap(), "OmniOps <no-reply@localhost>");
        assert_eq!(shown("127.0.0.1").unwrap(), "OmniOps <no-reply@localhost>");
        assert_eq!(shown("[::1]").unwrap(), "OmniOps <no-reply@localhost>");
        assert_eq!(shown("192.0.2.7"), Err(SenderError));
        assert_eq!(shown("no host"), Err(SenderError));
    }
}
