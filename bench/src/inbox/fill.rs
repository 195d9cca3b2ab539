//! A tenant with a past: conversations over two years, most of them resolved, worked on by twenty agents.

use anyhow::Result;
use sqlx::PgPool;

use crate::support::world::Tenant;

/// Rows of one insert.
const BATCH: i64 = 100_000;
/// A customer writes some four times.
const PER_CUSTOMER: i64 = 4;

const AGENTS: &str = "
    with people as (
        insert into users (id, email, name, password_hash)
        select gen_random_uuid(), format('agent-%s@%s', n, $2::text), format('Agent %s', n), 'none'
        from generate_series(1, 19) as n
        returning id, email, name
    )
    insert into team_members (tenant_id, user_id, role, display_name, email)
    select $1, id, 'agent', name, email from people";

const CUSTOMERS: &str = "
    insert into customers (tenant_id, id, name, email, locale, created_at)
    select $1, md5($1::text || n)::uuid, format('Customer %s', n), format('customer-%s@mail.example', n),
           (array['en', 'de', 'fr'])[1 + n % 3], now() - make_interval(hours => (n % 17520)::int)
    from generate_series($2 + 1, $3) as n";

/// Of a hundred: 91 resolved, 4 pending with the AI, 3 open, 2 snoozed, at every age. Four of five that people have
/// belong to one of twenty agents. The newest number has the newest activity.
const CONVERSATIONS: &str = "
    with team as (
        select array_agg(user_id order by email) as ids from team_members where tenant_id = $1
    ), made as (
        select n, hashint8(n) & 2147483647 as roll, $4 - n as age
        from generate_series($2 + 1, $3) as n
    ), judged as (
        select *, case when roll % 100 < 91 then 'resolved' when roll % 100 < 95 then 'pending'
                       when roll % 100 < 98 then 'open' else 'snoozed' end as status
        from made
    )
    insert into conversations (tenant_id, id, number, customer_id, domain_id, channel, status, ai_state, assignee_id,
                               message_seq, preview, preview_author, snoozed_until, resolved_at, created_at,
                               last_activity_at)
    select $1, md5($1::text || 'c' || n)::uuid, n, md5($1::text || (1 + n % $5))::uuid, $6, 'widget', status,
           case when status = 'pending' then 'active' else 'silenced' end,
           case when status <> 'pending' and roll / 100 % 5 > 0 then team.ids[1 + roll / 500 % 20] end,
           1, format('Where is my parcel? My order is %s.', n), 'customer',
           case when status = 'snoozed' then now() + interval '2 days' end,
           case when status = 'resolved' then now() - moment end, now() - moment - interval '1 hour', now() - moment
    from judged cross join team
    cross join lateral (select make_interval(secs => age * (63072000.0 / $4)) as moment) as time";

const MESSAGES: &str = "
    insert into messages (tenant_id, id, conversation_id, seq, author_kind, author_name, kind, text, created_at)
    select tenant_id, md5($1::text || 'm' || number)::uuid, id, 1, 'customer', 'Customer', 'reply', preview, created_at
    from conversations
    where tenant_id = $1 and number > $2 and number <= $3";

/// As the trigger would have counted.
const COUNTS: &str = "
    insert into conversation_counts (tenant_id, status, assignee_id, slot, count)
    select tenant_id, status, coalesce(assignee_id, '00000000-0000-0000-0000-000000000000'), 0, count(*)
    from conversations
    where tenant_id = $1
    group by 1, 2, 3";

const NUMBERS: &str = "
    insert into tenant_counters (tenant_id, conversation_number) values ($1, $2)
    on conflict (tenant_id) do update set conversation_number = excluded.conversation_number";

/// Fills the tenant up, unless an earlier run did, in one transaction without triggers: the one that counts would update
/// the same few rows a million times. The counts are made at the end from what is there.
pub async fn fill(superuser: &PgPool, tenant: &Tenant, email: &str, count: i64) -> Result<()> {
    let id = tenant.id.uuid();
    let there: i64 = sqlx::query_scalar("select count(*) from conversations where tenant_id = $1")
        .bind(id)
        .fetch_one(superuser)
        .await?;
    if there >= count {
        return Ok(());
    }
    eprintln!("  filling {} with {count} conversations, once", tenant.host);
    let customers = count / PER_CUSTOMER;
    let mut tx = superuser.begin().await?;
    sqlx::query("set local session_replication_role = replica").execute(&mut *tx).await?;
    sqlx::query(AGENTS).bind(id).bind(email).execute(&mut *tx).await?;
    sqlx::query(CUSTOMERS).bind(id).bind(0_i64).bind(customers).execute(&mut *tx).await?;
    let mut from = 0;
    while from < count {
        let to = (from + BATCH).min(count);
        sqlx::query(CONVERSATIONS)
            .bind(id)
            .bind(from)
            .bind(to)
            .bind(count)
            .bind(customers)
            .bind(tenant.domain_id.uuid())
            .execute(&mut *tx)
            .await?;
        sqlx::query(MESSAGES).bind(id).bind(from).bind(to).execute(&mut *tx).await?;
        from = to;
    }
    sqlx::query(COUNTS).bind(id).execute(&mut *tx).await?;
    sqlx::query(NUMBERS).bind(id).bind(count).execute(&mut *tx).await?;
    tx.commit().await?;
    sqlx::query("vacuum (analyze) customers, conversations, messages, conversation_counts").execute(superuser).await?;
    Ok(())
}
