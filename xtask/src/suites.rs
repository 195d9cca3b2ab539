//! `make test`: format, lint, checks, and every test suite, counted together.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::{
    browser_package::{DASHBOARD, WIDGET},
    check,
    command::{WASM_TARGET, WasmCompiler, cargo, run, shown, wasm_cargo},
    fingerprint::files_below,
    layout::{Flavour, Layout},
    site,
    tally::{Runner, Tally},
};

type Suite = (&'static str, fn(&Layout) -> Result<Tally>);

/// In the order in which they run: quick ones first.
const SUITES: &[Suite] = &[
    ("format", format),
    ("checks", checks),
    ("lint", lint),
    ("lint-wasm", lint_wasm),
    ("rust", rust_tests),
    ("wasm", wasm_tests),
    ("scripts", script_tests),
    ("site", build_site),
    ("browser", browser_tests),
];

/// Runs the suites (all, when none is named), also after one failed, and ends with a line that counts the tests.
pub fn run_all(layout: &Layout, only: &[String]) -> Result<()> {
    if let Some(unknown) = only.iter().find(|name| !SUITES.iter().any(|(suite, _)| suite == name)) {
        let known: Vec<&str> = SUITES.iter().map(|(name, _)| *name).collect();
        bail!("there is no suite {unknown}; there are {}", known.join(", "));
    }
    let mut total = Tally::default();
    let mut lines = Vec::new();
    for (name, suite) in SUITES.iter().filter(|(name, _)| only.is_empty() || only.iter().any(|wanted| wanted == name)) {
        println!("\n== {name}");
        let started = Instant::now();
        let tally = suite(layout).unwrap_or_else(|error| {
            println!("{name}: {error:#}");
            Tally::one(false)
        });
        total.add(tally);
        lines.push(format!(
            "{:<6} {name:<10} {:>5} passed {:>4} failed {:>7.1} s",
            if tally.failed == 0 { "ok" } else { "FAILED" },
            tally.passed,
            tally.failed,
            started.elapsed().as_secs_f64()
        ));
    }
    println!("\n{}\n", lines.join("\n"));
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

/// Packages that are compiled for the browser only.
const WASM_ONLY: &[&str] = &[DASHBOARD.package, WIDGET.package];

fn native_workspace(command: &mut Command) -> &mut Command {
    command.arg("--workspace");
    for package in WASM_ONLY {
        command.args(["--exclude", package]);
    }
    command
}

fn format(layout: &Layout) -> Result<Tally> {
    counted(cargo(layout).args(["fmt", "--all", "--check"]), Runner::Plain)
}

fn checks(layout: &Layout) -> Result<Tally> {
    let outcomes = check::run(layout)?;
    let mut tally = Tally::default();
    for outcome in outcomes {
        tally.add(Tally::one(outcome.findings.is_empty()));
    }
    Ok(tally)
}

fn lint(layout: &Layout) -> Result<Tally> {
    let mut clippy = cargo(layout);
    clippy.args(["clippy", "--quiet"]);
    native_workspace(&mut clippy).args(["--all-targets", "--", "--deny", "warnings"]);
    counted(&mut clippy, Runner::Plain)
}

fn lint_wasm(layout: &Layout) -> Result<Tally> {
    let mut clippy = match WasmCompiler::find()? {
        WasmCompiler::Default => wasm_cargo(layout, "clippy")?,
        // rustup's clippy reads only what rustup's compiler wrote; Debian has its own.
        WasmCompiler::Debian(rustc) => {
            let mut check = wasm_cargo(layout, "check")?;
            check.env("RUSTC_WORKSPACE_WRAPPER", rustc.with_file_name("clippy-driver"));
            check.env("CLIPPY_ARGS", "--deny__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
            check
        }
    };
    clippy.args(["--quiet", "--all-targets"]);
    for package in WASM_ONLY {
        clippy.args(["--package", package]);
    }
    if WasmCompiler::find()? == WasmCompiler::Default {
        clippy.args(["--", "--deny", "warnings"]);
    }
    counted(&mut clippy, Runner::Plain)
}

fn rust_tests(layout: &Layout) -> Result<Tally> {
    let mut test = cargo(layout);
    test.args(["test", "--quiet", "--no-fail-fast"]);
    counted(native_workspace(&mut test), Runner::Cargo)
}

/// The widget's unit tests, compiled for wasm and run under Node.js.
fn wasm_tests(layout: &Layout) -> Result<Tally> {
    run(cargo(layout).args(["build", "--quiet", "--package", "wasm-test-runner"]))?;
    let runner = layout.target.join("debug").join(format!("wasm-test-runner{}", std::env::consts::EXE_SUFFIX));
    let mut test = wasm_cargo(layout, "test")?;
    test.args(["--no-fail-fast", "--lib", "--package", WIDGET.package]);
    let variable = format!("CARGO_TARGET_{}_RUNNER", WASM_TARGET.replace('-', "_").to_uppercase());
    counted(test.env(variable, runner), Runner::Cargo)
}

/// `*.test.mjs` beside the JavaScript that they test.
fn script_tests(layout: &Layout) -> Result<Tally> {
    let files = files_below(&layout.root.join("widget"))?;
    let tests: Vec<_> = files.iter().filter(|file| file.to_string_lossy().ends_with(".test.mjs")).collect();
    if tests.is_empty() {
        println!("no *.test.mjs below widget/");
        return Ok(Tally::default());
    }
    counted(
        Command::new("node").current_dir(&layout.root).args(["--test", "--test-reporter=tap"]).args(tests),
        Runner::Node,
    )
}

/// As it is shipped, so that the limits on its weight hold and the browser tests see what users get.
fn build_site(layout: &Layout) -> Result<Tally> {
    site::build(layout, Flavour::Release)?;
    Ok(Tally::one(true))
}

fn browser_tests(layout: &Layout) -> Result<Tally> {
    site::build_server(layout, Flavour::Dev)?;
    // Stand in for the provider of a language model, and for a store.
    run(cargo(layout).args(["build", "--package", "omniops-openai-stub", "--package", "omniops-woocommerce-stub"]))?;
    let mut playwright = Command::new(layout.npm_program("playwright"));
    playwright
        .current_dir(&layout.root)
        .args(["test", "--config", "end2end/playwright.config.ts"])
        .env("OMNIOPS_BIN", layout.server(Flavour::Dev))
        .env("OMNIOPS_SITE_DIR", layout.site(Flavour::Release))
        .env("CARGO_TARGET_DIR", &layout.target);
    counted(&mut playwright, Runner::Playwright)
}

/// Runs a test program, shows what it prints as it comes, and counts.
fn counted(command: &mut Command, runner: Runner) -> Result<Tally> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {}", shown(command)))?;
    let output = child.stdout.take().context("the program's output is piped")?;
    let mut tally = Tally::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally.add(Tally::line(runner, &line));
    }
    let succeeded = child.wait()?.success();
    if !succeeded {
        println!("{} failed", shown(command));
    }
    Ok(tally.settled(runner, succeeded))
}
