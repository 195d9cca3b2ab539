//! The question that some tenants ask before anything is sent.

use web_sys::{Element, HtmlElement};

use super::super::dispatch;
use super::super::dom::{append, button, element, listen, outbound_link, set, set_text, show, text_element, toggle};
use super::Action;
use crate::chat::Chat;
use crate::locale::Strings;
use crate::rich_text::is_safe_url;

pub(super) struct ConsentCard {
    card: HtmlElement,
    text: HtmlElement,
    policy: HtmlElement,
    failure: HtmlElement,
    agree: HtmlElement,
}

impl ConsentCard {
    pub(super) fn build(panel: &Element, strings: &Strings) -> Self {
        let card = element("div", "consent");
        set(&card, "role", "group");
        set(&card, "aria-label", strings.consent_title);
        append(&card, &text_element("h3", "", strings.consent_title));
        let text = element("p", "");
        let policy = outbound_link("", "#");
        policy.set_text_content(Some(strings.policy));
        let failure = element("p", "failure");
        set(&failure, "role", "alert");
        let choices = element("div", "choices");
        let agree = button("primary", strings.consent_agree);
        let decline = button("quiet", strings.consent_decline);
        listen(&agree, "click", |_| dispatch(Action::Consent(true)));
        listen(&decline, "click", |_| dispatch(Action::Consent(false)));
        append(&choices, &agree);
        append(&choices, &decline);
        for part in [&text, &policy, &failure, &choices] {
            append(&card, part);
        }
        append(panel, &card);
        Self { card, text, policy, failure, agree }
    }

    pub(super) fn render(&self, chat: &Chat, asks: bool, strings: &Strings) {
        let appears = asks && self.card.has_attribute("hidden");
        show(&self.card, asks);
        let Some(consent) = chat.config.as_ref().map(|config| &config.consent).filter(|_| asks) else { return };
        set_text(&self.text, &consent.text);
        let policy = consent.policy_url.as_deref().filter(|url| is_safe_url(url));
        show(&self.policy, policy.is_some());
        set(&self.policy, "href", policy.unwrap_or("#"));
        set_text(&self.failure, if chat.consent_failed { strings.consent_failed } else { "" });
        show(&self.failure, chat.consent_failed);
        toggle(&self.agree, "disabled", chat.is_saving_consent());
        if appears && self.card.closest(":focus-within").is_ok_and(|found| found.is_some()) {
            let _ = self.agree.focus();
        }
    }

    pub(super) fn is_shown(&self) -> bool {
        !self.card.has_attribute("hidden")
    }

    /// Puts the focus on the question; `false` when none is asked.
    pub(super) fn focus(&self) -> bool {
        let asks = self.is_shown();
        if asks {
            let _ = self.agree.focus();
        }
        asks
    }
}
