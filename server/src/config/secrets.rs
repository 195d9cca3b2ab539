//! What tenants' secrets are kept under, and how mail is sent.

use omniops_mail::{Sender, SmtpUrl};
use omniops_vault::MasterKey;

use super::raw::{ConfigError, Raw};

/// What tenants' secrets are kept under.
#[derive(Clone, Debug)]
pub struct SecretsConfig {
    /// `OMNIOPS_MASTER_KEY`: 32 bytes in base64. Several separated by commas while one takes the other's place: the first
    /// encrypts, all decrypt. None: see [`master_key`](crate::master_key).
    pub master_keys: Vec<MasterKey>,
}

impl SecretsConfig {
    pub(super) fn from_raw(raw: &Raw) -> Result<Self, ConfigError> {
        let expected =
            "32 random bytes in base64, as `openssl rand -base64 32` prints them; several separated by commas";
        Ok(Self { master_keys: raw.list("OMNIOPS_MASTER_KEY", expected)? })
    }
}

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// `SMTP_URL`: the server that takes our mails. None: no mail is sent, and what needs one says so.
    pub smtp: Option<SmtpUrl>,
    /// `OMNIOPS_MAIL_FROM`; unset: `OmniOps <no-reply@…>` with the host of the public address, `localhost` where that is this machine.
    /// Needed where the public address is an IP address.
    pub from: Option<Sender>,
}

impl MailConfig {
    pub(super) fn from_raw(raw: &Raw) -> Result<Self, ConfigError> {
        Ok(Self {
            smtp: raw.parse("SMTP_URL", "an address such as smtp://user:password@mail.example:587 or smtps://…")?,
            from: raw.parse("OMNIOPS_MAIL_FROM", "an address such as OmniOps <no-reply@support.example>")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use crate::config::Config;
    use omniops_vault::MasterKey;

    fn config(name: &str, value: &str) -> Result<Config, String> {
        Config::from_variables([(name, value)]).map_err(|error| error.to_string())
    }

    #[test]
    fn master_keys_are_a_list_of_which_the_first_encrypts() {
        let (new, old) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        let text = format!("{}, {}", new.to_text().expose_secret(), old.to_text().expose_secret());
        let keys = config("OMNIOPS_MASTER_KEY", &text).unwrap().secrets.master_keys;
        assert_eq!(keys.iter().map(MasterKey::id).collect::<Vec<_>>(), [new.id(), old.id()]);
        assert!(config("OMNIOPS_MASTER_KEY", "").unwrap().secrets.master_keys.is_empty());
    }

    #[test]
    fn a_wrong_master_key_is_told_with_how_to_make_one_and_not_repeated() {
        let error = config("OMNIOPS_MASTER_KEY", "hunter2hunter2").unwrap_err();
        assert!(error.contains("OMNIOPS_MASTER_KEY") && error.contains("openssl rand -base64 32"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_wrong_mail_server_or_sender_stops_the_start_and_is_not_repeated() {
        let error = config("SMTP_URL", "smtp://u:hunter2@").unwrap_err();
        assert!(error.contains("SMTP_URL") && !error.contains("hunter2"), "{error}");
        let error = config("OMNIOPS_MAIL_FROM", "nobody").unwrap_err();
        assert!(error.contains("OMNIOPS_MAIL_FROM") && error.contains("<no-reply@support.example>"), "{error}");
    }

    #[test]
    fn debug_shows_neither_keys_nor_the_mail_servers_password() {
        let key = MasterKey::generate().unwrap();
        let (text, id) = (key.to_text(), key.id().to_string());
        let variables = [("OMNIOPS_MASTER_KEY", text.expose_secret()), ("SMTP_URL", "smtp://u:hunter2@mail.example")];
        let shown = format!("{:?}", Config::from_variables(variables).unwrap());
        assert!(shown.contains(&id) && !shown.contains(text.expose_secret()) && !shown.contains("hunter2"), "{shown}");
    }
}
