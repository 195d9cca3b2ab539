//! The figures of a rollup, and how they add up.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow, Row};

use super::sketch::Sketch;

/// The columns of a rollup that hold figures, for reading. The order is of no matter. The last ones are null where a release
/// before they came wrote the row.
macro_rules! figure_columns {
    () => {
        "coalesce(conversations, 0) as conversations, coalesce(confirmed, 0) as confirmed, \
         coalesce(assumed, 0) as assumed, coalesce(waiting, 0) as waiting, turns, answered, clarified, resolved, declined, escalated, dropped, failed, prompt_tokens, \
         cached_input_tokens, completion_tokens, reasoning_tokens, cost_micro_usd, unpriced, steps, searches, \
         zero_results, thumbs_up, thumbs_down, errors, fallbacks, tools, total_bins, total_counts, first_bins, \
         first_counts"
    };
}
pub(super) use figure_columns;

/// Calls of one tool, how many of them failed, and their milliseconds together. An array of three in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ToolFigures {
    pub(super) calls: i64,
    pub(super) failed: i64,
    pub(super) ms: i64,
}

/// What was counted of some turns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) counts: Counts,
    /// Turns by error code.
    pub(super) errors: BTreeMap<String, i64>,
    /// Turns by what stood in for the model that was asked first.
    pub(super) fallbacks: BTreeMap<String, i64>,
    pub(super) tools: BTreeMap<String, ToolFigures>,
    /// Milliseconds of whole turns, and until the customer saw the first words.
    pub(super) total: Sketch,
    pub(super) first: Sketch,
}

/// The figures that are plain sums, named as their columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, FromRow)]
pub(super) struct Counts {
    pub(super) turns: i64,
    pub(super) answered: i64,
    pub(super) clarified: i64,
    pub(super) resolved: i64,
    pub(super) declined: i64,
    pub(super) escalated: i64,
    pub(super) dropped: i64,
    pub(super) failed: i64,
    pub(super) prompt_tokens: i64,
    pub(super) cached_input_tokens: i64,
    pub(super) completion_tokens: i64,
    pub(super) reasoning_tokens: i64,
    pub(super) cost_micro_usd: i64,
    pub(super) unpriced: i64,
    pub(super) steps: i64,
    pub(super) searches: i64,
    pub(super) zero_results: i64,
    pub(super) thumbs_up: i64,
    pub(super) thumbs_down: i64,
    /// Turns that are the AI's last in their conversation, and those of them with each resolution.
    pub(super) conversations: i64,
    pub(super) confirmed: i64,
    pub(super) assumed: i64,
    pub(super) waiting: i64,
}

impl Counts {
    /// Takes the other apart, so that a new column breaks the build until it is added here.
    fn add(&mut self, other: &Self) {
        let Self {
            turns,
            answered,
            clarified,
            resolved,
            declined,
            escalated,
            dropped,
            failed,
            prompt_tokens,
            cached_input_tokens,
            completion_tokens,
            reasoning_tokens,
            cost_micro_usd,
            unpriced,
            steps,
            searches,
            zero_results,
            thumbs_up,
            thumbs_down,
            conversations,
            confirmed,
            assumed,
            waiting,
        } = other;
        for (sum, more) in [
            (&mut self.turns, turns),
            (&mut self.answered, answered),
            (&mut self.clarified, clarified),
            (&mut self.resolved, resolved),
            (&mut self.declined, declined),
            (&mut self.escalated, escalated),
            (&mut self.dropped, dropped),
            (&mut self.failed, failed),
            (&mut self.prompt_tokens, prompt_tokens),
            (&mut self.cached_input_tokens, cached_input_tokens),
            (&mut self.completion_tokens, completion_tokens),
            (&mut self.reasoning_tokens, reasoning_tokens),
            (&mut self.cost_micro_usd, cost_micro_usd),
            (&mut self.unpriced, unpriced),
            (&mut self.steps, steps),
            (&mut self.searches, searches),
            (&mut self.zero_results, zero_results),
            (&mut self.thumbs_up, thumbs_up),
            (&mut self.thumbs_down, thumbs_down),
            (&mut self.conversations, conversations),
            (&mut self.confirmed, confirmed),
            (&mut self.assumed, assumed),
            (&mut self.waiting, waiting),
        ] {
            *sum += more;
        }
    }
}

impl Figures {
    /// Counts what the other has counted too.
    pub(super) fn add(&mut self, other: &Self) {
        self.counts.add(&other.counts);
        add_up(&mut self.errors, &other.errors);
        add_up(&mut self.fallbacks, &other.fallbacks);
        for (name, more) in &other.tools {
            let sum = self.tools.entry(name.clone()).or_default();
            sum.calls += more.calls;
            sum.failed += more.failed;
            sum.ms += more.ms;
        }
        self.total.merge(&other.total);
        self.first.merge(&other.first);
    }
}

fn add_up(sums: &mut BTreeMap<String, i64>, more: &BTreeMap<String, i64>) {
    for (name, count) in more {
        *sums.entry(name.clone()).or_default() += count;
    }
}

type ToolsColumn = BTreeMap<String, (i64, i64, i64)>;

impl FromRow<'_, PgRow> for Figures {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let sketch = |bins: &str, counts: &str| -> sqlx::Result<Sketch> {
            Ok(Sketch::from_columns(&row.try_get::<Vec<i16>, _>(bins)?, &row.try_get::<Vec<i64>, _>(counts)?))
        };
        let tools: Json<ToolsColumn> = row.try_get("tools")?;
        let figures_of = |(name, (calls, failed, ms))| (name, ToolFigures { calls, failed, ms });
        Ok(Self {
            counts: Counts::from_row(row)?,
            errors: row.try_get::<Json<_>, _>("errors")?.0,
            fallbacks: row.try_get::<Json<_>, _>("fallbacks")?.0,
            tools: tools.0.into_iter().map(figures_of).collect(),
            total: sketch("total_bins", "total_counts")?,
            first: sketch("first_bins", "first_counts")?,
        })
    }
}

/// A row's figures, by the names of their columns.
#[derive(Serialize)]
pub(super) struct FigureColumns<'a> {
    #[serde(flatten)]
    counts: &'a Counts,
    errors: &'a BTreeMap<String, i64>,
    fallbacks: &'a BTreeMap<String, i64>,
    tools: ToolsColumn,
    total_bins: Vec<i16>,
    total_counts: Vec<i64>,
    first_bins: Vec<i16>,
    first_counts: Vec<i64>,
}

impl Figures {
    pub(super) fn columns(&self) -> FigureColumns<'_> {
        let Self { counts, errors, fallbacks, tools, total, first } = self;
        let (total_bins, total_counts) = total.columns();
        let (first_bins, first_counts) = first.columns();
        let tools = tools.iter().map(|(name, tool)| (name.clone(), (tool.calls, tool.failed, tool.ms))).collect();
        FigureColumns { counts, errors, fallbacks, tools, total_bins, total_counts, first_bins, first_counts }
    }
}
