//! From the description to requests that carry tenant A's ids.

use serde_json::{Map, Value, json};

use super::{HOST, Method, STRANGER, Uuid, Walk, routes};

/// One operation of the description.
pub(super) struct Operation {
    pub id: String,
    pub public: bool,
    method: Method,
    path: String,
    parameters: Vec<Value>,
    body: Option<Value>,
    schemas: Value,
}

pub(super) fn operations() -> Vec<Operation> {
    let api = serde_json::to_value(routes::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                public: operation["security"] == json!([{}]),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                parameters: operation["parameters"].as_array().cloned().unwrap_or_default(),
                body: operation.pointer("/requestBody/content/application~1json/schema").cloned(),
                schemas: api["components"]["schemas"].clone(),
            });
        }
    }
    operations
}

impl Operation {
    /// The request with tenant A's ids wherever an id is asked for.
    pub(super) fn request(&self, walk: &Walk) -> reqwest::RequestBuilder {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        for parameter in &self.parameters {
            let name = parameter["name"].as_str().unwrap();
            match parameter["in"].as_str().unwrap() {
                "path" => path = path.replace(&format!("{{{name}}}"), &in_address(walk, name)),
                "query" if parameter["required"] == json!(true) => {
                    query.push((name.to_owned(), in_address(walk, name)));
                }
                _ => {}
            }
        }
        assert!(!path.contains('{'), "{path} has a parameter that is not described");
        let mut url: url::Url = format!("{}{path}", walk.world.server.base()).parse().unwrap();
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = walk.world.http.request(self.method.clone(), url);
        match &self.body {
            Some(schema) => request.json(&self.example(walk, "body", schema)),
            None => request,
        }
    }

    /// A value of the schema; ids are tenant A's, by the field's name.
    fn example(&self, walk: &Walk, name: &str, schema: &Value) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let schema = &self.schemas[reference.rsplit('/').next().unwrap()];
            return self.example(walk, name, schema);
        }
        let may_be = |value: &Value| schema["enum"].as_array().is_none_or(|values| values.contains(value));
        if let Some(value) = known(walk, name).filter(may_be) {
            return value;
        }
        if let Some(values) = schema["enum"].as_array() {
            return values[0].clone();
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(choices) = schema[key].as_array() {
                let choice = choices.iter().find(|choice| choice["type"] != "null").unwrap();
                return self.example(walk, name, choice);
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                whole.extend(self.example(walk, name, part).as_object().cloned().unwrap_or_default());
            }
            return Value::Object(whole);
        }
        match first_type(schema) {
            "object" => self.object(walk, schema),
            "array" => json!([self.example(walk, name, &schema["items"])]),
            "integer" | "number" => json!(1),
            "boolean" => json!(true),
            _ if schema["format"] == "uuid" => json!(Uuid::now_v7()),
            _ => json!("words"),
        }
    }

    fn object(&self, walk: &Walk, schema: &Value) -> Value {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut object = Map::new();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            // Optional fields only where they can name something of A's.
            if required.contains(&name.as_str()) || known(walk, name).is_some() {
                object.insert(name.clone(), self.example(walk, name, field));
            }
        }
        Value::Object(object)
    }
}

fn first_type(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("string"),
        other => other.as_str().unwrap_or(if schema["properties"].is_object() { "object" } else { "string" }),
    }
}

/// What a stranger would put there to reach into tenant A.
fn known(walk: &Walk, name: &str) -> Option<Value> {
    Some(match name {
        "id" | "conversation_id" => json!(walk.conversation),
        "message_id" => json!(walk.message),
        "mid" => json!(walk.answer),
        "assignee" | "user_id" => json!(walk.world.ana.user_id()),
        "tenant_id" => json!(walk.world.tenant),
        "domain" => json!(HOST),
        // Not A's visitor's: that one is a secret, and whoever holds it is that visitor.
        "session_id" => json!(STRANGER),
        "status" => json!("resolved"),
        "kind" => json!("reply"),
        "email" => json!("ana@shop.example"),
        // Optional ones that would only get in the way.
        _ => return None,
    })
}

fn in_address(walk: &Walk, name: &str) -> String {
    match (known(walk, name), name) {
        (Some(Value::String(text)), _) => text,
        (Some(other), _) => other.to_string(),
        (None, "after" | "before" | "limit") => "1".to_owned(),
        (None, "kid") => walk.identity_key.clone(),
        (None, _) => panic!("the walk does not know what to put for {name:?}: teach it"),
    }
}
