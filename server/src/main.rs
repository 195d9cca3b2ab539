//! The binary `omniops`.

use std::process::ExitCode;

use clap::Parser;
use omniops_server::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("omniops: {error:#}");
            ExitCode::FAILURE
        }
    }
}
