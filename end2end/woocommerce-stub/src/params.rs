//! A query as PHP reads it, and the checks that WordPress makes of it.

use serde_json::Value;

/// A recorded error, by its name.
pub(crate) type Refusal = &'static str;

/// Names and values; `a[]` is numbered to `a[0]`, `a[1]` as PHP does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn parse(query: &str) -> Self {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let name = match name.strip_suffix("[]") {
                Some(list) => {
                    let taken = pairs.iter().filter(|(known, _)| belongs_to(known, list)).count();
                    format!("{list}[{taken}]")
                }
                None => name.into_owned(),
            };
            pairs.push((name, value.into_owned()));
        }
        Self(pairs)
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The text of a filter; an empty one is none.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// `a=x,y` and `a[0]=x&a[1]=y`.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(known, _)| known == name || belongs_to(known, name))
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// Which page, and of how many.
    pub(crate) fn page(&self) -> Result<(usize, usize), Refusal> {
        let per_page = self.get("per_page").map_or(Ok(10), str::parse).unwrap_or(0);
        if !(1..=100).contains(&per_page) {
            return Err("400_per_page_101");
        }
        let page = self.get("page").map_or(Ok(1), str::parse).unwrap_or(0);
        if page == 0 {
            return Err("400_page_0");
        }
        Ok((page, per_page))
    }

    /// The body with nothing but the fields of `_fields`. A field within an object can be picked, one within a list
    /// cannot.
    pub(crate) fn pick(&self, body: &Value) -> Value {
        let fields = self.list("_fields");
        if fields.is_empty() {
            return body.clone();
        }
        let mut picked = serde_json::Map::new();
        for field in fields {
            let (outer, inner) = field.split_once('.').map_or((field, None), |(outer, inner)| (outer, Some(inner)));
            let Some(value) = body.get(outer) else { continue };
            let Some(inner) = inner else {
                picked.insert(outer.to_owned(), value.clone());
                continue;
            };
            let Some(value) = value.get(inner) else { continue };
            let object = picked.entry(outer).or_insert_with(|| Value::Object(serde_json::Map::new()));
            if let Some(object) = object.as_object_mut() {
                object.insert(inner.to_owned(), value.clone());
            }
        }
        Value::Object(picked)
    }
}

fn belongs_to(name: &str, list: &str) -> bool {
    name.strip_prefix(list).is_some_and(|rest| rest.starts_with('['))
}
