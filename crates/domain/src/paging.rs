//! What all lists have in common.

use omniops_types::MAX_LIMIT;

use crate::{Error, Result};

/// How many items a caller asks for; `invalid_fields` beyond 1 to [`MAX_LIMIT`]. A shorter page than was asked for
/// would read as the end of the list.
pub(crate) fn limit(limit: u16) -> Result<usize> {
    if (1..=MAX_LIMIT).contains(&limit) {
        Ok(limit.into())
    } else {
        Err(Error::field("limit", &format!("must be between 1 and {MAX_LIMIT}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_one_to_a_hundred() {
        for allowed in [1, 30, 100] {
            assert_eq!(limit(allowed).unwrap(), usize::from(allowed));
        }
        for refused in [0, 101, u16::MAX] {
            let error = limit(refused).unwrap_err();
            let Error::InvalidFields(fields) = error else { panic!("{error:?}") };
            assert_eq!(fields["limit"], "must be between 1 and 100");
        }
    }
}
