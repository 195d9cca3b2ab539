//! The statements of a chat turn, as Postgres logged them.

use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sqlx::PgPool;

use crate::support::world::World;

/// How long Postgres may take to take up a changed setting, or to write its last lines.
const PAUSE: Duration = Duration::from_millis(200);

/// One statement with the parameters of its execution, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub sql: String,
    pub parameters: Vec<Option<String>>,
}

/// A transaction from its begin to its commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Begins, takes the role and names the tenant.
    pub begin: String,
    pub statements: Vec<Statement>,
    /// `COMMIT`, or `ROLLBACK` for one that only read.
    pub end: String,
}

/// Has Postgres log every statement for as long as it is open.
#[derive(Debug)]
pub struct Capture {
    superuser: PgPool,
    log: PathBuf,
}

impl Capture {
    pub async fn open(world: &World) -> Result<Self> {
        let this = Self { superuser: world.superuser.clone(), log: world.postgres_log() };
        this.set("alter system set log_statement = 'all'").await?;
        Ok(this)
    }

    pub async fn close(self) -> Result<()> {
        self.set("alter system reset log_statement").await
    }

    async fn set(&self, statement: &'static str) -> Result<()> {
        sqlx::query(statement).execute(&self.superuser).await?;
        sqlx::query("select pg_reload_conf()").execute(&self.superuser).await?;
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }

    /// The tenant's transactions that are begun while `act` runs, in order.
    ///
    /// Left out is what goes on beside a turn: the hub reading the log for those who watch, and look-ups that the server
    /// remembers for a while.
    pub async fn during<T>(&self, act: impl Future<Output = Result<T>>) -> Result<(T, Vec<Transaction>)> {
        let from = self.log.metadata()?.len();
        let outcome = act.await?;
        tokio::time::sleep(PAUSE).await;
        let mut file = std::fs::File::open(&self.log)?;
        file.seek(SeekFrom::Start(from))?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let all = transactions(&text)?;
        let of_turn: Vec<Transaction> = all.into_iter().filter(is_of_turn).collect();
        ensure!(!of_turn.is_empty(), "Postgres logged no transaction");
        Ok((outcome, of_turn))
    }
}

fn is_of_turn(transaction: &Transaction) -> bool {
    let of_tenant = transaction.begin.contains("'omniops_app'");
    let of_hub = transaction.statements.iter().any(|statement| statement.sql.contains("from events where"));
    of_tenant && !of_hub && !transaction.statements.is_empty()
}

/// One entry of the log: which process, what kind, what text.
struct Entry<'a> {
    process: &'a str,
    kind: &'a str,
    text: String,
}

/// Lines that begin with a tab go on with the entry before.
fn entries(log: &str) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in log.lines() {
        if let Some(more) = line.strip_prefix('\t') {
            if let Some(last) = entries.last_mut() {
                last.text.push('\n');
                last.text.push_str(more);
            }
        } else if let Some(entry) = entry(line) {
            entries.push(entry);
        }
    }
    entries
}

/// `2026-11-23 08:30:00.000 UTC [4711] LOG:  execute sqlx_s_1: select 1`
fn entry(line: &str) -> Option<Entry<'_>> {
    let (_, rest) = line.split_once('[')?;
    let (process, rest) = rest.split_once("] ")?;
    let (kind, text) = rest.split_once(":  ")?;
    Some(Entry { process, kind, text: text.to_owned() })
}

