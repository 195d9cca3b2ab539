//! Counting tests: every runner prints its own summary.

/// Tests that passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

/// Whose summary is read.
#[derive(Debug, Clone, Copy)]
pub enum Runner {
    /// `test result: ok. 5 passed; 0 failed; …`, once a test binary; also wasm-bindgen's runner.
    Cargo,
    /// `# pass 5` and `# fail 0` of node's TAP reporter.
    Node,
    /// `  5 passed (3.1s)`, `  1 failed`, `  2 did not run`, …
    Playwright,
    /// A program that either succeeds or not: one check.
    Plain,
}

impl Tally {
    pub fn one(succeeded: bool) -> Self {
        if succeeded { Self { passed: 1, failed: 0 } } else { Self { passed: 0, failed: 1 } }
    }

    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// What a line of output adds.
    pub fn line(runner: Runner, line: &str) -> Self {
        match runner {
            Runner::Cargo => cargo_line(line),
            Runner::Node => node_line(line),
            Runner::Playwright => playwright_line(line),
            Runner::Plain => Self::default(),
        }
    }

    /// The suite's tally: a runner that ends badly without counting a failure (it did not compile, it crashed)
    /// has failed once, and a check that counts nothing is one.
    pub fn settled(mut self, runner: Runner, succeeded: bool) -> Self {
        match runner {
            Runner::Plain => Self::one(succeeded),
            Runner::Cargo | Runner::Node | Runner::Playwright => {
                if !succeeded && self.failed == 0 {
                    self.failed = 1;
                }
                self
            }
        }
    }
}

fn cargo_line(line: &str) -> Tally {
    let Some((_, counts)) = line.split_once("test result: ") else { return Tally::default() };
    let counts = counts.split_once(". ").map_or(counts, |(_, counts)| counts);
    let count = |what: &str| counts.split(';').find_map(|part| part.trim().strip_suffix(what)).map_or(0, number);
    Tally { passed: count(" passed"), failed: count(" failed") }
}

fn node_line(line: &str) -> Tally {
    let count = |what: &str| line.strip_prefix(what).map_or(0, number);
    Tally { passed: count("# pass "), failed: count("# fail ") + count("# cancelled ") }
}

fn playwright_line(line: &str) -> Tally {
    let Some(rest) = line.strip_prefix("  ") else { return Tally::default() };
    let mut words = rest.split_whitespace();
    let Some(Ok(count)) = words.next().map(str::parse) else { return Tally::default() };
    match (words.next(), words.next()) {
        (Some("passed"), _) => Tally { passed: count, failed: 0 },
        (Some("failed" | "interrupted" | "flaky"), None) | (Some("did"), Some("not")) => {
            Tally { passed: 0, failed: count }
        }
        _ => Tally::default(),
    }
}

fn number(text: &str) -> u64 {
    text.trim().parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(runner: Runner, output: &str) -> Tally {
        output.lines().fold(Tally::default(), |mut sum, line| {
            sum.add(Tally::line(runner, line));
            sum
        })
    }

    #[test]
    fn cargo_prints_one_summary_a_binary() {
        let output = "running 2 tests\ntest a ... ok\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 5 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";
        assert_eq!(total(Runner::Cargo, output), Tally { passed: 7, failed: 3 });
    }

    #[test]
    fn node_prints_tap() {
        assert_eq!(
            total(Runner::Node, "ok 1 - a\n# tests 4\n# pass 3\n# fail 1\n# cancelled 0\n# skipped 0\n"),
            Tally { passed: 3, failed: 1 }
        );
    }

    #[test]
    fn playwright_counts_what_did_not_run_as_failed() {
        let output = "Running 6 tests using 1 worker\n  ok 1 story.spec.ts:3:1 › 2 passed around (1.0s)\n\n  1 failed\n\
            \x20   story.spec.ts:9:1 › b\n  2 did not run\n  3 passed (4.2s)\n";
        assert_eq!(total(Runner::Playwright, output), Tally { passed: 3, failed: 3 });
    }

    #[test]
    fn a_suite_that_does_not_compile_has_failed_once() {
        assert_eq!(Tally::default().settled(Runner::Cargo, false), Tally { passed: 0, failed: 1 });
        assert_eq!(Tally { passed: 2, failed: 1 }.settled(Runner::Cargo, false), Tally { passed: 2, failed: 1 });
        assert_eq!(Tally::default().settled(Runner::Plain, true), Tally { passed: 1, failed: 0 });
    }
}
