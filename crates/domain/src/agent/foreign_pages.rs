//! Passages in languages that the claim check cannot read, said in English for it.
//!
//! The tenant's own model translates a passage when the check first needs it; what it says is kept as long as the passage
//! stands as it is. Nobody is shown the translation: what is quoted and linked is the page.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use omniops_types::{ChunkId, PassageHit, ReceiptCall};

use super::facts::tells_the_same;
use super::language::Readable;
use super::model::call::{CallContext, CallFailure};
use super::queries;
use super::translation::to_english;
use crate::Result;
use crate::knowledge::sentences_of;

/// Passages that a turn has translated at most.
pub(super) const MOST: usize = 4;
/// So many calls at once: a provider that counts them per second is not to be scared.
const AT_ONCE: usize = 2;
/// What the answer's own sentences need of the turn's time after that.
const TIME_LEFT: Duration = Duration::from_secs(20);

/// What a passage says in English, piece by piece as in [`PassageHit`].
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct EnglishPassage {
    pub(super) title: String,
    pub(super) heading_path: Vec<String>,
    pub(super) text: String,
    /// Nothing of it was left out by the model.
    pub(super) is_whole: bool,
}

/// Those of the passages that were translated before.
pub(super) async fn known(context: &CallContext, chunks: &[ChunkId]) -> Result<HashMap<ChunkId, EnglishPassage>> {
    let mut tx = context.domain.database.tenant(context.tenant).await?;
    queries::translations_of(&mut tx, chunks).await
}

/// Has the passages translated, and keeps what they say unless this is a rehearsal. One whose call failed is left out; a
/// turn that nobody waits for any more ends here.
pub(super) async fn translate(
    context: &CallContext,
    step: u32,
    hits: &[&PassageHit],
    traces: &mut Vec<ReceiptCall>,
) -> Result<Vec<(ChunkId, EnglishPassage)>, CallFailure> {
    // What the visitor taught the turn's own reader must not decide about what is kept for others.
    let readable = Readable::default();
    let asked: Vec<Vec<String>> = hits.iter().map(|hit| pieces(hit, &readable)).collect();
    // Ended before the turn's own time is over, which says nothing against the provider.
    let stop = context.cancel.child_token();
    let own = CallContext { cancel: stop.clone(), ..context.clone() };
    let calls: Vec<BoxFuture<'_, _>> = asked
        .iter()
        .map(|pieces| {
            let own = &own;
            async move {
                let mut traces = Vec::new();
                let english = to_english(own, step, pieces, &mut traces).await;
                (english, traces)
            }
            .boxed()
        })
        .collect();
    let in_time = async {
        tokio::time::sleep_until(context.deadline - TIME_LEFT).await;
        stop.cancel();
        std::future::pending::<Infallible>().await
    };
    let answers: Vec<_> = tokio::select! {
        answers = stream::iter(calls).buffered(AT_ONCE).collect() => answers,
        never = in_time => match never {},
    };
    let mut passages = Vec::new();
    for ((hit, pieces), (english, mut calls)) in hits.iter().zip(&asked).zip(answers) {
        let model = calls.last().map(|call| call.model.clone()).unwrap_or_default();
        traces.append(&mut calls);
        let passage = match english {
            Ok(english) => in_english(hit, pieces, english, &readable),
            // It would not be otherwise the next time.
            Err(CallFailure::Useless(_)) => in_english(hit, pieces, vec![None; pieces.len()], &readable),
            Err(failure) => {
                tracing::debug!(tenant = %context.tenant, code = failure.code(), "a page was not translated");
                continue;
            }
        };
        // A rehearsal may be of settings that are never saved.
        if context.conversation.is_some()
            && let Err(error) = keep(context, hit.chunk_id, &passage, &model).await
        {
            tracing::warn!(tenant = %context.tenant, error = &error as &dyn std::error::Error, "a translation was not kept");
        }
        passages.push((hit.chunk_id, passage));
    }
    if context.cancel.is_cancelled() { Err(CallFailure::Cancelled) } else { Ok(passages) }
}

