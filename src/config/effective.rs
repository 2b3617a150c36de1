//! The configuration as it holds: every value with the place that it comes from, secrets left out, and
//! the keys that nobody set with what holds then.

use admin_api::settings::{ConfiguredValue, ValueSource};

use super::keys::{SectionName, Standing};
use super::node::{Content, Node};
use super::report::Position;

/// The sections whose keys are listed also where nobody set them.
const SECTIONS: [SectionName; 4] = [
    SectionName::Headgate,
    SectionName::GeneralSettings,
    SectionName::RouterSettings,
    SectionName::LitellmSettings,
];

/// Sections that are shown elsewhere or hold nothing but secrets: of these only how many entries.
const COUNTED: [&str; 3] = ["model_list", "credential_list", "environment_variables"];

/// The longest value that is shown whole.
const LONGEST: usize = 200;

/// Words in the name of a member whose value is nobody's to read.
const SECRET: [&str; 9] = [
    "key",
    "secret",
    "password",
    "credential",
    "salt",
    "auth",
    "cookie",
    "webhook",
    "header",
];

/// Every value of a file after its variables were looked up, then what is not in it.
#[must_use]
pub fn values(root: &Node) -> Vec<ConfiguredValue> {
    let mut all = Vec::new();
    for entry in root.entries() {
        if COUNTED.contains(&entry.key.as_str()) {
            let number = entry.value.entries().len() + entry.value.items().len();
            all.push(ConfiguredValue {
                path: entry.key.clone(),
                value: Some(number.to_string()),
                source: of_file(&entry.position),
            });
            continue;
        }
        walk(&entry.key, &entry.value, &mut all);
    }
    for section in SECTIONS {
        let given = root.get(section.title());
        for key in section.keys() {
            let is_given = given.is_some_and(|given| given.get(key.name).is_some());
            if is_given || key.standing != Standing::Honoured {
                continue;
            }
            all.push(ConfiguredValue {
                path: format!("{}.{}", section.title(), key.name),
                value: Some(key.note.to_owned()),
                source: ValueSource::Default,
            });
        }
    }
    all
}

fn of_file(position: &Position) -> ValueSource {
    ValueSource::File {
        file: position.file.to_string(),
        line: position.line,
    }
}

fn walk(path: &str, node: &Node, all: &mut Vec<ConfiguredValue>) {
    match &node.content {
        Content::Map(entries) => {
            for entry in entries {
                walk(&format!("{path}.{}", entry.key), &entry.value, all);
            }
        }
        Content::List(items) => {
            for (place, item) in items.iter().enumerate() {
                walk(&format!("{path}[{place}]"), item, all);
            }
        }
        Content::Null => {}
        Content::Unset { variable } => all.push(ConfiguredValue {
            path: path.to_owned(),
            value: None,
            source: ValueSource::Variable {
                name: variable.clone(),
                is_set: false,
            },
        }),
        Content::Scalar { text, variable, .. } => all.push(ConfiguredValue {
            path: path.to_owned(),
            value: (!is_secret(path, text)).then(|| text.chars().take(LONGEST).collect()),
            source: match variable {
                Some(name) => ValueSource::Variable {
                    name: name.clone(),
                    is_set: true,
                },
                None => of_file(&node.position),
            },
        }),
    }
}

/// Whether a value is nobody's to read: by the name of any member above it, or because it is an
/// address with a user in it, or one to which whoever knows it may post.
fn is_secret(path: &str, text: &str) -> bool {
    let path = path.to_lowercase();
    let counts_tokens = path.ends_with("_tokens") || path.contains("max_tokens");
    SECRET.iter().any(|word| path.contains(word))
        || (path.contains("token") && !counts_tokens)
        || (path.contains("alert_targets") && path.ends_with(".url"))
        || (text.contains("://") && text.contains('@'))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::environment::{Environment, resolve};
    use super::super::report::Report;
    use super::super::yaml::parse;
    use super::*;

    const FILE: &str = "\
model_list:
  - model_name: a
general_settings:
  master_key: sk-in-the-file
  database_url: postgres://me:pass@db/x
router_settings:
  num_retries: 4
  redis_password: os.environ/REDIS
litellm_settings:
  request_timeout: os.environ/WAIT
headgate:
  alert_targets:
    - url: os.environ/NONE
    - url: https://hooks.example/in-the-path
";

    #[test]
    fn every_value_says_where_it_comes_from_and_no_secret_is_among_them() {
        let mut report = Report::default();
        let mut root = parse(FILE, &Arc::from("config.yaml"), &mut report).unwrap();
        let mut environment = Environment::default();
        environment.set("REDIS", "hidden");
        environment.set("WAIT", "30");
        resolve(&mut root, &environment, &mut report);
        let values = values(&root);
        let of = |path: &str| values.iter().find(|one| one.path == path).unwrap().clone();
        let retries = of("router_settings.num_retries");
        assert_eq!(retries.value.as_deref(), Some("4"));
        let line = |line| ValueSource::File {
            file: "config.yaml".to_owned(),
            line,
        };
        assert_eq!(retries.source, line(7));
        assert_eq!(of("model_list").value.as_deref(), Some("1"));
        let wait = of("litellm_settings.request_timeout");
        let name = "WAIT".to_owned();
        assert_eq!(wait.value.as_deref(), Some("30"));
        assert_eq!(wait.source, ValueSource::Variable { name, is_set: true });
        assert_eq!(of("headgate.port").source, ValueSource::Default);
        let shown: Vec<_> = values.iter().filter_map(|one| one.value.clone()).collect();
        for secret in ["sk-in-the-file", "pass@", "hidden", "in-the-path"] {
            assert!(
                !shown.iter().any(|value| value.contains(secret)),
                "{secret}"
            );
        }
    }
}
