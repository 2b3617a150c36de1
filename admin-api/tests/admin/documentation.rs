//! The document of the API says all of `/api/v1` and nothing else, and what it says is so.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use admin_api::routes;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::setup::{Served, served};
use crate::things::{Where, put};

async fn document(admin: &Served) -> Value {
    let browser = Browser::at(admin);
    browser.get("/api/openapi.json").await.is(200).body
}

/// `GET /path` of everything that a document has.
fn told(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect()
}

#[tokio::test]
async fn every_route_is_in_the_document_and_nothing_else_is() {
    let admin = served().await;
    let document = document(&admin).await;
    let ours = routes::all().filter(|route| route.path.starts_with("/api/v1/"));
    let names: BTreeSet<String> = ours
        .inspect(|route| assert!(route.shape.is_some(), "{} has no shape", route.path))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(told(&document), names);
    let text = document.to_string();
    let mut ids = BTreeSet::new();
    for (_path, methods) in document["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
        }
    }
    // Whatever is pointed to is there.
    for place in text.split("\"$ref\":\"#").skip(1) {
        let pointer = place.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn answers_are_as_the_document_says() {
    let admin = served().await;
    let document = document(&admin).await;
    let organization = admin.organization("ours").await;
    let place = Where {
        organization: &organization,
        people: &[],
        owner: None,
        marker: "marker",
    };
    let ids = put(&admin.store, &admin.encryption, &place).await;
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let operation = &methods["get"];
        let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        if answer.is_null() {
            continue;
        }
        let mut filled = path.clone();
        for (word, id) in &ids {
            filled = filled.replace(&format!("{{{word}}}"), id);
        }
        if path.ends_with("/dry-run") {
            filled.push_str("?model=gpt-4o");
        }
        let body = admin.get(&filled).await.ok();
        let wrong = mismatch(&document, answer, &body, "");
        assert_eq!(wrong, None, "GET {path}: {body}");
        asked += 1;
    }
    assert!(asked > 20, "{asked}");
    let refused = admin.get("/api/v1/keys/nothing").await;
    let problem = document.pointer("/components/schemas/Problem").unwrap();
    assert_eq!(mismatch(&document, problem, &refused.body, ""), None);
}

/// Where a value is not as a schema says; what the schema does not name is not there either.
fn mismatch(document: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(place) = schema["$ref"].as_str() {
        let shape = document.pointer(&place[1..]).unwrap();
        return mismatch(document, shape, value, at);
    }
    for word in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[word].as_array() {
            let mut found = choices.iter().map(|one| mismatch(document, one, value, at));
            return found
                .any(|wrong| wrong.is_none())
                .then_some(())
                .map_or(Some(format!("{at}: none of {word}")), |()| None);
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        return (!words.contains(value)).then(|| format!("{at}: {value} is not among {words:?}"));
    }
    let types = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let is_one = types.iter().any(|word| match *word {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    });
    if !is_one {
        return Some(format!("{at}: {value} is not {types:?}"));
    }
    members(document, schema, value, at)
}

fn members(document: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(items) = value.as_array() {
        let mut each = items.iter().enumerate();
        return each.find_map(|(index, item)| {
            mismatch(document, &schema["items"], item, &format!("{at}/{index}"))
        });
    }
    let object = value.as_object()?;
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let missing = required.iter().filter_map(Value::as_str);
    if let Some(name) = missing.into_iter().find(|name| !object.contains_key(*name)) {
        return Some(format!("{at}: {name} is missing"));
    }
    let named = schema["properties"].as_object();
    object.iter().find_map(|(name, member)| {
        let at = format!("{at}/{name}");
        let told = named.and_then(|named| named.get(name));
        match (told, &schema["additionalProperties"]) {
            (Some(told), _) => mismatch(document, told, member, &at),
            (None, Value::Object(more)) => mismatch(document, &json!(more), member, &at),
            (None, Value::Bool(true)) => None,
            (None, _) if named.is_none() => None,
            (None, _) => Some(format!("{at} is not told of")),
        }
    })
}

/// A program that scripts/test installs.
fn installed(path: &str) -> PathBuf {
    let root = std::env::var("HEADGATE_TEST_CLIENTS").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/clients"),
        PathBuf::from,
    );
    let path = root.join(path);
    let place = path.display();
    assert!(path.exists(), "{place} is missing: run ./scripts/test once");
    path
}

/// What OpenAPI 3.1 asks of a document such as ours; and every shape is a schema of JSON Schema
/// 2020-12, by its own meta-schema.
const CHECK: &str = r#"
import json, sys
from jsonschema import Draft202012Validator
document = json.load(sys.stdin)
assert document["openapi"].startswith("3.1."), document["openapi"]
assert set(document) >= {"openapi", "info", "paths", "components"}
for name, schema in document["components"]["schemas"].items():
    Draft202012Validator.check_schema(schema)
for path, methods in document["paths"].items():
    assert path.startswith("/")
    for method, operation in methods.items():
        assert method in {"get", "put", "post", "delete", "patch"}, method
        names = {(p["name"], p["in"]) for p in operation["parameters"]}
        assert len(names) == len(operation["parameters"]), path
        in_path = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert in_path == {name for name, place in names if place == "path"}, path
        for parameter in operation["parameters"]:
            Draft202012Validator.check_schema(parameter["schema"])
        assert operation["responses"]
        for answer in operation["responses"].values():
            assert "$ref" in answer or "description" in answer
        for scheme in operation["security"]:
            assert set(scheme) <= set(document["components"]["securitySchemes"])
print("well-formed")
"#;

#[tokio::test]
async fn the_document_is_well_formed_and_its_shapes_are_json_schemas() {
    let admin = served().await;
    let document = document(&admin).await;
    let mut python = Command::new(installed("python/bin/python"))
        .args(["-c", CHECK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut given = python.stdin.take().unwrap();
    given.write_all(document.to_string().as_bytes()).unwrap();
    drop(given);
    let said = python.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert_eq!(said.trim(), "well-formed");
}

#[tokio::test]
async fn the_page_shows_every_route_and_needs_nothing_from_elsewhere() {
    let admin = served().await;
    let browser = Browser::at(&admin);
    let page = browser.get("/api/docs").await.is(200);
    assert!(page.header("content-type").starts_with("text/html"));
    for name in told(&document(&admin).await) {
        let (_method, path) = name.split_once(' ').unwrap();
        assert!(page.text.contains(path), "{name}");
    }
    for word in [
        "<script", "style=", "<style", "http://", "https://", "onclick",
    ] {
        assert!(!page.text.contains(word), "{word}");
    }
    let style = browser.get("/api/docs.css").await.is(200);
    assert!(style.header("content-type").starts_with("text/css"));
    assert!(!style.text.contains("url(") && !style.text.contains("@import"));
}
