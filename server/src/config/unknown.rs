//! Environment variables that look like settings and are none: most often a slip of the pen.

use std::fmt;

/// What the tools around the program read, and `omniops` may ignore.
const OF_TOOLS: &[&str] = &["OMNIOPS_CHROMIUM", "OMNIOPS_BIN"];
const OF_TESTS: &str = "OMNIOPS_TEST_";
/// Letters by which a name may differ from the one that was meant.
const SLIPS: usize = 3;

/// A variable `OMNIOPS_…` that means nothing. It does not stop the start: container platforms make such names out of a
/// service's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVariable {
    pub name: String,
    /// The setting that is spelt most like it, if one nearly is.
    pub meant: Option<&'static str>,
}

impl fmt::Display for UnknownVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, meant } = self;
        match meant {
            Some(meant) => write!(f, "{name} is no setting and has no effect; did you mean {meant}?"),
            None => write!(f, "{name} is no setting and has no effect; `omniops config` lists those that there are"),
        }
    }
}

/// Those of the names that begin like a setting and are none of the known ones, in alphabetical order.
pub(super) fn unknown<N: Into<String>>(
    names: impl IntoIterator<Item = N>,
    known: impl Iterator<Item = &'static str> + Clone,
) -> Vec<UnknownVariable> {
    let is_other =
        |name: &str| name.starts_with("OMNIOPS_") && !OF_TOOLS.contains(&name) && !name.starts_with(OF_TESTS);
    let mut unknown: Vec<UnknownVariable> = names
        .into_iter()
        .map(Into::into)
        .filter(|name| is_other(name) && !known.clone().any(|known| known == name))
        .map(|name| UnknownVariable { meant: nearest(&name, known.clone()), name })
        .collect();
    unknown.sort_by(|a, b| a.name.cmp(&b.name));
    unknown
}

fn nearest(name: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    known.map(|known| (distance(name, known), known)).filter(|(distance, _)| *distance <= SLIPS).min().map(|(_, it)| it)
}

/// How many letters have to be put in, left out or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, a) in (1..).zip(one.chars()) {
        let mut next = vec![line];
        for ((b, diagonal), above) in other.chars().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            next.push((diagonal + usize::from(a != b)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["OMNIOPS_ADDR", "OMNIOPS_ADMIN_ADDR", "OMNIOPS_LOG"];

    fn told(names: &[&str]) -> Vec<String> {
        unknown(names.iter().copied(), KNOWN.into_iter()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_slip_of_the_pen_is_told_with_what_was_meant() {
        assert_eq!(
            told(&["OMNIOPS_ADRR", "OMNIOPS_ADMINADDR"]),
            [
                "OMNIOPS_ADMINADDR is no setting and has no effect; did you mean OMNIOPS_ADMIN_ADDR?",
                "OMNIOPS_ADRR is no setting and has no effect; did you mean OMNIOPS_ADDR?",
            ]
        );
        assert_eq!(
            told(&["OMNIOPS_SERVICE_HOST"]),
            ["OMNIOPS_SERVICE_HOST is no setting and has no effect; `omniops config` lists those that there are"]
        );
    }

    #[test]
    fn settings_and_what_is_not_ours_are_not_told() {
        assert!(
            told(&["OMNIOPS_ADDR", "PATH", "DATABASE_URL", "OMNIOPS_CHROMIUM", "OMNIOPS_TEST_DATA_DIR"]).is_empty()
        );
    }
}
