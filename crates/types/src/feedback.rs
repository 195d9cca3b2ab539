//! What a customer thinks of an answer of the AI.

use serde::{Deserialize, Serialize};

use crate::MessageId;
use crate::conversation::text_enum;

text_enum! {
    /// A thumb.
    Rating { Up = "up", Down = "down" }
}

text_enum! {
    /// What was wrong with an answer.
    FeedbackReason {
        Incorrect = "incorrect",
        Incomplete = "incomplete",
        /// Not what was asked.
        Irrelevant = "irrelevant",
        Outdated = "outdated",
        Tone = "tone",
        Slow = "slow",
        Other = "other",
    }
}

/// The longest comment to a thumb, in characters.
pub const MAX_FEEDBACK_COMMENT_CHARS: usize = 1_000;

/// What a customer thinks of one answer of the AI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageFeedback {
    pub message_id: MessageId,
    pub rating: Rating,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<FeedbackReason>,
    /// In the customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `POST /api/widget/feedback`: the visitor's thumb on an answer of the AI. Given again, it takes the place of the one
/// before; without a rating, it is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedbackRequest {
    pub domain: String,
    pub session_id: String,
    /// The AI's message: `reply.id` of the answer.
    pub message_id: MessageId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// Only with a thumb down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<FeedbackReason>,
    /// In the visitor's words, 1,000 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}
