//! Tests against the real database.

mod catalogue;
mod cluster;
mod doctor;
mod events;
mod hub;
mod isolation;
mod migrations;
mod telemetry;
mod transactions;
mod world;
