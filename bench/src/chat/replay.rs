//! The raw loop: a captured turn's statements again, on a connection of its own, with nothing of the product around them.
//!
//! Each time the ids that the turn had made are replaced by new ones, and the number that the database gives the
//! customer's message is carried on as the turn carried it.

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Either, Executor, Row, SqlSafeStr, Statement as _};
use uuid::Uuid;

use super::capture::{Statement, Transaction};
use super::value::Value;

/// A turn ready to be done again.
#[derive(Clone, Debug)]
pub struct Turn {
    transactions: Vec<Prepared>,
    /// Ids that the turn made.
    made: Vec<String>,
    /// The number of the customer's message.
    seq: String,
}

#[derive(Clone, Debug)]
struct Prepared {
    begin: String,
    statements: Vec<(Statement, Vec<u32>)>,
    end: String,
}

/// The connection and what it does again and again.
#[derive(Debug)]
pub struct Replay {
    connection: PgConnection,
}

impl Replay {
    pub async fn connect(options: &PgConnectOptions) -> Result<Self> {
        Ok(Self { connection: options.connect().await? })
    }

    /// Asks Postgres for the types of all parameters. `since` is when the turn began and `seq` what number the
    /// customer's message got.
    pub async fn prepare(&mut self, captured: Vec<Transaction>, since: Uuid, seq: i64) -> Result<Turn> {
        let mut turn = Turn { transactions: Vec::new(), made: Vec::new(), seq: seq.to_string() };
        for Transaction { begin, statements, end } in captured {
            let mut prepared = Vec::with_capacity(statements.len());
            for statement in statements {
                for value in statement.parameters.iter().flatten() {
                    turn.made.extend(ids(value).filter(|id| is_since(id, since)));
                }
                let kinds = self.kinds(&statement).await?;
                prepared.push((statement, kinds));
            }
            turn.transactions.push(Prepared { begin, statements: prepared, end });
        }
        turn.made.sort();
        turn.made.dedup();
        Ok(turn)
    }

    async fn kinds(&mut self, statement: &Statement) -> Result<Vec<u32>> {
        let described = self.connection.prepare(AssertSqlSafe(statement.sql.clone()).into_sql_str()).await?;
        let Some(Either::Left(types)) = described.parameters() else { return Ok(Vec::new()) };
        types.iter().map(|kind| kind.oid().map(|oid| oid.0).context("a parameter has no type")).collect()
    }

    /// Does the turn's transactions once. `between` runs after the first, where the product embeds the question.
    pub async fn run(&mut self, turn: &Turn, between: impl Future<Output = Result<()>>) -> Result<()> {
        let fresh: Vec<(&str, String)> = turn.made.iter().map(|id| (id.as_str(), Uuid::now_v7().to_string())).collect();
        let mut between = Some(between);
        let mut seq = None;
        for transaction in &turn.transactions {
            self.connection.execute(AssertSqlSafe(transaction.begin.clone())).await?;
            for (statement, kinds) in &transaction.statements {
                let mut query = sqlx::query(AssertSqlSafe(statement.sql.clone()));
                for (text, kind) in statement.parameters.iter().zip(kinds) {
                    let text = text.as_ref().map(|text| renewed(text, &fresh, &turn.seq, seq));
                    query = query.bind(Value::parse(*kind, text.as_deref())?);
                }
                let rows = query.fetch_all(&mut self.connection).await?;
                // The first message of a turn is the customer's.
                if seq.is_none()
                    && let Some(row) = rows.first()
                    && row.columns().first().is_some_and(|column| column.name() == "seq")
                    && statement.sql.contains("insert into messages")
                {
                    seq = Some(row.try_get::<i64, _>(0)?);
                }
            }
            self.connection.execute(AssertSqlSafe(transaction.end.clone())).await?;
            if let Some(between) = between.take() {
                between.await?;
            }
        }
        Ok(())
    }
}

impl Turn {
    pub fn statement_count(&self) -> usize {
        // With begin and end.
        self.transactions.iter().map(|transaction| transaction.statements.len() + 2).sum()
    }
}

fn renewed(text: &str, fresh: &[(&str, String)], captured_seq: &str, seq: Option<i64>) -> String {
    if let Some(seq) = seq
        && text == captured_seq
    {
        return seq.to_string();
    }
    let mut text = text.to_owned();
    for (old, new) in fresh {
        if text.contains(old) {
            text = text.replace(old, new);
        }
    }
    text
}

/// What looks like an id, anywhere in the text.
fn ids(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_ascii_hexdigit() && character != '-')
        .filter(|part| part.len() == 36 && part.parse::<Uuid>().is_ok())
        .map(str::to_owned)
}

/// Ids begin with the time at which they were made.
fn is_since(id: &str, since: Uuid) -> bool {
    id.parse::<Uuid>().is_ok_and(|id| id.get_version_num() == 7 && id >= since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_turn_made_is_renewed() {
        let (old, since, made) = (Uuid::now_v7().to_string(), Uuid::now_v7(), Uuid::now_v7().to_string());
        let text = format!("{{\"{{\\\"id\\\":\\\"{made}\\\",\\\"conversation\\\":\\\"{old}\\\"}}\"}}");
        let found: Vec<String> = ids(&text).filter(|id| is_since(id, since)).collect();
        assert_eq!(found, std::slice::from_ref(&made));
        let renewed = renewed(&text, &[(&made, "new".to_owned())], "7", Some(8));
        assert!(renewed.contains("new") && renewed.contains(&old) && !renewed.contains(&made));
        assert_eq!(super::renewed("7", &[], "7", Some(8)), "8");
    }
}
