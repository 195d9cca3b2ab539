//! JSON bodies.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header;
use omniops_types::{ErrorCode, FieldErrors};
use serde::de::DeserializeOwned;
use serde::{Deserializer, Serialize};

use crate::ApiError;

/// A JSON body, in or out.
///
/// In: 415 for another content type, 413 when too large, 400 when it is not JSON, and 422 naming the field when
/// it is JSON of another shape.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        parse(&read(request, state).await?).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A JSON body in, as [`Json`]; and 422 naming every field that nobody knows, however deep it stands.
///
/// For settings that are replaced whole: there a misspelt field would be gone without a word. Their types stay tolerant,
/// because what an older or a newer release stored is read by them too.
#[derive(Clone, Copy, Debug)]
pub struct ExactJson<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ExactJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        parse_exactly(&read(request, state).await?).map(Self)
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    if !is_json(&request) {
        return Err(ApiError::new(
            ErrorCode::UnsupportedMediaType,
            "send the body as JSON, with content-type: application/json",
        ));
    }
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
            ApiError::new(ErrorCode::TooLarge, "the body is larger than this address takes")
        } else {
            ApiError::malformed("the body could not be read to its end")
        }
    })
}

fn is_json(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = shaped(&mut deserializer)?;
    deserializer.end().map_err(|_| goes_on())?;
    Ok(value)
}

fn parse_exactly<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut unknown = FieldErrors::new();
    let mut note = |path: serde_ignored::Path<'_>| {
        unknown.insert(dotted(&path), "is not known here".to_owned());
    };
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = shaped(serde_ignored::Deserializer::new(&mut deserializer, &mut note))?;
    deserializer.end().map_err(|_| goes_on())?;
    if unknown.is_empty() { Ok(value) } else { Err(ApiError::fields(unknown)) }
}

fn goes_on() -> ApiError {
    ApiError::malformed("the body goes on after its JSON value")
}

fn shaped<'de, T: DeserializeOwned>(
    deserializer: impl Deserializer<'de, Error = serde_json::Error>,
) -> Result<T, ApiError> {
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let problem = error.into_inner();
        if problem.is_data() {
            wrong_shape(&path, &problem.to_string())
        } else {
            ApiError::malformed("the body is not valid JSON")
        }
    })
}

/// The place of a field, as those are written that do not fit: `settings.tools.http[0].name`.
fn dotted(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", dotted(parent)),
        Path::Map { parent, key } => match dotted(parent) {
            within if within.is_empty() => key.clone(),
            within => format!("{within}.{key}"),
        },
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => dotted(parent),
    }
}

/// Names the field that does not fit. A missing one is told by serde for the object around it, in its message.
fn wrong_shape(path: &str, problem: &str) -> ApiError {
    let problem = problem.split(" at line ").next().unwrap_or(problem);
    let missing = problem.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    match (missing, path) {
        (Some(name), ".") => ApiError::field(name, "is required"),
        (Some(name), within) => ApiError::field(format!("{within}.{name}"), "is required"),
        (None, ".") => ApiError::field("body", problem),
        (None, within) => ApiError::field(within, problem),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Shop {
        name: Option<Name>,
        #[serde(default)]
        shelves: Vec<Name>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Name {
        text: String,
    }

    fn wrong_fields(json: &str) -> Vec<String> {
        let error = parse_exactly::<Shop>(json.as_bytes()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidFields, "{json}");
        error.detail().fields.into_keys().collect()
    }

    #[test]
    fn every_field_that_nobody_knows_is_named_however_deep() {
        let json = r#"{"nmae": 1, "name": {"text": "a", "txt": "b"}, "shelves": [{"text": "c"}, {"text": "d", "x": {"y": 1}}]}"#;
        assert_eq!(wrong_fields(json), ["name.txt", "nmae", "shelves[1].x"]);
        assert!(parse::<Shop>(json.as_bytes()).is_ok(), "others take it");
    }

    #[test]
    fn what_is_known_is_read_and_what_does_not_fit_is_told_as_ever() {
        let read = parse_exactly::<Shop>(br#"{"name": {"text": "a"}}"#).unwrap();
        assert_eq!(read, Shop { name: Some(Name { text: "a".to_owned() }), shelves: Vec::new() });
        assert_eq!(wrong_fields(r#"{"name": {"text": 7}}"#), ["name.text"]);
        assert_eq!(wrong_fields(r#"{"shelves": [{}]}"#), ["shelves[0].text"]);
        for broken in ["{", "{} {}"] {
            assert_eq!(parse_exactly::<Shop>(broken.as_bytes()).unwrap_err().code(), ErrorCode::Malformed, "{broken}");
        }
    }
}
