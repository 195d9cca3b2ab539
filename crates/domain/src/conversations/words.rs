//! The lines that the transcript shows about what happened, in the conversation's language.

use omniops_types::UserId;

use crate::customers::Language;

/// Something that happened to a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    TookOver,
    HandedBack,
    AssignedSelf,
    Assigned(UserId),
    Unassigned,
    Resolved,
    Reopened,
    Snoozed,
}

impl Activity {
    /// Who looks after a conversation and when is the team's own business. That it is resolved the customer sees by
    /// its status, which leaves no trace when an agent takes it back at once.
    pub(crate) const fn is_for_team(self) -> bool {
        match self {
            Self::AssignedSelf
            | Self::Assigned(_)
            | Self::Unassigned
            | Self::Snoozed
            | Self::Resolved
            | Self::Reopened => true,
            Self::TookOver | Self::HandedBack => false,
        }
    }

    /// Whether the conversation keeps its place in lists, so that nothing moves when resolving is taken back.
    pub(crate) const fn keeps_place(self) -> bool {
        match self {
            Self::Resolved | Self::Reopened => true,
            Self::TookOver
            | Self::HandedBack
            | Self::AssignedSelf
            | Self::Assigned(_)
            | Self::Unassigned
            | Self::Snoozed => false,
        }
    }
}

/// The line. `by` is the name of who did it, `assignee` that of whom it was given to.
pub(crate) fn activity_text(activity: Activity, by: &str, assignee: &str, language: Language) -> String {
    match language {
        Language::English => match activity {
            Activity::TookOver => format!("{by} took over"),
            Activity::HandedBack => format!("{by} handed back to the assistant"),
            Activity::AssignedSelf => format!("{by} is looking after this"),
            Activity::Assigned(_) => format!("{by} asked {assignee} to look after this"),
            Activity::Unassigned => format!("{by} passed this on to the team"),
            Activity::Resolved => format!("Resolved by {by}"),
            Activity::Reopened => format!("Reopened by {by}"),
            Activity::Snoozed => format!("Put aside by {by} for later"),
        },
        Language::German => match activity {
            Activity::TookOver => format!("{by} hat übernommen"),
            Activity::HandedBack => format!("{by} hat an den Assistenten zurückgegeben"),
            Activity::AssignedSelf => format!("{by} kümmert sich darum"),
            Activity::Assigned(_) => format!("{by} hat {assignee} gebeten, sich darum zu kümmern"),
            Activity::Unassigned => format!("{by} hat an das Team weitergegeben"),
            Activity::Resolved => format!("Gelöst von {by}"),
            Activity::Reopened => format!("Wieder geöffnet von {by}"),
            Activity::Snoozed => format!("Von {by} für später zurückgestellt"),
        },
    }
}
