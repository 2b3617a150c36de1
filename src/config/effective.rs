//! The configuration as it holds: every value with the place that it comes from, secrets left out, and
//! the keys that nobody set with what holds then.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::OnceLock;

use admin_api::settings::{ConfiguredValue, ValueSource};

use super::environment::Environment;
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

/// The variables that stand over a value of the file, in the order in which they are looked at.
const VARIABLES: [(&str, &[&str]); 17] = [
    (
        "general_settings.master_key",
        &["HEADGATE_MASTER_KEY", "LITELLM_MASTER_KEY"],
    ),
    ("general_settings.database_url", &["DATABASE_URL"]),
    ("headgate.port", &["HEADGATE_PORT", "PORT"]),
    ("headgate.host", &["HEADGATE_HOST"]),
    ("headgate.threads", &["HEADGATE_THREADS", "NUM_WORKERS"]),
    ("headgate.data_dir", &["HEADGATE_DATA_DIR"]),
    ("headgate.allow_anonymous", &["HEADGATE_ALLOW_ANONYMOUS"]),
    (
        "general_settings.dangerously_permit_weak_or_unset_master_key",
        &[
            "HEADGATE_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY",
            "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY",
        ],
    ),
    ("headgate.log_level", &["HEADGATE_LOG", "LITELLM_LOG"]),
    ("headgate.log_format", &["HEADGATE_LOG_FORMAT"]),
    (
        "headgate.root_path",
        &["HEADGATE_ROOT_PATH", "SERVER_ROOT_PATH"],
    ),
    (
        "headgate.public_base_url",
        &["HEADGATE_PUBLIC_BASE_URL", "PROXY_BASE_URL"],
    ),
    ("headgate.language", &["HEADGATE_LANGUAGE"]),
    (
        "headgate.trusted_proxy_hops",
        &["HEADGATE_TRUSTED_PROXY_HOPS"],
    ),
    ("headgate.litellm_headers", &["HEADGATE_LITELLM_HEADERS"]),
    (
        "headgate.tls_certificate_file",
        &["HEADGATE_TLS_CERTIFICATE_FILE", "SSL_CERTFILE_PATH"],
    ),
    ("headgate.audit_anchor", &["HEADGATE_AUDIT_ANCHOR"]),
];

/// What of `litellm_settings` is read at the start alone.
const OF_LITELLM_AT_START: [&str; 5] = [
    "set_verbose",
    "json_logs",
    "ssl_verify",
    "require_auth_for_metrics_endpoint",
    "budget_exceeded_status_code",
];

/// What of `general_settings` a reload takes.
const OF_GENERAL_RELOADED: [&str; 6] = [
    "litellm_key_header_name",
    "max_request_size_mb",
    "max_response_size_mb",
    "alerting",
    "alert_types",
    "alert_to_webhook_url",
];

