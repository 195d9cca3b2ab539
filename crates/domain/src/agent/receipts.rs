//! Receipts of answers, and what would be answered today.

use std::collections::HashMap;

use omniops_llm::{Speaker, Turn as HistoryTurn};
use omniops_types::{
    AuthorKind, ChunkId, ConversationId, MessageId, Permission, Receipt, ReceiptPassage, Replay, ReplayRequest,
    ReplayedAnswer,
};

use super::queries::{self, AnswerRow};
use super::rehearsal::{Rehearsal, Rehearsed, passage_of, rehearse};
use super::settings;
use super::turn::PASSAGES;
use crate::knowledge::{SearchRequest, retrieval_query, search};
use crate::ledger::Purpose;
use crate::{Domain, Error, Principal, Result};

/// As much of the conversation as a turn reads.
const LINES: i64 = 20;

/// What an answer of the AI was made from.
pub async fn receipt(
    domain: &Domain,
    principal: &Principal,
    conversation: ConversationId,
    message: MessageId,
) -> Result<Receipt> {
    principal.require(Permission::ConversationsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let row = queries::answer(&mut tx, conversation, message).await?.ok_or(Error::NotFound("answer"))?;
    Ok(row.receipt.ok_or(Error::NotFound("receipt"))?.0)
}

/// Searches again, and answers again if asked to, with today's knowledge and settings; gives what is different.
pub async fn replay(
    domain: &Domain,
    principal: &Principal,
    conversation: ConversationId,
    message: MessageId,
    request: ReplayRequest,
) -> Result<Replay> {
    // Asking the model costs money.
    principal.require(if request.with_model {
        Permission::ConversationsWrite
    } else {
        Permission::ConversationsRead
    })?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let row = queries::answer(&mut tx, conversation, message).await?.ok_or(Error::NotFound("answer"))?;
    let AnswerRow { seq, text, receipt, domain_id, locale } = row;
    let then = receipt.ok_or(Error::NotFound("receipt"))?.0.passages;
    let lines = queries::lines_before(&mut tx, conversation, seq, LINES).await?;
    let in_force = settings::in_force(domain, &mut tx).await?;
    drop(tx);
    let (history, unanswered) = split(lines);
    let asked = SearchRequest {
        domain_id: Some(domain_id.into()),
        query: retrieval_query(&unanswered.join("\n"), &history),
        limit: PASSAGES,
        conversation_id: None,
    };
    let found = search(domain, principal.tenant_id, asked).await?;
    let now: Vec<ReceiptPassage> = found.hits.iter().map(|hit| passage_of(hit, false)).collect();
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let ids: Vec<ChunkId> = then.iter().map(|passage| passage.chunk_id).collect();
    let today = queries::hashes_of(&mut tx, &ids).await?.into_iter().collect();
    drop(tx);
    let mut replay = compared(then, now, &today, text);
    if request.with_model {
        let rehearsal = Rehearsal {
            tenant: principal.tenant_id,
            domain_id: domain_id.into(),
            purpose: Purpose::Replay,
            locale,
            verified_email: None,
            unanswered,
            history,
        };
        let Rehearsed { text, sources, receipt, .. } = Box::pin(rehearse(domain, &in_force, rehearsal)).await?;
        replay.now = Some(ReplayedAnswer { text, sources, receipt });
    }
    Ok(replay)
}

/// What had been said, and the customer's lines that were answered, from lines of which the newest comes first.
fn split(lines: Vec<(String, String)>) -> (Vec<HistoryTurn>, Vec<String>) {
    let mut turns: Vec<HistoryTurn> = lines.into_iter().rev().map(|(author, text)| turn_of(&author, text)).collect();
    let answered = turns.iter().rposition(|turn| turn.speaker != Speaker::Customer).map_or(0, |place| place + 1);
    let unanswered = turns.split_off(answered).into_iter().map(|turn| turn.text).collect();
    (turns, unanswered)
}

/// A line of the conversation, by its author as the database names it.
pub(super) fn turn_of(author_kind: &str, text: String) -> HistoryTurn {
    let speaker = match AuthorKind::parse(author_kind) {
        Some(AuthorKind::Customer) => Speaker::Customer,
        Some(AuthorKind::Agent) => Speaker::Agent,
        Some(AuthorKind::Ai | AuthorKind::System) | None => Speaker::Assistant,
    };
    HistoryTurn { speaker, text }
}

/// A passage is the same when its text is: a new crawl may have given it another id.
fn compared(
    then: Vec<ReceiptPassage>,
    now: Vec<ReceiptPassage>,
    today: &HashMap<ChunkId, String>,
    text_then: String,
) -> Replay {
    let new = now.iter().filter(|passage| then.iter().all(|old| old.content_hash != passage.content_hash));
    let new = new.cloned().collect();
    let mut replay =
        Replay { same: Vec::new(), changed: Vec::new(), gone: Vec::new(), lost: Vec::new(), new, text_then, now: None };
    for old in then {
        let list = if now.iter().any(|passage| passage.content_hash == old.content_hash) {
            &mut replay.same
        } else {
            match today.get(&old.chunk_id) {
                Some(hash) if *hash == old.content_hash => &mut replay.lost,
                Some(_) => &mut replay.changed,
                None => &mut replay.gone,
            }
        };
        list.push(old);
    }
    replay
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(id: u128, hash: &str) -> ReceiptPassage {
        ReceiptPassage {
            chunk_id: ChunkId(uuid::Uuid::from_u128(id)),
            content_hash: hash.to_owned(),
            url: String::new(),
            title: String::new(),
            cosine: None,
            score: 0.0,
            cited: false,
        }
    }

    #[test]
    fn what_changed_is_told_from_what_is_gone_and_from_what_is_not_found_any_more() {
        let then = vec![passage(1, "a"), passage(2, "b"), passage(3, "c"), passage(4, "d")];
        let now = vec![passage(9, "a"), passage(5, "e")];
        let today =
            HashMap::from([(passage(2, "").chunk_id, "b2".to_owned()), (passage(4, "").chunk_id, "d".to_owned())]);
        let replay = compared(then, now, &today, String::new());
        let hashes =
            |list: &[ReceiptPassage]| list.iter().map(|passage| passage.content_hash.clone()).collect::<Vec<_>>();
        assert_eq!(hashes(&replay.same), ["a"], "its id is another, its text is not");
        assert_eq!(hashes(&replay.changed), ["b"]);
        assert_eq!(hashes(&replay.gone), ["c"]);
        assert_eq!(hashes(&replay.lost), ["d"]);
        assert_eq!(hashes(&replay.new), ["e"]);
    }

    #[test]
    fn the_lines_after_the_last_answer_are_the_question() {
        let line = |author: &str, text: &str| (author.to_owned(), text.to_owned());
        let newest_first = vec![
            line("customer", "and to Austria?"),
            line("customer", "one more"),
            line("ai", "Hello!"),
            line("customer", "Hi"),
        ];
        let (history, unanswered) = split(newest_first);
        assert_eq!(unanswered, ["one more", "and to Austria?"]);
        assert_eq!(history.len(), 2);
    }
}
