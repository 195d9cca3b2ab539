//! All SQL that finds out what became of conversations.

use omniops_postgres::SystemTx;
use uuid::Uuid;

use crate::Result;

/// Locks up to `limit` resolutions that have to be looked at, and gives their tenants and conversations. Whoever has
/// something more to say about one waits, and says it afterwards.
pub(super) async fn take_due(tx: &mut SystemTx, limit: i64) -> Result<(Vec<Uuid>, Vec<Uuid>)> {
    let keys = sqlx::query_as::<_, (Uuid, Uuid)>(
        "select tenant_id, conversation_id from ai_resolutions
         where due_at <= now()
         order by due_at
         limit $1
         for update skip locked",
    )
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(keys.into_iter().unzip())
}

/// Takes away those of conversations that have no turns any more.
pub(super) async fn forget_turnless(tx: &mut SystemTx, tenants: &[Uuid], conversations: &[Uuid]) -> Result<()> {
    sqlx::query(
        "delete from ai_resolutions s
         using unnest($1::uuid[], $2::uuid[]) as due (tenant_id, conversation_id)
         where s.tenant_id = due.tenant_id and s.conversation_id = due.conversation_id
           and not exists (select from chat_telemetry t
                           where t.tenant_id = due.tenant_id and t.conversation_id = due.conversation_id
                             and t.outcome <> 'dropped')",
    )
    .bind(tenants)
    .bind(conversations)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Says of each what became of it, as `docs/telemetry.md` defines it. What is known of an erased conversation stays, but
/// nobody will ever know whether its customer came back: silence is not taken for consent there.
pub(super) async fn judge(tx: &mut SystemTx, tenants: &[Uuid], conversations: &[Uuid]) -> Result<()> {
    sqlx::query(
        "with judged as (
             select due.tenant_id, due.conversation_id, last.id as turn_id, last.created_at as turn_at,
                    case when c.id is null and s.state = 'waiting' then 'unresolved'
                         when c.id is null then s.state
                         when last.outcome = 'escalated' or c.ai_state = 'silenced' or later.came
                              or thumb.rating = 'down' then 'unresolved'
                         when last.outcome = 'resolved' or (last.outcome = 'answered' and thumb.rating = 'up')
                              then 'confirmed'
                         when last.outcome <> 'answered' then 'unresolved'
                         when last.created_at <= now() - interval '24 hours' then 'assumed'
                         else 'waiting' end as state
             from unnest($1::uuid[], $2::uuid[]) as due (tenant_id, conversation_id)
             join ai_resolutions s using (tenant_id, conversation_id)
             cross join lateral (
                 select t.id, t.created_at, t.outcome, t.reply_id
                 from chat_telemetry t
                 where t.tenant_id = due.tenant_id and t.conversation_id = due.conversation_id and t.outcome <> 'dropped'
                 order by t.created_at desc, t.id desc
                 limit 1
             ) last
             left join conversations c on c.tenant_id = due.tenant_id and c.id = due.conversation_id
             left join messages reply on reply.tenant_id = due.tenant_id and reply.id = last.reply_id
             cross join lateral (
                 select exists (
                     select from messages m
                     where m.tenant_id = due.tenant_id and m.conversation_id = due.conversation_id and m.seq > reply.seq
                       and m.kind = 'reply' and m.author_kind in ('customer', 'agent')
                 ) as came
             ) later
             left join lateral (
                 select f.rating from message_feedback f
                 where f.tenant_id = due.tenant_id and f.message_id = last.reply_id
                 order by f.updated_at desc
                 limit 1
             ) thumb on true
         )
         update ai_resolutions s
         set turn_id = judged.turn_id, turn_at = judged.turn_at, state = judged.state,
             due_at = case when judged.state = 'waiting' then judged.turn_at + interval '24 hours' end
         from judged
         where s.tenant_id = judged.tenant_id and s.conversation_id = judged.conversation_id",
    )
    .bind(tenants)
    .bind(conversations)
    .execute(tx.conn())
    .await?;
    Ok(())
}
