//! Calls of tools, put together from pieces.
//!
//! OpenAI numbers calls with `index` and gives id and name with the first piece. Others give every call the index 0 and tell them
//! apart by id (Ollama, gateways to Gemini), send whole calls without index or id, send the name after the id, or repeat id and
//! name with every piece. What comes out is always the same: places from 0 upwards, one id a call, the name once.

use super::chunk::CallDelta;
use crate::model::{ModelError, ModelEvent};

/// Calls in one answer at most; a model that asks for more has lost its way.
const MAX_CALLS: usize = 64;

/// Characters of an id that is made up: letters and digits, nine of them, which is what the strictest server (Mistral) takes.
const ID_CHARACTERS: &[u8; 32] = b"0123456789abcdefghijkmnpqrstuvwx";

#[derive(Debug)]
pub(super) struct Calls {
    calls: Vec<Call>,
    salt: u64,
}

#[derive(Debug, Default)]
struct Call {
    /// As the provider numbers it.
    index: Option<u64>,
    /// As the provider names it.
    id: Option<String>,
    name: Option<String>,
    /// Arguments that came before the name.
    waiting: String,
    started: bool,
}

impl Calls {
    /// `salt` makes the ids of calls that got none.
    pub(super) const fn new(salt: u64) -> Self {
        Self { calls: Vec::new(), salt }
    }

    /// Reads a piece; whether there was anything in it.
    pub(super) fn take(&mut self, piece: &CallDelta, events: &mut Vec<ModelEvent>) -> Result<bool, ModelError> {
        let arguments = piece.arguments();
        if piece.id().is_none() && piece.name().is_none() && arguments.is_empty() {
            return Ok(false);
        }
        let place = self.place_of(piece)?;
        let made_up = made_up_id(self.salt, place);
        let Some(call) = self.calls.get_mut(place) else { return Ok(false) };
        if call.id.is_none() {
            call.id = piece.id().map(str::to_owned);
        }
        if call.started {
            push_arguments(place, arguments, events);
            return Ok(true);
        }
        call.waiting.push_str(&arguments);
        if let Some(name) = piece.name() {
            call.name = Some(name.to_owned());
            call.started = true;
            let id = call.id.clone().unwrap_or(made_up);
            events.push(ModelEvent::ToolCallStarted { index: place, id, name: name.to_owned() });
            push_arguments(place, std::mem::take(&mut call.waiting), events);
        }
        Ok(true)
    }

    /// Whether there were any; an error when one never got its name.
    pub(super) fn end(&self) -> Result<bool, ModelError> {
        if self.calls.iter().any(|call| !call.started) {
            return Err(ModelError::Malformed("a call of a tool has no name".to_owned()));
        }
        Ok(!self.calls.is_empty())
    }

    /// The place of the call that this piece belongs to, which may be a new one.
    fn place_of(&mut self, piece: &CallDelta) -> Result<usize, ModelError> {
        let candidate = match (piece.index, piece.id()) {
            (Some(index), _) => self.calls.iter().rposition(|call| call.index == Some(index)),
            (None, Some(id)) => self.calls.iter().rposition(|call| call.id.as_deref() == Some(id)),
            // Without number and id, a name begins a call and arguments belong to the last one.
            (None, None) if piece.name().is_some() => None,
            (None, None) => self.calls.len().checked_sub(1),
        };
        if let Some(place) = candidate
            && self.calls.get(place).is_some_and(|call| !begins_another(call, piece))
        {
            return Ok(place);
        }
        if self.calls.len() == MAX_CALLS {
            return Err(ModelError::TooLong);
        }
        self.calls.push(Call { index: piece.index, ..Call::default() });
        Ok(self.calls.len() - 1)
    }
}

/// Whether a piece with the number of this call is the first of another one. A new id alone does not make it so: some servers
/// make up an id for every piece.
fn begins_another(call: &Call, piece: &CallDelta) -> bool {
    let Some(name) = piece.name() else { return false };
    let other_id = matches!((call.id.as_deref(), piece.id()), (Some(known), Some(given)) if known != given);
    let other_name = call.name.as_deref().is_some_and(|known| known != name);
    other_id || other_name
}

fn push_arguments(index: usize, fragment: String, events: &mut Vec<ModelEvent>) {
    if !fragment.is_empty() {
        events.push(ModelEvent::ToolArguments { index, fragment });
    }
}

