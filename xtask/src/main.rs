//! The build driver of OmniOps; see the README beside it.

mod browser_package;
mod check;
mod command;
mod compress;
mod dev;
mod fingerprint;
mod layout;
mod loader;
mod short_names;
mod site;
mod suites;
mod tally;
mod weight;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::layout::{Flavour, Layout};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Builds, checks and tests OmniOps.")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Builds the site (dashboard and widget) and the server.
    Build {
        /// Optimised, weighed and compressed, as it is shipped. Without it: quick to build, for development.
        #[arg(long)]
        release: bool,
    },
    /// Builds the site alone, as it is shipped.
    Site,
    /// Builds and weighs the widget alone, as it is shipped.
    Widget,
    /// Checks the tree: import directions, what reaches the browser, where SQL stands, licences, stray hosts and paths.
    Check,
    /// Runs format, lint, checks and every test suite, and counts them.
    Test {
        /// Runs only the suites named (repeatable); see `suites.rs` for the names.
        #[arg(long)]
        only: Vec<String>,
    },
    /// Rebuilds and restarts the server whenever a source file changes.
    Dev {
        /// What the server is started with.
        #[arg(last = true)]
        server_arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not returned: a backtrace of the driver helps nobody whose build failed.
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let layout = Layout::discover()?;
    match task {
        Task::Build { release } => {
            let flavour = if release { Flavour::Release } else { Flavour::Dev };
            site::build(&layout, flavour)?;
            site::build_server(&layout, flavour)
        }
        Task::Site => site::build(&layout, Flavour::Release),
        Task::Widget => weight::check(&site::build_widget(&layout, Flavour::Release)?),
        Task::Check => check::run_alone(&layout),
        Task::Test { only } => suites::run_all(&layout, &only),
        Task::Dev { server_arguments } => dev::watch(&layout, &server_arguments),
    }
}
