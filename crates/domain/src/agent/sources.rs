//! The passages of a turn, numbered as the model and the customer see them.

use omniops_types::PassageHit;

use super::fence;

/// How much of a passage the model is given, in characters.
const MAX_PASSAGE: usize = 2_400;

/// Passages in the order in which they were found; the first is number 1. A passage found twice keeps its number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(Vec<PassageHit>);

impl Sources {
    /// Takes what a search found; gives the numbers of those hits.
    pub(crate) fn add(&mut self, hits: Vec<PassageHit>) -> Vec<usize> {
        hits.into_iter()
            .map(|hit| match self.0.iter().position(|known| known.chunk_id == hit.chunk_id) {
                Some(place) => {
                    // Found again with other words: the nearer of the two tells how well it fits.
                    if let Some(known) = self.0.get_mut(place)
                        && hit.cosine > known.cosine
                    {
                        known.cosine = hit.cosine;
                    }
                    place + 1
                }
                None => {
                    self.0.push(hit);
                    self.0.len()
                }
            })
            .collect()
    }

    pub(crate) fn hits(&self) -> &[PassageHit] {
        &self.0
    }

    pub(crate) fn get(&self, number: usize) -> Option<&PassageHit> {
        self.0.get(number.checked_sub(1)?)
    }

    /// The passages after the first `skip`, between markers, as data.
    pub(crate) fn fenced(&self, skip: usize) -> String {
        let numbers: Vec<usize> = (skip + 1..=self.0.len()).collect();
        self.fenced_numbers(&numbers)
    }

    pub(crate) fn fenced_numbers(&self, numbers: &[usize]) -> String {
        let fenced: Vec<String> = numbers
            .iter()
            .filter_map(|number| Some((*number, self.get(*number)?)))
            .map(|(number, hit)| {
                let text: String = hit.text.chars().take(MAX_PASSAGE).collect();
                let headings = hit.heading_path.join(" › ");
                fence::fence("source", Some(number), &format!("{}\n{headings}\n{}\n{text}", hit.title, hit.url))
            })
            .collect();
        if fenced.is_empty() { "(nothing was found)".to_owned() } else { fenced.join("\n") }
    }
}
