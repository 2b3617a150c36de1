//! The OpenAPI 3.1 document of `/api/v1`, made from the table of routes.

use std::sync::LazyLock;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::routes::{self, Route, SchemaOf, Shape};

/// Where the document's routes lie.
const ROOT: &str = "/api/v1/";

/// Where shapes lie in the document.
const SHAPES: &str = "/components/schemas";

/// The document, for every address that the gateway has.
static DOCUMENT: LazyLock<Value> = LazyLock::new(make);

/// The routes that the document tells of, with their shapes.
pub fn documented() -> impl Iterator<Item = (&'static Route, &'static Shape)> {
    routes::all()
        .filter(|route| route.path.starts_with(ROOT))
        .filter_map(|route| Some((route, route.shape.as_ref()?)))
}

/// The document for people who open the gateway at this address.
#[must_use]
pub fn document(address: &str) -> Value {
    let mut document = DOCUMENT.clone();
    let url = if address.is_empty() { "/" } else { address };
    if let Value::Object(members) = &mut document {
        members.insert("servers".to_owned(), json!([{"url": url}]));
    }
    document
}

/// The noun that a path is about.
#[must_use]
pub fn noun(path: &str) -> &str {
    let rest = path.strip_prefix(ROOT).unwrap_or(path);
    rest.split('/').next().unwrap_or_default()
}

/// A route's name, unique among all.
#[must_use]
pub fn name(route: &Route) -> String {
    let path = bare(route.path);
    let words = path
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    format!("{}-{}", route.method.to_lowercase(), words.join("-"))
}

/// A path without the patterns of its parameters.
fn bare(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut inside_pattern = false;
    for letter in path.chars() {
        match letter {
            ':' => inside_pattern = true,
            '/' | '}' => inside_pattern = false,
            _ => {}
        }
        if !inside_pattern {
            text.push(letter);
        }
    }
    text
}

fn make() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = SHAPES.into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    let mut nouns: Vec<&str> = Vec::new();
    for (route, shape) in documented() {
        let operation = operation(route, shape, &mut generator);
        let path = paths.entry(bare(route.path)).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            methods.insert(route.method.to_lowercase(), operation);
        }
        if !nouns.contains(&noun(route.path)) {
            nouns.push(noun(route.path));
        }
    }
    let tags: Vec<Value> = nouns.iter().map(|noun| json!({"name": noun})).collect();
    let problem = generator.subschema_for::<ProblemBody>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Headgate admin API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Organizations, teams, people, virtual keys, models, budgets, the audit trail.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "responses": {"Problem": {
                "description": "It was not done; `detail` says what can be done about it.",
                "headers": {"x-request-id": {"$ref": "#/components/headers/RequestId"}},
                "content": {"application/problem+json": {"schema": problem}},
            }},
            "headers": headers(),
            "securitySchemes": security_schemes(),
        },
    })
}

fn headers() -> Value {
    json!({
        "RequestId": {
            "description": "The request, for finding it in the logs and in the audit trail.",
            "schema": {"type": "string"},
        },
        "Revision": {
            "description": "A change's number; data planes that have it serve by the change.",
            "schema": {"type": "integer"},
        },
        "EnforcedWithin": {
            "description": "There when the data plane of this process does not yet serve by the change: within so many milliseconds it does.",
            "schema": {"type": "integer"},
        },
    })
}

fn security_schemes() -> Value {
    json!({
        "key": {"type": "http", "scheme": "bearer",
            "description": "The master key, or a virtual key of a person who may do it."},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-hg_session",
            "description": "Set by signing in (POST /api/v1/sessions)."},
        "form": {"type": "apiKey", "in": "header", "name": "x-csrf-token",
            "description": "The session's `csrf_token`, with everything but GET."},
    })
}