async fn keep(context: &CallContext, chunk: ChunkId, english: &EnglishPassage, model: &str) -> Result<()> {
    let mut tx = context.domain.database.tenant(context.tenant).await?;
    queries::keep_translation(&mut tx, chunk, english, model).await?;
    tx.commit().await?;
    Ok(())
}

/// What has to be translated of a passage: its title, its headings and its sentences, each once.
fn pieces(hit: &PassageHit, readable: &Readable) -> Vec<String> {
    let sentences = sentences_of(&hit.text).into_iter().filter_map(|range| hit.text.get(range));
    let all = std::iter::once(hit.title.as_str()).chain(hit.heading_path.iter().map(String::as_str)).chain(sentences);
    let mut pieces: Vec<String> = Vec::new();
    for piece in all.map(str::trim).filter(|piece| !piece.is_empty() && !readable.reads(piece)) {
        if pieces.iter().all(|known| known != piece) {
            pieces.push(piece.to_owned());
        }
    }
    pieces
}

/// The passage with each piece in English. A piece that was left out, that is not English, or that tells other facts than the
/// page, stays as it is.
fn in_english(
    hit: &PassageHit,
    pieces: &[String],
    english: Vec<Option<String>>,
    readable: &Readable,
) -> EnglishPassage {
    let is_good = |piece: &str, english: &str| tells_the_same(piece, english) && readable.is_english_of(english, piece);
    let said = pieces.iter().zip(&english).filter_map(|(piece, english)| Some((piece.as_str(), english.as_deref()?)));
    let said: HashMap<&str, &str> = said.filter(|(piece, english)| is_good(piece, english)).collect();
    let is_whole = !said.is_empty() && english.iter().all(Option::is_some);
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
    EnglishPassage { title: whole(&hit.title), heading_path, text, is_whole }
}

/// A sentence stays one, and a heading too. Postgres takes no NUL.
fn one_line(english: &str) -> String {
    let printed: String = english.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    printed.split_whitespace().collect::<Vec<_>>().join(" ")
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
        let (hit, readable) = (hit(), Readable::default());
        let pieces = pieces(&hit, &readable);
        assert_eq!(pieces[..2], ["Livraison", "Autriche"], "each once");
        let english = pieces.iter().map(|piece| match piece.as_str() {
            "Livraison" => Some("Shipping".to_owned()),
            "Autriche" => Some("Austria".to_owned()),
            _ if piece.contains("6,90") => Some("Shipping\u{0}costs\n€6.90.".to_owned()),
            _ if piece.contains("100") => Some("all cotton".to_owned()),
            _ if piece.contains("rapide") => Some("Il est rapide.".to_owned()),
            _ => Some(piece.clone()),
        });
        let said = in_english(&hit, &pieces, english.collect(), &readable);
        assert_eq!(said.title, "Shipping");
        assert_eq!(said.heading_path, ["Shipping", "Austria"]);
        assert!(said.is_whole && said.text.contains("Shipping costs €6.90."), "{said:?}");
        for kept in ["Tarifs :\n", "Il est rapide.", "100 % coton\n\nCode : X-1"] {
            assert!(said.text.contains(kept), "an echo, and what lost its number, stay as they were: {said:?}");
        }
    }

    #[test]
    fn a_passage_of_which_something_is_missing_is_not_whole() {
        let (hit, readable) = (hit(), Readable::default());
        let pieces = pieces(&hit, &readable);
        let nothing = in_english(&hit, &pieces, vec![None; pieces.len()], &readable);
        assert_eq!((nothing.text.as_str(), nothing.is_whole), (hit.text.as_str(), false));
        let mut english = vec![None; pieces.len()];
        english[0] = Some("Shipping".to_owned());
        let one = in_english(&hit, &pieces, english, &readable);
        assert_eq!((one.title.as_str(), one.is_whole), ("Shipping", false));
    }
}