/// The same for the same answer and place, and different for another answer.
fn made_up_id(salt: u64, place: usize) -> String {
    let salt = salt.rotate_left(11) ^ place as u64;
    let character = |shift: u32| {
        let digit = (salt >> shift) as usize % ID_CHARACTERS.len();
        ID_CHARACTERS.get(digit).copied().map_or('0', char::from)
    };
    (0..9).map(|number| character(number * 5)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What came of the calls: id, name and arguments of each, in the order of their places.
    fn put_together(pieces: &[Value]) -> Vec<(String, String, String)> {
        let mut calls = Calls::new(7);
        let mut events = Vec::new();
        for piece in pieces {
            calls.take(&serde_json::from_value(piece.clone()).unwrap(), &mut events).unwrap();
        }
        assert_eq!(calls.end().ok(), Some(!events.is_empty()));
        let mut whole: Vec<(String, String, String)> = Vec::new();
        for event in events {
            match event {
                ModelEvent::ToolCallStarted { index, id, name } => {
                    assert_eq!(index, whole.len(), "places go up one by one");
                    whole.push((id, name, String::new()));
                }
                ModelEvent::ToolArguments { index, fragment } => whole[index].2.push_str(&fragment),
                other => panic!("{other:?} is none of a call's"),
            }
        }
        whole
    }

    fn call(id: &str, name: &str, arguments: &str) -> (String, String, String) {
        (id.to_owned(), name.to_owned(), arguments.to_owned())
    }

    #[test]
    fn openai_says_id_and_name_once_and_mixes_parallel_calls() {
        let pieces = [
            json!({"index": 0, "id": "a", "type": "function", "function": {"name": "search", "arguments": ""}}),
            json!({"index": 1, "id": "b", "type": "function", "function": {"name": "order", "arguments": ""}}),
            json!({"index": 1, "function": {"arguments": "{\"n\""}}),
            json!({"index": 0, "function": {"arguments": "{\"q\":1}"}}),
            json!({"index": 1, "function": {"arguments": ":2}"}}),
        ];
        assert_eq!(put_together(&pieces), [call("a", "search", "{\"q\":1}"), call("b", "order", "{\"n\":2}")]);
    }

    #[test]
    fn numbers_with_gaps_and_out_of_order_become_places() {
        let pieces = [
            json!({"index": 4, "id": "a", "function": {"name": "x", "arguments": "1"}}),
            json!({"index": 2, "id": "b", "function": {"name": "y", "arguments": "2"}}),
            json!({"index": 4, "function": {"arguments": "1"}}),
        ];
        assert_eq!(put_together(&pieces), [call("a", "x", "11"), call("b", "y", "2")]);
    }

    #[test]
    fn whole_calls_that_share_the_number_0_are_told_apart_by_their_ids() {
        let pieces = [
            json!({"index": 0, "id": "a", "function": {"name": "search", "arguments": "{}"}}),
            json!({"index": 0, "id": "b", "function": {"name": "search", "arguments": "[]"}}),
        ];
        assert_eq!(put_together(&pieces), [call("a", "search", "{}"), call("b", "search", "[]")]);
    }

    #[test]
    fn whole_calls_without_number_and_id_get_ids_of_their_own() {
        let pieces = [
            json!({"function": {"name": "search", "arguments": {"q": 1}}}),
            json!({"function": {"name": "search", "arguments": "{}"}}),
        ];
        let whole = put_together(&pieces);
        assert_eq!(whole.iter().map(|call| call.2.as_str()).collect::<Vec<_>>(), ["{\"q\":1}", "{}"]);
        assert_ne!(whole[0].0, whole[1].0);
        assert!(whole.iter().all(|call| call.0.len() == 9 && call.0.bytes().all(|byte| byte.is_ascii_alphanumeric())));
        assert_eq!(whole, put_together(&pieces), "made up from the answer and the place alone");
    }

    #[test]
    fn a_made_up_id_stays_when_the_real_one_comes_late() {
        let pieces = [
            json!({"index": 0, "function": {"name": "search", "arguments": "{"}}),
            json!({"index": 0, "id": "late", "function": {"arguments": "}"}}),
        ];
        let whole = put_together(&pieces);
        assert_eq!((whole.len(), whole[0].2.as_str()), (1, "{}"));
        assert_ne!(whole[0].0, "late");
    }

    #[test]
    fn id_and_name_repeated_with_every_piece_and_an_id_for_every_piece_are_one_call() {
        let repeated = [
            json!({"index": 0, "id": "a", "function": {"name": "search", "arguments": "{"}}),
            json!({"index": 0, "id": "a", "function": {"name": "search", "arguments": "}"}}),
        ];
        assert_eq!(put_together(&repeated), [call("a", "search", "{}")]);
        let renamed = [
            json!({"index": 0, "id": "a", "function": {"name": "search", "arguments": "{"}}),
            json!({"index": 0, "id": "b", "function": {"arguments": "}"}}),
        ];
        assert_eq!(put_together(&renamed), [call("a", "search", "{}")]);
    }

    #[test]
    fn arguments_that_come_before_the_name_wait_for_it() {
        let pieces = [
            json!({"index": 0, "id": "a", "function": {"arguments": "{"}}),
            json!({"index": 0, "function": {"name": "search"}}),
            json!({"index": 0, "function": {"arguments": "}"}}),
        ];
        assert_eq!(put_together(&pieces), [call("a", "search", "{}")]);
    }

    #[test]
    fn an_empty_piece_is_no_call_and_a_call_without_a_name_is_an_error() {
        assert_eq!(put_together(&[json!({}), json!({"index": 0}), json!({"index": 0, "id": "", "function": {}})]), []);
        let mut calls = Calls::new(7);
        let nameless = serde_json::from_value(json!({"index": 0, "id": "a"})).unwrap();
        assert_eq!(calls.take(&nameless, &mut Vec::new()), Ok(true));
        assert!(matches!(calls.end(), Err(ModelError::Malformed(_))));
    }

    #[test]
    fn calls_without_end_are_too_long() {
        let mut calls = Calls::new(7);
        let end = (0..1000).find_map(|number| {
            let piece = json!({"index": number, "id": format!("{number}"), "function": {"name": "again"}});
            calls.take(&serde_json::from_value(piece).unwrap(), &mut Vec::new()).err()
        });
        assert_eq!(end, Some(ModelError::TooLong));
    }
}
