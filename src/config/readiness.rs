//! Which deployments can answer now, as far as the configuration tells?

use domain::routing::{Deployment, RoutingTable};

use super::vendor::OWN_PROVIDER;

/// Models to try where a group is a pattern; the cheap one of each vendor.
const SMALL_MODELS: &[(&str, &str)] = &[
    ("openai", "gpt-4o-mini"),
    ("anthropic", "claude-haiku-4-5"),
    ("gemini", "gemini-2.5-flash"),
    ("groq", "llama-3.1-8b-instant"),
    ("mistral", "mistral-small-latest"),
    ("deepseek", "deepseek-chat"),
    ("openrouter", "openai/gpt-4o-mini"),
    ("xai", "grok-3-mini"),
    ("ollama", "llama3"),
];

/// Whether nothing is missing that the operator would have to give.
#[must_use]
pub fn is_ready(deployment: &Deployment) -> bool {
    deployment.provider == OWN_PROVIDER
        || deployment.mock_response.is_some()
        || deployment.api_key.is_some()
}

/// Whether it needs no key: a server on the operator's own machines, which may or may not be up.
fn may_be_ready(deployment: &Deployment) -> bool {
    providers::find(&deployment.provider)
        .is_some_and(|vendor| vendor.is_local() || !vendor.needs_key())
}

/// The name to ask for in a first request: one that can answer, for sure before perhaps, a plain
/// name before a pattern.
#[must_use]
pub fn model_to_try(table: &RoutingTable) -> Option<String> {
    let by = |is_good: fn(&Deployment) -> bool| {
        let good = || table.deployments.iter().filter(move |one| is_good(one));
        good()
            .find(|one| !one.group.contains('*'))
            .map(|one| one.group.clone())
            .or_else(|| good().find_map(name_within))
    };
    by(is_ready).or_else(|| by(may_be_ready))
}

/// A name that the pattern of the group matches.
fn name_within(deployment: &Deployment) -> Option<String> {
    let small = SMALL_MODELS
        .iter()
        .find(|(vendor, _)| *vendor == deployment.provider)
        .map(|(_, model)| (*model).to_owned());
    let vendor = providers::find(&deployment.provider)?;
    let model = small.or_else(|| providers::catalogue::models_of(vendor).pop())?;
    // The model's `*` stands for what the group's took.
    let taken = match deployment.model.split_once('*') {
        Some((before, after)) => model.strip_prefix(before)?.strip_suffix(after)?.to_owned(),
        None => model,
    };
    Some(deployment.group.replacen('*', &taken, 1))
}
