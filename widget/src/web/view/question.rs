//! What the visitor is asked in the composer's place: the question that some tenants ask before anything is sent, and
//! whether everything is to be deleted.

use web_sys::{Element, HtmlElement};

use super::super::dispatch;
use super::super::dom::{append, button, element, listen, outbound_link, set, set_text, show, text_element, toggle};
use super::Action;
use crate::chat::{Chat, Erasure, Phase};
use crate::locale::Strings;
use crate::rich_text::is_safe_url;

/// At most one of them is asked at a time.
pub(super) struct Questions {
    consent: Question,
    policy: HtmlElement,
    erasure: Question,
}

/// A card with a text and two answers.
struct Question {
    card: HtmlElement,
    text: HtmlElement,
    failure: HtmlElement,
    agree: HtmlElement,
    decline: HtmlElement,
    /// The answer that the focus goes to: never the one that cannot be undone.
    safe: HtmlElement,
}

impl Questions {
    pub(super) fn build(panel: &Element, strings: &Strings) -> Self {
        let consent = Question::build(panel, [strings.consent_title, strings.consent_agree, strings.consent_decline]);
        let policy = outbound_link("", "#");
        policy.set_text_content(Some(strings.policy));
        let _ = consent.text.after_with_node_1(&policy);
        consent.on_answer(|| Action::Consent(true), || Action::Consent(false));
        let mut erasure = Question::build(panel, [strings.erase, strings.erase_agree, strings.erase_decline]);
        set(&erasure.card, "data-danger", "");
        set(&erasure.card, "aria-label", strings.erase_text);
        erasure.safe = erasure.decline.clone();
        set_text(&erasure.text, strings.erase_text);
        erasure.on_answer(|| Action::Erase(true), || Action::Erase(false));
        Self { consent, policy, erasure }
    }

    pub(super) fn render(&self, chat: &Chat, strings: &Strings) {
        let erases = chat.asks_erasure();
        let failure = if chat.erasure == Erasure::Failed { strings.erase_failed } else { "" };
        self.erasure.render(erases, failure, chat.erasure == Erasure::Erasing);
        let asks = !erases && chat.phase == Phase::Ready && chat.needs_consent();
        if let Some(consent) = chat.config.as_ref().map(|config| &config.consent).filter(|_| asks) {
            set_text(&self.consent.text, &consent.text);
            let policy = consent.policy_url.as_deref().filter(|url| is_safe_url(url));
            show(&self.policy, policy.is_some());
            set(&self.policy, "href", policy.unwrap_or("#"));
        }
        let failure = if chat.consent_failed { strings.consent_failed } else { "" };
        self.consent.render(asks, failure, chat.is_saving_consent());
    }

    pub(super) fn is_asked(&self) -> bool {
        self.asked().is_some()
    }

    /// Puts the focus on the question; `false` when none is asked.
    pub(super) fn focus(&self) -> bool {
        self.asked().inspect(|question| question.focus()).is_some()
    }

    fn asked(&self) -> Option<&Question> {
        [&self.erasure, &self.consent].into_iter().find(|question| !question.card.has_attribute("hidden"))
    }
}

impl Question {
    fn build(panel: &Element, [title, agree, decline]: [&str; 3]) -> Self {
        let card = element("div", "question");
        set(&card, "role", "group");
        set(&card, "aria-label", title);
        append(&card, &text_element("h3", "", title));
        let text = element("p", "");
        let failure = element("p", "failure");
        set(&failure, "role", "alert");
        let choices = element("div", "choices");
        let agree = button("primary", agree);
        append(&choices, &agree);
        let decline = button("quiet", decline);
        append(&choices, &decline);
        for part in [&text, &failure, &choices] {
            append(&card, part);
        }
        append(panel, &card);
        Self { card, text, failure, safe: agree.clone(), agree, decline }
    }

    fn on_answer(&self, agreed: fn() -> Action, declined: fn() -> Action) {
        listen(&self.agree, "click", move |_| dispatch(agreed()));
        listen(&self.decline, "click", move |_| dispatch(declined()));
    }

    fn render(&self, asks: bool, failure: &str, waits: bool) {
        let appears = asks && self.card.has_attribute("hidden");
        show(&self.card, asks);
        set_text(&self.failure, failure);
        show(&self.failure, !failure.is_empty());
        toggle(&self.agree, "disabled", waits);
        if appears && self.card.closest(":focus-within").is_ok_and(|found| found.is_some()) {
            self.focus();
        }
    }

    fn focus(&self) {
        let _ = self.safe.focus();
    }
}
