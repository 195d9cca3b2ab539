//! The PostgreSQL programs that the set-up downloaded.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::user::{self, RunAs};
use crate::{Error, Result};

/// A directory with `bin`, `lib` and `share` of one PostgreSQL.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    home: PathBuf,
    /// `18`
    pub major_version: String,
}

impl Tools {
    /// The newest `postgres-*` in the tools directory.
    pub fn find() -> Result<Self> {
        let directory = tools_directory();
        let mut homes: Vec<PathBuf> = std::fs::read_dir(&directory)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("postgres-")))
            .filter(|path| path.join("bin/postgres").is_file())
            .collect();
        homes.sort_by_key(|home| version_numbers(home));
        let home = homes.pop().ok_or(Error::ToolsMissing(directory))?;
        let major_version = major_version(&home)?;
        Ok(Self { home, major_version })
    }

    /// The path of `postgres`, `initdb`, `pg_ctl`, …
    pub fn program(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }

    /// A command that runs as the cluster's user and is not led astray by this process's `PG…` variables.
    pub fn command(&self, name: &str, run_as: Option<&RunAs>) -> Command {
        let mut command = Command::new(self.program(name));
        for (variable, _) in env::vars_os() {
            if variable.to_string_lossy().starts_with("PG") {
                command.env_remove(variable);
            }
        }
        // The programs look for the libraries that they were built with in a place of their packager's.
        command.env("LD_LIBRARY_PATH", self.home.join("lib"));
        user::apply(&mut command, run_as);
        command
    }
}

/// `OMNIOPS_TOOLS_DIR`, else where `make setup` puts things.
fn tools_directory() -> PathBuf {
    if let Some(directory) = env::var_os("OMNIOPS_TOOLS_DIR") {
        return directory.into();
    }
    if user::is_root() {
        return PathBuf::from("/var/cache/omniops");
    }
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    cache.or_else(home).unwrap_or_else(env::temp_dir).join("omniops")
}

/// `postgres-18.6` → `[18, 6]`, so that 18.10 is newer than 18.6.
fn version_numbers(home: &Path) -> Vec<u32> {
    let name = home.file_name().unwrap_or_default().to_string_lossy();
    name.trim_start_matches("postgres-").split('.').filter_map(|part| part.parse().ok()).collect()
}

/// From `postgres (PostgreSQL) 18.6`.
fn major_version(home: &Path) -> Result<String> {
    let program = home.join("bin/postgres");
    let output = Command::new(&program).arg("--version").output().map_err(Error::file(&program))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().last().and_then(|version| version.split('.').next());
    version.filter(|version| !version.is_empty()).map(str::to_owned).ok_or_else(|| Error::Program {
        program: "postgres",
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_two_digit_minor_version_is_newer_than_a_one_digit_one() {
        assert!(version_numbers(Path::new("/x/postgres-18.10")) > version_numbers(Path::new("/x/postgres-18.6")));
    }
}
