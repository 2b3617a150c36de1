//! What a row allows and limits, taken as one policy.

use admin_api::error::ActionError;
use admin_api::fields::Fields;
use admin_api::litellm::policy;
use domain::money::NanoUsd;
use domain::policies::Policy;
use domain::time::TimestampMs;
use serde_json::value::{RawValue, to_raw_value};

use super::{Row, SHOWN_ONLY, rounded};
use crate::commands::import_litellm::report::Fate;

/// What a policy is made of, under LiteLLM's names.
const POLICY: &[&str] = &[
    "models",
    "aliases",
    "max_budget",
    "soft_budget",
    "budget_duration",
    "budget_limits",
    "model_max_budget",
    "rpm_limit",
    "tpm_limit",
    "tpd_limit",
    "max_parallel_requests",
    "model_rpm_limit",
    "model_tpm_limit",
    "allowed_routes",
    "tags",
    "metadata",
    "temp_budget_increase",
    "temp_budget_expiry",
];

/// What LiteLLM keeps in `metadata` and we do not.
const IN_METADATA: &[&str] = &[
    "tags",
    "model_rpm_limit",
    "model_tpm_limit",
    "temp_budget_increase",
    "temp_budget_expiry",
    "soft_budget",
];

/// What LiteLLM keeps in `metadata` and goes by, and we only show.
const WITHOUT_EFFECT: &[&str] = &[
    "auto_rotate",
    "rotation_interval",
    "budget_fallbacks",
    "enforced_params",
    "throttle_on_budget_exceeded",
    "guardrails",
    "policies",
    "prompts",
    "logging",
    "disable_global_guardrails",
    "rpm_limit_type",
    "tpm_limit_type",
    "mcp_rpm_limit",
    "tag_rpm_limit",
];

/// What allows no less when it is missing.
const HARMLESS: &[&str] = &[
    "aliases",
    "soft_budget",
    "budget_duration",
    "tags",
    "metadata",
    "temp_budget_increase",
    "temp_budget_expiry",
];

impl Row {
    /// Takes what a policy is made of.
    pub fn policy(&mut self) -> Policy {
        self.lift_metadata();
        self.drop_what_is_over();
        if self.columns.contains_key("budget_duration") && !self.has_money() {
            self.dropped("budget_duration", "there is no budget that it could be of");
        }
        let names: Vec<&str> = POLICY
            .iter()
            .copied()
            .filter(|name| self.columns.contains_key(*name))
            .collect();
        // Each refusal names the field that it is about; without that one the rest is read again.
        for _try in 0..=names.len() {
            let taken = names
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), self.columns.get(*name)?.clone())));
            let mut fields = Fields::of(taken.collect());
            let mut read = Policy::default();
            match policy::apply(&mut fields, &mut read) {
                Ok(()) => {
                    self.took_policy(&names);
                    return read;
                }
                Err(ActionError::Invalid { field, message }) => {
                    self.is_wider |= !HARMLESS.contains(&field.as_str());
                    self.dropped(&field, message);
                }
                Err(other) => self.dropped("metadata", other.to_string()),
            }
        }
        self.is_wider = true;
        self.took_policy(&names);
        Policy::default()
    }

    /// Whether a limit of it could not be read.
    pub const fn is_wider(&self) -> bool {
        self.is_wider
    }

    /// Notes that a limit which it points to could not be read.
    pub const fn widen(&mut self) {
        self.is_wider = true;
    }

    /// Whether it is blocked because it would allow more than it did; says so.
    pub fn blocked_as_wider(&mut self) -> bool {
        if self.is_wider {
            let note = "a limit of it could not be read: it is blocked here";
            self.changed("blocked", note);
        }
        self.is_wider
    }

    /// Drops a temporary increase that has ended, or of which only half is there.
    fn drop_what_is_over(&mut self) {
        let names = ["temp_budget_increase", "temp_budget_expiry"];
        let expiry = self.columns.get("temp_budget_expiry");
        let until = expiry.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        let until = until.and_then(|text| TimestampMs::parse_rfc3339(&text).ok());
        let holds = until.is_some_and(|until| until > TimestampMs::now());
        if !holds || !self.columns.contains_key("temp_budget_increase") {
            for name in names {
                self.drop_if_there(name, "the increase is over");
            }
        }
    }

    fn has_money(&self) -> bool {
        ["max_budget", "soft_budget"]
            .iter()
            .any(|name| self.columns.contains_key(*name))
    }

    fn took_policy(&mut self, names: &[&str]) {
        for name in names {
            let Some(raw) = self.columns.remove(*name) else {
                continue;
            };
            let is_amount = matches!(*name, "max_budget" | "soft_budget");
            let read = is_amount
                .then(|| NanoUsd::from_usd(raw.get()).ok())
                .flatten();
            let note = read.map_or("", |read| rounded(raw.get(), read));
            let fate = if note.is_empty() {
                Fate::Exact
            } else {
                Fate::Changed
            };
            self.said.push(((*name).to_owned(), fate, note.to_owned()));
        }
    }

    /// Takes out of `metadata` what are fields of their own here.
    fn lift_metadata(&mut self) {
        let metadata = self.columns.get("metadata");
        let members =
            metadata.and_then(|raw| serde_json::from_str::<store::litellm::Row>(raw.get()).ok());
        let Some(mut members) = members else { return };
        for name in IN_METADATA {
            let Some(raw) = members.remove(*name) else {
                continue;
            };
            let empty = matches!(raw.get(), "null" | "[]" | "{}");
            if !empty && !self.columns.contains_key(*name) {
                let zoned = (*name == "temp_budget_expiry")
                    .then(|| zoned(&raw))
                    .flatten();
                self.columns
                    .insert((*name).to_owned(), zoned.unwrap_or(raw));
            }
        }
        for name in WITHOUT_EFFECT {
            if members.contains_key(*name) {
                self.changed(&format!("metadata.{name}"), SHOWN_ONLY);
            }
        }
        if members.is_empty() {
            self.columns.remove("metadata");
        } else if let Ok(rest) = to_raw_value(&members) {
            self.columns.insert("metadata".to_owned(), rest);
        }
    }
}

