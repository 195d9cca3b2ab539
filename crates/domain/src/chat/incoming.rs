//! The request, parsed: once there is an `Incoming`, its parts are right.

use omniops_types::{ChatRequest, ConversationId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::widget::{MAX_CUSTOMER_MESSAGE_CHARS, check_optional, check_session_id};
use crate::{Error, Result};

/// Longer than any identity token that a shop would sign.
const MAX_TOKEN_CHARS: usize = 8_000;

#[derive(Clone, Debug)]
pub(super) struct Incoming {
    pub(super) domain: String,
    pub(super) session_id: String,
    /// Trimmed, 1 to 4,000 characters, no NUL.
    pub(super) text: String,
    pub(super) client_id: Uuid,
    pub(super) conversation_id: Option<ConversationId>,
    pub(super) page_url: Option<String>,
    pub(super) locale: Option<String>,
    /// Not looked at yet.
    pub(super) identity_token: Option<String>,
}

impl Incoming {
    pub(super) fn parse(request: ChatRequest) -> Result<Self> {
        let ChatRequest { domain, session_id, message, client_id, conversation_id, page_url, locale, identity_token } =
            request;
        check_session_id(&session_id)?;
        check_optional("page_url", page_url.as_deref(), 2_000)?;
        check_optional("locale", locale.as_deref(), 35)?;
        check_optional("identity_token", identity_token.as_deref(), MAX_TOKEN_CHARS)?;
        let text = message.trim();
        if text.is_empty() {
            return Err(Error::field("message", "must not be empty"));
        }
        if text.contains('\0') {
            return Err(Error::field("message", "must not contain NUL characters"));
        }
        if text.chars().count() > MAX_CUSTOMER_MESSAGE_CHARS {
            return Err(Error::TooLarge { limit: MAX_CUSTOMER_MESSAGE_CHARS as u64, unit: "characters" });
        }
        let text = text.to_owned();
        Ok(Self { domain, session_id, text, client_id, conversation_id, page_url, locale, identity_token })
    }

    /// What tells two texts under one `client_id` apart.
    pub(super) fn text_hash(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(message: &str) -> ChatRequest {
        ChatRequest {
            domain: "shop.example".to_owned(),
            session_id: "a-session-of-a-visitor".to_owned(),
            message: message.to_owned(),
            client_id: Uuid::now_v7(),
            conversation_id: None,
            page_url: None,
            locale: None,
            identity_token: None,
        }
    }

    #[test]
    fn a_message_is_trimmed() {
        assert_eq!(Incoming::parse(request("  Hello \n")).unwrap().text, "Hello");
    }

    #[test]
    fn the_limit_counts_characters_and_not_bytes() {
        assert!(Incoming::parse(request(&"ü".repeat(4_000))).is_ok());
        assert!(matches!(Incoming::parse(request(&"ü".repeat(4_001))), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn nothing_and_nul_are_refused() {
        for wrong in ["", "   ", "a\0b"] {
            assert!(matches!(Incoming::parse(request(wrong)), Err(Error::InvalidFields(_))), "{wrong:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_whole_or_refused(message in ".{0,80}", session_id in ".{0,140}", locale in "(?s).{0,40}") {
            let request = ChatRequest { session_id, locale: Some(locale), ..request(&message) };
            let read: ChatRequest = serde_json::from_slice(&serde_json::to_vec(&request).unwrap()).unwrap();
            proptest::prop_assert_eq!(&read, &request);
            if let Ok(incoming) = Incoming::parse(request) {
                proptest::prop_assert_eq!(incoming.text.as_str(), message.trim());
            }
        }

        #[test]
        fn what_is_taken_can_be_stored(
            message in "[\0\n a-zü🙂]{0,12}",
            page_url in "[\0a-z:/ü]{0,12}",
            locale in "[\0a-z-]{0,40}",
        ) {
            let request = ChatRequest { page_url: Some(page_url), locale: Some(locale), ..request(&message) };
            if let Ok(incoming) = Incoming::parse(request) {
                let texts = [Some(incoming.text.clone()), incoming.page_url, incoming.locale];
                proptest::prop_assert!(texts.iter().flatten().all(|text| !text.contains('\0')));
                proptest::prop_assert!(!incoming.text.is_empty());
            }
        }
    }
}
