//! The SQL that changes what was written already.

use omniops_postgres::TenantTx;
use omniops_types::ConversationId;

use crate::Result;

/// Puts another text, and another line of the inbox, in the place of what the customer wrote.
pub(super) async fn rewrite_customer_text(
    tx: &mut TenantTx,
    conversation: ConversationId,
    (text, text_instead): (&str, &str),
    (preview, preview_instead): (&str, &str),
) -> Result<()> {
    sqlx::query(
        "with told as (
             update messages
             set text = $4
             where tenant_id = $1 and conversation_id = $2 and author_kind = 'customer' and text = $3
         ), shown as (
             update conversations
             set preview = $6
             where tenant_id = $1 and id = $2 and preview_author = 'customer' and preview = $5
         )
         update events
         set payload = jsonb_set(
             case when payload #>> '{data,message,text}' = $3
                  then jsonb_set(payload, '{data,message,text}', to_jsonb($4)) else payload end,
             '{data,conversation,preview}',
             to_jsonb(case when payload #>> '{data,conversation,preview}' = $5
                           then $6 else payload #>> '{data,conversation,preview}' end))
         where tenant_id = $1 and conversation_id = $2
           and (payload #>> '{data,message,text}' = $3 or payload #>> '{data,conversation,preview}' = $5)",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(text)
    .bind(text_instead)
    .bind(preview)
    .bind(preview_instead)
    .execute(tx.conn())
    .await?;
    Ok(())
}
