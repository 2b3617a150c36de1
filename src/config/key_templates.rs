//! `default_key_generate_params` and `upperbound_key_generate_params`: what every new key gets, and the
//! most it may have.

use admin_api::error::ActionError;
use admin_api::fields::{Fields, Given};
use admin_api::litellm::policy;
use domain::ids::{OrganizationId, TemplateId};
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::templates::Template;
use serde_json::Value;
use serde_json::value::RawValue;

use super::node::{Content, Node, is_number};
use super::report::Report;
use super::section::Section;

/// What new keys get.
const DEFAULTS: &str = "default_key_generate_params";

/// The most they may have.
const CAPS: &str = "upperbound_key_generate_params";

/// Reads both; none when the file has neither.
pub fn read(section: &Section<'_>, report: &mut Report) -> Option<Template> {
    let (defaults, default_lifetime) = one(section, DEFAULTS, report).unwrap_or_default();
    let (caps, longest_lifetime) = one(section, CAPS, report).unwrap_or_default();
    let empty = Policy::default();
    let says_something = defaults != empty
        || caps != empty
        || default_lifetime.is_some()
        || longest_lifetime.is_some();
    says_something.then(|| Template {
        id: TemplateId::new("configuration"),
        organization_id: OrganizationId::default_one(),
        environment: None,
        name: "of the configuration file".to_owned(),
        defaults,
        default_lifetime,
        caps,
        longest_lifetime,
        stamps: Stamps::default(),
    })
}

/// A policy and a lifetime.
fn one(
    section: &Section<'_>,
    key: &'static str,
    report: &mut Report,
) -> Option<(Policy, Option<String>)> {
    let entries = section.map(key, report)?;
    let members = entries.iter().filter_map(|entry| {
        let raw = RawValue::from_string(json(&entry.value)).ok()?;
        Some((entry.key.clone(), raw))
    });
    let mut fields = Fields::of(members.collect());
    let mut said = Policy::default();
    let window = fields.has("budget_duration") && !fields.has("max_budget");
    let read = fields
        .text("duration")
        .map(Given::value)
        .and_then(|lifetime| policy::apply(&mut fields, &mut said).map(|()| lifetime))
        .and_then(|lifetime| match &lifetime {
            Some(text) => is_lifetime(text).map(|()| lifetime),
            None => Ok(lifetime),
        });
    let lifetime = match read {
        Ok(lifetime) => lifetime,
        Err(refused) => {
            let message = format!("`{key}`: {refused}");
            let hint = "write it as for /key/generate";
            report.fault_with("wrong-type", section.place(key), (message, hint));
            return None;
        }
    };
    if window {
        said.extra.remove("budget_duration");
        let message = format!("`{key}.budget_duration` without `max_budget` is not in effect");
        report.warn("key-template", section.place(key), message);
    }
    for (name, value) in fields.rest() {
        if key == DEFAULTS {
            said.extra.insert(name, value);
        } else if !value.is_null() {
            let message = format!("`{key}.{name}` is not in effect");
            report.warn("key-template", section.place(key), message);
        }
    }
    Some((said, lifetime))
}

fn is_lifetime(text: &str) -> Result<(), ActionError> {
    domain::lifetimes::expires_at(text, domain::time::TimestampMs::now())
        .map(|_end| ())
        .map_err(|malformed| ActionError::invalid("duration", malformed.to_string()))
}

/// The tree as JSON text, its numbers as they are written: money is never a float.
fn json(node: &Node) -> String {
    match &node.content {
        Content::Scalar { text, quoted, .. } if !quoted && is_number(text) => {
            match serde_json::from_str::<&RawValue>(text) {
                Ok(_number) => text.clone(),
                Err(_other_spelling) => node.to_json().to_string(),
            }
        }
        Content::List(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(","))
        }
        Content::Map(entries) => {
            let members: Vec<String> = entries
                .iter()
                .map(|entry| format!("{}:{}", Value::from(entry.key.clone()), json(&entry.value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Content::Null | Content::Unset { .. } | Content::Scalar { .. } => {
            node.to_json().to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{self, environment::Environment};

    fn load(section: &str) -> Result<config::Loaded, config::report::Refused> {
        let text = format!("model_list: []\nlitellm_settings:\n{section}");
        config::load(&text, "config.yaml", &Environment::default())
    }

    #[test]
    fn new_keys_get_the_defaults_and_the_caps_of_the_file_to_the_last_digit() {
        let loaded = load(
            "  default_key_generate_params: {max_budget: 1.500000001, budget_duration: 30d, models: [a], duration: 90d}\n  upperbound_key_generate_params: {max_budget: 100, rpm_limit: 10, duration: 1mo}\n",
        )
        .ok()
        .unwrap();
        let template = loaded.config.gateway.key_template.unwrap();
        let budget = template.defaults.budgets.first().unwrap();
        assert_eq!(budget.limit_nanousd.0, 1_500_000_001);
        assert_eq!(budget.window.unwrap().to_string(), "30d");
        assert_eq!(template.default_lifetime.as_deref(), Some("90d"));
        assert_eq!(template.caps.limits.rpm, Some(10));
        assert_eq!(template.longest_lifetime.as_deref(), Some("1mo"));
    }

    #[test]
    fn a_cap_that_means_nothing_stops_the_start() {
        for section in [
            "  upperbound_key_generate_params: {max_budget: lots}\n",
            "  upperbound_key_generate_params: {duration: soon}\n",
            "  default_key_generate_params: [1]\n",
        ] {
            assert!(load(section).is_err(), "{section}");
        }
    }

    #[test]
    fn without_them_there_is_no_template() {
        let loaded = load("  drop_params: true\n").ok().unwrap();
        assert!(loaded.config.gateway.key_template.is_none());
    }
}
