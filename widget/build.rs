//! Joins the panel's style sheets and strips comments and indentation: they travel inside the wasm file.

use std::path::Path;
use std::{env, fs, io};

/// In the order in which they apply.
const PARTS: [&str; 5] = ["base", "header", "log", "message", "composer"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=style");
    let css = PARTS
        .iter()
        .map(|part| fs::read_to_string(Path::new("style").join(part).with_extension("css")))
        .collect::<io::Result<String>>()?;
    let directory = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&directory).join("panel.css"), shortened(&css))
}

/// Without comments, line ends and the blanks around punctuation. The style sheet has no strings that this could
/// change.
fn shortened(css: &str) -> String {
    let mut short = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        short.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    short.push_str(rest);
    let lines: Vec<&str> = short.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut joined = lines.join("");
    for (long, brief) in [(" {", "{"), (": ", ":"), (", ", ","), (";}", "}"), (" > ", ">")] {
        joined = joined.replace(long, brief);
    }
    joined
}
