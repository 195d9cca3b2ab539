//! What must be known of a tenant's passages before they are searched: how many there are, in which languages, and
//! how common each word is.

use std::sync::LazyLock;
use std::time::Duration;

use moka::future::Cache;
use omniops_embedding::Space;
use omniops_postgres::TenantTx;
use omniops_types::TenantId;
use uuid::Uuid;

use super::language;
use super::queries::{self, OtherLanguages, Scope};
use crate::Result;
use crate::knowledge::text_search::{configuration, word_query};

/// Up to here the nearest vectors are found by comparing all of them: exact, and some tens of milliseconds.
const EXACT_UP_TO: i64 = 20_000;
/// Up to here statistics are read afresh for each search; beyond, they are remembered for a while.
const FRESH_UP_TO: i64 = 5_000;
/// Words of a query that count; a customer's essay has its question among the first.
const MAX_TERMS: usize = 24;
/// Passages that full text may bring up for ranking: words are taken rarest first until they match this many.
const MAX_MATCHES: i64 = 3_000;
/// A language counts as one of the site's from a twentieth of its passages on.
const LANGUAGE_SHARE: i64 = 20;
/// How long the statistics of a large corpus are good for.
const STATISTICS_TTL: Duration = Duration::from_secs(300);

type SizeKey = (TenantId, Scope, Option<i16>);

static SIZES: LazyLock<Cache<SizeKey, Sizes>> =
    LazyLock::new(|| Cache::builder().max_capacity(10_000).time_to_live(STATISTICS_TTL).build());
static FREQUENCIES: LazyLock<Cache<(TenantId, Scope, String), i64>> =
    LazyLock::new(|| Cache::builder().max_capacity(200_000).time_to_live(STATISTICS_TTL).build());

#[derive(Clone, Debug)]
struct Sizes {
    passages: i64,
    vectors: i64,
    /// Of the passages, with how many there are of each.
    languages: Vec<(Option<String>, i64)>,
}

/// A question as full text reads it.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// Without stop words, each stemmed as the passages' languages do it.
    pub terms: Vec<Term>,
    /// The site's languages that the question is not written in; none where it has one or the words do not tell.
    pub other_languages: Vec<String>,
}

/// A word of the query and what finding it is worth.
#[derive(Clone, Debug)]
pub(super) struct Term {
    /// As a `tsquery`: any of its forms.
    pub query: String,
    /// How many forms it has.
    pub forms: f32,
    /// Passages that hold it.
    pub frequency: i64,
    /// Inverse document frequency, after Robertson and Spärck Jones.
    pub weight: f32,
}

/// The passages that a search may see.
#[derive(Debug)]
pub(super) struct Corpus {
    pub scope: Scope,
    pub space_id: Option<i16>,
    dimensions: usize,
    sizes: Sizes,
}

impl Corpus {
    pub async fn of(tx: &mut TenantTx, scope: Scope, space: &Space) -> Result<Self> {
        let space_id = queries::space_id(tx, space).await?;
        let key = (tx.tenant_id(), scope, space_id);
        let sizes = match SIZES.get(&key).await {
            Some(sizes) => sizes,
            None => {
                let sizes = read_sizes(tx, scope, space_id).await?;
                if sizes.passages > FRESH_UP_TO {
                    SIZES.insert(key, sizes.clone()).await;
                }
                sizes
            }
        };
        Ok(Self { scope, space_id, dimensions: space.dimensions, sizes })
    }

    /// The query's words, and its language if the site has several.
    pub async fn words(&self, tx: &mut TenantTx, query: &str) -> Result<Words> {
        let mut configurations: Vec<&str> =
            self.sizes.languages.iter().map(|(language, _)| configuration(language.as_deref())).collect();
        configurations.sort_unstable();
        configurations.dedup();
        let found = queries::lexemes(tx, &configurations, query).await?;
        let of_question = language::of_question(&configurations, &found);
        let mut words = language::words(of_question, &found);
        words.truncate(MAX_TERMS);
        let other_languages = of_question.map(|own| self.languages_but(own)).unwrap_or_default();
        let forms: Vec<f32> = words.iter().map(|forms| forms.len() as f32).collect();
        let words: Vec<String> = words.iter().map(|forms| word_query(forms)).collect();
        let frequencies = self.frequencies(tx, &words).await?;
        let terms = words
            .into_iter()
            .zip(forms)
            .zip(frequencies)
            .map(|((query, forms), frequency)| Term {
                query,
                forms,
                frequency,
                weight: inverse_frequency(self.sizes.passages, frequency),
            })
            .collect();
        Ok(Words { terms, other_languages })
    }

