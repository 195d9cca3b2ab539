//! What may follow on what. Pure: no database, no clock.
//!
//! Two rules hold at all times: an `open` conversation has a silenced AI, because it waits for a person, and a
//! `pending` one has an active AI, because that is who answers.

use omniops_types::{AiState, ConversationPatch, ConversationStatus, Priority, Timestamp, UserId};

use super::words::Activity;

/// The part of a conversation that rules change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) status: ConversationStatus,
    pub(crate) ai_state: AiState,
    pub(crate) priority: Priority,
    pub(crate) assignee: Option<UserId>,
    pub(crate) escalated_at: Option<Timestamp>,
    pub(crate) waiting_since: Option<Timestamp>,
    pub(crate) snoozed_until: Option<Timestamp>,
    pub(crate) resolved_at: Option<Timestamp>,
}

impl State {
    /// How a conversation begins: with the AI.
    pub(crate) const fn new() -> Self {
        Self {
            status: ConversationStatus::Pending,
            ai_state: AiState::Active,
            priority: Priority::Normal,
            assignee: None,
            escalated_at: None,
            waiting_since: None,
            snoozed_until: None,
            resolved_at: None,
        }
    }

    /// A message of the customer: opens what was resolved or snoozed, for the AI or for a person.
    pub(crate) fn customer_wrote(&mut self, now: Timestamp) {
        match self.ai_state {
            AiState::Active => self.set_status(ConversationStatus::Pending, now),
            AiState::Silenced => {
                self.set_status(ConversationStatus::Open, now);
                self.waiting_since.get_or_insert(now);
            }
        }
    }

    /// A reply of an agent (`None`: an integration): the AI is silent from here on.
    pub(crate) fn agent_replied(&mut self, agent: Option<UserId>, now: Timestamp) {
        self.ai_state = AiState::Silenced;
        self.set_status(ConversationStatus::Open, now);
        self.assignee = self.assignee.or(agent);
        self.waiting_since = None;
    }

    /// The customer asked for a person.
    pub(crate) fn handed_off(&mut self, now: Timestamp) {
        self.ai_state = AiState::Silenced;
        self.set_status(ConversationStatus::Open, now);
        self.escalated_at.get_or_insert(now);
        self.waiting_since.get_or_insert(now);
    }

    /// The customer confirmed to the AI that all is settled.
    pub(crate) fn settled(&mut self, now: Timestamp) {
        self.set_status(ConversationStatus::Resolved, now);
    }

    /// A person takes the conversation from the AI.
    fn taken_over(&mut self, agent: Option<UserId>, now: Timestamp) {
        self.ai_state = AiState::Silenced;
        self.set_status(ConversationStatus::Open, now);
        self.assignee = self.assignee.or(agent);
    }

    /// A person gives the conversation back to the AI, and is not in charge any more.
    fn handed_back(&mut self, now: Timestamp) {
        self.ai_state = AiState::Active;
        self.set_status(ConversationStatus::Pending, now);
        self.assignee = None;
        self.waiting_since = None;
    }

    fn set_status(&mut self, status: ConversationStatus, now: Timestamp) {
        self.status = status;
        match status {
            ConversationStatus::Resolved => {
                self.resolved_at = Some(now);
                self.snoozed_until = None;
                self.waiting_since = None;
            }
            ConversationStatus::Open | ConversationStatus::Pending => {
                self.resolved_at = None;
                self.snoozed_until = None;
            }
            ConversationStatus::Snoozed => self.resolved_at = None,
        }
    }

    /// Applies what an agent asked for and tells what happened, in the order in which the transcript shows it.
    ///
    /// Fields that already are as asked change nothing and tell nothing.
    pub(super) fn apply(&mut self, patch: &ConversationPatch, agent: Option<UserId>, now: Timestamp) -> Vec<Activity> {
        let ConversationPatch { status, assignee, ai_state, priority, version: _ } = *patch;
        let mut activities = Vec::new();
        match ai_state {
            Some(AiState::Silenced) if self.ai_state == AiState::Active => {
                self.taken_over(agent, now);
                activities.push(Activity::TookOver);
            }
            Some(AiState::Active) if self.ai_state == AiState::Silenced => {
                self.handed_back(now);
                activities.push(Activity::HandedBack);
            }
            Some(AiState::Silenced | AiState::Active) | None => {}
        }
        if let Some(assignee) = assignee
            && self.assignee != assignee
        {
            self.assignee = assignee;
            activities.push(match assignee {
                Some(user) if Some(user) == agent => Activity::AssignedSelf,
                Some(user) => Activity::Assigned(user),
                None => Activity::Unassigned,
            });
        }
        if let Some(status) = status
            && self.status != status
        {
            activities.push(self.asked_for_status(status, now));
        }
        if let Some(priority) = priority {
            self.priority = priority;
        }
        activities
    }

