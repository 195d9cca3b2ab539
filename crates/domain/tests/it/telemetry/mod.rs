//! Telemetry: rollups against the turns that they count, and figures against the rows behind them.

mod agreement;
mod calendar;
mod resolutions;
mod rollups;
mod shop;
mod turn;

use omniops_domain::telemetry;
use omniops_types::TenantId;
use sqlx::PgPool;

use crate::support::World;
use turn::TestTurn;

/// Writes turns as a server would, and commits.
async fn write(world: &World, tenant: TenantId, turns: &[TestTurn]) {
    let mut tx = world.domain.database.tenant(tenant).await.unwrap();
    turn::insert(&mut tx, turns).await;
    tx.commit().await.unwrap();
}

async fn roll_up(world: &World) -> u64 {
    telemetry::roll_up(&world.domain).await.unwrap()
}

/// Everything that the rollups of a tenant hold, as the database prints it, in order.
async fn rollups(world: &World, tenant: TenantId) -> Vec<String> {
    let mut tx = world.domain.database.tenant(tenant).await.unwrap();
    let mut rows = Vec::new();
    for query in [
        "select r::text from chat_telemetry_rollups r order by r::text",
        "select r::text from chat_telemetry_domain_rollups r order by r::text",
        "select r::text from chat_telemetry_model_rollups r order by r::text",
    ] {
        let more: Vec<String> = sqlx::query_scalar(query).fetch_all(tx.conn()).await.unwrap();
        rows.extend(more);
    }
    rows
}

/// A pool that may make partitions of past months, and break what must not be broken.
async fn administrator(world: &World) -> PgPool {
    PgPool::connect(&world.database.superuser_url()).await.unwrap()
}

/// Partitions for the months of the tests' turns.
async fn months(world: &World, months: &[&str]) {
    let admin = administrator(world).await;
    for month in months {
        sqlx::query("select omniops_ensure_telemetry_partition($1::timestamptz)")
            .bind(month)
            .execute(&admin)
            .await
            .unwrap();
    }
    admin.close().await;
}
