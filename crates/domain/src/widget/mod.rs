//! widget
#[derive(Clone, Debug, Default)]
pub struct Sites;
