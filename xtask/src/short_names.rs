//! Short names for what a wasm file and its JavaScript call each other by. wasm-bindgen's end in a hash of 16 digits, which
//! no compression makes smaller, and stand in both files.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, ensure};
use wasm_bindgen_cli_support::Output;

/// How the names begin that wasm-bindgen makes up. All others are the package's own and stay.
const MADE_UP: [&str; 3] = ["__wb", "__externref_", "wasm_bindgen__"];

/// What the module of the imports is called; wasm-bindgen calls it `module`.
const MODULE: &str = "$";

/// Renames in the wasm file and gives the JavaScript that fits it.
pub fn apply(output: &mut Output, module: &str) -> Result<String> {
    let glue = output.js().to_owned();
    let quoted = format!("{module:?}");
    ensure!(glue.contains(&quoted), "the JavaScript does not name the module {module}");
    let mut names = Names::avoiding(&glue);
    let wasm = output.wasm_mut();
    for import in wasm.imports.iter_mut().filter(|import| import.module == module) {
        MODULE.clone_into(&mut import.module);
        import.name = names.short(&import.name);
    }
    for export in wasm.exports.iter_mut() {
        export.name = names.short(&export.name);
    }
    Ok(names.rewrite(&glue).replace(&quoted, &format!("{MODULE:?}")))
}

struct Names {
    taken: HashSet<String>,
    short: HashMap<String, String>,
    tried: usize,
}

impl Names {
    /// Makes up names that mean nothing in this text yet.
    fn avoiding(text: &str) -> Self {
        let taken = pieces(text).map(|(word, _)| word.to_owned()).collect();
        Self { taken, short: HashMap::new(), tried: 0 }
    }

    fn short(&mut self, name: &str) -> String {
        if !MADE_UP.iter().any(|start| name.starts_with(start)) {
            return name.to_owned();
        }
        if let Some(known) = self.short.get(name) {
            return known.clone();
        }
        loop {
            let short = spelled(self.tried);
            self.tried += 1;
            if !self.taken.contains(&short) {
                self.short.insert(name.to_owned(), short.clone());
                return short;
            }
        }
    }

    fn rewrite(&self, text: &str) -> String {
        pieces(text).flat_map(|(word, rest)| [self.short.get(word).map_or(word, String::as_str), rest]).collect()
    }
}

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz";

/// `$a`, `$b`, … `$z`, `$aa`, …
fn spelled(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.extend(ALPHABET.chars().nth(number % 26));
        if number < 26 {
            break;
        }
        number = number / 26 - 1;
    }
    std::iter::once('$').chain(letters.into_iter().rev()).collect()
}

/// The words of a JavaScript text, each with the one character that ends it. Put together they are the text.
fn pieces(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_end = |character: char| !(character.is_ascii_alphanumeric() || character == '_' || character == '$');
    text.split_inclusive(is_end).map(move |piece| {
        let word = piece.strip_suffix(is_end).unwrap_or(piece);
        piece.split_at(word.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_get_the_same_short_name_and_own_names_stay() {
        let glue = "import0 = {__wbg_new_3e95cd7386bb9a6c: () => wasm.__wbindgen_malloc(wasm.start, `${é}`)}; // ü";
        let mut names = Names::avoiding(glue);
        assert_eq!(names.short("__wbg_new_3e95cd7386bb9a6c"), "$a");
        assert_eq!(names.short("__wbindgen_malloc"), "$b");
        assert_eq!(names.short("__wbg_new_3e95cd7386bb9a6c"), "$a");
        assert_eq!(names.short("start"), "start");
        assert_eq!(names.rewrite(glue), "import0 = {$a: () => wasm.$b(wasm.start, `${é}`)}; // ü");
    }

    #[test]
    fn a_name_that_the_text_uses_is_left_out() {
        let mut names = Names::avoiding("let $a = 1; $b()");
        assert_eq!(names.short("__wbindgen_free"), "$c");
    }

    #[test]
    fn a_longer_word_that_begins_the_same_is_another_word() {
        let mut names = Names::avoiding("");
        names.short("__wbg_get_1");
        assert_eq!(names.rewrite("__wbg_get_12 + __wbg_get_1"), "__wbg_get_12 + $a");
    }

    #[test]
    fn names_do_not_run_out_or_repeat() {
        assert_eq!([0, 25, 26, 701, 702].map(spelled), ["$a", "$z", "$aa", "$zz", "$aaa"]);
        let all: HashSet<String> = (0..20_000).map(spelled).collect();
        assert_eq!(all.len(), 20_000);
    }
}
