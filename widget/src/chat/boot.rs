//! From nothing to a usable panel: configuration, session, consent.
//!
//! A visitor who only looks leaves no trace: the public configuration is all that is read. A session is opened with
//! the first thing that the visitor does in the panel, or when this device already holds one.

use omniops_types::WidgetConfig;

use super::effect::Effect;
use super::entry::is_live;
use super::{Chat, Erasure, HandoffState, Link};
use crate::problem::Problem;
use crate::wire;

/// How far the panel is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Never opened.
    #[default]
    Idle,
    Loading,
    Ready,
    /// The configuration could not be had.
    Failed,
}

/// How far the session is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Session {
    #[default]
    None,
    Opening,
    Open,
}

impl Chat {
    /// Loads what the panel shows. `remembered`: this device holds a session from before. What is there already is
    /// asked for again: the tenant may have changed it since.
    pub fn boot(&mut self, remembered: bool) {
        match self.phase {
            Phase::Loading => {}
            Phase::Ready => self.effect(Effect::LoadConfig),
            Phase::Idle | Phase::Failed => {
                self.phase = Phase::Loading;
                if remembered {
                    self.ensure_session();
                } else {
                    self.effect(Effect::LoadConfig);
                }
            }
        }
    }

    pub fn config_loaded(&mut self, config: WidgetConfig) {
        self.config = Some(config);
        self.become_ready();
    }

    pub fn boot_failed(&mut self, problem: Problem) {
        if self.phase == Phase::Ready {
            // It was only asked for again: what is there stays.
            return;
        }
        self.phase = Phase::Failed;
        let code = match problem {
            Problem::Network => "network".to_owned(),
            Problem::Busy { .. } => "busy".to_owned(),
            Problem::Server => "internal".to_owned(),
            Problem::Refused { code, .. } => code,
        };
        self.effect(Effect::Error(code));
    }

    /// The visitor did something in the panel (wrote a character, answered the consent question): from now on there
    /// is a session.
    pub fn interact(&mut self) {
        if self.phase == Phase::Ready && !self.needs_consent() {
            self.ensure_session();
        }
    }

    pub fn session_opened(&mut self, response: wire::Session) {
        self.session = Session::Open;
        self.config = Some(response.config);
        if response.consented_version.is_some() {
            self.consented_version = response.consented_version;
        }
        self.conversation = response.conversation_id.or(self.conversation);
        self.status = response.status.or(self.status);
        self.ai_state = response.ai_state.or(self.ai_state);
        self.agent = response.agent;
        self.event_seq = self.event_seq.max(response.event_seq);
        if let Some(transcript) = response.transcript {
            self.transcript.has_older = transcript.has_older;
            for message in transcript.messages {
                self.transcript.merge(message);
            }
        }
        self.effect(Effect::Remember { live: is_live(self.status) });
        self.become_ready();
        self.set_unread(response.unread);
        self.mark_read();
        if self.conversation.is_some() {
            self.subscribe();
        }
        self.post_consent();
        self.post_handoff();
        self.post_erasure();
        self.pump();
    }

    pub fn session_failed(&mut self, problem: Problem) {
        self.session = Session::None;
        if matches!(problem, Problem::Refused { .. }) && self.config.is_none() {
            // What this device remembered is no good any more: begin as a new visitor.
            self.effect(Effect::Forget);
            self.effect(Effect::LoadConfig);
            return;
        }
        if self.config.is_none() {
            self.boot_failed(problem);
            return;
        }
        if self.consent_to_post.take().is_some() {
            self.consent_failed = true;
        }
        if self.handoff == HandoffState::Asking {
            self.handoff = HandoffState::Failed;
        }
        if self.erasure == Erasure::Erasing {
            self.erase_failed();
        }
        self.fail_queued(problem);
    }

    /// The visitor agreed to, or took back the agreement to, the consent text that is shown.
    pub fn answer_consent(&mut self, granted: bool) {
        self.consent_failed = false;
        self.consent_to_post = Some(granted);
        match self.session {
            Session::None => self.ensure_session(),
            Session::Opening => {}
            Session::Open => self.post_consent(),
        }
    }

    pub fn consent_saved(&mut self, version: String, granted: bool) {
        if granted {
            self.consented_version = Some(version);
            self.pump();
        } else {
            self.forget();
        }
    }

    pub fn consent_not_saved(&mut self) {
        self.consent_failed = true;
    }

    /// Whether the visitor's answer to the consent question is on its way.
    pub fn is_saving_consent(&self) -> bool {
        self.consent_to_post.is_some()
    }