    fn asked_for_status(&mut self, status: ConversationStatus, now: Timestamp) -> Activity {
        let before = self.status;
        match status {
            ConversationStatus::Open => self.ai_state = AiState::Silenced,
            ConversationStatus::Pending if self.ai_state == AiState::Silenced => {
                self.handed_back(now);
                return Activity::HandedBack;
            }
            ConversationStatus::Pending | ConversationStatus::Snoozed | ConversationStatus::Resolved => {}
        }
        self.set_status(status, now);
        match status {
            ConversationStatus::Resolved => Activity::Resolved,
            ConversationStatus::Snoozed => Activity::Snoozed,
            ConversationStatus::Pending => Activity::Reopened,
            ConversationStatus::Open => match before {
                ConversationStatus::Resolved | ConversationStatus::Snoozed => Activity::Reopened,
                ConversationStatus::Open | ConversationStatus::Pending => Activity::TookOver,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const ANA: UserId = UserId(Uuid::from_u128(1));
    const BEN: UserId = UserId(Uuid::from_u128(2));

    fn at(second: i64) -> Timestamp {
        chrono::DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    #[test]
    fn asking_for_a_person_silences_the_ai_and_waits_unassigned() {
        let mut state = State::new();
        state.handed_off(at(5));
        assert_eq!(state.status, ConversationStatus::Open);
        assert_eq!(state.ai_state, AiState::Silenced);
        assert_eq!(state.assignee, None);
        assert_eq!(state.escalated_at, Some(at(5)));
        assert_eq!(state.waiting_since, Some(at(5)));
    }

    #[test]
    fn the_first_agent_to_reply_becomes_the_assignee_and_stays_it() {
        let mut state = State::new();
        state.agent_replied(Some(ANA), at(1));
        state.agent_replied(Some(BEN), at(2));
        assert_eq!(state.assignee, Some(ANA));
        assert_eq!(state.ai_state, AiState::Silenced);
    }

    #[test]
    fn a_resolved_conversation_opens_again_for_whoever_had_it() {
        let resolve = ConversationPatch { status: Some(ConversationStatus::Resolved), ..Default::default() };
        let mut with_ai = State::new();
        with_ai.apply(&resolve, Some(ANA), at(1));
        with_ai.customer_wrote(at(2));
        assert_eq!(with_ai.status, ConversationStatus::Pending);

        let mut with_person = State::new();
        with_person.agent_replied(Some(ANA), at(1));
        with_person.apply(&resolve, Some(ANA), at(2));
        with_person.customer_wrote(at(3));
        assert_eq!(with_person.status, ConversationStatus::Open);
        assert_eq!(with_person.waiting_since, Some(at(3)));
    }

    #[test]
    fn a_patch_that_asks_for_what_is_there_tells_nothing() {
        let mut state = State::new();
        let same = ConversationPatch {
            status: Some(ConversationStatus::Pending),
            assignee: Some(None),
            ai_state: Some(AiState::Active),
            priority: Some(Priority::Normal),
            version: None,
        };
        assert!(state.apply(&same, Some(ANA), at(1)).is_empty());
        assert_eq!(state, State::new());
    }

    #[test]
    fn handing_back_gives_the_ai_the_conversation_and_frees_the_agent() {
        let mut state = State::new();
        state.agent_replied(Some(ANA), at(1));
        let patch = ConversationPatch { ai_state: Some(AiState::Active), ..Default::default() };
        assert_eq!(state.apply(&patch, Some(ANA), at(2)), vec![Activity::HandedBack]);
        assert_eq!(
            (state.status, state.ai_state, state.assignee),
            (ConversationStatus::Pending, AiState::Active, None)
        );
    }

    #[test]
    fn what_the_ai_had_when_it_was_resolved_it_has_again_when_that_is_taken_back() {
        let to = |status| ConversationPatch { status: Some(status), ..Default::default() };
        let before = State { assignee: Some(BEN), ..State::new() };
        let mut state = before.clone();
        assert_eq!(state.apply(&to(ConversationStatus::Resolved), Some(ANA), at(1)), vec![Activity::Resolved]);
        assert_eq!(state.apply(&to(ConversationStatus::Pending), Some(ANA), at(2)), vec![Activity::Reopened]);
        assert_eq!(state, before);
    }

    #[derive(Clone, Debug)]
    enum Step {
        CustomerWrites,
        AgentReplies,
        AsksForPerson,
        Patches(ConversationPatch),
    }

    fn step() -> impl Strategy<Value = Step> {
        let option = |values: &'static [ConversationStatus]| prop::option::of(prop::sample::select(values));
        let patch = (
            option(ConversationStatus::ALL),
            prop::option::of(prop::option::of(prop::sample::select(vec![ANA, BEN]))),
            prop::option::of(prop::sample::select(AiState::ALL)),
        )
            .prop_map(|(status, assignee, ai_state)| ConversationPatch {
                status,
                assignee,
                ai_state,
                ..Default::default()
            });
        prop_oneof![
            Just(Step::CustomerWrites),
            Just(Step::AgentReplies),
            Just(Step::AsksForPerson),
            patch.prop_map(Step::Patches),
        ]
    }

    proptest! {
        #[test]
        fn open_means_silenced_and_pending_means_active(steps in prop::collection::vec(step(), 1..30)) {
            let mut state = State::new();
            for (second, step) in steps.into_iter().enumerate() {
                let now = at(i64::try_from(second).unwrap());
                match step {
                    Step::CustomerWrites => state.customer_wrote(now),
                    Step::AgentReplies => state.agent_replied(Some(ANA), now),
                    Step::AsksForPerson => state.handed_off(now),
                    Step::Patches(patch) => drop(state.apply(&patch, Some(ANA), now)),
                }
                match state.status {
                    ConversationStatus::Open => prop_assert_eq!(state.ai_state, AiState::Silenced),
                    ConversationStatus::Pending => prop_assert_eq!(state.ai_state, AiState::Active),
                    ConversationStatus::Snoozed | ConversationStatus::Resolved => {}
                }
                prop_assert_eq!(state.status == ConversationStatus::Resolved, state.resolved_at.is_some());
                prop_assert!(state.waiting_since.is_none() || state.status != ConversationStatus::Resolved);
            }
        }
    }
}
