//! chat
#[derive(Clone, Debug, Default)]
pub struct Turns;
