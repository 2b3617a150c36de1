//! What a row allows and limits, taken as one policy.

use admin_api::error::ActionError;
use admin_api::fields::Fields;
use admin_api::litellm::policy;
use domain::money::NanoUsd;
use domain::policies::Policy;
use domain::time::TimestampMs;
use serde_json::value::{RawValue, to_raw_value};

use super::{Row, rounded};
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

impl Row {
    /// Takes what a policy is made of.
    pub fn policy(&mut self) -> Policy {
        self.lift_metadata();
        if self.columns.contains_key("budget_duration") && !self.has_money() {
            self.dropped("budget_duration", "there is no budget that it could be of");
        }
        let names: Vec<&str> = POLICY
            .iter()
            .copied()
            .filter(|name| self.columns.contains_key(*name))
            .collect();
        // Each refusal names the field that it is about; without that one the rest is read again.
        for _try in &names {
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
                Err(ActionError::Invalid { field, message }) => self.dropped(&field, message),
                Err(other) => self.dropped("metadata", other.to_string()),
            }
        }
        self.took_policy(&names);
        Policy::default()
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
