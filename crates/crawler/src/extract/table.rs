//! Tables as sentences: one row a line, each value with its label, so that a row is understood without the rest.

use ego_tree::NodeRef;
use scraper::Node;

use super::tree::{Descend, Step, text_of, walk};

/// A cell with more text than this is layout, not data.
const MAX_CELL_CHARS: usize = 1_000;
const MAX_ROWS: usize = 5_000;
const MAX_COLUMNS: usize = 60;

struct Cell {
    text: String,
    is_header: bool,
}

/// The rows of a data table; none when the table lays out a page and is to be read as such.
pub(super) fn rows(table: NodeRef<'_, Node>) -> Option<Vec<String>> {
    if table.value().as_element()?.attr("role").is_some_and(|role| role == "presentation" || role == "none") {
        return None;
    }
    let grid = grid(table)?;
    if grid.iter().map(Vec::len).max().unwrap_or(0) < 2 {
        return None;
    }
    let labels = grid.first().filter(|row| grid.len() > 1 && row.iter().all(|cell| cell.is_header));
    let body = grid.iter().skip(usize::from(labels.is_some()));
    Some(body.map(|row| sentence(row, labels.map(Vec::as_slice))).filter(|row| !row.is_empty()).collect())
}

/// Rows of cells; none at the first sign of layout, so that nested tables are not read over and over.
fn grid(table: NodeRef<'_, Node>) -> Option<Vec<Vec<Cell>>> {
    let mut grid: Vec<Vec<Cell>> = Vec::new();
    let mut is_layout = false;
    walk(table, |step| {
        let Step::Enter(node) = step else {
            return Descend::Yes;
        };
        let Some(element) = node.value().as_element() else {
            return Descend::No;
        };
        match element.name() {
            "tr" if grid.len() < MAX_ROWS => grid.push(Vec::new()),
            "td" | "th" if !is_layout => {
                is_layout = holds_structure(node);
                if !is_layout
                    && let Some(row) = grid.last_mut()
                    && row.len() < MAX_COLUMNS
                {
                    let text = text_of(node);
                    is_layout = text.len() > MAX_CELL_CHARS;
                    row.push(Cell { text, is_header: element.name() == "th" });
                    // A cell over several columns labels each of them.
                    let span = element.attr("colspan").and_then(|span| span.parse().ok()).unwrap_or(1_usize);
                    for _ in 1..span.min(MAX_COLUMNS) {
                        row.push(Cell { text: String::new(), is_header: element.name() == "th" });
                    }
                }
                return Descend::No;
            }
            "table" if node.id() != table.id() => is_layout = true,
            _ => {}
        }
        if is_layout { Descend::No } else { Descend::Yes }
    });
    (!is_layout).then_some(grid)
}

/// Headings, tables, code blocks and longer prose are not found in data cells.
fn holds_structure(cell: NodeRef<'_, Node>) -> bool {
    let mut paragraphs = 0;
    cell.descendants().skip(1).filter_map(|node| node.value().as_element()).any(|element| match element.name() {
        "table" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "pre" | "dl" => true,
        "p" => {
            paragraphs += 1;
            paragraphs > 3
        }
        _ => false,
    })
}

fn sentence(row: &[Cell], labels: Option<&[Cell]>) -> String {
    let filled = |cell: &&Cell| !cell.text.is_empty();
    if let Some(labels) = labels {
        let pairs = row.iter().enumerate().filter(|(_, cell)| !cell.text.is_empty()).map(|(column, cell)| match labels
            .get(column)
            .filter(filled)
        {
            Some(label) => labelled(&label.text, &cell.text),
            None => cell.text.clone(),
        });
        return pairs.collect::<Vec<_>>().join("; ");
    }
    let cells: Vec<&Cell> = row.iter().filter(filled).collect();
    match cells.as_slice() {
        [label, values @ ..] if !values.is_empty() && (label.is_header || values.len() == 1) => {
            labelled(&label.text, &values.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(", "))
        }
        cells => cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("; "),
    }
}

fn labelled(label: &str, value: &str) -> String {
    format!("{}: {value}", label.trim_end_matches(':'))
}