    /// The languages of the site that another configuration than this one reads. A few pages do not make a language
    /// of the site: their language may be misread, and they may be all that there is on their subject.
    fn languages_but(&self, own: &str) -> Vec<String> {
        let is_of_site = |count: i64| count * LANGUAGE_SHARE >= self.sizes.passages;
        let known = self.sizes.languages.iter().filter(|(_, count)| is_of_site(*count));
        known
            .filter_map(|(language, _)| language.clone())
            .filter(|language| configuration(Some(language)) != own)
            .collect()
    }

    async fn frequencies(&self, tx: &mut TenantTx, words: &[String]) -> Result<Vec<i64>> {
        let large = self.sizes.passages > FRESH_UP_TO;
        let key = |word: &String| (tx.tenant_id(), self.scope, word.clone());
        let keys: Vec<_> = words.iter().map(key).collect();
        let mut known = Vec::with_capacity(keys.len());
        for key in &keys {
            known.push(if large { FREQUENCIES.get(key).await } else { None });
        }
        let unknown: Vec<String> =
            known.iter().zip(words).filter(|(known, _)| known.is_none()).map(|(_, word)| word.clone()).collect();
        let mut counted = queries::frequencies(tx, self.scope, &unknown).await?.into_iter();
        let mut frequencies = Vec::with_capacity(keys.len());
        for (key, known) in keys.into_iter().zip(known) {
            let frequency = match known {
                Some(frequency) => frequency,
                None => {
                    let frequency = counted.next().unwrap_or(0);
                    if large {
                        FREQUENCIES.insert(key, frequency).await;
                    }
                    frequency
                }
            };
            frequencies.push(frequency);
        }
        Ok(frequencies)
    }

    /// The rarest of the words, as many as together match few enough passages to rank them all. Words that are
    /// everywhere say nothing about where to look; they still count in the ranking.
    pub fn selective(terms: &[Term]) -> Vec<String> {
        let mut by_rarity: Vec<&Term> = terms.iter().filter(|term| term.frequency > 0).collect();
        by_rarity.sort_by_key(|term| term.frequency);
        let mut matches = 0;
        by_rarity
            .into_iter()
            .take_while(|term| {
                matches += term.frequency;
                matches <= MAX_MATCHES
            })
            .map(|term| term.query.clone())
            .collect()
    }

    /// The passages nearest to the vector, nearest first: exactly for most tenants, by the index for large ones.
    pub async fn nearest(
        &self,
        tx: &mut TenantTx,
        others: OtherLanguages<'_>,
        vector: &[f32],
        limit: i64,
    ) -> Result<Vec<Uuid>> {
        let Some(space_id) = self.space_id else { return Ok(Vec::new()) };
        if self.sizes.vectors > EXACT_UP_TO && queries::has_index(self.dimensions) {
            let found = queries::nearest_by_index(tx, self.scope, others, space_id, vector, limit).await?;
            // The index gives up after a bounded walk; where other tenants' vectors fill it, all of ours are read.
            if i64::try_from(found.len()).unwrap_or(i64::MAX) >= limit {
                return Ok(found);
            }
        }
        queries::nearest_exactly(tx, self.scope, others, space_id, vector, limit).await
    }
}

async fn read_sizes(tx: &mut TenantTx, scope: Scope, space_id: Option<i16>) -> Result<Sizes> {
    let by_language = queries::passages_by_language(tx, scope).await?;
    let vectors = match space_id {
        Some(space_id) => queries::vector_count(tx, scope, space_id).await?,
        None => 0,
    };
    let passages = by_language.iter().map(|(_, count)| count).sum();
    Ok(Sizes { passages, vectors, languages: by_language })
}

/// `ln(1 + (N − n + ½) / (n + ½))`: Robertson and Spärck Jones's weight as BM25 uses it, never negative.
fn inverse_frequency(passages: i64, frequency: i64) -> f32 {
    let (all, with) = (passages.max(frequency) as f32, frequency as f32);
    (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_word_is_worth_more_than_a_common_one() {
        assert!(inverse_frequency(1_000, 3) > 2.0 * inverse_frequency(1_000, 200));
        assert!(inverse_frequency(1_000, 1_000) >= 0.0);
        assert!(inverse_frequency(0, 0).is_finite());
    }
}
