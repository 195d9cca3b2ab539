//! What the state machine asks of the browser.

use omniops_types::MessageId;
use uuid::Uuid;

use super::opinion::Verdict;

/// One thing to do. Its outcome comes back through a method of [`super::Chat`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read the public configuration, past the browser's cache when there is one already → `config_loaded` or
    /// `boot_failed`.
    LoadConfig,
    /// Open or resume the session → `session_opened` or `session_failed`.
    OpenSession,
    /// Keep the session on this device. `live`: a conversation is under way, so that the next page connects by itself.
    Remember {
        live: bool,
    },
    /// Remove everything from this device.
    Forget,
    /// Record the answer to the consent question → `consent_saved` or `consent_not_saved`.
    PostConsent {
        version: String,
        granted: bool,
    },
    /// Send a message and read the answer → `answer_signal` …, at the end `Done` or `Failed`.
    PostMessage {
        client_id: Uuid,
        text: String,
    },
    /// Have the server delete what it holds about the visitor → `erased` or `erase_failed`.
    Erase,
    /// Ask for a person → `handed_off` or `handoff_failed`.
    PostHandoff,
    /// Follow the event log after `event_seq`, replacing a stream that is open.
    Subscribe,
    Unsubscribe,
    /// Tell the server what was read.
    MarkRead {
        seq: i64,
    },
    /// Tell the server what the visitor thinks of an answer → `opinion_saved` or `opinion_not_saved`.
    PostOpinion {
        message: MessageId,
        verdict: Verdict,
    },
    /// Fetch the part of the transcript before `seq` → `older_loaded` or `older_failed`.
    LoadOlder {
        before: i64,
    },
    /// Tell the page how many messages are unread.
    Unread(i64),
    /// Tell the page that a message came.
    NewMessage {
        author: &'static str,
        text: String,
    },
    /// Tell the page that the panel is usable.
    Ready,
    /// Submit what the visitor has written: they wanted to before the panel was ready.
    Submit,
    /// Tell the page that something failed for good, by a code.
    Error(String),
    /// Say to screen readers that an answer is complete.
    AnnounceAnswer(String),
}