/// What of `headgate` a reload takes.
const OURS_RELOADED: [&str; 15] = [
    "allow_anonymous",
    "litellm_headers",
    "cors_allowed_origins",
    "trusted_proxy_hops",
    "max_request_bytes",
    "max_response_bytes",
    "connect_timeout_ms",
    "first_byte_timeout_ms",
    "idle_timeout_ms",
    "keepalive_comment_interval_ms",
    "request_header_timeout_ms",
    "request_body_timeout_ms",
    "drain_timeout_ms",
    "alert_at_percent",
    "alert_targets",
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
            let mut inner = Vec::new();
            walk(&entry.key, &entry.value, &mut inner);
            let marks: Vec<_> = inner.iter().map(|one| (&one.path, one.mark)).collect();
            all.push(ConfiguredValue {
                mark: mark(&marks),
                ..shown(&entry.key, number.to_string(), of_file(&entry.position))
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
            let path = format!("{}.{}", section.title(), key.name);
            all.push(shown(&path, key.note.to_owned(), ValueSource::Default));
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

fn of_variable(name: &str) -> ValueSource {
    ValueSource::Variable {
        name: name.to_owned(),
        is_set: true,
    }
}

fn shown(path: &str, value: String, source: ValueSource) -> ConfiguredValue {
    ConfiguredValue {
        path: path.to_owned(),
        mark: mark(&value),
        value: Some(value),
        source,
        replaces: None,
        needs_restart: !is_reloaded(path),
    }
}

/// A value, left out where it is nobody's to read.
fn masked(path: &str, text: &str, source: ValueSource) -> ConfiguredValue {
    let value = (!is_secret(path, text)).then(|| text.chars().take(LONGEST).collect());
    ConfiguredValue {
        value,
        ..shown(path, text.to_owned(), source)
    }
}

/// The same for the same value in this process alone: whoever saw one could not guess a secret by it.
fn mark(value: &impl Hash) -> u64 {
    static SEED: OnceLock<RandomState> = OnceLock::new();
    SEED.get_or_init(RandomState::new).hash_one(value)
}

/// Puts over the values of the file what the environment's own variables say.
pub fn put_variables_over(values: &mut Vec<ConfiguredValue>, environment: &Environment) {
    for (path, names) in VARIABLES {
        let found = environment.first(names).filter(|(name, text)| {
            // Shared ones that mean nothing to us are left alone.
            let is_number = matches!(path, "headgate.port" | "headgate.threads");
            !is_number || name.starts_with("HEADGATE_") || text.parse::<u16>().is_ok()
        });
        if let Some((name, text)) = found {
            put_over(values, path, (text, of_variable(name)));
        }
    }
}

/// Puts one value over those of the file.
pub fn put_over(
    values: &mut Vec<ConfiguredValue>,
    path: &str,
    (text, source): (&str, ValueSource),
) {
    let mut new = masked(path, text, source);
    let known = values.iter_mut().find(|one| one.path == path);
    let Some(known) = known else {
        return values.push(new);
    };
    new.replaces = match &known.source {
        ValueSource::File { file, line } => Some(format!("{file}:{line}")),
        ValueSource::Variable { name, is_set: true } => Some(format!("${name}")),
        _ => None,
    };
    *known = new;
}

/// Whether another value takes effect when the file is reloaded.
fn is_reloaded(path: &str) -> bool {
    let (section, rest) = path.split_once('.').unwrap_or((path, ""));
    let key = rest.split(['.', '[']).next().unwrap_or_default();
    match section {
        "router_settings" => !key.starts_with("redis") && key != "set_verbose",
        "litellm_settings" => !OF_LITELLM_AT_START.contains(&key),
        "general_settings" => OF_GENERAL_RELOADED.contains(&key),
        "headgate" => OURS_RELOADED.contains(&key),
        _ => true,
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
        Content::Unset { variable } => {
            let source = ValueSource::Variable {
                name: variable.clone(),
                is_set: false,
            };
            all.push(ConfiguredValue {
                value: None,
                ..shown(path, String::new(), source)
            });
        }
        Content::Scalar { text, variable, .. } => {
            let source = match variable {
                Some(name) => of_variable(name),
                None => of_file(&node.position),
            };
            all.push(masked(path, text, source));
        }
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
    fn what_stands_over_the_file_says_so_and_only_another_value_has_another_mark() {
        let mut report = Report::default();
        let root = parse(
            "headgate: {port: 4000, host: h}\n",
            &Arc::from("config.yaml"),
            &mut report,
        );
        let mut values = values(&root.unwrap());
        let of = |values: &[ConfiguredValue], path: &str| {
            values.iter().find(|one| one.path == path).unwrap().clone()
        };
        let before = of(&values, "headgate.port");
        let mut environment = Environment::default();
        environment.set("PORT", "many");
        environment.set("HEADGATE_MASTER_KEY", "sk-hidden");
        put_variables_over(&mut values, &environment);
        assert_eq!(of(&values, "headgate.port"), before);
        let master = of(&values, "general_settings.master_key");
        assert_eq!((master.value, master.replaces), (None, None));
        environment.set("PORT", "4000");
        put_variables_over(&mut values, &environment);
        let same = of(&values, "headgate.port");
        assert_eq!(same.mark, before.mark);
        assert_eq!(same.source, of_variable("PORT"));
        assert_eq!(same.replaces.as_deref(), Some("config.yaml:1"));
        let name = "--port".to_owned();
        put_over(
            &mut values,
            "headgate.port",
            ("4100", ValueSource::Flag { name }),
        );
        let flag = of(&values, "headgate.port");
        assert_ne!(flag.mark, before.mark);
        assert_eq!(flag.replaces.as_deref(), Some("$PORT"));
    }

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
        assert!(of("headgate.port").needs_restart && !retries.needs_restart);
        let shown: Vec<_> = values.iter().filter_map(|one| one.value.clone()).collect();
        for secret in ["sk-in-the-file", "pass@", "hidden", "in-the-path"] {
            assert!(
                !shown.iter().any(|value| value.contains(secret)),
                "{secret}"
            );
        }
    }
}