fn operation(route: &Route, shape: &Shape, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": name(route),
        "summary": route.summary,
        "tags": [noun(route.path)],
        "security": security(route),
        "parameters": parameters(route, shape, generator),
        "responses": {
            shape.status.to_string(): success(route, shape, generator),
            "default": {"$ref": "#/components/responses/Problem"},
        },
    });
    let Value::Object(members) = &mut operation else {
        return operation;
    };
    if let Some(action) = route.action {
        members.insert("x-permission".to_owned(), action.as_str().into());
    }
    if let Some(request) = shape.request {
        let patch = route.method == "PATCH";
        let content_type = if patch {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        // A patch may leave out everything, so that no member is asked of it.
        let body = match patch {
            true => json!({"type": "object"}),
            false => schema(request, generator),
        };
        let described = schema(request, generator);
        let mut content = json!({content_type: {"schema": body}});
        if patch && let Value::Object(content) = &mut content {
            content.insert(
                "application/json".to_owned(),
                json!({"schema": {"type": "object"}}),
            );
            members.insert("x-patched".to_owned(), described);
        }
        members.insert(
            "requestBody".to_owned(),
            json!({"required": !patch, "content": content}),
        );
    }
    operation
}

fn security(route: &Route) -> Value {
    match (route.action, route.method) {
        (None, _) => json!([]),
        (Some(_), "GET") => json!([{"key": []}, {"session": []}]),
        (Some(_), _) => json!([{"key": []}, {"session": [], "form": []}]),
    }
}

fn success(route: &Route, shape: &Shape, generator: &mut SchemaGenerator) -> Value {
    let mut headers = json!({"x-request-id": {"$ref": "#/components/headers/RequestId"}});
    if let (Value::Object(headers), true) = (&mut headers, route.method != "GET") {
        let changed = [
            ("x-headgate-revision", "#/components/headers/Revision"),
            (
                "x-headgate-enforced-within-ms",
                "#/components/headers/EnforcedWithin",
            ),
        ];
        for (name, place) in changed {
            headers.insert(name.to_owned(), json!({"$ref": place}));
        }
    }
    let mut response = json!({"description": "Done.", "headers": headers});
    if let (Value::Object(members), Some(answer)) = (&mut response, shape.answer) {
        let schema = schema(answer, generator);
        members.insert(
            "content".to_owned(),
            json!({"application/json": {"schema": schema}}),
        );
    }
    response
}

fn schema(of: SchemaOf, generator: &mut SchemaGenerator) -> Value {
    of(generator).to_value()
}

/// The path's parameters, the query's, and the key of a POST.
fn parameters(route: &Route, shape: &Shape, generator: &mut SchemaGenerator) -> Vec<Value> {
    let path = bare(route.path);
    let names = path.split('/').filter_map(|part| {
        part.strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
    });
    let mut parameters: Vec<Value> = names
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    if let Some(query) = shape.query {
        let schema = schema(query, generator);
        parameters.extend(query_parameters(&schema, generator));
    }
    if route.method == "POST" && route.action.is_some() {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "A text of your own, 1 to 255 characters: the same request with it again, within a day, is not done again and gets the same answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }));
    }
    parameters
}

/// The members of a query's shape, one parameter each.
fn query_parameters(schema: &Value, generator: &SchemaGenerator) -> Vec<Value> {
    let place = schema.get("$ref").and_then(Value::as_str);
    let shape = place
        .and_then(|place| place.rsplit('/').next())
        .and_then(|name| generator.definitions().get(name))
        .unwrap_or(schema);
    let required = shape.get("required").and_then(Value::as_array);
    let members = shape.get("properties").and_then(Value::as_object);
    let members = members.into_iter().flatten();
    members
        .map(|(name, member)| {
            let required = required.is_some_and(|names| names.iter().any(|one| one == name));
            let mut parameter =
                json!({"name": name, "in": "query", "required": required, "schema": member});
            if let (Value::Object(parameter), Some(said)) =
                (&mut parameter, member.get("description"))
            {
                parameter.insert("description".to_owned(), said.clone());
            }
            parameter
        })
        .collect()
}

/// An error (RFC 9457).
#[derive(schemars::JsonSchema, serde::Serialize)]
#[schemars(rename = "Problem")]
pub struct ProblemBody {
    /// An address that names the kind of error.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: Option<String>,
    /// The status.
    pub status: u16,
    /// The kind of error, for programs.
    pub code: String,
    /// What is wrong, and what can be done about it.
    pub detail: String,
    /// Which member is wrong.
    pub field: Option<String>,
}
