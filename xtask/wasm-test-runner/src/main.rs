//! wasm-bindgen's test runner, built from the version that the workspace pins. A separate package, because only the
//! wasm unit tests need it and its dependencies would slow every build of the driver.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
