//! The AI agent: its settings, a preview beside them, and how its answers came about.

mod alerts_section;
mod budget_section;
mod escalation_section;
pub(crate) mod fields;
pub(crate) mod form;
#[cfg(test)]
mod form_tests;
mod model_section;
mod persona_section;
mod preview;
mod rows;
mod settings_page;
mod tools_section;
pub(crate) mod trace;

pub use settings_page::AgentSettingsPage;