    /// Drops the conversation and the session from this device; the panel is as for a new visitor.
    pub fn forget(&mut self) {
        let config = self.config.take();
        let (visible, link) = (self.visible, self.link);
        let mut effects = core::mem::take(&mut self.effects);
        effects.extend([Effect::Unsubscribe, Effect::Forget, Effect::Unread(0)]);
        let mut transcript = core::mem::take(&mut self.transcript);
        transcript.clear();
        *self = Self { phase: Phase::Ready, config, visible, link, effects, transcript, ..Self::default() };
        if self.config.is_none() {
            self.phase = Phase::Loading;
            self.effect(Effect::LoadConfig);
        }
    }

    pub(super) fn is_opening_session(&self) -> bool {
        self.session == Session::Opening
    }

    pub(super) fn session_is_open(&self) -> bool {
        self.session == Session::Open
    }

    /// Asks the server anew what this session may do.
    pub(super) fn renew_session(&mut self) {
        self.consented_version = None;
        self.session = Session::None;
        self.ensure_session();
    }

    pub(super) fn ensure_session(&mut self) {
        if self.session == Session::None {
            self.session = Session::Opening;
            self.effect(Effect::OpenSession);
        }
    }

    pub(super) fn subscribe(&mut self) {
        if !self.subscribed {
            self.subscribed = true;
            self.link = Link::Connected;
            self.effect(Effect::Subscribe);
        }
    }

    fn become_ready(&mut self) {
        if self.phase != Phase::Ready {
            self.phase = Phase::Ready;
            self.effect(Effect::Ready);
        }
        // Where consent is asked for first, the visitor decides anew when to send.
        if core::mem::take(&mut self.eager) && !self.needs_consent() {
            self.effect(Effect::Submit);
        }
    }

