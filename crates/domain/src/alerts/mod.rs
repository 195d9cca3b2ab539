//! What is watched, and who is told: in the dashboard, by mail and through a webhook.
//!
//! [`check`] measures, and opens or resolves alerts. An alert is told apart by its kind and subject, of which one can be
//! open at a time. Opening and resolving leave notices in the same transaction, one for each channel; [`deliver`] takes
//! them one by one, so that whoever runs it, each is sent once.

mod deliver;
mod measure;
mod queries;
mod service;
mod settings;
mod webhook;
mod words;

pub use deliver::{Channels, deliver};
pub use measure::{Finding, Standing};
pub use service::{check, check_all, keep_watching, list, report_provider};
pub use settings::{config, update_config};
pub use webhook::Webhook;
