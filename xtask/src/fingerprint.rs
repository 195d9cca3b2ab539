//! Skipping a step whose inputs are what they were: a step's key is a hash of everything that goes into it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Hash of a step's inputs, built up piece by piece.
#[derive(Debug, Default)]
pub struct Key(Sha256);

impl Key {
    pub fn text(mut self, text: &str) -> Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
        self
    }

    pub fn file(mut self, path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(&bytes);
        Ok(self)
    }

    /// Every file below a directory, with its name; nothing when the directory is not there.
    pub fn tree(mut self, directory: &Path) -> Result<Self> {
        for path in files_below(directory)? {
            self = self.text(&path.to_string_lossy()).file(&path)?;
        }
        Ok(self)
    }

    fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

/// Runs the step unless the key in `stamp` is the same and every output is there.
/// A step that fails leaves no stamp.
pub fn unless_fresh(stamp: &Path, key: Key, outputs: &[&Path], step: impl FnOnce() -> Result<()>) -> Result<()> {
    let key = key.finish();
    let same = fs::read_to_string(stamp).is_ok_and(|old| old == key);
    if same && outputs.iter().all(|output| output.exists()) {
        return Ok(());
    }
    if let Some(parent) = stamp.parent() {
        fs::create_dir_all(parent)?;
    }
    let _ = fs::remove_file(stamp);
    step()?;
    fs::write(stamp, key).with_context(|| format!("cannot write {}", stamp.display()))
}

/// The part of a file's name that changes with its content.
pub fn content_hash(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes)).chars().take(16).collect()
}

/// Files below a directory, sorted, without what tools leave lying about.
pub fn files_below(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') || name == "node_modules" || name == "target" {
                continue;
            }
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted_step(stamp: &Path, input: &str, output: &Path) -> bool {
        let mut ran = false;
        unless_fresh(stamp, Key::default().text(input), &[output], || {
            ran = true;
            fs::write(output, input)?;
            Ok(())
        })
        .unwrap();
        ran
    }

    #[test]
    fn a_step_runs_again_only_when_its_input_changed_or_its_output_is_gone() {
        let directory = std::env::temp_dir().join(format!("xtask-fingerprint-{}", std::process::id()));
        let (stamp, output) = (directory.join("stamp"), directory.join("output"));

        assert!(counted_step(&stamp, "one", &output));
        assert!(!counted_step(&stamp, "one", &output));
        assert!(counted_step(&stamp, "two", &output));
        fs::remove_file(&output).unwrap();
        assert!(counted_step(&stamp, "two", &output));

        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn moving_a_letter_between_two_inputs_changes_the_key() {
        assert_ne!(Key::default().text("ab").text("c").finish(), Key::default().text("a").text("bc").finish());
    }
}
