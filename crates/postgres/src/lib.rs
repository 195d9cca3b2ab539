//! The embedded cluster, pools, tenant transactions, migrations and the event hub.