fn zoned(raw: &RawValue) -> Option<Box<RawValue>> {
    let text: String = serde_json::from_str(raw.get()).ok()?;
    let has_zone = TimestampMs::parse_rfc3339(&text).is_ok();
    let zoned = format!("{text}Z");
    let fits = !has_zone && TimestampMs::parse_rfc3339(&zoned).is_ok();
    fits.then(|| to_raw_value(&zoned).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Row {
        Row::new("key", "key_name", serde_json::from_str(text).unwrap())
    }

    #[test]
    fn what_loses_a_limit_is_blocked_and_what_loses_a_note_is_not() {
        for text in [
            r#"{"max_budget": -5, "rpm_limit": 7}"#,
            r#"{"rpm_limit": -3}"#,
            r#"{"model_max_budget": {"gpt-4o": "lots"}}"#,
            r#"{"metadata": {"model_tpm_limit": {"gpt-4o": -1}}}"#,
        ] {
            let mut row = row(text);
            row.policy();
            assert!(row.blocked_as_wider(), "{text}");
            assert!(row.said.iter().any(|(field, ..)| field == "blocked"));
        }
        for text in [
            r#"{"max_budget": 5, "soft_budget": -1}"#,
            r#"{"rpm_limit": 3, "tags": "none"}"#,
            r#"{"max_budget": 5, "metadata": {"temp_budget_increase": 2, "temp_budget_expiry": "2020-01-01T00:00:00"}}"#,
            r#"{"max_budget": 5, "metadata": {"temp_budget_increase": 2}}"#,
        ] {
            let mut row = row(text);
            let policy = row.policy();
            assert!(!row.blocked_as_wider(), "{text}");
            assert_ne!(policy, Policy::default(), "{text}");
        }
    }

    #[test]
    fn what_limits_nothing_loses_nothing() {
        for text in ["{}", r#"{"metadata": {}, "spend": 3}"#] {
            let mut row = row(text);
            assert_eq!(row.policy(), Policy::default(), "{text}");
            assert!(!row.blocked_as_wider(), "{text}");
        }
    }

    #[test]
    fn what_has_no_effect_here_is_not_told_as_exact() {
        let mut row = row(r#"{"metadata": {"enforced_params": ["user"], "note": "x"}}"#);
        let policy = row.policy();
        assert_eq!(policy.metadata.len(), 2);
        let fate = row
            .said
            .iter()
            .find(|(field, ..)| field == "metadata.enforced_params");
        assert_eq!(fate.map(|(_, fate, _)| *fate), Some(Fate::Changed));
    }
}
