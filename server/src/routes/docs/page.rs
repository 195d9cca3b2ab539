//! The description as a page: one section an operation, one a schema. No script, no foreign file.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value gives null where there is nothing")]

use serde_json::{Map, Value};

const STYLE: &str = "
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent);--soft:color-mix(in srgb,currentColor 6%,transparent)}
body{font:14px/1.55 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:2rem 1.25rem 6rem}
h1{font-size:1.6rem}h2{margin-top:3rem;text-transform:capitalize;border-bottom:1px solid var(--line);padding-bottom:.3rem}
h3{font-size:1rem;margin:2rem 0 .4rem;overflow-wrap:anywhere}h4{margin:1rem 0 .3rem;font-size:.8rem;opacity:.7}
code{font:13px/1.5 ui-monospace,monospace}.method{display:inline-block;min-width:3.6rem;font-weight:700}
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}td,th{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line)}
nav ul{columns:18rem;padding-left:1.1rem}.key{background:var(--soft);border-radius:4px;padding:0 .35rem}a{color:inherit}
";

/// The whole page.
pub(super) fn render(api: &Value) -> String {
    let title = text(&api["info"]["title"]);
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1><p>{}</p>\
         <p>Machine-readable: <a href=\"/api/openapi.json\">/api/openapi.json</a></p>",
        text(&api["info"]["description"])
    );
    let operations = operations(api);
    page.push_str("<nav aria-label=\"Addresses\"><ul>");
    for operation in &operations {
        page.push_str(&format!(
            "<li><a href=\"#{}\"><code>{} {}</code></a></li>",
            operation.anchor(),
            operation.method,
            escape(operation.path)
        ));
    }
    page.push_str("</ul></nav>");
    let mut tag = "";
    for operation in &operations {
        if operation.tag() != tag {
            tag = operation.tag();
            page.push_str(&format!("<h2>{}</h2>", escape(tag)));
        }
        page.push_str(&operation.render());
    }
    page.push_str("<h2>Schemas</h2>");
    for (name, schema) in members(&api["components"]["schemas"]) {
        page.push_str(&format!(
            "<h3 id=\"schema-{0}\"><code>{0}</code></h3><p>{1}</p>",
            escape(name),
            text(&schema["description"])
        ));
        page.push_str(&fields(schema));
    }
    page.push_str("</main></body></html>");
    page
}

struct Operation<'a> {
    path: &'a str,
    method: String,
    value: &'a Value,
}

/// By tag, then by address, as they were described.
fn operations(api: &Value) -> Vec<Operation<'_>> {
    let mut operations: Vec<_> =
        members(&api["paths"])
            .flat_map(|(path, item)| {
                members(item)
                    .filter(|(_, value)| value.get("responses").is_some())
                    .map(move |(method, value)| Operation { path, method: method.to_uppercase(), value })
            })
            .collect();
    operations.sort_by(|a, b| (a.tag(), a.path).cmp(&(b.tag(), b.path)));
    operations
}

impl Operation<'_> {
    fn tag(&self) -> &str {
        self.value["tags"][0].as_str().unwrap_or("other")
    }

    fn anchor(&self) -> String {
        escape(self.value["operationId"].as_str().unwrap_or(self.path))
    }

    fn render(&self) -> String {
        let mut out = format!(
            "<section><h3 id=\"{}\"><span class=\"method\">{}</span> <code>{}</code></h3><p><strong>{}</strong></p><p>{}</p>",
            self.anchor(),
            self.method,
            escape(self.path),
            text(&self.value["summary"]),
            text(&self.value["description"])
        );
        let parameters = self.value["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !parameters.is_empty() {
            out.push_str("<h4>Parameters</h4><table>");
            for parameter in parameters {
                out.push_str(&format!(
                    "<tr><td><code class=\"key\">{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                    text(&parameter["name"]),
                    text(&parameter["in"]),
                    type_of(&parameter["schema"]),
                    text(&parameter["description"])
                ));
            }
            out.push_str("</table>");
        }
        if let Some((media, body)) = members(&self.value["requestBody"]["content"]).next() {
            out.push_str(&format!("<h4>Body</h4><p>{} <code>{}</code></p>", type_of(&body["schema"]), escape(media)));
        }
        out.push_str("<h4>Replies</h4><table>");
        for (status, response) in members(&self.value["responses"]) {
            let body = members(&response["content"])
                .next()
                .map(|(media, body)| format!("{} <code>{}</code>", type_of(&body["schema"]), escape(media)));
            out.push_str(&format!(
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(status),
                body.unwrap_or_default(),
                text(&response["description"])
            ));
        }
        out.push_str("</table></section>");
        out
    }
}

fn fields(schema: &Value) -> String {
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> =
            values.iter().map(|value| format!("<code class=\"key\">{}</code>", text(value))).collect();
        return format!("<p>{}</p>", values.join(" "));
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut rows = String::new();
    for (name, field) in members(&schema["properties"]) {
        rows.push_str(&format!(
            "<tr><td><code class=\"key\">{}</code>{}</td><td>{}</td><td>{}</td></tr>",
            escape(name),
            if required.contains(&name) { "" } else { " (optional)" },
            type_of(field),
            text(&field["description"])
        ));
    }
    if rows.is_empty() { format!("<p>{}</p>", type_of(schema)) } else { format!("<table>{rows}</table>") }
}

/// A schema's type in words, with links to named ones.
fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or(reference));
        return format!("<a href=\"#schema-{name}\"><code>{name}</code></a>");
    }
    for (key, separator) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " with ")] {
        if let Some(parts) = schema[key].as_array() {
            return parts.iter().map(type_of).collect::<Vec<_>>().join(separator);
        }
    }
    let name = match &schema["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        Value::String(name) => name.clone(),
        _ => "any".to_owned(),
    };
    match (name.as_str(), schema["format"].as_str()) {
        ("array", _) => format!("list of {}", type_of(&schema["items"])),
        (_, Some(format)) => format!("<code>{} ({})</code>", escape(&name), escape(format)),
        (_, None) => format!("<code>{}</code>", escape(&name)),
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(key, value)| (key.as_str(), value))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => escape(text),
        Value::Null => String::new(),
        other => escape(&other.to_string()),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
