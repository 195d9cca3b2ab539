//! The figures and the turns as CSV (RFC 4180), one line each.
//!
//! Money is in micro-dollars, as everywhere; times are UTC. A cell that a spreadsheet would run as a formula gets an
//! apostrophe in front.

use omniops_types::{TelemetryReport, TelemetryTurn};

const REPORT_HEADER: &str = "start,local,turns,failed,cost_micro_usd,prompt_tokens,completion_tokens,searches,zero_results,\
     conversations,confirmed,assumed,waiting\r\n";

/// The series of a report with a heading: its columns add up to the report's figures.
pub fn report_csv(report: &TelemetryReport) -> String {
    let mut csv = REPORT_HEADER.to_owned();
    for point in &report.series {
        line(
            &mut csv,
            &[
                point.start.to_rfc3339(),
                point.local.clone(),
                point.turns.to_string(),
                point.failed.to_string(),
                point.cost.0.to_string(),
                point.prompt_tokens.to_string(),
                point.completion_tokens.to_string(),
                point.searches.to_string(),
                point.zero_results.to_string(),
                point.conversations.to_string(),
                point.confirmed.to_string(),
                point.assumed.to_string(),
                point.waiting.to_string(),
            ],
        );
    }
    csv
}

/// The heading of [`turns_csv`].
pub fn turns_csv_header() -> &'static str {
    "created_at,id,conversation_id,conversation_number,host,channel,provider,model,outcome,fallback,error,confidence,\
     steps,searches,zero_results,tool_calls,failed_tool_calls,prompt_tokens,cached_input_tokens,completion_tokens,\
     reasoning_tokens,cost_micro_usd,price_known,queue_ms,embed_ms,search_ms,model_ms,claim_check_ms,first_token_ms,\
     last_token_ms,first_delta_ms,total_ms,rating,resolution\r\n"
}

/// A line for each turn.
pub fn turns_csv(turns: &[TelemetryTurn]) -> String {
    let mut csv = String::new();
    for turn in turns {
        let names: Vec<&str> = turn.tool_calls.iter().map(|call| call.name.as_str()).collect();
        line(
            &mut csv,
            &[
                turn.created_at.to_rfc3339(),
                turn.id.to_string(),
                turn.conversation_id.to_string(),
                optional(turn.conversation_number),
                turn.host.clone().unwrap_or_default(),
                turn.channel.as_str().to_owned(),
                turn.provider.clone(),
                turn.model.clone(),
                turn.outcome.as_str().to_owned(),
                turn.fallback.as_str().to_owned(),
                turn.error.clone().unwrap_or_default(),
                optional(turn.confidence),
                turn.steps.to_string(),
                turn.searches.to_string(),
                turn.zero_results.to_string(),
                names.join(" "),
                turn.tool_calls.iter().filter(|call| !call.ok).count().to_string(),
                turn.prompt_tokens.to_string(),
                turn.cached_input_tokens.to_string(),
                turn.completion_tokens.to_string(),
                turn.reasoning_tokens.to_string(),
                turn.cost.0.to_string(),
                turn.price_known.to_string(),
                turn.queue_ms.to_string(),
                turn.embed_ms.to_string(),
                turn.search_ms.to_string(),
                turn.model_ms.to_string(),
                turn.claim_check_ms.to_string(),
                optional(turn.first_token_ms),
                optional(turn.last_token_ms),
                optional(turn.first_delta_ms),
                turn.total_ms.to_string(),
                turn.rating.map(|rating| rating.as_str().to_owned()).unwrap_or_default(),
                turn.resolution.map(|resolution| resolution.as_str().to_owned()).unwrap_or_default(),
            ],
        );
    }
    csv
}

fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn line(csv: &mut String, cells: &[String]) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            csv.push(',');
        }
        push_cell(csv, cell);
    }
    csv.push_str("\r\n");
}

fn push_cell(csv: &mut String, cell: &str) {
    let is_number = cell.parse::<f64>().is_ok();
    let guard = if !is_number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if cell.contains(['"', ',', '\n', '\r']) {
        csv.push('"');
        csv.push_str(guard);
        csv.push_str(&cell.replace('"', "\"\""));
        csv.push('"');
    } else {
        csv.push_str(guard);
        csv.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_have_to_be_and_never_run() {
        let mut csv = String::new();
        line(&mut csv, &["plain", "a,b", "say \"so\"", "=1+1", "-5", "@me, too"].map(str::to_owned));
        assert_eq!(csv, "plain,\"a,b\",\"say \"\"so\"\"\",'=1+1,-5,\"'@me, too\"\r\n");
    }
}
