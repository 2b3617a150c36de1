//! The schema and the handbook are what the table of keys says.
//!
//! After a change of the table, run `HEADGATE_WRITE_DOCS=1 cargo test --test config documents`.

use std::path::Path;

use headgate::config::{as_json, handbook, schema};
use serde_json::Value;

fn is_up_to_date(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("HEADGATE_WRITE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let shipped = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        shipped == text,
        "{file} is out of date: HEADGATE_WRITE_DOCS=1 cargo test --test config documents"
    );
}

#[test]
fn the_shipped_schema_is_up_to_date() {
    is_up_to_date("docs/headgate.schema.json", &schema::text());
}

#[test]
fn the_shipped_handbook_is_up_to_date() {
    is_up_to_date("docs/configuration.md", &handbook::text());
}

/// The parts of JSON Schema that our schema uses.
struct Checker<'s> {
    whole: &'s Value,
    faults: Vec<String>,
}

impl<'s> Checker<'s> {
    fn check(&mut self, value: &Value, rule: &'s Value, path: &str) {
        if let Some(name) = rule["$ref"].as_str() {
            let target = self.whole.pointer(name.trim_start_matches('#')).unwrap();
            return self.check(value, target, path);
        }
        if let Some(rules) = rule["anyOf"].as_array() {
            let fits = |rule: &'s Value| {
                let mut inner = Checker {
                    whole: self.whole,
                    faults: Vec::new(),
                };
                inner.check(value, rule, path);
                inner.faults.is_empty()
            };
            if !rules.iter().any(fits) {
                self.faults.push(format!("{path}: fits nothing"));
            }
            return;
        }
        self.check_kind(value, rule, path);
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            if !rule["items"].is_null() {
                self.check(item, &rule["items"], &format!("{path}[{index}]"));
            }
        }
        self.check_members(value, rule, path);
    }

    fn check_kind(&mut self, value: &Value, rule: &Value, path: &str) {
        let kinds: &[&str] = match value {
            Value::Null => &["null"],
            Value::Bool(_) => &["boolean"],
            Value::Number(number) if number.is_f64() => &["number"],
            Value::Number(_) => &["integer", "number"],
            Value::String(_) => &["string"],
            Value::Array(_) => &["array"],
            Value::Object(_) => &["object"],
        };
        let allowed: Vec<&str> = match &rule["type"] {
            Value::String(one) => vec![one],
            Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
            _ => kinds.to_vec(),
        };
        if !kinds.iter().any(|kind| allowed.contains(kind)) {
            self.faults
                .push(format!("{path}: {kinds:?} is not {allowed:?}"));
        }
        if let Some(words) = rule["enum"].as_array()
            && !words.contains(value)
        {
            self.faults
                .push(format!("{path}: {value} is not among {words:?}"));
        }
    }

    fn check_members(&mut self, value: &Value, rule: &'s Value, path: &str) {
        let required = rule["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            if value.is_object() && value.get(name).is_none() {
                self.faults.push(format!("{path}: {name} is missing"));
            }
        }
        for (key, member) in value.as_object().into_iter().flatten() {
            let path = format!("{path}.{key}");
            let known = &rule["properties"][key];
            match (&rule["additionalProperties"], known.is_null()) {
                (_, false) => self.check(member, known, &path),
                (Value::Bool(false), true) => self.faults.push(format!("{path}: unknown")),
                (rule @ Value::Object(_), true) => self.check(member, rule, &path),
                _ => {}
            }
        }
    }
}

fn faults(text: &str) -> Vec<String> {
    let schema = schema::schema();
    let mut checker = Checker {
        whole: &schema,
        faults: Vec::new(),
    };
    checker.check(&as_json(text, "example.yaml").unwrap(), &schema, "");
    checker.faults
}

#[test]
fn every_example_fits_the_schema() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut seen = 0;
    for entry in std::fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".yaml") || name.starts_with("docker-compose") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(faults(&text), Vec::<String>::new(), "{name}");
        seen += 1;
    }
    assert!(seen >= 2, "{seen} examples");
}

#[test]
fn an_editor_sees_a_slip_and_a_wrong_type() {
    let found = faults(
        "router_settings: {num_retry: 1, routing_strategy: best, timeout: [1]}\nmodel_list: [{model_name: a}]\n",
    );
    assert_eq!(found.len(), 4, "{found:?}");
}
