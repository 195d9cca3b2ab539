//! A one-time code that the customer typed into the chat: entered before anybody reads the message.

use super::turn::Turn;
use crate::Domain;
use crate::verification::{Code, Confirmed, confirm};

/// What became of a code that stood in a message.
#[derive(Clone, Debug)]
pub(super) struct EnteredCode {
    /// The message's place among those that wait.
    place: usize,
    /// For the model.
    note: String,
}

/// Enters the code of the newest message that has one, and takes it out of what the turn asks: neither a model nor the
/// log of searches reads it. One that was right is gone from the transcript, too.
pub(super) async fn enter_code(domain: &Domain, turn: &mut Turn) {
    let mut messages = turn.unanswered.iter_mut().enumerate().rev();
    let Some((place, message, code)) = messages.find_map(|(place, message)| {
        let code = Code::in_message(message)?;
        Some((place, message, code))
    }) else {
        return;
    };
    let note = match confirm(domain, turn.tenant, turn.conversation, turn.key.customer, message).await {
        Ok(Confirmed::Verified { .. }) => "the code is right: the customer is verified".to_owned(),
        Ok(Confirmed::Wrong { tries_left: 0 }) => "the code is wrong and void: a new one is needed".to_owned(),
        Ok(Confirmed::Wrong { tries_left }) => format!("the code is wrong; tries left: {tries_left}"),
        // No code was asked for: the digits are something else, or the code is over.
        Ok(Confirmed::NoCode) => return,
        Err(error) => {
            tracing::warn!(tenant = %turn.tenant, error = &error as &dyn std::error::Error, "a code was not checked");
            "the code could not be checked".to_owned()
        }
    };
    *message = code.hidden_in(message);
    turn.code = Some(EnteredCode { place, note });
}

/// The customer's messages as the model is told them.
pub(super) fn told(turn: &Turn) -> Vec<String> {
    let mut messages = turn.unanswered.clone();
    if let Some(EnteredCode { place, note }) = &turn.code
        && let Some(message) = messages.get_mut(*place)
    {
        message.push_str(&format!(" ({note})"));
    }
    messages
}
