//! The routes that set the script and show what was asked: for browsers' tests and by hand.

use hyper::Method;
use serde_json::json;

use crate::http::{Answer, error, json_answer};
use crate::script::Script;
use crate::state::Shared;

pub(crate) fn answer(shared: &Shared, method: &Method, path: &str, body: &[u8]) -> Answer {
    match (path, method) {
        ("/_script", &Method::PUT | &Method::POST) => match serde_json::from_slice::<Script>(body) {
            Ok(script) => {
                let rules = script.rules.len();
                let queue = script.queue.len();
                shared.change(|state| {
                    if method == Method::PUT {
                        state.playbook.replace(script);
                    } else {
                        state.playbook.script().rules.extend(script.rules);
                        state.playbook.script().queue.extend(script.queue);
                    }
                });
                json_answer(200, &json!({"rules": rules, "queue": queue}))
            }
            Err(why) => error(400, &format!("openai-stub: this is no script: {why}")),
        },
        ("/_script", &Method::GET) => json_answer(200, &json!(shared.lock().playbook.script())),
        ("/_requests", &Method::GET) => json_answer(200, &json!(shared.lock().received)),
        ("/_requests", &Method::DELETE) => {
            shared.change(|state| state.received.clear());
            json_answer(200, &json!({}))
        }
        _ => error(404, &format!("openai-stub: there is no {method} {path}")),
    }
}
