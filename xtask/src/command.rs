//! Running other programs, with errors that say which and how.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::layout::Layout;

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Runs to the end with our output; fails unless it succeeds.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs to the end and gives what it printed; fails unless it succeeds.
pub fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed something else than UTF-8", shown(command)))
}

/// The command as one would type it, for messages.
pub fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

/// The cargo that runs us, in the repository.
pub fn cargo(layout: &Layout) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(&layout.root);
    // Set by `cargo run` for us; cargo would take them as changed inputs of the packages.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command
}

/// A cargo that builds for the browser, with whichever compiler has the wasm target.
pub fn wasm_cargo(layout: &Layout, subcommand: &str) -> Result<Command> {
    let mut command = cargo(layout);
    command.arg(subcommand).args(["--target", WASM_TARGET]).arg("--target-dir").arg(layout.wasm_target());
    if let WasmCompiler::Debian(rustc) = WasmCompiler::find()? {
        command.env("RUSTC", rustc);
    }
    Ok(command)
}

/// The compiler with a standard library for wasm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WasmCompiler {
    /// The one that cargo uses anyway.
    Default,
    /// Debian's, where rustup could not fetch the target (`scripts/setup.sh`).
    Debian(PathBuf),
}

impl WasmCompiler {
    pub fn find() -> Result<Self> {
        let default = env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
        if has_wasm_std(&default) {
            return Ok(Self::Default);
        }
        let debian = PathBuf::from("/usr/bin/rustc");
        if has_wasm_std(&debian) {
            return Ok(Self::Debian(debian));
        }
        bail!("no compiler here has the target {WASM_TARGET}; `make setup` brings one")
    }
}

fn has_wasm_std(rustc: &Path) -> bool {
    let Ok(printed) =
        Command::new(rustc).args(["--print", "target-libdir", "--target", WASM_TARGET]).stderr(Stdio::null()).output()
    else {
        return false;
    };
    let directory = PathBuf::from(String::from_utf8_lossy(&printed.stdout).trim());
    let Ok(mut entries) = directory.read_dir() else { return false };
    entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
}
