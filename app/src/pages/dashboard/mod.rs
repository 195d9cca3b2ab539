//! The frame around every page of the dashboard.

mod connection;
mod header;
mod layout;
mod rail;
mod tenant_switch;
mod user_menu;

pub use layout::DashboardLayout;
