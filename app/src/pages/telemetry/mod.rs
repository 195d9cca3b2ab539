//! What the AI's turns cost, did and took: `/dashboard/telemetry`, and the rows behind it.

mod address;
mod alerts;
mod breakdown;
mod chart;
mod figures;
mod filters;
mod heat_map;
mod narrowed;
mod overview_page;
mod scale;
mod tiles;
mod turns_page;

pub use overview_page::TelemetryPage;
pub use turns_page::TelemetryTurnsPage;
