//! `/api/openapi.json` and `/api/docs`: the API as programs and as people read it.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};
use web_ui::api_reference::{ApiReference, Group, Kind, Member, Operation, STYLE, Shape};

use crate::AdminApi;
use crate::error::{ActionError, Problem};
use crate::openapi;
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/api/openapi.json" => document, anybody, "The API as OpenAPI 3.1."),
    unshaped_route!(GET "/api/docs" => page, anybody, "The API for people."),
    unshaped_route!(GET "/api/docs.css" => style, anybody, "What the page is dressed in."),
];

async fn document(api: web::Data<AdminApi>) -> web::Json<Value> {
    web::Json(openapi::document(api.settings.address()))
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .body(STYLE)
}

async fn page(api: web::Data<AdminApi>) -> Result<HttpResponse, Problem> {
    use askama::Template as _;
    let document = openapi::document(api.settings.address());
    let html = reference(&document)
        .render()
        .map_err(|fault| ActionError::Internal(fault.to_string()))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, web_ui::CONTENT_SECURITY_POLICY))
        .body(html))
}

/// The page out of the document.
fn reference(document: &Value) -> ApiReference {
    let mut groups: Vec<Group> = Vec::new();
    for (route, _shape) in openapi::documented() {
        let noun = openapi::noun(route.path);
        let operation = operation(document, route);
        match groups.iter_mut().find(|group| group.name == noun) {
            Some(group) => group.operations.push(operation),
            None => groups.push(Group {
                name: noun.to_owned(),
                operations: vec![operation],
            }),
        }
    }
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    let shapes = object(document.pointer("/components/schemas"));
    let mut shapes: Vec<Shape> = shapes.map(|(name, schema)| shape(name, schema)).collect();
    shapes.sort_by(|one, other| one.name.cmp(&other.name));
    ApiReference {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        document: "openapi.json",
        style: "docs.css",
        groups,
        shapes,
    }
}

fn object(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::iter)
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn operation(document: &Value, route: &Route) -> Operation {
    let name = openapi::name(route);
    let mut all = object(document.get("paths")).flat_map(|(_path, methods)| object(Some(methods)));
    let found = all.find(|(_method, told)| told.get("operationId").is_some_and(|id| *id == name));
    let told = found.map_or(&Value::Null, |(_method, told)| told);
    let parameters = told.get("parameters").and_then(Value::as_array);
    let body = told
        .get("x-patched")
        .or_else(|| told.pointer("/requestBody/content/application~1json/schema"));
    let status = route.shape.as_ref().map_or(200, |shape| shape.status);
    let answer = format!("/responses/{status}/content/application~1json/schema");
    Operation {
        anchor: name,
        method: route.method.to_owned(),
        path: route.path.to_owned(),
        summary: route.summary.to_owned(),
        permission: route
            .action
            .map_or("none is needed", |action| action.as_str())
            .to_owned(),
        parameters: parameters
            .into_iter()
            .flatten()
            .map(|parameter| Member {
                name: text(parameter.get("name")),
                place: text(parameter.get("in")),
                kind: kind(parameter.get("schema").unwrap_or(&Value::Null)),
                required: parameter.get("required") == Some(&Value::Bool(true)),
                description: text(parameter.get("description")),
            })
            .collect(),
        request: body.map(kind),
        status: status.to_string(),
        answer: told.pointer(&answer).map(kind),
    }
}

fn shape(name: &str, schema: &Value) -> Shape {
    let required = schema.get("required").and_then(Value::as_array);
    let members = object(schema.get("properties")).map(|(name, member)| Member {
        name: name.clone(),
        place: String::new(),
        kind: kind(member),
        required: required.is_some_and(|names| names.iter().any(|one| one == name)),
        description: text(member.get("description")),
    });
    let members: Vec<Member> = members.collect();
    let words = if members.is_empty() {
        kind(schema).words
    } else {
        String::new()
    };
    Shape {
        name: name.to_owned(),
        description: text(schema.get("description")),
        words,
        members,
    }
}

/// What a schema says a value is.
fn kind(schema: &Value) -> Kind {
    let plain = |words: String| Kind { words, shape: None };
    if let Some(place) = schema.get("$ref").and_then(Value::as_str) {
        return Kind {
            words: String::new(),
            shape: place.rsplit('/').next().map(str::to_owned),
        };
    }
    if let Some(items) = schema.get("items") {
        return prefixed("list of", kind(items));
    }
    if let Some(values) = schema
        .get("additionalProperties")
        .filter(|value| value.is_object())
    {
        return prefixed("by name:", kind(values));
    }
    if let Some(list) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<String> = list.iter().map(Value::to_string).collect();
        return plain(format!("one of {}", words.join(", ")));
    }
    if let Some(word) = schema.get("const") {
        return plain(word.to_string());
    }
    let choices = schema.get("anyOf").or_else(|| schema.get("oneOf"));
    if let Some(choices) = choices.and_then(Value::as_array) {
        return one_of(choices);
    }
    plain(match schema.get("type") {
        Some(Value::String(word)) => word.clone(),
        Some(Value::Array(words)) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            words.join(" or ")
        }
        _ => "any JSON".to_owned(),
    })
}

fn prefixed(word: &str, kind: Kind) -> Kind {
    Kind {
        words: format!("{word} {}", kind.words).trim().to_owned(),
        ..kind
    }
}

fn one_of(choices: &[Value]) -> Kind {
    let kinds: Vec<Kind> = choices.iter().map(kind).collect();
    let words: Vec<&str> = kinds
        .iter()
        .map(|kind| kind.words.as_str())
        .filter(|words| !words.is_empty())
        .collect();
    let shape = kinds.iter().find_map(|kind| kind.shape.clone());
    let mut words = words.join(" or ");
    if shape.is_some() && !words.is_empty() {
        words.push_str(" or");
    }
    Kind { words, shape }
}
