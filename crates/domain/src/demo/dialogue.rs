//! The stories that the demo's past is made of.

use serde::Deserialize;

/// One conversation, told from its first line to its last.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialogue {
    /// 0 is today.
    pub days_ago: u16,
    /// Hour of the day in UTC; for today hours before now, as a negative number.
    pub hour: f32,
    /// The shop's page on which the customer writes.
    pub page: String,
    pub locale: String,
    /// The first name of the agent who takes part, in lower case.
    pub agent: Option<String>,
    pub steps: Vec<Step>,
}

/// What somebody does next.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The customer writes, and the AI answers if it may.
    Customer(String),
    /// The customer presses "talk to a person".
    Handoff(#[allow(dead_code, reason = "the file says `handoff: true`")] bool),
    /// The agent replies.
    Agent(String),
    /// The agent leaves a note.
    Note(String),
    /// The conversation is resolved, by the agent where there is one.
    Resolve(#[allow(dead_code, reason = "the file says `resolve: true`")] bool),
    /// Nothing happens for a while.
    WaitMinutes(u16),
}

/// All of them, oldest first.
pub fn all() -> serde_json::Result<Vec<Dialogue>> {
    serde_json::from_str(include_str!("dialogues.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stories_cover_thirty_days_and_can_be_played() {
        let dialogues = all().unwrap();
        assert!(dialogues.len() >= 36);
        assert!(dialogues.windows(2).all(|pair| pair[0].days_ago >= pair[1].days_ago), "oldest first");
        for dialogue in &dialogues {
            assert!(matches!(dialogue.steps[0], Step::Customer(_)), "the customer begins");
            let needs_agent = dialogue.steps.iter().any(|step| matches!(step, Step::Agent(_) | Step::Note(_)));
            assert!(!needs_agent || dialogue.agent.is_some(), "someone has to say it: {dialogue:?}");
        }
    }
}
