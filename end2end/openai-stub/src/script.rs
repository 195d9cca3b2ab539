//! Which reply answers which request.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::received::{Received, text_of};
use crate::reply::Reply;

/// What a request must look like; conditions that are not given always hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    pub model: Option<String>,
    /// Part of the last user message.
    pub user_says: Option<String>,
    /// Part of any message, the instructions and the tools' results too.
    pub anyone_says: Option<String>,
    /// Whether the last message is what a tool gave.
    pub tool_result: Option<bool>,
    /// The last message is what this tool gave, or one of the parallel calls was of it.
    pub tool_result_of: Option<String>,
    /// Part of what the tools gave since the model's last answer.
    pub tool_result_says: Option<String>,
    /// How many answers the model has given since the user spoke.
    pub step: Option<usize>,
    /// The model may call this tool.
    pub offers_tool: Option<String>,
    /// The key behind `Authorization: Bearer`.
    pub key: Option<String>,
}

/// Every condition, one after another: `When::any().model("small").user_says("refund")`.
impl When {
    pub fn any() -> Self {
        Self::default()
    }

    pub fn model(self, model: impl Into<String>) -> Self {
        Self { model: Some(model.into()), ..self }
    }

    pub fn user_says(self, part: impl Into<String>) -> Self {
        Self { user_says: Some(part.into()), ..self }
    }

    pub fn anyone_says(self, part: impl Into<String>) -> Self {
        Self { anyone_says: Some(part.into()), ..self }
    }

    pub fn tool_result(self, is_last: bool) -> Self {
        Self { tool_result: Some(is_last), ..self }
    }

    pub fn tool_result_of(self, tool: impl Into<String>) -> Self {
        Self { tool_result_of: Some(tool.into()), ..self }
    }

    pub fn tool_result_says(self, part: impl Into<String>) -> Self {
        Self { tool_result_says: Some(part.into()), ..self }
    }

    pub fn step(self, step: usize) -> Self {
        Self { step: Some(step), ..self }
    }

    pub fn offers_tool(self, tool: impl Into<String>) -> Self {
        Self { offers_tool: Some(tool.into()), ..self }
    }

    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// Whether this request fulfils every condition.
    pub fn holds(&self, request: &Received) -> bool {
        fn asked<T>(condition: Option<&T>, holds: impl FnOnce(&T) -> bool) -> bool {
            condition.is_none_or(holds)
        }
        asked(self.model.as_ref(), |model| request.model() == model)
            && asked(self.user_says.as_ref(), |part| request.last_user_text().contains(part.as_str()))
            && asked(self.anyone_says.as_ref(), |part| {
                request.messages().iter().any(|message| text_of(message).contains(part.as_str()))
            })
            && asked(self.tool_result.as_ref(), |is_last| request.ends_with_tool_result() == *is_last)
            && asked(self.tool_result_of.as_ref(), |tool| request.tool_results().iter().any(|(of, _)| of == tool))
            && asked(self.tool_result_says.as_ref(), |part| {
                request.tool_results().iter().any(|(_, text)| text.contains(part.as_str()))
            })
            && asked(self.step.as_ref(), |step| request.step() == *step)
            && asked(self.offers_tool.as_ref(), |tool| request.tool_names().contains(&tool.as_str()))
            && asked(self.key.as_ref(), |key| request.bearer() == Some(key.as_str()))
    }
}

/// Requests of one kind and what answers them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    #[serde(default)]
    pub when: When,
    #[serde(flatten)]
    pub answers: Answers,
}

/// What a rule answers with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// The same reply each time.
    Reply(Reply),
    /// Each reply once, in this order; then the rule no longer holds.
    InTurn(VecDeque<Reply>),
    /// The reply of the request's step: whatever else goes on at the same time, the same request gets the same reply.
    Steps(Vec<Reply>),
}

impl Rule {
    /// The same reply each time.
    pub fn always(when: When, reply: Reply) -> Self {
        Self { when, answers: Answers::Reply(reply) }
    }

    /// Each reply once; then the rule no longer holds.
    pub fn in_turn(when: When, replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { when, answers: Answers::InTurn(replies.into_iter().collect()) }
    }

    /// The first reply to what the user said, the second to the tool results that follow, and so on; safe for any number of
    /// conversations at once.
    pub fn steps(when: When, replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { when, answers: Answers::Steps(replies.into_iter().collect()) }
    }

    fn answer(&mut self, request: &Received) -> Option<Reply> {
        if !self.when.holds(request) {
            return None;
        }
        match &mut self.answers {
            Answers::Reply(reply) => Some(reply.clone()),
            Answers::InTurn(replies) => replies.pop_front(),
            Answers::Steps(replies) => replies.get(request.step()).cloned(),
        }
    }
}

/// A whole script: what `PUT /_script` and `--script` take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// Tried first, in this order.
    pub rules: Vec<Rule>,
    /// One reply a request that no rule answers.
    pub queue: VecDeque<Reply>,
}

/// Makes a reply from a request.
pub(crate) type Responder = Arc<dyn Fn(&Received) -> Option<Reply> + Send + Sync>;

/// The script in use: rules, then functions, then the queue.
#[derive(Clone, Default)]
pub(crate) struct Playbook {
    script: Script,
    functions: Vec<Responder>,
}

impl fmt::Debug for Playbook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Playbook")
            .field("script", &self.script)
            .field("functions", &self.functions.len())
            .finish_non_exhaustive()
    }
}

impl Playbook {
    pub(crate) fn replace(&mut self, script: Script) {
        self.script = script;
        self.functions.clear();
    }

    pub(crate) fn script(&mut self) -> &mut Script {
        &mut self.script
    }

    pub(crate) fn add_function(&mut self, function: Responder) {
        self.functions.push(function);
    }

    /// How many replies wait to be used: those of the queue and of rules in turn.
    pub(crate) fn left_over(&self) -> usize {
        let in_turn = self.script.rules.iter().map(|rule| match &rule.answers {
            Answers::InTurn(replies) => replies.len(),
            Answers::Reply(_) | Answers::Steps(_) => 0,
        });
        self.script.queue.len() + in_turn.sum::<usize>()
    }

    /// The reply, and which part of the script it comes from.
    pub(crate) fn answer(&mut self, request: &Received) -> Option<(Reply, String)> {
        for (place, rule) in self.script.rules.iter_mut().enumerate() {
            if let Some(reply) = rule.answer(request) {
                return Some((reply, format!("rule {}", place + 1)));
            }
        }
        if let Some(reply) = self.functions.iter().find_map(|function| function(request)) {
            return Some((reply, "function".to_owned()));
        }
        Some((self.script.queue.pop_front()?, "queue".to_owned()))
    }
}
