//! From a Rust package to the two files that a browser loads: cargo → wasm-bindgen → wasm-opt → esbuild.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    command::{WASM_TARGET, run, wasm_cargo},
    fingerprint::{Key, unless_fresh},
    layout::{Flavour, Layout},
    short_names,
};

/// Bump when the steps below change, so that no stale output survives.
const RECIPE: &str = "3";

/// A package that runs in the browser.
#[derive(Debug, Clone, Copy)]
pub struct BrowserPackage {
    /// Cargo's name of it.
    pub package: &'static str,
    /// What its files are called.
    pub output: &'static str,
}

pub const DASHBOARD: BrowserPackage = BrowserPackage { package: "omniops-frontend", output: "omniops" };
pub const WIDGET: BrowserPackage = BrowserPackage { package: "omniops-widget", output: "panel" };

/// The files of a built package, under their plain names.
#[derive(Debug, Clone)]
pub struct BuiltPackage {
    pub glue: PathBuf,
    pub wasm: PathBuf,
}

impl BrowserPackage {
    pub fn build(&self, layout: &Layout, flavour: Flavour) -> Result<BuiltPackage> {
        let raw = self.compile(layout, flavour)?;
        let directory = layout.work(&format!("{}-{flavour:?}", self.output).to_lowercase());
        let built = BuiltPackage {
            glue: directory.join(format!("{}.js", self.output)),
            wasm: directory.join(format!("{}.wasm", self.output)),
        };
        let key = Key::default()
            .text(RECIPE)
            .text(&format!("{flavour:?}"))
            .file(&layout.root.join("package-lock.json"))?
            .file(&raw)?;
        unless_fresh(&directory.join("key"), key, &[&built.glue, &built.wasm], || {
            let bound = self.bind(&raw, &directory, flavour)?;
            match flavour {
                Flavour::Release => {
                    optimise_wasm(layout, &bound.wasm, &built.wasm)?;
                    bundle_glue(layout, &bound.glue, &built.glue, true)
                }
                Flavour::Dev => {
                    fs::copy(&bound.wasm, &built.wasm)?;
                    bundle_glue(layout, &bound.glue, &built.glue, false)
                }
            }
        })?;
        Ok(built)
    }

    /// Gives the file that cargo wrote.
    fn compile(&self, layout: &Layout, flavour: Flavour) -> Result<PathBuf> {
        let (profile, directory) = match flavour {
            Flavour::Release => ("wasm-release", "wasm-release"),
            Flavour::Dev => ("dev", "debug"),
        };
        run(wasm_cargo(layout, "build")?.args(["--quiet", "--lib", "--package", self.package, "--profile", profile]))?;
        let name = format!("{}.wasm", self.package.replace('-', "_"));
        Ok(layout.wasm_target().join(WASM_TARGET).join(directory).join(name))
    }

    fn bind(&self, raw: &Path, directory: &Path, flavour: Flavour) -> Result<BuiltPackage> {
        let directory = directory.join("bindgen");
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        let release = flavour == Flavour::Release;
        let failed = || format!("wasm-bindgen cannot process {}", raw.display());
        let mut output = Bindgen::new()
            .input_path(raw)
            .out_name(self.output)
            .web(true)?
            .typescript(false)
            .omit_default_module_path(true)
            .remove_name_section(release)
            .remove_producers_section(release)
            .generate_output()
            .with_context(failed)?;
        let bound = BuiltPackage {
            glue: directory.join(format!("{}.js", self.output)),
            wasm: directory.join(format!("{}_bg.wasm", self.output)),
        };
        if release {
            let glue = short_names::apply(&mut output, &format!("./{}_bg.js", self.output))?;
            output.emit(&directory).with_context(failed)?;
            fs::write(&bound.glue, glue)?;
        } else {
            output.emit(&directory).with_context(failed)?;
        }
        Ok(bound)
    }
}

/// Functions with one caller stay functions unless they are small: inlined, they repeat less and compress worse.
const INLINING: &str = "--one-caller-inline-max-function-size=20";

fn optimise_wasm(layout: &Layout, from: &Path, to: &Path) -> Result<()> {
    run(Command::new(layout.npm_program("wasm-opt"))
        .args(["-Oz", "--converge", "--strip-debug", "--strip-producers", "--strip-target-features", INLINING])
        .arg(from)
        .arg("-o")
        .arg(to))
}

/// One file, whatever snippets of JavaScript the crates brought along.
fn bundle_glue(layout: &Layout, from: &Path, to: &Path, minify: bool) -> Result<()> {
    let mut esbuild = Command::new(layout.npm_program("esbuild"));
    esbuild.arg(from).args(["--bundle", "--format=esm", "--target=es2022", "--log-level=warning"]);
    if minify {
        esbuild.args(["--minify", "--legal-comments=none"]);
    }
    run(esbuild.arg(format!("--outfile={}", to.display())))
}
