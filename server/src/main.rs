//! The binary `omniops`.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use omniops_server::cli::Cli;

/// A request is many small pieces of memory; this one hands them out faster than the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Rendering a page nests one call for each component, and without optimisation each takes kilobytes: the inbox does
/// not fit into the usual 2 MiB. The memory is only used where a thread goes that deep.
const STACK: usize = 32 * 1024 * 1024;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK).enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(cli.run()),
        Err(error) => {
            eprintln!("omniops: {error}");
            ExitCode::FAILURE
        }
    }
}
