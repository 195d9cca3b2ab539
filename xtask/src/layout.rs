//! Where things are: the sources, what cargo writes, what we write.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// How the browser packages and the server are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Optimised for size, compressed and weighed.
    Release,
    /// Quick to build; larger, not compressed.
    Dev,
}

#[derive(Debug, Clone)]
pub struct Layout {
    /// The repository.
    pub root: PathBuf,
    /// Cargo's target directory: `CARGO_TARGET_DIR`, else `target` in the repository.
    pub target: PathBuf,
}

impl Layout {
    pub fn discover() -> Result<Self> {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the xtask package lies in the repository")?;
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(chosen) => root.join(chosen),
            None => root.join("target"),
        };
        Ok(Self { root: root.to_owned(), target })
    }

    /// What the server serves.
    pub fn site(&self, flavour: Flavour) -> PathBuf {
        match flavour {
            Flavour::Release => self.target.join("site"),
            Flavour::Dev => self.target.join("site-dev"),
        }
    }

    /// Our own intermediate files.
    pub fn work(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(name)
    }

    /// The wasm compiler may be another one than the native: two compilers share no artefacts.
    pub fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    pub fn server(&self, flavour: Flavour) -> PathBuf {
        let profile = match flavour {
            Flavour::Release => "release",
            Flavour::Dev => "debug",
        };
        self.target.join(profile).join(format!("omniops{}", std::env::consts::EXE_SUFFIX))
    }

    /// A program that `npm ci` installed.
    pub fn npm_program(&self, name: &str) -> PathBuf {
        self.root.join("node_modules/.bin").join(name)
    }
}
