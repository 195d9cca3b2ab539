//! How good and how quick the search is.

mod corpus;
mod quality;
mod questions;
mod scale;

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

pub use corpus::{Corpus, Site};

use crate::figure::{Figure, number};
use crate::support::world::World;

/// Search time and recall at 1,000 and 100,000 passages.
pub async fn scale_figures(world: &World, site: &Path) -> Result<Vec<Figure>> {
    let originals = corpus::tenant_with(&world.domain, site, scale::FEWEST_ORIGINALS).await?;
    scale::scale(world, originals).await
}

/// First hits, declined and answered questions over SQLite's documentation.
pub async fn quality_figures(world: &World, site: &Path) -> Result<Vec<Figure>> {
    let corpus = Corpus::prepare(&world.domain, site).await?;
    let measured = quality::quality(&world.domain, &corpus).await?;
    let of = |half: &str, part: &str, name: &str| -> Result<f64> {
        let value = measured.pointer(&format!("/halves/{half}/{part}/{name}")).and_then(Value::as_f64);
        value.with_context(|| format!("the quality has no {half} {part} {name}"))
    };
    let mut figures = Vec::new();
    for (half, of_what) in [("test", "held-out questions"), ("all", "all questions")] {
        for (measure, name, bound) in
            [("hit_at_1", "hit@1", Some(0.75)), ("hit_at_5", "hit@5", Some(0.93)), ("mrr", "MRR", None)]
        {
            let mut beside = vec![
                format!("words alone {}", number(of(half, "text", measure)?)),
                format!("vectors alone {}", number(of(half, "vectors", measure)?)),
            ];
            if let Ok(usual) = of(half, "equal_rrf", measure) {
                beside.push(format!("equal-weight RRF {}", number(usual)));
            }
            let figure =
                Figure::ratio(format!("{of_what}, {name}"), of(half, "fused", measure)?).against(beside.join(", "));
            figures.push(match bound {
                Some(bound) => figure.at_least(bound),
                None => figure,
            });
        }
        for measure in ["answered", "declined"] {
            figures.push(Figure::ratio(format!("{of_what}, {measure}"), of(half, "answers", measure)?).at_least(0.9));
        }
    }
    Ok(figures)
}
