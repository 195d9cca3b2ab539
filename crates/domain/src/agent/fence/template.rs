//! What chat templates and tool protocols would read as their own: tags, bracketed words, the names of speakers.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{LEFT, left_brackets};

/// Names of tags and bracketed words that chat templates and tool protocols use.
static TEMPLATE_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "s bos eos pad unk sep cls mask im_start im_end endoftext start_of_turn end_of_turn eot_id start_header_id \
     end_header_id begin_of_text end_of_text system user assistant human developer tool tools tool_call \
     tool_calls tool_response tool_result tool_results available_tools function functions function_call \
     function_calls function_results invoke parameter think thinking instruction instructions inst sys \
     system_prompt prompt data channel message"
        .split_whitespace()
        .collect()
});

/// `</s>` becomes `‹/s>`, `[INST]` becomes `(INST)`.
pub(super) fn without_template_tags(text: &[char]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut open_square = None;
    for (at, &c) in text.iter().enumerate() {
        let rest = text.get(at + 1..).unwrap_or_default();
        let plain = match c {
            _ if left_brackets(c) == 1 && c != '«' && template_name(rest).is_some() => LEFT,
            '[' | '［' | '【' | '〔' => match template_name(rest) {
                Some(length) if rest.get(length).is_some_and(|c| "]］】〕".contains(*c)) => {
                    open_square = Some(at + 1 + length);
                    '('
                }
                _ => c,
            },
            _ if open_square == Some(at) => ')',
            _ => c,
        };
        kept.push(plain);
    }
    kept
}

/// How long the template's name is with which the text begins, a slash and white space included.
fn template_name(text: &[char]) -> Option<usize> {
    const MAX_NAME: usize = 40;
    let is_before = |c: &&char| c.is_whitespace() || **c == '/' || **c == '／';
    let before = text.iter().take(MAX_NAME).take_while(is_before).count();
    let name: String = text
        .get(before..)
        .unwrap_or_default()
        .iter()
        .map(|c| folded(*c))
        .take(MAX_NAME)
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == ' ')
        .collect();
    let trimmed = name.trim_end().to_ascii_lowercase();
    let first = trimmed.split(' ').next().unwrap_or_default();
    let known = TEMPLATE_NAMES.contains(first);
    known.then_some(before + name.chars().count())
}

/// The wide forms of ASCII as ASCII.
fn folded(c: char) -> char {
    match u32::from(c) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// A line that begins like somebody's turn ("### System:", "Assistant:") loses its number signs and its colon.
pub(super) fn without_role(line: &str) -> String {
    const ROLES: &[&str] = &["system", "assistant", "user", "human", "developer", "ai"];
    const ROLES_OF_HEADINGS: &[&str] =
        &["tool", "function", "instruction", "instructions", "response", "input", "prompt", "model", "bot"];
    const KINDS: &[&str] = &["message", "prompt", "instruction", "instructions", "role", "turn"];
    let is_ornament = |c: char| c.is_whitespace() || "#＃*_->=~:".contains(c);
    let body = line.trim_start_matches(is_ornament);
    let ornament = line.get(..line.len() - body.len()).unwrap_or_default();
    let is_heading = ornament.contains(['#', '＃']);
    let words: String = body.chars().map(folded).take_while(|c| c.is_alphanumeric() || *c == ' ').collect();
    let lower = words.trim_end().to_lowercase();
    let mut parts = lower.split(' ').filter(|word| !word.is_empty());
    let role = parts.next().unwrap_or_default();
    let is_role = ROLES.contains(&role) || is_heading && ROLES_OF_HEADINGS.contains(&role);
    if !is_role || !parts.all(|word| KINDS.contains(&word)) {
        return line.to_owned();
    }
    let name_length: usize = body.chars().take(words.chars().count()).map(char::len_utf8).sum();
    let (name, rest) = body.split_at_checked(name_length).unwrap_or((body, ""));
    let before_colon = rest.trim_start_matches(|c: char| c.is_whitespace() || "*_".contains(c));
    let without_signs: String = ornament.chars().filter(|c| !matches!(c, '#' | '＃')).collect();
    let without_signs = without_signs.trim_start();
    match before_colon.strip_prefix([':', '：']) {
        Some(said) => format!("{without_signs}{} –{said}", name.trim_end()),
        None if is_heading && before_colon.is_empty() => format!("{without_signs}{}", name.trim_end()),
        None => line.to_owned(),
    }
}
