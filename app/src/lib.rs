//! The dashboard: pages, UI kit and typed server functions.
