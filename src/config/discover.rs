//! Which models are there without a word of configuration? Every provider whose usual key is set.

use domain::keys::Secret;
use domain::routing::{Deployment, RoutingTable};
use providers::Provider;

use super::address;
use super::deployment;
use super::environment::Environment;
use super::vendor;

/// Variables that say where Ollama is, beside the provider's own list.
const OLLAMA: &[&str] = &["OLLAMA_API_BASE", "OLLAMA_BASE_URL", "OLLAMA_HOST"];

/// A table of one wildcard group for each provider that can be called (`openai/*`); the built-in
/// echo where there is none.
#[must_use]
pub fn discover(environment: &Environment) -> RoutingTable {
    let mut deployments = wildcards(environment);
    if deployments.is_empty() {
        deployments.push(deployment::own("headgate/echo"));
    }
    RoutingTable {
        deployments,
        ..RoutingTable::default()
    }
}

/// The wildcard groups alone.
#[must_use]
pub fn wildcards(environment: &Environment) -> Vec<Deployment> {
    vendor::all()
        .filter_map(|vendor| wildcard(vendor, environment))
        .collect()
}

fn wildcard(vendor: &dyn Provider, environment: &Environment) -> Option<Deployment> {
    let key = environment.first(vendor.key_variables());
    let mut base_names = vendor.base_url_variables().to_vec();
    if vendor.name() == "ollama" {
        base_names.extend(OLLAMA);
    }
    let base = environment.first(&base_names);
    let is_by_address = vendor.is_local() || !vendor.needs_key() || vendor.name() == "ollama";
    let is_there = if is_by_address {
        base.is_some()
    } else {
        key.is_some()
    };
    if !is_there {
        return None;
    }
    let group = format!("{}/*", vendor.name());
    let mut found = deployment::bare(&group, vendor.name(), "*");
    found.api_key = key.map(|(_, value)| Secret::new(value.trim()));
    found.base_url = base.map(|(name, value)| {
        if name == "OLLAMA_HOST" {
            address::of_ollama(value)
        } else {
            address::normalise(value)
        }
    });
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_whose_key_is_set_is_offered_under_its_name() {
        let environment = Environment::of(&[
            ("OPENAI_API_KEY", "sk-one"),
            ("ANTHROPIC_API_KEY", "sk-two"),
            ("OLLAMA_HOST", "0.0.0.0"),
        ]);
        let table = discover(&environment);
        let groups: Vec<&str> = table.deployments.iter().map(|d| d.group.as_str()).collect();
        for group in ["openai/*", "anthropic/*"] {
            assert!(groups.contains(&group), "{groups:?}");
        }
        assert!(!groups.contains(&"gemini/*"), "{groups:?}");
        assert!(!groups.contains(&"headgate/echo"), "{groups:?}");
    }

    #[test]
    fn with_no_key_at_all_the_built_in_echo_is_offered() {
        let table = discover(&Environment::of(&[("OPENAI_API_KEY", "")]));
        let only = table.deployments.first().unwrap();
        assert_eq!(table.deployments.len(), 1);
        assert_eq!(only.group, "headgate/echo");
        assert_eq!(
            (only.provider.as_str(), only.model.as_str()),
            ("headgate", "echo")
        );
    }
}
