//! The table of keys tells the truth: what it calls honoured is read.

use headgate::config::environment::Environment;
use headgate::config::keys::{Key, SectionName, Shape, Standing};
use headgate::config::load;
use headgate::config::report::Report;

/// A value that a key of that shape cannot have.
fn wrong(shape: Shape) -> Option<&'static str> {
    match shape {
        Shape::Text | Shape::List => Some("{a: {b: c}}"),
        Shape::Boolean | Shape::Integer | Shape::Number | Shape::Price | Shape::Map => {
            Some("[[1]]")
        }
        Shape::Any => None,
    }
}

/// A provider with what it has to have.
const PROVIDER: [(&str, &str); 3] = [("name", "n"), ("issuer", "https://a/"), ("client_id", "c")];

/// An entry with these members, and that one in place of its own.
fn whole(members: &[(&str, &str)], key: &str, value: &str) -> String {
    let others = members.iter().filter(|(other, _)| *other != key);
    let others: Vec<String> = others
        .map(|(other, text)| format!("{other}: {text}, "))
        .collect();
    format!("{{{}{key}: {value}}}", others.concat())
}

/// A file in which only that key says something.
fn file(section: SectionName, key: &str, value: &str) -> String {
    let entry = |params: &str, more: &str| {
        format!("model_list: [{{model_name: m, litellm_params: {{{params}}}{more}}}]")
    };
    match section {
        SectionName::TopLevel => format!("{key}: {value}"),
        SectionName::ModelEntry if key == "model_name" => {
            format!("model_list: [{{{key}: {value}, litellm_params: {{model: openai/x}}}}]")
        }
        SectionName::ModelEntry if key == "litellm_params" => {
            format!("model_list: [{{model_name: m, {key}: {value}}}]")
        }
        SectionName::ModelEntry => entry("model: openai/x", &format!(", {key}: {value}")),
        SectionName::LitellmParams if key == "model" => entry(&format!("model: {value}"), ""),
        SectionName::LitellmParams => entry(&format!("model: openai/x, {key}: {value}"), ""),
        SectionName::ModelInfo => {
            let info = format!(", model_info: {{{key}: {value}}}");
            entry("model: openai/x", &info)
        }
        SectionName::RetryPolicy => {
            format!("router_settings: {{retry_policy: {{{key}: {value}}}}}")
        }
        SectionName::Credential => format!("credential_list: [{{{key}: {value}}}]"),
        SectionName::Alias if key == "model" => {
            format!("router_settings: {{model_group_alias: {{a: {{{key}: {value}}}}}}}")
        }
        SectionName::Alias => {
            format!("router_settings: {{model_group_alias: {{a: {{model: m, {key}: {value}}}}}}}")
        }
        SectionName::AlertTarget => {
            let needed = [("name", "n"), ("kind", "webhook"), ("url", "http://h/")];
            let entry = whole(&needed, key, value);
            format!("headgate: {{alert_targets: [{entry}]}}")
        }
        SectionName::SignIn => format!("headgate: {{sign_in: {{{key}: {value}}}}}"),
        SectionName::JwtAuth => {
            format!("general_settings: {{litellm_jwtauth: {{{key}: {value}}}}}")
        }
        SectionName::IdentityProvider => {
            let entry = whole(&PROVIDER, key, value);
            format!("headgate: {{sign_in: {{providers: [{entry}]}}}}")
        }
        SectionName::IdentityRole => {
            let entry = whole(&[("group", "g"), ("role", "viewer")], key, value);
            let provider = whole(&PROVIDER, "roles", &format!("[{entry}]"));
            format!("headgate: {{sign_in: {{providers: [{provider}]}}}}")
        }
        SectionName::JwtIssuer => {
            let needed = [("issuer", "https://a/"), ("audiences", "[a]")];
            let entry = whole(&needed, key, value);
            format!("headgate: {{jwt_issuers: [{entry}]}}")
        }
        SectionName::RouterSettings
        | SectionName::LitellmSettings
        | SectionName::GeneralSettings
        | SectionName::Headgate => format!("{}: {{{key}: {value}}}", section.title()),
    }
}

fn report(text: &str) -> Report {
    match load(
        text,
        "config.yaml",
        &Environment::of(&[("OPENAI_API_KEY", "sk-x")]),
    ) {
        Ok(loaded) => loaded.report,
        Err(refused) => refused.report,
    }
}

fn all(standing: Standing) -> impl Iterator<Item = (SectionName, &'static Key)> {
    SectionName::ALL
        .iter()
        .flat_map(|section| section.keys().map(|key| (*section, key)))
        .filter(move |(_, key)| key.standing == standing)
}

#[test]
fn every_honoured_key_refuses_a_value_that_it_cannot_have() {
    for (section, key) in all(Standing::Honoured) {
        let Some(value) = wrong(key.shape) else {
            continue;
        };
        let text = file(section, key.name, value);
        let report = report(&text);
        assert!(
            report.has_faults(),
            "{section:?}.{} is not read: {text}",
            key.name
        );
    }
}

#[test]
fn every_key_of_later_is_listed_and_never_refused() {
    for (section, key) in all(Standing::NotYet) {
        for value in ["x", "[[1]]", "{a: {b: c}}"] {
            let report = report(&file(section, key.name, value));
            assert!(!report.has_faults(), "{section:?}.{}: {report}", key.name);
            let is_listed = report
                .not_yet
                .iter()
                .any(|one| one.key == key.name || one.key.ends_with(&format!(".{}", key.name)));
            assert!(is_listed, "{section:?}.{}", key.name);
        }
    }
}

#[test]
fn no_known_key_is_called_unknown() {
    for standing in [Standing::Honoured, Standing::NotYet] {
        for (section, key) in all(standing) {
            let report = report(&file(section, key.name, "null"));
            let unknown = report.findings.iter().find(|one| one.code == "unknown-key");
            assert_eq!(unknown, None, "{section:?}.{}", key.name);
        }
    }
}

#[test]
fn a_null_is_as_if_the_key_were_not_there() {
    for (section, key) in all(Standing::Honoured) {
        let is_needed = matches!(
            (section, key.name),
            (SectionName::ModelEntry, "model_name" | "litellm_params")
                | (SectionName::LitellmParams | SectionName::Alias, "model")
                | (SectionName::AlertTarget, "name" | "kind" | "url")
                | (
                    SectionName::IdentityProvider,
                    "name" | "issuer" | "client_id"
                )
                | (SectionName::IdentityRole, "group" | "role")
                | (SectionName::JwtIssuer, "issuer" | "audiences")
        );
        let report = report(&file(section, key.name, "null"));
        assert_eq!(
            report.has_faults(),
            is_needed,
            "{section:?}.{}: {report}",
            key.name
        );
    }
}
