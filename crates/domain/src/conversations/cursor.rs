//! A place in a list that is ordered by last activity and id, newest first.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use omniops_types::{ConversationId, Cursor, Timestamp};
use uuid::Uuid;

use crate::{Error, Result};

/// The year's first second, in Unix time.
const YEAR_9999: i64 = 253_370_764_800;

/// The last row of the page before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ActivityPosition {
    pub(super) last_activity_at: Timestamp,
    pub(super) id: ConversationId,
}

impl ActivityPosition {
    /// Before every row: where the first page starts. Postgres cannot hold the largest time of `chrono`.
    pub(super) fn start() -> Self {
        Self {
            last_activity_at: DateTime::from_timestamp(YEAR_9999, 0).unwrap_or_default(),
            id: ConversationId(Uuid::max()),
        }
    }

    pub(super) fn to_cursor(self) -> Cursor {
        let mut bytes = [0_u8; 24];
        let (time, id) = bytes.split_at_mut(8);
        time.copy_from_slice(&self.last_activity_at.timestamp_micros().to_be_bytes());
        id.copy_from_slice(self.id.uuid().as_bytes());
        Cursor(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn parse(cursor: &Cursor) -> Result<Self> {
        let malformed = || Error::Malformed("the cursor is not one of ours");
        let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).map_err(|_| malformed())?;
        let (time, id) = bytes.split_first_chunk::<8>().ok_or_else(malformed)?;
        let last_activity_at = DateTime::from_timestamp_micros(i64::from_be_bytes(*time))
            .filter(|time| (0..=YEAR_9999).contains(&time.timestamp()))
            .ok_or_else(malformed)?;
        let id = Uuid::from_slice(id).map_err(|_| malformed())?;
        Ok(Self { last_activity_at, id: ConversationId(id) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_the_place_it_was_made_from() {
        let place = ActivityPosition {
            last_activity_at: DateTime::from_timestamp_micros(1_800_000_000_123_456).unwrap(),
            id: ConversationId(Uuid::now_v7()),
        };
        assert_eq!(ActivityPosition::parse(&place.to_cursor()).unwrap(), place);
    }

    #[test]
    fn a_made_up_cursor_is_refused() {
        for text in ["", "x", "not base64!", "AAAA", &URL_SAFE_NO_PAD.encode([255_u8; 24]), &"A".repeat(500)] {
            assert!(ActivityPosition::parse(&Cursor(text.to_owned())).is_err(), "{text}");
        }
    }
}
