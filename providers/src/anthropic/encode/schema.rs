//! JSON Schema into the part of it that Anthropic can enforce.
//!
//! Enforced schemas (`output_config.format`, `strict` tools) know types, closed objects, arrays,
//! enumerations, alternatives and references that do not go in circles. Source: Anthropic's
//! documentation of structured outputs, "JSON Schema limitations". What only narrows a value
//! (`minimum`, `maxLength`, `pattern` …) is moved into the description, where the model reads it,
//! as Anthropic's own clients do.

use serde_json::{Map, Value};

/// Keywords that are enforced as they are.
const ENFORCED: &[&str] = &[
    "type",
    "enum",
    "const",
    "$ref",
    "required",
    "description",
    "title",
];

/// The values of `format` that are enforced.
const FORMATS: &[&str] = &[
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "time",
    "uri",
    "uuid",
];

/// Keywords that change what a value is, and have no form over there.
const IMPOSSIBLE: &[&str] = &[
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "not",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedProperties",
];

/// What makes the grammar of a schema large; a request beyond a limit is a 400.
#[derive(Clone, Copy, Default)]
pub(super) struct Weight {
    /// Properties that need not be there; at most 24 in a request.
    optional: usize,
    /// Places that have several types; at most 16 in a request.
    alternatives: usize,
}

impl Weight {
    /// The weight of one schema.
    pub(super) fn of(schema: &Value) -> Self {
        match schema {
            Value::Object(members) => {
                let below = members.values().map(Self::of);
                below.fold(Self::here(members), Self::and)
            }
            Value::Array(values) => values.iter().map(Self::of).fold(Self::default(), Self::and),
            _ => Self::default(),
        }
    }

    /// The weight of two schemas in one request.
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            optional: self.optional.saturating_add(other.optional),
            alternatives: self.alternatives.saturating_add(other.alternatives),
        }
    }

    /// Whether a request may have it.
    pub(super) const fn fits(self) -> bool {
        self.optional <= 24 && self.alternatives <= 16
    }

    fn here(schema: &Map<String, Value>) -> Self {
        let count = |name: &str, size: fn(&Value) -> Option<usize>| {
            schema.get(name).and_then(size).unwrap_or(0)
        };
        let properties = count("properties", |value| value.as_object().map(Map::len));
        let required = count("required", |value| value.as_array().map(Vec::len));
        let several =
            schema.contains_key("anyOf") || schema.get("type").is_some_and(Value::is_array);
        Self {
            optional: properties.saturating_sub(required),
            alternatives: usize::from(several),
        }
    }
}

/// The enforceable form of a schema; none when it says something that cannot be enforced: open
/// objects, recursion, negations, a root that is no object; and when it is too large.
pub(super) fn enforceable(schema: &Value) -> Option<Value> {
    let root = schema.as_object()?;
    if root.get("type").is_some_and(|kind| kind != "object") || is_recursive(root) {
        return None;
    }
    convert(schema).filter(|schema| Weight::of(schema).fits())
}

fn convert(schema: &Value) -> Option<Value> {
    let schema = schema.as_object().filter(|schema| !schema.is_empty())?;
    let mut converted = Map::new();
    let mut notes = Vec::new();
    for (keyword, value) in schema {
        match keyword.as_str() {
            "properties" | "$defs" | "definitions" => {
                converted.insert(keyword.clone(), members(value)?);
            }
            "items" => {
                converted.insert(keyword.clone(), convert(value)?);
            }
            "anyOf" | "allOf" | "oneOf" => {
                let keyword = if keyword == "oneOf" { "anyOf" } else { keyword };
                converted.insert(keyword.to_owned(), alternatives(value)?);
            }
            "additionalProperties" if value != &Value::Bool(false) => return None,
            "additionalProperties" | "$schema" | "$id" => {}
            "format" if FORMATS.iter().any(|format| value == format) => {
                converted.insert(keyword.clone(), value.clone());
            }
            keyword if IMPOSSIBLE.contains(&keyword) => return None,
            keyword if ENFORCED.contains(&keyword) => {
                converted.insert(keyword.to_owned(), value.clone());
            }
            keyword => notes.push(format!("{keyword}: {value}")),
        }
    }
    if is_object(schema) {
        // Without properties it is open: any members, none of which could be written.
        converted.get("properties")?;
        converted.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    describe(&mut converted, &notes);
    Some(Value::Object(converted))
}

fn is_object(schema: &Map<String, Value>) -> bool {
    schema.contains_key("properties")
        || match schema.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
            Some(kind) => kind == "object",
            None => false,
        }
}

fn members(value: &Value) -> Option<Value> {
    let converted = value
        .as_object()?
        .iter()
        .map(|(name, schema)| Some((name.clone(), convert(schema)?)));
    converted.collect::<Option<Map<_, _>>>().map(Value::Object)
}

fn alternatives(value: &Value) -> Option<Value> {
    let converted = value.as_array()?.iter().map(convert);
    converted.collect::<Option<Vec<_>>>().map(Value::Array)
}

