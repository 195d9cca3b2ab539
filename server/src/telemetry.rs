//! Logs and metrics of the process.

use std::io::IsTerminal;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::config::{LogFormat, OperationsConfig};

/// Starts logging to standard error: standard output belongs to what commands print.
pub fn start_logging(config: &OperationsConfig, default_filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(config.log_filter.as_deref().unwrap_or(default_filter))
        .map_err(|error| anyhow::anyhow!("RUST_LOG is not usable: {error}"))?;
    let logging = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_span_events(FmtSpan::NONE)
        .with_target(false);
    let started = match config.log_format {
        LogFormat::Pretty => logging.try_init(),
        LogFormat::Json => logging.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging could not be started: {error}"))
}

/// Upper bounds in seconds, from a cached look-up to the slowest answer.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// The process's metrics; the first call starts recording.
pub fn metrics() -> anyhow::Result<PrometheusHandle> {
    if let Some(handle) = RECORDER.get() {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?
        .build_recorder();
    let handle = recorder.handle();
    // Two applications in one process, as in tests, share the first one's recorder.
    if metrics::set_global_recorder(recorder).is_ok() {
        let _ = RECORDER.set(handle.clone());
        return Ok(handle);
    }
    Ok(RECORDER.get().cloned().unwrap_or(handle))
}
