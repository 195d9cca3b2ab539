//! Checks of the tree that no compiler makes.

mod imports;
mod licences;
mod sql;
mod stray;
mod wasm_tree;

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::{command::output, layout::Layout};

/// Something that breaks a rule: where, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub place: String,
    pub problem: String,
}

impl Finding {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.problem)
    }
}

/// The outcome of one check.
#[derive(Debug)]
pub struct Outcome {
    pub name: &'static str,
    pub findings: Vec<Finding>,
}

/// Runs every check and prints what each found.
pub fn run(layout: &Layout) -> Result<Vec<Outcome>> {
    let metadata = metadata(layout)?;
    let sources = SourceFile::tracked(layout)?;
    let outcomes = vec![
        Outcome { name: "imports point one way", findings: imports::check(&metadata) },
        Outcome { name: "nothing of the server reaches the browser", findings: wasm_tree::check(layout)? },
        Outcome { name: "SQL stands in queries.rs", findings: sql::check(&sources) },
        Outcome { name: "licences are on the list", findings: licences::check(layout, &metadata)? },
        Outcome { name: "no stray hosts or paths", findings: stray::check(&sources) },
    ];
    for outcome in &outcomes {
        println!("{} {}", if outcome.findings.is_empty() { "ok    " } else { "FAILED" }, outcome.name);
        for finding in &outcome.findings {
            println!("         {finding}");
        }
    }
    for file in sources.iter().filter(|file| file.is_code()) {
        let lines = file.text.lines().count();
        if lines > LONG_FILE_LINES {
            println!("note     {} has {lines} lines; a file does one thing", file.path);
        }
    }
    Ok(outcomes)
}

const LONG_FILE_LINES: usize = 500;

pub fn run_alone(layout: &Layout) -> Result<()> {
    let failed = run(layout)?.iter().filter(|outcome| !outcome.findings.is_empty()).count();
    if failed > 0 {
        bail!("{failed} checks failed");
    }
    Ok(())
}

fn metadata(layout: &Layout) -> Result<Metadata> {
    MetadataCommand::new()
        .manifest_path(layout.root.join("Cargo.toml"))
        .exec()
        .context("cannot read the packages of the workspace")
}

/// A tracked text file.
#[derive(Debug)]
pub struct SourceFile {
    /// Relative to the repository, with forward slashes.
    pub path: String,
    pub text: String,
}

impl SourceFile {
    /// Tracked files and new ones that are not ignored; binary files are left out.
    fn tracked(layout: &Layout) -> Result<Vec<Self>> {
        let mut git = Command::new("git");
        git.current_dir(&layout.root).args(["ls-files", "--cached", "--others", "--exclude-standard"]);
        let names = output(&mut git)?;
        Ok(names.lines().filter_map(|name| Self::read(&layout.root, name)).collect())
    }

    fn read(root: &Path, name: &str) -> Option<Self> {
        let text = fs::read_to_string(root.join(PathBuf::from(name))).ok()?;
        Some(Self { path: name.to_owned(), text })
    }

    fn is_code(&self) -> bool {
        [".rs", ".ts", ".js", ".mjs", ".sql", ".sh", ".css"].iter().any(|ending| self.path.ends_with(ending))
    }
}