fn describe(schema: &mut Map<String, Value>, notes: &[String]) {
    if notes.is_empty() {
        return;
    }
    let notes = notes.join(", ");
    let description = match schema.get("description").and_then(Value::as_str) {
        Some(text) => format!("{text} ({notes})"),
        None => notes,
    };
    schema.insert("description".to_owned(), Value::String(description));
}

/// Whether a definition leads back to itself, or anything to the root.
fn is_recursive(root: &Map<String, Value>) -> bool {
    let definitions = ["$defs", "definitions"].map(|place| (place, root.get(place)));
    let all: Vec<(String, &Value)> = definitions
        .into_iter()
        .filter_map(|(place, value)| Some((place, value?.as_object()?)))
        .flat_map(|(place, value)| {
            value
                .iter()
                .map(move |(name, schema)| (format!("#/{place}/{name}"), schema))
        })
        .collect();
    let mut from_root = Vec::new();
    references(&Value::Object(root.clone()), &mut from_root);
    from_root.contains(&"#".to_owned())
        || all.iter().any(|(name, schema)| {
            let mut reached = Vec::new();
            references(schema, &mut reached);
            let mut next = 0;
            while let Some(reference) = reached.get(next).cloned() {
                next = next.saturating_add(1);
                let definition = all.iter().find(|(known, _)| *known == reference);
                if let Some((_, schema)) = definition {
                    references(schema, &mut reached);
                }
            }
            reached.contains(name)
        })
}

/// Adds the references in a schema that are not in the list yet.
fn references(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            for (keyword, value) in members {
                match value.as_str() {
                    Some(target) if keyword == "$ref" => {
                        if !found.iter().any(|known| known == target) {
                            found.push(target.to_owned());
                        }
                    }
                    _ => references(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_closed_and_narrowings_become_words() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "age": {"type": "integer", "minimum": 0, "description": "In years."},
                "born": {"type": "string", "format": "date"},
                "code": {"type": "string", "pattern": "^[A-Z]+$"},
                "pets": {"type": "array", "maxItems": 3, "items": {"$ref": "#/$defs/Pet"}}
            },
            "required": ["age"],
            "$defs": {"Pet": {"type": "object", "properties": {"name": {"oneOf": [{"type": "string"}, {"type": "null"}]}}}}
        });
        assert_eq!(
            enforceable(&schema).unwrap(),
            json!({
                "type": "object",
                "properties": {
                    "age": {"type": "integer", "description": "In years. (minimum: 0)"},
                    "born": {"type": "string", "format": "date"},
                    "code": {"type": "string", "description": "pattern: \"^[A-Z]+$\""},
                    "pets": {"type": "array", "items": {"$ref": "#/$defs/Pet"}, "description": "maxItems: 3"}
                },
                "required": ["age"],
                "$defs": {"Pet": {"type": "object", "properties": {"name": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "additionalProperties": false}},
                "additionalProperties": false
            })
        );
    }

    #[test]
    fn what_cannot_be_enforced_is_not_claimed_to_be() {
        for schema in [
            json!({}),
            json!(true),
            json!({"type": "array", "items": {"type": "string"}}),
            json!({"type": "object"}),
            json!({"type": "object", "properties": {"map": {"type": "object", "additionalProperties": {"type": "string"}}}}),
            json!({"type": "object", "properties": {}, "additionalProperties": true}),
            json!({"type": "object", "properties": {"any": {}}}),
            json!({"type": "object", "properties": {"x": {"not": {"type": "null"}}}}),
            json!({"type": "object", "properties": {"child": {"$ref": "#"}}}),
            json!({"$ref": "#/$defs/A", "$defs": {
                "A": {"type": "object", "properties": {"b": {"$ref": "#/$defs/B"}}},
                "B": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}
            }}),
        ] {
            assert_eq!(enforceable(&schema), None, "{schema}");
        }
    }

    #[test]
    fn schemas_of_too_many_branches_are_not_enforced() {
        let of = |count: usize, kind: Value, required: bool| {
            let names = (0..count).map(|number| format!("p{number}"));
            let properties: Map<String, Value> = names
                .clone()
                .map(|name| (name, json!({"type": kind})))
                .collect();
            let required: Vec<String> = names.filter(|_| required).collect();
            enforceable(&json!({"type": "object", "properties": properties, "required": required}))
        };
        assert!(of(60, json!("string"), true).is_some());
        assert!(of(24, json!("string"), false).is_some());
        assert!(of(25, json!("string"), false).is_none());
        assert!(of(16, json!(["string", "null"]), true).is_some());
        assert!(of(17, json!(["string", "null"]), true).is_none());
    }

    #[test]
    fn a_definition_used_twice_is_no_recursion() {
        let schema = json!({
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/P"}, "b": {"$ref": "#/$defs/P"}},
            "$defs": {"P": {"type": "object", "properties": {"q": {"$ref": "#/$defs/Q"}}}, "Q": {"type": "string"}}
        });
        assert!(enforceable(&schema).is_some());
    }
}
