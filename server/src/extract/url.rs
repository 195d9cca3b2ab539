//! What stands in the address.

use std::collections::BTreeSet;

use axum::extract::FromRequestParts;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::ApiError;

/// Parts of the path: `Path(id): Path<ConversationId>`. A bad id is 400.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(ApiError::malformed(wrong_part(rejection))),
        }
    }
}

/// Which part of the path cannot be read, where it has a name. What the framework says is for programmers in Rust.
fn wrong_part(rejection: PathRejection) -> String {
    if let PathRejection::FailedToDeserializePathParams(failed) = rejection
        && let ErrorKind::ParseErrorAtKey { key, .. } | ErrorKind::DeserializeError { key, .. } = failed.into_kind()
    {
        return format!("`{key}` in the address is not of its kind; see /api/docs");
    }
    "a part of the address is not of its kind; see /api/docs".to_owned()
}

/// The query string. What does not fit the shape is 400, naming the parameter.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// The query string as several shapes at once. As [`Query`], and a parameter that none of them knows is 400 as well.
///
/// For figures and the rows behind them: with a filter that is misspelt and left out, the answer would be a wrong one.
#[derive(Clone, Copy, Debug)]
pub struct ExactQuery<T>(pub T);

impl<T: Shapes, S: Send + Sync> FromRequestParts<S> for ExactQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parse_exactly(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse_exactly<T: Shapes>(query: &str) -> Result<T, ApiError> {
    let (shapes, unknown) = T::parse(query)?;
    match unknown.first() {
        None => Ok(shapes),
        Some(name) => {
            Err(ApiError::malformed(format!("the query parameter `{name}` is not known here; see /api/docs")))
        }
    }
}

/// What an [`ExactQuery`] is read as: two shapes, or three.
pub trait Shapes: Sized {
    /// With the names of the parameters that none of them knows.
    fn parse(query: &str) -> Result<(Self, BTreeSet<String>), ApiError>;
}

impl<A: DeserializeOwned, B: DeserializeOwned> Shapes for (A, B) {
    fn parse(query: &str) -> Result<(Self, BTreeSet<String>), ApiError> {
        let ((a, not_a), (b, not_b)) = (parse_part(query)?, parse_part(query)?);
        Ok(((a, b), &not_a & &not_b))
    }
}

impl<A: DeserializeOwned, B: DeserializeOwned, C: DeserializeOwned> Shapes for (A, B, C) {
    fn parse(query: &str) -> Result<(Self, BTreeSet<String>), ApiError> {
        let ((a, b), not_ab) = <(A, B)>::parse(query)?;
        let (c, not_c) = parse_part(query)?;
        Ok(((a, b, c), &not_ab & &not_c))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    Ok(parse_part(query)?.0)
}

/// With the names of the parameters that the shape does not know.
fn parse_part<T: DeserializeOwned>(query: &str) -> Result<(T, BTreeSet<String>), ApiError> {
    let mut unknown = BTreeSet::new();
    let mut note = |path: serde_ignored::Path<'_>| {
        unknown.insert(path.to_string());
    };
    let pairs = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
    let pairs = serde_ignored::Deserializer::new(pairs, &mut note);
    let shape = serde_path_to_error::deserialize(pairs).map_err(|error| {
        let parameter = error.path().to_string();
        let problem = error.into_inner().to_string();
        ApiError::malformed(wrong_parameter(&parameter, &problem))
    })?;
    Ok((shape, unknown))
}

/// A missing parameter, and one that stands there twice, serde tells of the whole; all others by their name.
fn wrong_parameter(parameter: &str, problem: &str) -> String {
    let named = |start: &str| problem.strip_prefix(start).and_then(|rest| rest.strip_suffix('`'));
    match (named("missing field `"), named("duplicate field `"), parameter) {
        (Some(name), _, _) => format!("the query parameter `{name}` is required"),
        (_, Some(name), _) => format!("the query parameter `{name}` is given more than once"),
        (_, _, ".") => "the query string cannot be read; see /api/docs".to_owned(),
        (_, _, name) => format!("the query parameter `{name}` is not of its kind: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use omniops_types::ConversationStatus;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct ListQuery {
        domain: String,
        status: Option<ConversationStatus>,
        limit: Option<u16>,
    }

    fn told(query: &str) -> String {
        parse::<ListQuery>(query).unwrap_err().detail().message
    }

    #[test]
    fn parameters_are_read_as_they_are_written_in_addresses() {
        let read: ListQuery = parse("domain=shop%20one&status=open&limit=7&unknown=1").unwrap();
        assert_eq!(
            (read.domain.as_str(), read.status, read.limit),
            ("shop one", Some(ConversationStatus::Open), Some(7))
        );
    }

    #[derive(Debug, Deserialize)]
    struct Format {
        format: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    struct Page {
        page: Option<u16>,
    }

    #[test]
    fn what_no_shape_knows_is_refused_where_that_would_be_a_wrong_answer() {
        let (list, Format { format }) = parse_exactly::<(ListQuery, Format)>("domain=a&format=csv").unwrap();
        assert_eq!((list.domain.as_str(), format.as_deref()), ("a", Some("csv")));
        let (.., Page { page }) = parse_exactly::<(ListQuery, Format, Page)>("domain=a&page=3").unwrap();
        assert_eq!(page, Some(3));
        let told = |query| parse_exactly::<(ListQuery, Format, Page)>(query).unwrap_err().detail();
        let refused = told("domain=a&staus=open&page=3");
        assert_eq!(refused.code, omniops_types::ErrorCode::Malformed);
        assert_eq!(refused.message, "the query parameter `staus` is not known here; see /api/docs");
        assert!(told("domain=a&page=x").message.starts_with("the query parameter `page` is not of its kind: "));
    }

    #[test]
    fn the_parameter_that_is_wrong_is_named() {
        assert_eq!(told("status=open"), "the query parameter `domain` is required");
        assert_eq!(told("domain=a&domain=b"), "the query parameter `domain` is given more than once");
        for (query, name) in
            [("domain=a&limit=many", "limit"), ("domain=a&limit=70000", "limit"), ("domain=a&status=shut", "status")]
        {
            let told = told(query);
            assert!(told.starts_with(&format!("the query parameter `{name}` is not of its kind: ")), "{told}");
        }
    }
}
