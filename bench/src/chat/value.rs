//! Parameters from Postgres's log, turned back into what a program binds.

use anyhow::{Context, Result, bail};
use chrono::DateTime;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{Encode, Postgres, Type};
use uuid::Uuid;

const BOOL: u32 = 16;
const BYTEA: u32 = 17;
const INT8: u32 = 20;
const INT2: u32 = 21;
const INT4: u32 = 23;
const TEXT: u32 = 25;
const JSON: u32 = 114;
const FLOAT4: u32 = 700;
const FLOAT8: u32 = 701;
const VARCHAR: u32 = 1043;
const TIMESTAMPTZ: u32 = 1184;
const UUID: u32 = 2950;
const JSONB: u32 = 3802;
/// Array types and what they hold.
const ARRAYS: [(u32, u32); 5] = [(1005, INT2), (1007, INT4), (1009, TEXT), (1021, FLOAT4), (2951, UUID)];
/// Microseconds from 1970 to 2000, where Postgres's time begins.
const EPOCH: i64 = 946_684_800_000_000;

/// A value in the form in which it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    kind: u32,
    /// Absent for null.
    bytes: Option<Vec<u8>>,
}

impl Value {
    /// `kind` is the object id of the parameter's type, `text` what the log showed.
    pub fn parse(kind: u32, text: Option<&str>) -> Result<Self> {
        let encode = |text: &str| encode(kind, text).with_context(|| format!("{text} as a value of type {kind}"));
        Ok(Self { kind, bytes: text.map(encode).transpose()? })
    }
}

fn encode(kind: u32, text: &str) -> Result<Vec<u8>> {
    if let Some((_, element)) = ARRAYS.iter().find(|(array, _)| *array == kind) {
        return encode_array(*element, &elements(text)?);
    }
    Ok(match kind {
        BOOL => vec![u8::from(text == "t")],
        INT2 => text.parse::<i16>()?.to_be_bytes().to_vec(),
        INT4 => text.parse::<i32>()?.to_be_bytes().to_vec(),
        INT8 => text.parse::<i64>()?.to_be_bytes().to_vec(),
        FLOAT4 => text.parse::<f32>()?.to_be_bytes().to_vec(),
        FLOAT8 => text.parse::<f64>()?.to_be_bytes().to_vec(),
        TEXT | VARCHAR | JSON => text.as_bytes().to_vec(),
        JSONB => [&[1], text.as_bytes()].concat(),
        UUID => text.parse::<Uuid>()?.as_bytes().to_vec(),
        BYTEA => hex(text.strip_prefix("\\x").context("no hexadecimal bytes")?)?,
        TIMESTAMPTZ => {
            let time = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z")?;
            (time.timestamp_micros() - EPOCH).to_be_bytes().to_vec()
        }
        other => bail!("parameters of type {other} are not known"),
    })
}

fn hex(digits: &str) -> Result<Vec<u8>> {
    let digits: Vec<u8> = digits
        .chars()
        .map(|digit| digit.to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()
        .context("no hexadecimal digit")?;
    Ok(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

/// One dimension, a flag for nulls, the elements' type, their count and the first one's number; then each with its length.
fn encode_array(element: u32, elements: &[Option<String>]) -> Result<Vec<u8>> {
    let nulls = elements.iter().any(Option::is_none);
    let dimensions = i32::from(!elements.is_empty());
    let mut bytes = Vec::new();
    bytes.extend(dimensions.to_be_bytes());
    bytes.extend(i32::from(nulls).to_be_bytes());
    bytes.extend(element.to_be_bytes());
    if !elements.is_empty() {
        bytes.extend(i32::try_from(elements.len())?.to_be_bytes());
        bytes.extend(1_i32.to_be_bytes());
    }
    for value in elements {
        match value {
            Some(text) => {
                let value = encode(element, text)?;
                bytes.extend(i32::try_from(value.len())?.to_be_bytes());
                bytes.extend(value);
            }
            None => bytes.extend((-1_i32).to_be_bytes()),
        }
    }
    Ok(bytes)
}

/// `{a,"b \"c\"",NULL}`
fn elements(text: &str) -> Result<Vec<Option<String>>> {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).context("no array")?;
    let mut elements = Vec::new();
    if inner.is_empty() {
        return Ok(elements);
    }
    let (mut value, mut was_quoted, mut in_quotes) = (String::new(), false, false);
    let mut characters = inner.chars();
    let finish = |value: &mut String, was_quoted: &mut bool| {
        let value = std::mem::take(value);
        let quoted = std::mem::take(was_quoted);
        (quoted || value != "NULL").then_some(value)
    };
    while let Some(character) = characters.next() {
        match character {
            '\\' => value.extend(characters.next()),
            '"' => {
                in_quotes = !in_quotes;
                was_quoted = true;
            }
            ',' if !in_quotes => elements.push(finish(&mut value, &mut was_quoted)),
            other => value.push(other),
        }
    }
    elements.push(finish(&mut value, &mut was_quoted));
    Ok(elements)
}

impl Type<Postgres> for Value {
    /// Of values in general; each knows its own.
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(TEXT))
    }
}

impl Encode<'_, Postgres> for Value {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> std::result::Result<IsNull, BoxDynError> {
        match &self.bytes {
            Some(bytes) => {
                buffer.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_read_as_postgres_writes_them() -> Result<()> {
        let read = elements(r#"{a,"b \"c\", d",NULL,"NULL",""}"#)?;
        let wanted = [Some("a"), Some("b \"c\", d"), None, Some("NULL"), Some("")];
        assert_eq!(read, wanted.map(|value| value.map(str::to_owned)));
        assert!(elements("{}")?.is_empty());
        Ok(())
    }

    #[test]
    fn values_have_their_binary_form() -> Result<()> {
        assert_eq!(encode(INT8, "258")?, [0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(encode(BYTEA, "\\x00ff")?, [0, 255]);
        assert_eq!(encode(JSONB, "{}")?, [1, b'{', b'}']);
        assert_eq!(encode(TIMESTAMPTZ, "2000-01-01 00:00:01+00")?, 1_000_000_i64.to_be_bytes());
        assert_eq!(encode(1021, "{1.5}")?.len(), 20 + 8);
        assert!(encode(600, "(1,2)").is_err());
        Ok(())
    }
}
