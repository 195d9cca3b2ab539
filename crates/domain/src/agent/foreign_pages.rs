//! Passages in languages that the claim check cannot read, said in English for it.
//!
//! The tenant's own model translates a passage when the check first needs it; what it says is kept as long as the passage
//! stands as it is. Nobody is shown the translation: what is quoted and linked is the page.

use std::collections::HashMap;
use std::time::Duration;

use futures::future::join_all;
use omniops_types::{ChunkId, PassageHit, ReceiptCall};

use super::facts::keeps_facts;
use super::model::call::{CallContext, CallFailure};
use super::queries;
use super::translation::to_english;
use crate::Result;
use crate::knowledge::sentences_of;

/// Passages that a turn has translated at most, all at once.
pub(super) const MAX_AT_ONCE: usize = 4;
/// What the answer's own sentences need of the turn's time after that.
const TIME_LEFT: Duration = Duration::from_secs(20);

/// What a passage says in English, piece by piece as in [`PassageHit`].
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct EnglishPassage {
    pub(super) title: String,
    pub(super) heading_path: Vec<String>,
    pub(super) text: String,
}

/// Those of the passages that were translated before.
pub(super) async fn known(context: &CallContext, chunks: &[ChunkId]) -> Result<HashMap<ChunkId, EnglishPassage>> {
    let mut tx = context.domain.database.tenant(context.tenant).await?;
    queries::translations_of(&mut tx, chunks).await
}

/// Has the passages translated and keeps what they say. One whose call fails is left out and asked for again another time;
/// a turn that nobody waits for any more ends here.
///
/// `is_read` tells of a sentence whether it can stay as it is.
pub(super) async fn translate(
    context: &CallContext,
    step: u32,
    hits: &[&PassageHit],
    is_read: impl Fn(&str) -> bool,
    traces: &mut Vec<ReceiptCall>,
) -> Result<Vec<(ChunkId, EnglishPassage)>, CallFailure> {
    let context = CallContext { deadline: context.deadline - TIME_LEFT, ..context.clone() };
    let asked: Vec<Vec<String>> = hits.iter().map(|hit| pieces(hit, &is_read)).collect();
    let calls = asked.iter().map(|pieces| async {
        let mut traces = Vec::new();
        let english = to_english(&context, step, pieces, &mut traces).await;
        (english, traces)
    });
    let answers = join_all(calls).await;
    let mut passages = Vec::new();
    let mut ended = None;
    for ((hit, pieces), (english, mut calls)) in hits.iter().zip(&asked).zip(answers) {
        let model = calls.last().map(|call| call.model.clone());
        traces.append(&mut calls);
        match english {
            Ok(english) => {
                passages.extend(in_english(hit, pieces, english).zip(model).map(|said| (hit.chunk_id, said)));
            }
            Err(failure @ (CallFailure::Cancelled | CallFailure::Left)) => ended = Some(failure),
            Err(failure) => {
                tracing::debug!(tenant = %context.tenant, code = failure.code(), "a page was not translated");
            }
        }
    }
    // What was paid for is kept, whoever is still there.
    let kept = keep(&context, &passages).await;
    kept.unwrap_or_else(|error| {
        tracing::warn!(tenant = %context.tenant, error = &error as &dyn std::error::Error, "a translation was not kept");
    });
    match ended {
        Some(failure) => Err(failure),
        None => Ok(passages.into_iter().map(|(chunk, (english, _))| (chunk, english)).collect()),
    }
}

async fn keep(context: &CallContext, passages: &[(ChunkId, (EnglishPassage, String))]) -> Result<()> {
    if passages.is_empty() {
        return Ok(());
    }
    let mut tx = context.domain.database.tenant(context.tenant).await?;
    for (chunk, (english, model)) in passages {
        queries::keep_translation(&mut tx, *chunk, english, model).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What has to be translated of a passage: its title, its headings and its sentences, each once.
fn pieces(hit: &PassageHit, is_read: impl Fn(&str) -> bool) -> Vec<String> {
    let sentences = sentences_of(&hit.text).into_iter().filter_map(|range| hit.text.get(range));
    let all = std::iter::once(hit.title.as_str()).chain(hit.heading_path.iter().map(String::as_str)).chain(sentences);
    let mut pieces: Vec<String> = Vec::new();
    for piece in all.map(str::trim).filter(|piece| !piece.is_empty() && !is_read(piece)) {
        if pieces.iter().all(|known| known != piece) {
            pieces.push(piece.to_owned());
        }
    }
    pieces
}

/// The passage with each piece in English; one whose translation is missing or lost a number stays as it is. `None` when
/// not one was translated.
fn in_english(hit: &PassageHit, pieces: &[String], english: Vec<Option<String>>) -> Option<EnglishPassage> {
    let said = pieces.iter().zip(english).filter_map(|(piece, english)| Some((piece.as_str(), english?)));
    let said: HashMap<&str, String> = said.filter(|(piece, english)| keeps_facts(piece, english)).collect();
    if said.is_empty() {
        return None;
    }
    let whole = |text: &str| said.get(text.trim()).map_or_else(|| text.to_owned(), |english| one_line(english));
    let mut text = String::new();
    let mut end = 0;
    for range in sentences_of(&hit.text) {
        text.push_str(hit.text.get(end..range.start).unwrap_or_default());
        text.push_str(&whole(hit.text.get(range.clone()).unwrap_or_default()));
        end = range.end;
    }
    text.push_str(hit.text.get(end..).unwrap_or_default());
    let heading_path = hit.heading_path.iter().map(|heading| whole(heading)).collect();
    Some(EnglishPassage { title: whole(&hit.title), heading_path, text })
}

/// A sentence stays one, and a heading too.
fn one_line(english: &str) -> String {
    english.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit() -> PassageHit {
        let id = uuid::Uuid::now_v7();
        serde_json::from_value(serde_json::json!({
            "chunk_id": id, "page_id": id, "url": "https://boutique.example/a", "title": "Livraison",
            "heading_path": ["Livraison", "Autriche"],
            "text": "Tarifs :\n- L'envoi coûte 6,90 €. Il est rapide.\n- 100 % coton\n\nCode : X-1",
            "content_hash": "", "cosine": null, "text_rank": null, "score": 1.0
        }))
        .unwrap()
    }

    #[test]
    fn a_passage_keeps_its_shape() {
        let hit = hit();
        let pieces = pieces(&hit, |piece| piece == "Code : X-1");
        assert_eq!(pieces[..2], ["Livraison", "Autriche"], "each once");
        let english = pieces.iter().map(|piece| match piece.as_str() {
            "Livraison" => Some("Shipping".to_owned()),
            "Autriche" => Some("Austria".to_owned()),
            _ if piece.contains("6,90") => Some(piece.replace("L'envoi coûte 6,90 €.", "Shipping costs\n€6.90.")),
            _ if piece.contains("100") => Some(piece.replace("100 % coton", "all cotton")),
            _ => None,
        });
        let said = in_english(&hit, &pieces, english.collect()).unwrap();
        assert_eq!(said.title, "Shipping");
        assert_eq!(said.heading_path, ["Shipping", "Austria"]);
        let expected = hit.text.replace("L'envoi coûte 6,90 €.", "Shipping costs €6.90.");
        assert_eq!(said.text, expected, "what lost its number, and what was left out, stays as it was");
    }

    #[test]
    fn a_passage_of_which_nothing_was_translated_is_none() {
        let hit = hit();
        let pieces = pieces(&hit, |_| false);
        let nothing = vec![None; pieces.len()];
        assert_eq!(in_english(&hit, &pieces, nothing), None);
    }
}
