//! What stands in the address.

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

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    let pairs = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let parameter = error.path().to_string();
        let problem = error.into_inner().to_string();
        ApiError::malformed(wrong_parameter(&parameter, &problem))
    })
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