fn transactions(log: &str) -> Result<Vec<Transaction>> {
    let mut done: Vec<(usize, Transaction)> = Vec::new();
    let mut open: Vec<(&str, usize, Transaction)> = Vec::new();
    for (number, Entry { process, kind, text }) in entries(log).into_iter().enumerate() {
        let place = open.iter().position(|(of, _, _)| *of == process);
        let current = place.and_then(|place| open.get_mut(place)).map(|(_, _, transaction)| transaction);
        match (kind, simple(&text), execution(&text), current) {
            ("LOG", Some(sql), _, _) if sql.starts_with("begin") => {
                let begin = Transaction { begin: sql.to_owned(), statements: Vec::new(), end: String::new() };
                open.push((process, number, begin));
            }
            ("LOG", Some(sql), _, Some(_)) if is_end(sql) => {
                if let Some(place) = place {
                    let (_, number, transaction) = open.swap_remove(place);
                    done.push((number, Transaction { end: sql.to_owned(), ..transaction }));
                }
            }
            ("LOG", _, Some(sql), Some(transaction)) => {
                transaction.statements.push(Statement { sql: sql.to_owned(), parameters: Vec::new() });
            }
            ("DETAIL", _, _, Some(transaction)) => {
                if let Some(last) = transaction.statements.last_mut()
                    && let Some((_, values)) = text.split_once(": ")
                {
                    last.parameters = parameters(values).with_context(|| format!("cannot read {values}"))?;
                }
            }
            _ => {}
        }
    }
    done.sort_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, transaction)| transaction).collect())
}

fn simple(text: &str) -> Option<&str> {
    text.strip_prefix("statement: ")
}

fn execution(text: &str) -> Option<&str> {
    text.strip_prefix("execute ")?.split_once(": ").map(|(_, sql)| sql)
}

fn is_end(sql: &str) -> bool {
    ["commit", "rollback"].iter().any(|end| sql.trim().eq_ignore_ascii_case(end))
}

/// `$1 = 'it''s', $2 = NULL`
fn parameters(text: &str) -> Option<Vec<Option<String>>> {
    let mut rest = text;
    let mut parameters = Vec::new();
    while !rest.is_empty() {
        let (_, value) = rest.split_once(" = ")?;
        rest = match value.strip_prefix("NULL") {
            Some(after) => {
                parameters.push(None);
                after
            }
            None => {
                let (value, after) = quoted(value)?;
                parameters.push(Some(value));
                after
            }
        };
        rest = rest.strip_prefix(", ").unwrap_or(rest);
    }
    Some(parameters)
}

/// A text in quotes, its own quotes doubled, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
2026-11-23 08:30:00.000 UTC [11] LOG:  statement: begin; select set_config('role', 'omniops_app', true)
2026-11-23 08:30:00.001 UTC [12] LOG:  statement: begin; select set_config('role', 'omniops_app', true)
2026-11-23 08:30:00.002 UTC [11] LOG:  execute sqlx_s_1: select a,
\t  b from c where d = $1 and e = $2 and f = $3
2026-11-23 08:30:00.002 UTC [11] DETAIL:  Parameters: $1 = 'it''s, $2 = two', $2 = NULL, $3 = 'line
\tbreak'
2026-11-23 08:30:00.003 UTC [12] LOG:  execute sqlx_s_9: select seq from events where tenant_id = $1
2026-11-23 08:30:00.003 UTC [12] DETAIL:  Parameters: $1 = 'x'
2026-11-23 08:30:00.004 UTC [12] LOG:  statement: COMMIT
2026-11-23 08:30:00.005 UTC [11] LOG:  execute sqlx_s_2: select 1
2026-11-23 08:30:00.006 UTC [11] LOG:  statement: COMMIT
";

    #[test]
    fn statements_are_read_with_their_parameters_and_by_process() -> Result<()> {
        let all = transactions(LOG)?;
        assert_eq!(all.len(), 2);
        let of_turn: Vec<Transaction> = all.into_iter().filter(is_of_turn).collect();
        let [turn] = of_turn.as_slice() else { anyhow::bail!("{of_turn:?}") };
        let values = vec![Some("it's, $2 = two".to_owned()), None, Some("line\nbreak".to_owned())];
        let first = Statement {
            sql: "select a,\n  b from c where d = $1 and e = $2 and f = $3".to_owned(),
            parameters: values,
        };
        let second = Statement { sql: "select 1".to_owned(), parameters: Vec::new() };
        assert_eq!(turn.statements, [first, second]);
        assert_eq!(turn.end, "COMMIT");
        Ok(())
    }
}
