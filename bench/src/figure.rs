//! What a benchmark found out, beside what it should have been.

use serde::Serialize;
use serde_json::{Value, json};

/// What a figure has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    fn is_met_by(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
        }
    }
}

/// One measured number.
#[derive(Clone, Debug)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: &'static str,
    pub target: Option<Target>,
    /// What the value was compared with, in the same run: "4,120 /s of 5,300 /s".
    pub baseline: Option<String>,
}

impl Figure {
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, target: None, baseline: None }
    }

    /// A share of a baseline, without a unit.
    pub fn ratio(name: impl Into<String>, value: f64) -> Self {
        Self::new(name, value, "×")
    }

    pub fn at_least(mut self, bound: f64) -> Self {
        self.target = Some(Target::AtLeast(bound));
        self
    }

    pub fn at_most(mut self, bound: f64) -> Self {
        self.target = Some(Target::AtMost(bound));
        self
    }

    pub fn against(mut self, baseline: impl Into<String>) -> Self {
        self.baseline = Some(baseline.into());
        self
    }

    /// Absent where nothing was asked of it. Judged by the value itself, not by the digits that are shown.
    pub fn is_met(&self) -> Option<bool> {
        self.target.map(|target| target.is_met_by(self.value))
    }

    fn target_text(&self) -> String {
        match self.target {
            Some(Target::AtLeast(bound)) => format!("≥ {}", number(bound)),
            Some(Target::AtMost(bound)) => format!("≤ {}", number(bound)),
            None => String::new(),
        }
    }

    fn verdict(&self) -> &'static str {
        match self.is_met() {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        }
    }

    fn to_json(&self) -> Value {
        let (at_least, at_most) = match self.target {
            Some(Target::AtLeast(bound)) => (Some(bound), None),
            Some(Target::AtMost(bound)) => (None, Some(bound)),
            None => (None, None),
        };
        json!({
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "at_least": at_least,
            "at_most": at_most,
            "met": self.is_met(),
            "baseline": self.baseline,
        })
    }
}

/// What became of one benchmark.
#[derive(Debug)]
pub struct Outcome {
    pub name: &'static str,
    pub seconds: f64,
    /// The figures, or why there are none.
    pub result: Result<Vec<Figure>, String>,
}

/// The machine that the figures are of.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub memory_gb: f64,
    pub system: String,
}

/// All outcomes of a run.
#[derive(Debug)]
pub struct Report {
    pub machine: Machine,
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// Whether every benchmark ran to its end, whatever it found.
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.result.is_ok())
    }

    pub fn to_json(&self) -> Value {
        let benchmarks: Vec<Value> = self
            .outcomes
            .iter()
            .map(|outcome| {
                let figures = outcome.result.as_ref().map(|figures| figures.iter().map(Figure::to_json).collect());
                json!({
                    "name": outcome.name,
                    "seconds": outcome.seconds,
                    "figures": figures.unwrap_or_else(|_| Vec::new()),
                    "error": outcome.result.as_ref().err(),
                })
            })
            .collect();
        json!({ "machine": self.machine, "benchmarks": benchmarks })
    }

    /// One line a figure: name, value, target, verdict, and what it was compared with.
    pub fn to_table(&self) -> String {
        let Machine { processor, cores, memory_gb, system } = &self.machine;
        let mut table = format!("{processor}, {cores} cores, {memory_gb:.0} GB, {system}\n");
        let figures = || self.outcomes.iter().filter_map(|outcome| outcome.result.as_ref().ok()).flatten();
        let width = figures().map(|figure| figure.name.chars().count()).max().unwrap_or(0);
        for outcome in &self.outcomes {
            table.push_str(&format!("\n{} ({:.0} s)\n", outcome.name, outcome.seconds));
            match &outcome.result {
                Err(error) => table.push_str(&format!("  did not run: {error}\n")),
                Ok(figures) => {
                    for figure in figures {
                        let value = format!("{} {}", number(figure.value), figure.unit);
                        let line = format!(
                            "  {:<width$}  {:>14}  {:>9}  {:<6}  {}",
                            figure.name,
                            value,
                            figure.target_text(),
                            figure.verdict(),
                            figure.baseline.as_deref().unwrap_or_default(),
                        );
                        table.push_str(line.trim_end());
                        table.push('\n');
                    }
                }
            }
        }
        let judged = figures().filter_map(Figure::is_met).count();
        let met = figures().filter(|figure| figure.is_met() == Some(true)).count();
        table.push_str(&format!("\n{met} of {judged} targets met\n"));
        table
    }
}

/// Three significant digits, or all of a larger number's.
pub fn number(value: f64) -> String {
    let digits = match value.abs() {
        0.0 => 0,
        size if size >= 1_000.0 => return thousands(value.round()),
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 0.1 => 2,
        _ => 4,
    };
    format!("{value:.digits$}")
}

fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_judged_by_its_value() {
        assert_eq!(Figure::ratio("a", 0.6).at_least(0.6).is_met(), Some(true));
        assert_eq!(Figure::ratio("a", 0.599).at_least(0.6).is_met(), Some(false));
        assert_eq!(Figure::ratio("a", 1.51).at_most(1.5).is_met(), Some(false));
        assert_eq!(Figure::ratio("a", 1.0).is_met(), None);
    }

    #[test]
    fn numbers_keep_what_matters() {
        for (value, shown) in
            [(0.0, "0"), (0.6123, "0.61"), (12.345, "12.3"), (250.4, "250"), (1_234_567.0, "1,234,567")]
        {
            assert_eq!(number(value), shown);
        }
    }

    #[test]
    fn a_benchmark_that_failed_is_told_and_makes_the_run_incomplete() {
        let machine = Machine { processor: "x".to_owned(), cores: 2, memory_gb: 4.0, system: "y".to_owned() };
        let failed = Outcome { name: "idle", seconds: 1.0, result: Err("no ports".to_owned()) };
        let fine = Outcome { name: "a", seconds: 1.0, result: Ok(vec![Figure::ratio("b", 1.0).at_least(0.5)]) };
        let report = Report { machine, outcomes: vec![fine, failed] };
        assert!(!report.is_complete());
        assert!(report.to_table().contains("did not run: no ports"));
        assert!(report.to_table().contains("1 of 1 targets met"));
    }
}
