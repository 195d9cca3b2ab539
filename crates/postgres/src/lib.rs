#![doc = include_str!("../README.md")]

mod begin;
mod cluster;
mod database;
mod diagnose;
mod error;
mod events;
mod hub;
mod migrate;
mod queries;
mod retry;
mod roles;
#[cfg(feature = "testing")]
pub mod testing;
mod transaction;

pub use cluster::{Cluster, UrlKind};
pub use database::{Database, DatabaseOptions};
pub use diagnose::{Finding, Verdict, diagnose};
pub use error::{DatabaseError, Error, Result};
pub use events::{event_position, events_after};
pub use hub::{Filter, Hub, HubItem, Subscription};
pub use migrate::{migrate, newest_migration};
pub use retry::retrying;
pub use roles::set_up;
#[cfg(feature = "testing")]
pub use testing::TestDatabase;
pub use transaction::{Committed, SystemTx, TenantTx};