    fn post_consent(&mut self) {
        let Some(granted) = self.consent_to_post.take() else { return };
        let Some(config) = &self.config else { return };
        let version = config.consent.version.clone();
        self.effect(Effect::PostConsent { version, granted });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_visitor_who_only_looks_opens_no_session() {
        let mut chat = Chat::default();
        chat.boot(false);
        chat.opened();
        assert_eq!(chat.take_effects(), vec![Effect::LoadConfig]);
        chat.config_loaded(config());
        assert_eq!(chat.take_effects(), vec![Effect::Ready]);
        assert_eq!(chat.phase, Phase::Ready);
    }

    #[test]
    fn a_panel_that_is_opened_again_shows_what_the_tenant_changed_meanwhile() {
        let mut chat = ready_chat();
        chat.boot(true);
        assert_eq!(chat.take_effects(), vec![Effect::LoadConfig]);
        chat.config_loaded(config_asking_consent());
        assert!(chat.needs_consent());
        assert_eq!(chat.take_effects(), vec![]);
    }

    #[test]
    fn a_configuration_that_cannot_be_had_again_does_not_close_the_chat() {
        let mut chat = ready_chat();
        chat.boot(true);
        chat.take_effects();
        chat.boot_failed(Problem::Network);
        assert_eq!(chat.phase, Phase::Ready);
        assert_eq!(chat.take_effects(), vec![]);
    }

    #[test]
    fn the_first_keystroke_opens_the_session_once() {
        let mut chat = ready_chat();
        chat.interact();
        chat.interact();
        assert_eq!(chat.take_effects(), vec![Effect::OpenSession]);
    }

    #[test]
    fn a_device_that_knows_the_visitor_resumes_the_conversation() {
        let mut chat = Chat::default();
        chat.boot(true);
        assert_eq!(chat.take_effects(), vec![Effect::OpenSession]);
        chat.session_opened(session_with_conversation());
        let effects = chat.take_effects();
        assert!(effects.contains(&Effect::Remember { live: true }));
        assert!(effects.contains(&Effect::Subscribe));
        assert!(effects.contains(&Effect::Unread(1)));
        assert_eq!(texts(&chat), ["Do you ship to Norway?", "Yes, in 3 days [1]"]);
        assert_eq!(chat.event_seq, 40);
    }

    #[test]
    fn a_session_that_the_server_refuses_is_forgotten() {
        let mut chat = Chat::default();
        chat.boot(true);
        chat.take_effects();
        chat.session_failed(refused());
        assert_eq!(chat.take_effects(), vec![Effect::Forget, Effect::LoadConfig]);
    }

    #[test]
    fn a_panel_that_cannot_load_can_be_tried_again() {
        let mut chat = Chat::default();
        chat.boot(false);
        chat.boot_failed(Problem::Network);
        assert_eq!(chat.phase, Phase::Failed);
        chat.take_effects();
        chat.boot(false);
        assert_eq!(chat.take_effects(), vec![Effect::LoadConfig]);
    }

    #[test]
    fn what_was_submitted_too_early_is_asked_for_once_the_panel_is_ready() {
        let mut chat = Chat::default();
        chat.boot(false);
        assert!(!chat.submit(id(1), "Hello".into()));
        assert!(!chat.submit(id(2), "Hello".into()));
        assert_eq!(chat.take_effects(), vec![Effect::LoadConfig]);
        chat.config_loaded(config());
        assert_eq!(chat.take_effects(), vec![Effect::Ready, Effect::Submit]);
        assert!(chat.submit(id(3), "Hello again".into()));
        chat.session_opened(session());
        chat.config_loaded(config());
        assert_eq!(texts(&chat), ["Hello again"]);
        assert!(!chat.take_effects().contains(&Effect::Submit));
    }

    #[test]
    fn what_was_submitted_too_early_outlasts_a_panel_that_could_not_load() {
        let mut chat = Chat::default();
        chat.boot(false);
        chat.submit(id(1), "Hello".into());
        chat.boot_failed(Problem::Network);
        chat.boot(false);
        chat.take_effects();
        chat.config_loaded(config());
        assert_eq!(chat.take_effects(), vec![Effect::Ready, Effect::Submit]);
        chat.config_loaded(config());
        assert_eq!(chat.take_effects(), vec![]);
    }

    #[test]
    fn what_was_submitted_too_early_goes_into_the_conversation_that_is_resumed() {
        let mut chat = Chat::default();
        chat.boot(true);
        chat.submit(id(1), "Hello".into());
        chat.session_opened(session_with_conversation());
        assert!(chat.take_effects().contains(&Effect::Submit));
        chat.submit(id(2), "Hello".into());
        assert_eq!(chat.take_effects(), vec![post(2, "Hello")]);
    }

    #[test]
    fn nothing_is_asked_for_when_nothing_was_written() {
        let mut chat = Chat::default();
        chat.boot(false);
        chat.submit(id(1), " ".into());
        chat.config_loaded(config());
        assert!(!chat.take_effects().contains(&Effect::Submit));
    }

    #[test]
    fn what_was_submitted_too_early_does_not_go_past_the_consent_question() {
        let mut chat = Chat::default();
        chat.boot(false);
        chat.submit(id(1), "Hello".into());
        chat.config_loaded(config_asking_consent());
        assert_eq!(chat.take_effects(), vec![Effect::LoadConfig, Effect::Ready]);
        chat.answer_consent(true);
        chat.session_opened(wire::Session { config: config_asking_consent(), ..session() });
        chat.consent_saved("v2".into(), true);
        chat.config_loaded(config_asking_consent());
        assert!(!chat.take_effects().contains(&Effect::Submit));
    }

    #[test]
    fn nothing_is_sent_before_the_visitor_agreed() {
        let mut chat = ready_chat_asking_consent();
        chat.interact();
        chat.submit(id(1), "Hello".into());
        chat.request_person();
        assert_eq!(chat.take_effects(), vec![]);
        chat.answer_consent(true);
        assert_eq!(chat.take_effects(), vec![Effect::OpenSession]);
        chat.session_opened(wire::Session { config: config_asking_consent(), ..session() });
        assert!(chat.take_effects().contains(&Effect::PostConsent { version: "v2".into(), granted: true }));
        chat.consent_saved("v2".into(), true);
        assert!(!chat.needs_consent());
    }

    #[test]
    fn a_consent_that_was_not_saved_is_asked_for_again() {
        let mut chat = ready_chat_asking_consent();
        chat.answer_consent(true);
        chat.session_failed(Problem::Network);
        assert!(chat.consent_failed);
        assert!(chat.needs_consent());
        chat.take_effects();
        chat.answer_consent(true);
        assert_eq!(chat.take_effects(), vec![Effect::OpenSession]);
    }

    #[test]
    fn a_new_consent_text_is_asked_for_although_an_older_one_was_agreed_to() {
        let mut chat = Chat::default();
        chat.boot(true);
        let config = config_asking_consent();
        chat.session_opened(wire::Session { config, consented_version: Some("v1".into()), ..session() });
        assert!(chat.needs_consent());
        chat.session_opened(wire::Session {
            config: config_asking_consent(),
            consented_version: Some("v2".into()),
            ..session()
        });
        assert!(!chat.needs_consent());
    }

    #[test]
    fn taking_consent_back_clears_this_device() {
        let mut chat = Chat::default();
        chat.boot(true);
        let config = config_asking_consent();
        chat.session_opened(wire::Session {
            config,
            consented_version: Some("v2".into()),
            ..session_with_conversation()
        });
        chat.take_effects();
        chat.answer_consent(false);
        assert_eq!(chat.take_effects(), vec![Effect::PostConsent { version: "v2".into(), granted: false }]);
        chat.consent_saved("v2".into(), false);
        assert_eq!(chat.take_effects(), vec![Effect::Unsubscribe, Effect::Forget, Effect::Unread(0)]);
        assert!(chat.transcript.is_empty());
        assert!(chat.needs_consent());
        assert_eq!(chat.conversation, None);
    }
}
