//! What the AI's turns cost, did and took: rollups, the telemetry page's figures and the rows behind them.
//!
//! A turn is written down in `chat_telemetry` by the transaction that ends it. [`keep_rolling_up`] counts what changed
//! into rollups of a quarter of an hour, a UTC day and a UTC month; [`report`] adds those up for any range, zone and filter, and
//! [`turns`] lists the rows behind any of its figures. `docs/telemetry.md` defines each figure.

mod course;
mod csv;
mod figures;
mod projection;
mod range;
mod report;
mod report_queries;
mod resolution_queries;
mod resolutions;
mod rollup;
mod rollup_queries;
mod sketch;
mod timeline;
mod turn_queries;
mod turns;
mod watched;

pub use csv::{report_csv, turns_csv, turns_csv_header};
pub use range::pinned;
pub use report::{choices, report, report_at};
pub use rollup::{keep_rolling_up, rebuild, roll_up};
pub use turns::{export_page, listed_span, turns};

pub(crate) use report::STALE_AFTER_SECONDS;
pub(crate) use watched::{Watched, watched};
