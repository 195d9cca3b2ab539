//! The widget's loader: one small script, told the hashed names of what it fetches.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    command::run,
    layout::{Flavour, Layout},
};

/// Gives the bundled script; `glue` and `wasm` are the file names that it will import.
pub fn build(layout: &Layout, flavour: Flavour, glue: &str, wasm: &str) -> Result<PathBuf> {
    let output = layout.work(&format!("loader-{flavour:?}").to_lowercase()).join("embed.js");
    let mut esbuild = Command::new(layout.npm_program("esbuild"));
    esbuild
        .current_dir(&layout.root)
        .arg("widget/loader/embed.js")
        .args(["--bundle", "--format=iife", "--target=es2020", "--log-level=warning", "--legal-comments=none"])
        .arg(format!("--define:__PANEL_JS__={glue:?}"))
        .arg(format!("--define:__PANEL_WASM__={wasm:?}"));
    if flavour == Flavour::Release {
        esbuild.arg("--minify");
    }
    run(esbuild.arg(format!("--outfile={}", output.display())))?;
    Ok(output)
}
