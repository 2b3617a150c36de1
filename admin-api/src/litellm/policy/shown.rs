//! A policy under LiteLLM's names.

use domain::money::NanoUsd;
use domain::policies::{Budget, Policy};
use serde_json::{Map, Value, json};

use super::{further, in_metadata, window_of};

/// Dollars as a JSON number, made from the decimal text.
#[must_use]
pub fn number(amount: NanoUsd) -> Value {
    serde_json::from_str(&amount.to_string()).unwrap_or(Value::Null)
}

/// A policy's members under LiteLLM's names.
#[must_use]
pub fn shown(policy: &Policy) -> Map<String, Value> {
    let hard = policy.hard_budget();
    let window = window_of(policy).map(|window| window.to_string());
    let rpm: Map<String, Value> = policy
        .model_limits
        .iter()
        .filter_map(|(model, limits)| Some((model.clone(), json!(limits.rpm?))))
        .collect();
    let tpm: Map<String, Value> = policy
        .model_limits
        .iter()
        .filter_map(|(model, limits)| Some((model.clone(), json!(limits.tpm?))))
        .collect();
    let (rpm, tpm) = (Value::Object(rpm), Value::Object(tpm));
    let limits = [("model_rpm_limit", &rpm), ("model_tpm_limit", &tpm)];
    let metadata = in_metadata::shown(policy, limits);
    let mut members = policy.extra.clone();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("models", json!(policy.models));
    put("aliases", json!(policy.model_aliases));
    put(
        "max_budget",
        hard.map_or(Value::Null, |budget| number(budget.limit_nanousd)),
    );
    put(
        "soft_budget",
        policy
            .soft_budget()
            .map_or(Value::Null, |budget| number(budget.limit_nanousd)),
    );
    put("budget_duration", json!(window));
    put("budget_limits", shown_windows(policy));
    put("model_max_budget", shown_model_budgets(policy));
    put("budget_id", json!(policy.budget_id));
    put("rpm_limit", json!(policy.limits.rpm));
    put("tpm_limit", json!(policy.limits.tpm));
    put("tpd_limit", json!(policy.limits.tpd));
    put("max_parallel_requests", json!(policy.limits.parallel));
    put("model_rpm_limit", rpm);
    put("model_tpm_limit", tpm);
    put("allowed_routes", json!(policy.allowed_routes));
    put("tags", json!(policy.tags));
    put("metadata", metadata);
    members
}

fn shown_windows(policy: &Policy) -> Value {
    let further = further(policy).into_iter();
    further
        .map(|budget| {
            json!({
                "budget_duration": budget.window.map(|window| window.to_string()),
                "max_budget": number(budget.limit_nanousd),
            })
        })
        .collect()
}

fn shown_model_budgets(policy: &Policy) -> Value {
    let one = |(model, budget): (&String, &Budget)| {
        let shown = json!({
            "budget_limit": number(budget.limit_nanousd),
            "time_period": budget.window.map(|window| window.to_string()),
        });
        (model.clone(), shown)
    };
    Value::Object(policy.model_budgets.iter().map(one).collect())
}
